"""A store of its own for each test, copied from one that was migrated once."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from punchingfist.adapters.store.engines import open_sqlite
from punchingfist.adapters.store.migrate import migrate
from punchingfist.adapters.store.store import Store
from punchingfist.adapters.system import SystemClock, UuidIds
from tests.arrivals import Started


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "fist.db"
    engines = open_sqlite(path)
    migrate(engines)
    engines.dispose()
    return path


@pytest.fixture
def database_file(migrated: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(migrated, tmp_path / "fist.db"))


@pytest.fixture
def store(database_file: Path) -> Iterator[Store]:
    store = Store(open_sqlite(database_file), SystemClock(), UuidIds())
    yield store
    store.close()


@pytest.fixture
def started() -> Started:
    return Started()
