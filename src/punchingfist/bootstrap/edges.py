"""The edges of the world, made from what a person chose."""

import shutil
import sys
import sysconfig
from pathlib import Path
from urllib.parse import urlsplit

from punchingfist.adapters.http import HttpClient
from punchingfist.adapters.kubernetes.cluster import load_cluster
from punchingfist.adapters.processes import PosixProcesses
from punchingfist.adapters.secrets import EnvironmentSecrets
from punchingfist.adapters.system import SystemClock
from punchingfist.adapters.telemetry import configure_logging
from punchingfist.bootstrap.options import Options
from punchingfist.errors import InvalidInput
from punchingfist.ports.clock import Clock
from punchingfist.ports.http import Endpoint
from punchingfist.ports.world import World
from punchingfist.settings import Settings


class StandardOutput:
    """Writes to this process's stdout, and at once: whoever reads it may be a program."""

    def write(self, text: str) -> None:
        """Write and flush."""
        sys.stdout.write(text)
        sys.stdout.flush()


def system_clock() -> Clock:
    """Return the clock of this machine."""
    return SystemClock()


def http_client() -> HttpClient:
    """Return a client of its own; close it on the loop that used it."""
    return HttpClient()


def find_kubectl() -> str | None:
    """Return a kubectl binary: on PATH, else the one a wheel put beside this Python."""
    found = shutil.which("kubectl")
    if found:
        return found
    beside = Path(sysconfig.get_path("scripts")) / "kubectl"
    return str(beside) if beside.is_file() else None


def prometheus_endpoint(settings: Settings, url: str | None = None) -> Endpoint | None:
    """Return Prometheus at *url*, else at `PROMETHEUS_URL`, with `PROMETHEUS_TOKEN` if set."""
    place = url or settings.prometheus_url
    if place is None:
        return None
    parts = urlsplit(place)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise InvalidInput(
            f"PROMETHEUS_URL {place!r} is not a URL; write it as http://HOST:PORT",
            field="PROMETHEUS_URL",
            value=place,
        )
    token = settings.prometheus_token
    return Endpoint(place.rstrip("/"), {"Authorization": f"Bearer {token}"} if token else {})


class Edges:
    """The world of one process; close it on the loop that used it."""

    def __init__(self, options: Options, settings: Settings) -> None:
        self.http = HttpClient()
        self.cluster = load_cluster(
            options.kubeconfig or settings.kubeconfig, options.context, environ=settings.environ
        )
        self.secrets = EnvironmentSecrets(settings.environ, known=[settings.prometheus_token or ""])
        self.world = World(
            clock=SystemClock(),
            http=self.http,
            secrets=self.secrets,
            console=options.console or StandardOutput(),
            processes=PosixProcesses(),
            cluster=self.cluster,
            prometheus=options.prometheus,
            kubectl=options.kubectl,
        )

    async def close(self) -> None:
        """Close the running loop's connections."""
        await self.http.aclose()
        await self.cluster.aclose()


def log_to_stderr(settings: Settings, *, level: str | None = None) -> None:
    """Start structured logging as the environment asks for it, or at *level*."""
    form = settings.log_format
    if form == "auto":
        form = "console" if sys.stderr.isatty() else "json"
    configure_logging(level=level or settings.log_level, form=form)
