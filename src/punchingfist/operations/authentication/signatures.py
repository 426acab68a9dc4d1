"""Signatures over the body with a key both sides have."""

import base64
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal

from punchingfist.errors import Unauthenticated
from punchingfist.operations.authentication.tokens import is_same
from punchingfist.ports.clock import Clock

PAGERDUTY_HEADER = "x-pagerduty-signature"
PAGERDUTY_PREFIX = "v1="
TOLERANCE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Scheme:
    """
    How a signature is sent; header names are in lower case.

    With *timestamp_header* the time, a colon and the body are signed, else the
    body alone. A header may hold several signatures, apart by commas: senders
    do so while a key is changed.
    """

    header: str
    algorithm: Literal["sha256", "sha512"] = "sha256"
    encoding: Literal["hex", "base64"] = "hex"
    prefix: str = ""
    timestamp_header: str | None = None
    tolerance: timedelta = TOLERANCE


@dataclass(frozen=True, slots=True)
class Signed:
    """An HMAC of the body, as *scheme* says."""

    source: str
    key: str = field(repr=False)
    scheme: Scheme
    clock: Clock = field(repr=False)
    serves_strangers: bool = True
    knows_by_headers: bool = False

    def admit(self, headers: Mapping[str, str]) -> None:
        """Let a request in that has a signature, and a time where one is asked for."""
        header = self.scheme.header
        if not self._given(headers):
            raise Unauthenticated(
                f"source {self.source!r} wants a signature; "
                f"send '{header}: {self.scheme.prefix}…' made with the key of its secretRef"
            )
        if self.scheme.timestamp_header is not None:
            self._check_age(headers.get(self.scheme.timestamp_header, ""))

    async def check(self, headers: Mapping[str, str], body: bytes) -> None:
        """Let the request in when one of its signatures is right."""
        time = self.scheme.timestamp_header
        signed = body if time is None else f"{headers.get(time, '')}:".encode() + body
        digest = hmac.digest(self.key.encode(), signed, self.scheme.algorithm)
        wanted = (
            digest.hex() if self.scheme.encoding == "hex" else base64.b64encode(digest).decode()
        )
        # All are compared, so that the time tells nothing about which one was right.
        right = sum(is_same(given, wanted) for given in self._given(headers))
        if not right:
            raise Unauthenticated(
                f"source {self.source!r}: the signature in {self.scheme.header!r} is not of this "
                "body; compare the keys, and whether something on the way changes bodies"
            )

    def _given(self, headers: Mapping[str, str]) -> list[str]:
        prefix = self.scheme.prefix
        parts = [part.strip() for part in headers.get(self.scheme.header, "").split(",")]
        found = [part.removeprefix(prefix) for part in parts if part.startswith(prefix) and part]
        return [part.lower() for part in found] if self.scheme.encoding == "hex" else found

    def _check_age(self, given: str) -> None:
        now = self.clock.now().timestamp()
        plain = given.isascii() and given.isdecimal() and len(given) <= 12
        if not plain or abs(now - int(given)) > self.scheme.tolerance.total_seconds():
            raise Unauthenticated(
                f"source {self.source!r}: the time in {self.scheme.timestamp_header!r} is missing "
                f"or more than {self.scheme.tolerance.total_seconds():g} s away; compare the clocks"
            )
