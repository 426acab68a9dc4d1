"""A store of its own for each test, on both databases; each is copied from one migrated once."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from punchingfist.adapters.store.engines import Engines, open_postgres, open_sqlite
from punchingfist.adapters.store.migrate import migrate
from punchingfist.adapters.store.store import Store
from punchingfist.adapters.system import SystemClock, UuidIds
from tests.arrivals import Started

Open = Callable[[], Engines]


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


@pytest.fixture(params=["sqlite", "postgres"])
def open_database(request: pytest.FixtureRequest) -> Open:
    """Return what opens the test's database, as often as it is called."""
    if request.param == "sqlite":
        file: Path = request.getfixturevalue("database_file")
        return lambda: open_sqlite(file)
    url: str = request.getfixturevalue("postgres_url")
    return lambda: open_postgres(url)


@pytest.fixture
def store(open_database: Open) -> Iterator[Store]:
    store = Store(open_database(), SystemClock(), UuidIds())
    yield store
    store.close()


@pytest.fixture
def started() -> Started:
    return Started()
