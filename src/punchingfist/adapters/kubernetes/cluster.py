"""One Kubernetes cluster over its REST API: TLS, credentials, one pooled client for each loop."""

import asyncio
import os
import ssl
import tempfile
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx2

from punchingfist.adapters.http import read_reply, why_unreachable
from punchingfist.adapters.kubernetes.credentials import Credential, Credentials
from punchingfist.adapters.kubernetes.kubeconfig import Access, find_access
from punchingfist.adapters.pacing import Turns
from punchingfist.domain.json import Json
from punchingfist.errors import InvalidInput, Unavailable
from punchingfist.operations.per_loop import PerLoop
from punchingfist.ports.cluster import ClusterReply
from punchingfist.ports.http import HttpReply

_AGENT = "punchingfist"
_LONGEST_LINE_BYTES = 8 * 1024 * 1024
_LIMITS = httpx2.Limits(max_connections=20, max_keepalive_connections=5)
_PROXIES = frozenset({"HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR"})
_OURS = ("PUNCHINGFIST_", "PROMETHEUS_")
_IN_POD = frozenset({"KUBERNETES_SERVICE_HOST", "KUBERNETES_SERVICE_PORT"})


@dataclass(frozen=True, slots=True)
class _Request:
    method: str
    url: str
    params: Mapping[str, str] | None
    json: Json
    accept: str


class RestCluster:
    """The `Cluster` port; see there for what the attributes mean."""

    def __init__(
        self, access: Access, *, environ: Mapping[str, str], turns: Turns | None = None
    ) -> None:
        self.context, self.namespace = access.context, access.namespace
        self.server, self.kubeconfig = access.server, access.kubeconfig
        self.environment = _environment(access, environ)
        self._access = access
        self._turns = turns or Turns()
        self._credentials = Credentials(access, environ)
        self._tls: tuple[tuple[str, str] | None, ssl.SSLContext] | None = None
        self._clients = PerLoop[dict[ssl.SSLContext, httpx2.AsyncClient]](dict)

    async def turn(self) -> None:
        """Wait until one more look is due."""
        await self._turns.take()

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
        """Send one request; a refused credential is renewed once."""
        try:
            async with asyncio.timeout(timeout_seconds):
                request = _Request(method, self.server + path, params, json, accept)
                reply = await self._send(request, limit_bytes)
                if reply.status == 401 and self._access.plugin is not None:
                    reply = await self._send(request, limit_bytes, renew=True)
        except TimeoutError:
            raise self._unreachable(f"no answer within {timeout_seconds:g} s") from None
        except httpx2.RequestError as error:
            raise self._unreachable(why_unreachable(error)) from None
        content_type = reply.headers.get("content-type", "")
        return ClusterReply(reply.status, content_type, reply.body, reply.truncated)

    async def watch(
        self, path: str, *, params: Mapping[str, str], silence_seconds: float
    ) -> AsyncGenerator[bytes]:
        """Yield the lines of one watch; a refused credential is renewed once."""
        wanted = _Request("GET", self.server + path, params, None, "application/json")
        response = None
        try:
            async with asyncio.timeout(silence_seconds):
                response = await self._open(wanted)
            parts = response.aiter_bytes()
            line = bytearray()
            while True:
                async with asyncio.timeout(silence_seconds):
                    part = await anext(parts, None)
                if part is None:
                    return
                *whole, rest = (line + part).split(b"\n")
                for one in whole:
                    yield bytes(one)
                line = rest
                if len(line) > _LONGEST_LINE_BYTES:
                    raise self._unreachable("one event of a watch is larger than 8 MiB")
        except TimeoutError:
            raise self._unreachable(f"a watch was silent for {silence_seconds:g} s") from None
        except httpx2.RequestError as error:
            raise self._unreachable(why_unreachable(error)) from None
        finally:
            if response is not None:
                await response.aclose()

    async def _open(self, wanted: _Request) -> httpx2.Response:
        """
        Return the open answer to a watch.

        Raises:
            Unavailable: it is no watch but a refusal.
        """
        client, request = await self._request(wanted)
        response = await client.send(request, stream=True)
        if response.status_code == 401 and self._access.plugin is not None:
            await response.aclose()
            client, request = await self._request(wanted, renew=True)
            response = await client.send(request, stream=True)
        if response.status_code == 200:
            return response
        await response.aclose()
        raise self._unreachable(f"HTTP {response.status_code} for a watch of {request.url.path}")

    async def _send(self, wanted: _Request, limit_bytes: int, *, renew: bool = False) -> HttpReply:
        client, request = await self._request(wanted, renew=renew)
        return await read_reply(client, request, limit_bytes)

    async def _request(
        self, wanted: _Request, *, renew: bool = False
    ) -> tuple[httpx2.AsyncClient, httpx2.Request]:
        credential = await asyncio.to_thread(self._credentials.current, renew=renew)
        client = self._client(credential.certificate)
        request = client.build_request(
            wanted.method,
            wanted.url,
            params=wanted.params,
            json=wanted.json,
            headers=self._headers(credential, wanted.accept),
            extensions=self._extensions(),
        )
        return client, request

    async def aclose(self) -> None:
        """Close every connection, those of other running loops too."""
        await self._clients.close(_close_all)

    def _unreachable(self, why: str) -> Unavailable:
        return Unavailable(
            f"cluster {self.context!r} at {self.server} cannot be reached: {why}; "
            f"try kubectl --context {self.context} get nodes"
        )

    def _headers(self, credential: Credential, accept: str) -> list[tuple[str, str]]:
        headers = [("Accept", accept), ("User-Agent", _AGENT), *self._access.headers]
        # As client-go does, show nothing to whoever may be listening on a plain connection.
        if credential.authorization and self.server.startswith("https://"):
            headers.append(("Authorization", credential.authorization))
        return headers

    def _extensions(self) -> dict[str, str]:
        name = self._access.server_name
        return {"sni_hostname": name} if name else {}

    def _client(self, certificate: tuple[str, str] | None) -> httpx2.AsyncClient:
        context = self._context(certificate)
        clients = self._clients.get()
        if context not in clients:
            clients[context] = httpx2.AsyncClient(
                verify=context, proxy=self._access.proxy, timeout=None, limits=_LIMITS
            )
        return clients[context]

    def _context(self, certificate: tuple[str, str] | None) -> ssl.SSLContext:
        """Build the TLS context once for each client certificate there comes."""
        if self._tls is None or self._tls[0] != certificate:
            self._tls = (certificate, _tls_context(self._access, certificate))
        return self._tls[1]


