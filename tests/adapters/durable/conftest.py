"""The same promises, asked of every engine."""

import asyncio
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from punchingfist.adapters.durable.dbos_engine import DbosDurable
from punchingfist.adapters.durable.memory import MemoryDurable
from punchingfist.adapters.durable.sqlite import sqlite_engine
from punchingfist.domain.json import Json, JsonObject
from punchingfist.ports.durable import Ctx, Durable, Flow


class Machine:
    """Something engines run on: what they recorded outlives each of them."""

    def __init__(self, database: Path | None) -> None:
        self._database = database
        self._memory = MemoryDurable()
        self._running: Durable | None = None

    async def boot(self, **flows: Flow) -> Durable:
        """Shut down what runs, then launch an engine with *flows*."""
        await self.shut_down()
        durable: Durable = self._memory
        if self._database is not None:
            durable = DbosDurable(sqlite_engine(self._database), poll_seconds=0.02)
        await durable.launch(flows)
        self._running = durable
        return durable

    async def shut_down(self) -> None:
        if self._running is not None:
            await self._running.close()
        self._running = None


class Bodies:
    """Step bodies that count how often they are entered; one of them hangs until allowed."""

    def __init__(self) -> None:
        self.entered: list[str] = []
        self.hanging = threading.Event()
        self.hang = True

    async def enter(self, name: str) -> Json:
        self.entered.append(name)
        return name

    async def enter_and_hang(self, name: str) -> Json:
        self.entered.append(name)
        if self.hang:
            self.hanging.set()
            await asyncio.Event().wait()
        return name

    async def until_hanging(self) -> None:
        assert await asyncio.to_thread(self.hanging.wait, 20)


async def nothing(ctx: Ctx, payload: JsonObject) -> Json:
    return None


@pytest.fixture(params=["memory", "dbos-on-sqlite"])
async def machine(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Machine]:
    machine = Machine(tmp_path / "fist.db" if request.param == "dbos-on-sqlite" else None)
    yield machine
    await machine.shut_down()


@pytest.fixture
def bodies() -> Bodies:
    return Bodies()
