"""What an extension is given to reach the world with."""

from dataclasses import dataclass
from typing import Protocol

from punchingfist.ports.clock import Clock
from punchingfist.ports.cluster import Cluster
from punchingfist.ports.http import Endpoint, Http
from punchingfist.ports.processes import Processes
from punchingfist.ports.secrets import Secrets


class Console(Protocol):
    """Where the stdout sink writes."""

    def write(self, text: str) -> None:
        """Write whole lines at once."""
        ...


@dataclass(frozen=True, slots=True)
class World:
    """
    The edges, as ports. *cluster* and *prometheus* are None where none is configured.

    *kubectl* is the path of a kubectl binary, or None to use the API back end.
    *processes* is None where no program may be run.
    """

    clock: Clock
    http: Http
    secrets: Secrets
    console: Console
    cluster: Cluster | None = None
    prometheus: Endpoint | None = None
    kubectl: str | None = None
    processes: Processes | None = None
