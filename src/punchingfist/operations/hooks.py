"""A webhook path of a Source: who may post there, how much, and what it starts."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from punchingfist.operations.authentication.authenticator import UNGUARDED, Authenticator
from punchingfist.operations.receive import ActiveSource
from punchingfist.operations.throttle import Throttle
from punchingfist.ports.source import Parse

LOOPBACK_LIMIT_BYTES = 32 * 1024 * 1024
OPEN_LIMIT_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Hook:
    """
    One path that takes alerts.

    *parse* reads bodies of *format*. *throttle* is None where any number of
    requests is taken. *greet* is given every body that was let in, for senders
    that ask before they send.
    """

    path: str
    source: ActiveSource
    parse: Parse
    format: str = "alertmanager"
    authenticator: Authenticator = UNGUARDED
    throttle: Throttle | None = None
    greet: Callable[[Any], Awaitable[None]] | None = field(default=None, repr=False)
    max_body_bytes: int | None = None

    def limit_bytes(self, *, loopback: bool) -> int:
        """Return the largest body taken: generous to those we know, small to strangers."""
        if self.max_body_bytes is not None:
            return self.max_body_bytes
        known = loopback or self.authenticator.knows_by_headers
        return LOOPBACK_LIMIT_BYTES if known else OPEN_LIMIT_BYTES

    async def check(self, headers: Mapping[str, str], body: bytes) -> None:
        """
        Let a request in whose headers were admitted, or raise.

        Raises:
            Unauthenticated: the signature is not of this body.
            Unavailable: there are too many; says when to come again.
        """
        await self.authenticator.check(headers, body)
        if self.throttle is not None:
            self.throttle.take()
