"""A webhook path of a Source: who may post there and what it starts."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field

from punchingfist.errors import Unauthenticated
from punchingfist.operations.receive import ActiveSource
from punchingfist.ports.source import SourceType

LOOPBACK_LIMIT_BYTES = 32 * 1024 * 1024
OPEN_LIMIT_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Hook:
    """
    One path that takes alerts.

    *token* is the resolved bearer token or API key; None means the Source
    asks for no authentication. *header* is where it is sent, in lower case.
    A *locked* path lets nobody in: its Source asks for a token and names none.
    An *open* one was asked for in so many words, `authentication: {type: none}`.
    """

    path: str
    source: ActiveSource
    type: SourceType
    token: str | None = field(default=None, repr=False)
    header: str = "authorization"
    locked: bool = False
    open: bool = False
    max_body_bytes: int | None = None

    def limit_bytes(self, *, loopback: bool) -> int:
        """Return the largest body taken: generous to those we know, small to strangers."""
        if self.max_body_bytes is not None:
            return self.max_body_bytes
        return LOOPBACK_LIMIT_BYTES if loopback or self.token is not None else OPEN_LIMIT_BYTES

    def check(self, headers: Mapping[str, str]) -> None:
        """
        Let the sender in or raise.

        *headers* have lower-case names. The comparison takes the same time
        wherever two tokens differ.

        Raises:
            Unauthenticated: the token is missing or another.
        """
        if self.locked:
            raise Unauthenticated(
                f"source {self.source.name!r} has no secretRef and lets nobody in; add one"
            )
        if self.token is None:
            return
        given = headers.get(self.header, "")
        if self.header == "authorization":
            scheme, _, given = given.partition(" ")
            if scheme.lower() != "bearer":
                raise Unauthenticated(
                    f"source {self.source.name!r} wants a bearer token; send 'Authorization: Bearer …'"
                )
        if not hmac.compare_digest(given.strip().encode(), self.token.encode()):
            raise Unauthenticated(f"source {self.source.name!r} does not know this token")
