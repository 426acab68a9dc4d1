"""The same promises, asked of every engine."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from punchingfist.adapters.durable.dbos_engine import DbosDurable
from punchingfist.adapters.durable.memory import MemoryDurable
from punchingfist.adapters.durable.postgres import lease_engine, postgres_engine
from punchingfist.adapters.durable.replica import Pace, Replica
from punchingfist.adapters.durable.sqlite import sqlite_engine
from punchingfist.domain.json import Json, JsonObject
from punchingfist.ports.durable import Ctx, Durable, Flow

QUICK = Pace(lease=60, beat=0.1, fence=50)


class Machine:
    """Something engines run on: what they recorded outlives each of them."""

    def __init__(self, engine: Callable[[], Durable]) -> None:
        self._engine = engine
        self._running: Durable | None = None

    async def boot(self, **flows: Flow) -> Durable:
        """Shut down what runs, then launch an engine with *flows*."""
        await self.shut_down()
        durable = self._engine()
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


def on_sqlite(file: Path) -> DbosDurable:
    return DbosDurable(sqlite_engine(file), poll_seconds=0.02)


def on_postgres(url: str) -> DbosDurable:
    replica = Replica(lease_engine(url), pace=QUICK)
    return DbosDurable(postgres_engine(url), poll_seconds=0.02, replica=replica)


@pytest.fixture(params=["memory", "dbos-on-sqlite", "dbos-on-postgres"])
async def machine(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Machine]:
    match request.param:
        case "memory":
            memory = MemoryDurable()
            machine = Machine(lambda: memory)
        case "dbos-on-sqlite":
            machine = Machine(lambda: on_sqlite(tmp_path / "fist.db"))
        case _:
            url: str = request.getfixturevalue("postgres_url")
            machine = Machine(lambda: on_postgres(url))
    yield machine
    await machine.shut_down()


@pytest.fixture
def bodies() -> Bodies:
    return Bodies()
