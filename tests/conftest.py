"""Fixtures for every test: the real programs they drive, a free port, the shared folder."""

import os
import shutil
import socket
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import pytest

if TYPE_CHECKING:
    from tests.postgres import Cluster

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"


def _is_missing(what: str) -> NoReturn:
    """Skip where a program may be absent; on CI its absence would hide a failure."""
    reason = f"{what} is not installed; run scripts/install-services"
    if os.environ.get("CI") == "true":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def _find(names: Iterable[str], folders: Iterable[Path] = ()) -> Path | None:
    """Return the first program of *names*, in *folders* or else on PATH."""
    path = os.pathsep.join([*map(str, folders), os.environ.get("PATH", os.defpath)])
    found = (shutil.which(name, path=path) for name in names)
    return next((Path(program) for program in found if program), None)


def _binary(*names: str, folders: Iterable[Path] = ()) -> Path:
    return _find(names, folders) or _is_missing(names[0])


@pytest.fixture(scope="session")
def prometheus_binary() -> Path:
    return _binary("prometheus")


@pytest.fixture(scope="session")
def promtool_binary() -> Path:
    return _binary("promtool")


@pytest.fixture(scope="session")
def alertmanager_binary() -> Path:
    return _binary("alertmanager", "prometheus-alertmanager")


@pytest.fixture(scope="session")
def amtool_binary() -> Path:
    return _binary("amtool")


@pytest.fixture(scope="session")
def kubectl_binary() -> Path:
    """Return kubectl, as the development dependencies bring it or else as it is on PATH."""
    return _binary("kubectl", folders=[Path(sys.executable).parent])


@pytest.fixture(scope="session")
def chromium_binary() -> Path:
    return _binary("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="session")
def postgres() -> Path:
    """Return the folder that holds `initdb` and `postgres`, the newest where there are several."""
    versions = Path("/usr/lib/postgresql").glob("*/bin")
    newest_first = sorted(versions, key=lambda folder: float(folder.parent.name), reverse=True)
    server = _find(["postgres"], newest_first)
    return server.resolve().parent if server else _is_missing("postgresql")


@pytest.fixture(scope="session")
def postgres_cluster(postgres: Path) -> Iterator["Cluster"]:
    """Run a PostgreSQL server for all tests."""
    from tests.postgres import running

    with running(postgres) as cluster:
        yield cluster


@pytest.fixture(scope="session")
def _migrated_postgres(postgres_cluster: "Cluster") -> str:
    """Return the URL of a database with the schemas of the store and of the durable engine."""
    from dbos import DBOS

    from punchingfist.adapters.postgres import parse_postgres_url
    from punchingfist.adapters.store.engines import open_postgres
    from punchingfist.adapters.store.migrate import migrate

    url = postgres_cluster.create_database("fist")
    engines = open_postgres(url)
    migrate(engines)
    engines.dispose()
    DBOS.migrate(parse_postgres_url(url).render_as_string(hide_password=False))
    return url


@pytest.fixture
def postgres_url(postgres_cluster: "Cluster", _migrated_postgres: str) -> Iterator[str]:
    """Return the URL of a migrated database that is the test's alone."""
    yield _migrated_postgres
    postgres_cluster.empty_database("fist")


@pytest.fixture
def free_port() -> int:
    """Return a loopback port nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of specifications and recordings that may stand beside the checkout."""
    if not SHARED.is_dir():
        pytest.skip("there is no shared folder beside the checkout")
    return SHARED
