"""One Kubernetes cluster, as its API speaks."""

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from typing import Protocol

from punchingfist.domain.json import Json


@dataclass(frozen=True, slots=True)
class ClusterReply:
    """A reply of the API server; errors are replies too (a `Status` body)."""

    status: int
    content_type: str
    body: bytes
    truncated: bool = False


class Cluster(Protocol):
    """
    A cluster behind one context.

    *context* is the name people see and *server* the address behind it;
    *namespace* is the context's default one. *environment* is all of the
    process's environment that a kubectl binary needs for the same cluster:
    which kubeconfig, what its credential plugin asks for.
    """

    context: str
    server: str
    namespace: str
    kubeconfig: str | None
    environment: Mapping[str, str]

    async def turn(self) -> None:
        """Wait until one more look is due: 5 a second, 10 at once, for all who share the cluster."""
        ...

    async def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        accept: str = "application/json",
        json: Json = None,
        timeout_seconds: float = 15,
        limit_bytes: int = 32 * 1024 * 1024,
    ) -> ClusterReply:
        """
        Send one request to *path* (`/api/v1/...`).

        Raises:
            Unavailable: the API server could not be reached; names the
                context and the server.
        """
        ...


class WatchedCluster(Cluster, Protocol):
    """A cluster that tells of changes as they happen."""

    def watch(
        self, path: str, *, params: Mapping[str, str], silence_seconds: float
    ) -> AsyncGenerator[bytes]:
        """
        Yield the lines of one watch of *path* as they come, until the server ends it.

        *params* are the watch's own (`watch=1`, `resourceVersion`, …).

        Raises:
            Unavailable: the API server refused it, broke off, or said nothing
                for *silence_seconds*; names the context and the server.
        """
        ...
