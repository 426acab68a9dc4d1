"""Tokens and sessions, as they are kept."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from punchingfist.domain.identity import Role
from punchingfist.domain.tokens import Token


class Tokens(Protocol):
    """Where tokens are kept; what is over stays, so that the audit trail can be read."""

    async def add(self, token: Token) -> None:
        """
        Keep *token*.

        Raises:
            Conflict: a token that is not revoked has its name.
        """
        ...

    async def find(self, prefix: str) -> Sequence[Token]:
        """Return every token whose secret begins with *prefix*."""
        ...

    async def named(self, name: str) -> Token:
        """
        Return the token of that name or id that is not revoked.

        Raises:
            NotFound: there is none.
        """
        ...

    async def all(self) -> Sequence[Token]:
        """Return tokens and sessions, newest first."""
        ...

    async def revoke(self, token_id: str, *, at: datetime) -> None:
        """End a token and the sessions opened with it."""
        ...

    async def used(self, token_id: str, *, at: datetime) -> None:
        """Note when it was last used."""
        ...

    async def has(self, role: Role, *, at: datetime) -> bool:
        """Whether a token of *role* opens something at that time; sessions do not count."""
        ...
