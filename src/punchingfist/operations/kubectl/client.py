"""Ask a cluster's API and read what it says, refusals included."""

import json
from collections.abc import Mapping
from typing import Any

from punchingfist.domain.json import JsonObject
from punchingfist.ports.cluster import Cluster, ClusterReply

Manifest = dict[str, Any]

_AS_TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"
_PAGE = 500
_MOST_PAGES = 20


class ServerSaid(Exception):
    """The server's `Status` in place of an answer; the text is what kubectl prints."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(f"Error from server ({reason}): {message}")
        self.reason, self.message = reason, message


class Api:
    """One cluster for the time of one command; *truncated* is set once an answer was cut."""

    def __init__(self, cluster: Cluster, *, timeout_seconds: float) -> None:
        self._cluster, self._timeout = cluster, timeout_seconds
        self.truncated = False

    async def get(
        self, path: str, params: Mapping[str, str] | None = None, *, as_table: bool = False
    ) -> Manifest:
        """Return one document."""
        accept = _AS_TABLE if as_table else "application/json"
        reply = await self._ask("GET", path, params=params, accept=accept)
        return _document(reply)

    async def post(self, path: str, body: JsonObject) -> Manifest:
        """Return the answer to a review; nothing is created by it."""
        return _document(await self._ask("POST", path, json=body))

    async def get_text(self, path: str, params: Mapping[str, str], *, limit_bytes: int) -> str:
        """Return a log as text, whatever bytes it holds."""
        reply = await self._ask("GET", path, params=params, accept="*/*", limit_bytes=limit_bytes)
        self.truncated |= reply.truncated
        return reply.body.decode(errors="replace")

    async def pages(
        self, path: str, params: Mapping[str, str], *, as_table: bool = False
    ) -> list[Manifest]:
        """Return a list's pages, as many as a person would ever read."""
        pages: list[Manifest] = []
        following = ""
        while not pages or following:
            if len(pages) == _MOST_PAGES:
                self.truncated = True
                break
            wanted = {**params, "limit": str(_PAGE)} | (
                {"continue": following} if following else {}
            )
            pages.append(await self.get(path, wanted, as_table=as_table))
            following = (pages[-1].get("metadata") or {}).get("continue") or ""
        return pages

    async def list_all(self, path: str, params: Mapping[str, str] | None = None) -> list[Manifest]:
        """Return the objects of a list, each saying what it is."""
        pages = await self.pages(path, params or {})
        return [_named(item, page) for page in pages for item in page.get("items") or ()]

    async def _ask(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        accept: str = "application/json",
        json: JsonObject | None = None,
        limit_bytes: int = 32 * 1024 * 1024,
    ) -> ClusterReply:
        reply = await self._cluster.request(
            method,
            path,
            params=params,
            accept=accept,
            json=json,
            timeout_seconds=self._timeout,
            limit_bytes=limit_bytes,
        )
        if reply.status >= 400:
            raise _refusal(reply)
        return reply


def without_managed_fields(obj: Manifest) -> Manifest:
    """Return *obj* as people want to read it: without who set which field."""
    metadata = {key: value for key, value in obj["metadata"].items() if key != "managedFields"}
    return {**obj, "metadata": metadata}


def _named(item: Manifest, page: Manifest) -> Manifest:
    """Give an item the kind and version that only its list carries."""
    kind = str(page.get("kind", "")).removesuffix("List")
    return {"apiVersion": page.get("apiVersion"), "kind": kind, **item}


def _document(reply: ClusterReply) -> Manifest:
    if reply.truncated:
        raise ServerSaid("TooLarge", "the answer is larger than 32 MiB; narrow it with a selector")
    try:
        document = json.loads(reply.body)
    except ValueError:
        raise ServerSaid("BadGateway", "the answer is no JSON; is this a Kubernetes API?") from None
    return document if isinstance(document, dict) else {}


def _refusal(reply: ClusterReply) -> ServerSaid:
    try:
        status = json.loads(reply.body)
        return ServerSaid(status["reason"], status["message"])
    except (ValueError, KeyError, TypeError):
        text = reply.body[:200].decode(errors="replace").strip() or "no reason given"
        return ServerSaid(f"HTTP{reply.status}", text)
