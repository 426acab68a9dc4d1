"""Secrets that are sent along: bearer tokens, API keys and passwords."""

import base64
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field

from punchingfist.errors import Unauthenticated


@dataclass(frozen=True, slots=True)
class Bearer:
    """`Authorization: Bearer …`."""

    source: str
    token: str = field(repr=False)
    serves_strangers: bool = True
    knows_by_headers: bool = True

    def admit(self, headers: Mapping[str, str]) -> None:
        """Let in whoever has the token."""
        scheme, _, given = headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            raise Unauthenticated(
                f"source {self.source!r} wants a bearer token; send 'Authorization: Bearer …'"
            )
        if not is_same(given.strip(), self.token):
            raise Unauthenticated(f"source {self.source!r} does not know this token")

    async def check(self, headers: Mapping[str, str], body: bytes) -> None:
        """Ask for nothing more."""


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key in a header of its own; *header* is its name in lower case."""

    source: str
    key: str = field(repr=False)
    header: str = "x-api-key"
    serves_strangers: bool = True
    knows_by_headers: bool = True

    def admit(self, headers: Mapping[str, str]) -> None:
        """Let in whoever has the key."""
        given = headers.get(self.header)
        if given is None:
            raise Unauthenticated(f"source {self.source!r} wants a key; send it as {self.header!r}")
        if not is_same(given.strip(), self.key):
            raise Unauthenticated(f"source {self.source!r} does not know this key")

    async def check(self, headers: Mapping[str, str], body: bytes) -> None:
        """Ask for nothing more."""


@dataclass(frozen=True, slots=True)
class Basic:
    """`Authorization: Basic …`, as senders make it of `https://user:password@host/`."""

    source: str
    username: str
    password: str = field(repr=False)
    serves_strangers: bool = True
    knows_by_headers: bool = True

    def admit(self, headers: Mapping[str, str]) -> None:
        """Let in whoever has user and password."""
        scheme, _, given = headers.get("authorization", "").partition(" ")
        if scheme.lower() != "basic":
            raise Unauthenticated(
                f"source {self.source!r} wants user and password; send 'Authorization: Basic …'",
                challenge='Basic realm="punchingfist", charset="UTF-8"',
            )
        wanted = base64.b64encode(f"{self.username}:{self.password}".encode()).decode()
        if not is_same(given.strip(), wanted):
            raise Unauthenticated(f"source {self.source!r} does not know this user and password")

    async def check(self, headers: Mapping[str, str], body: bytes) -> None:
        """Ask for nothing more."""


def is_same(given: str, wanted: str) -> bool:
    """Compare in a time that does not depend on where the two differ."""
    return hmac.compare_digest(given.encode(errors="replace"), wanted.encode())
