"""What lets a sender in, and the three that look at nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from punchingfist.errors import Unauthenticated


class Authenticator(Protocol):
    """
    Decides in two steps who is let in: by the headers, then by the whole request.

    Comparisons take the same time wherever two secrets differ, and no message
    holds one.
    """

    @property
    def serves_strangers(self) -> bool:
        """Whether its path may be served where more than this machine reaches it."""
        ...

    @property
    def knows_by_headers(self) -> bool:
        """Whether `admit` alone decides, so that whose body is read is known."""
        ...

    def admit(self, headers: Mapping[str, str]) -> None:
        """
        Let the sender in so far, before the body is read, or raise.

        *headers* have lower-case names.

        Raises:
            Unauthenticated: what proves the sender is missing or wrong.
        """
        ...

    async def check(self, headers: Mapping[str, str], body: bytes) -> None:
        """
        Let the request in or raise; `admit` has let its headers in.

        Raises:
            Unauthenticated: the signature is not of this body, or it is too old.
            Unavailable: what the signature is checked with cannot be had now.
        """
        ...


@dataclass(frozen=True, slots=True)
class Unguarded:
    """Nothing was asked for: good enough where only this machine reaches the path."""

    serves_strangers: bool = False
    knows_by_headers: bool = False

    def admit(self, headers: Mapping[str, str]) -> None:
        """Let everybody in."""

    async def check(self, headers: Mapping[str, str], body: bytes) -> None:
        """Let everything in."""


UNGUARDED = Unguarded()
ANYBODY = Unguarded(serves_strangers=True)
"""Opened in so many words, `authentication: {type: none}`."""


@dataclass(frozen=True, slots=True)
class Locked:
    """A secret was asked for and none named."""

    source: str
    serves_strangers: bool = True
    knows_by_headers: bool = True

    def admit(self, headers: Mapping[str, str]) -> None:
        """Let nobody in."""
        raise Unauthenticated(
            f"source {self.source!r} has no secretRef and lets nobody in; add one"
        )

    async def check(self, headers: Mapping[str, str], body: bytes) -> None:
        """Never come to."""
        self.admit(headers)
