"""A real store for what arrives, and clients of the applications."""

import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx2
import pytest

from punchingfist.adapters.store.engines import open_sqlite
from punchingfist.adapters.store.migrate import migrate
from punchingfist.adapters.store.store import Store
from punchingfist.adapters.system import SystemClock, UuidIds

OpenClient = Callable[[Any], httpx2.AsyncClient]


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "fist.db"
    engines = open_sqlite(path)
    migrate(engines)
    engines.dispose()
    return path


@pytest.fixture
def store(migrated: Path, tmp_path: Path) -> Iterator[Store]:
    copied = Path(shutil.copy(migrated, tmp_path / "fist.db"))
    store = Store(open_sqlite(copied), SystemClock(), UuidIds())
    yield store
    store.close()


@pytest.fixture
async def client_of() -> AsyncIterator[OpenClient]:
    async with AsyncExitStack() as stack:

        def open_client(application: Any) -> httpx2.AsyncClient:
            transport = httpx2.ASGITransport(app=application, raise_app_exceptions=False)
            client = httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1:8080")
            stack.push_async_callback(client.aclose)
            return client

        yield open_client
