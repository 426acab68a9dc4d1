"""Fixtures for every test: the real programs they drive, a free port, the shared folder."""

import os
import shutil
import socket
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import NoReturn

import pytest

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
