"""Tokens and the audit trail: of a running server, or of a database no server has open."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote

from punchingfist.bootstrap.door import Offline, offline
from punchingfist.domain.identity import Role
from punchingfist.domain.tokens import parse_lifetime
from punchingfist.surfaces.cli.client import Client, Place, find_client


class Keeping(Protocol):
    """What administrators do; every value is as the API gives it. *where* is for people."""

    @property
    def where(self) -> str:
        """Where it takes effect."""
        ...

    def create_token(self, name: str, role: str, teams: Sequence[str], expires: str | None) -> Any:
        """Return the new token with its secret."""
        ...

    def list_tokens(self) -> Any:
        """Return tokens and sessions, newest first."""
        ...

    def revoke_token(self, name: str) -> Any:
        """Return the token, ended."""
        ...

    def list_audit(self, limit: int) -> Any:
        """Return rows, newest first."""
        ...

    def verify_audit(self) -> Any:
        """Return what a check of the whole chain found."""
        ...


@contextmanager
def open_keeping(place: Place) -> Iterator[Keeping]:
    """Reach the server *place* means; where none runs, open the database itself meanwhile."""
    client = find_client(place, as_owner=True)
    if client is not None:
        with client:
            yield _Served(client)
        return
    with offline(Path(place.data_dir) if place.data_dir else None) as opened:
        yield _Unserved(opened)


class _Served:
    def __init__(self, client: Client) -> None:
        self._client, self.where = client, f"on {client.url}"

    def create_token(self, name: str, role: str, teams: Sequence[str], expires: str | None) -> Any:
        wanted = {"name": name, "role": role, "teams": list(teams), "expires": expires}
        return self._client.post("/api/v1/tokens", wanted)

    def list_tokens(self) -> Any:
        return self._client.get("/api/v1/tokens")

    def revoke_token(self, name: str) -> Any:
        return self._client.delete(f"/api/v1/tokens/{quote(name, safe='')}")

    def list_audit(self, limit: int) -> Any:
        return self._client.get("/api/v1/audit", limit=limit)["items"]

    def verify_audit(self) -> Any:
        return self._client.get("/api/v1/audit/verify")


class _Unserved:
    def __init__(self, opened: Offline) -> None:
        self._opened, self.where = opened, "in the database, which no server has open"

    def create_token(self, name: str, role: str, teams: Sequence[str], expires: str | None) -> Any:
        issue = self._opened.office.issue(
            name,
            Role(role),
            teams=teams,
            lifetime=parse_lifetime(expires) if expires else None,
            by=self._opened.caller,
        )
        issued = asyncio.run(issue)
        return issued.token.to_json() | {"secret": issued.secret}

    def list_tokens(self) -> Any:
        return [token.to_json() for token in asyncio.run(self._opened.office.tokens.all())]

    def revoke_token(self, name: str) -> Any:
        return asyncio.run(self._opened.office.revoke(name, by=self._opened.caller)).to_json()

    def list_audit(self, limit: int) -> Any:
        return [row.to_json() for row in asyncio.run(self._opened.audit.newest(limit=limit))]

    def verify_audit(self) -> Any:
        found = asyncio.run(self._opened.audit.verify())
        head = found.head
        return {
            "rows": found.rows,
            "seq": head.seq,
            "digest": head.digest,
            "flaws": list(found.flaws),
        }