async def _close_all(clients: dict[ssl.SSLContext, httpx2.AsyncClient]) -> None:
    for client in clients.values():
        await client.aclose()


def load_cluster(
    kubeconfig: str | None, context: str | None, *, environ: Mapping[str, str]
) -> RestCluster:
    """
    Return the cluster that *kubeconfig* and *context* mean; nothing is asked of it yet.

    Raises:
        NotFound: there is no kubeconfig, or no such context in it.
        InvalidInput: a file is not a kubeconfig.
    """
    return RestCluster(find_access(kubeconfig, context, environ=environ), environ=environ)


def _tls_context(access: Access, certificate: tuple[str, str] | None) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cadata=access.authority)
        if not access.verify:
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        if certificate:
            _load_certificate(context, certificate)
    except (ssl.SSLError, ValueError) as error:
        raise InvalidInput(
            f"context {access.context!r}: its certificates are not usable: {error}",
            file=access.kubeconfig,
        ) from None
    return context


def _load_certificate(context: ssl.SSLContext, certificate: tuple[str, str]) -> None:
    """Load a certificate and its key; OpenSSL takes them from a file only."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "client.pem"
        path.touch(mode=0o600)
        path.write_text("\n".join(certificate))
        context.load_cert_chain(path)


def _environment(access: Access, environ: Mapping[str, str]) -> Mapping[str, str]:
    """A plugin is the operator's own program and needs what it needs; kubectl alone, little."""
    if access.plugin is not None:
        kept = {k: v for k, v in environ.items() if not k.startswith(_OURS)}
    else:
        wanted = _PROXIES | (_IN_POD if access.kubeconfig is None else frozenset())
        kept = {k: v for k, v in environ.items() if k.upper() in wanted}
    kept["PATH"] = environ.get("PATH", os.defpath)
    if access.kubeconfig is not None:
        kept["KUBECONFIG"] = access.kubeconfig
    return kept
