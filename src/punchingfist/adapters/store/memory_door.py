"""Tokens and the audit trail in memory."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from punchingfist.domain.audit import AuditRow, ChainCheck, Deed, Head, checkpoint, forge
from punchingfist.domain.identity import Caller, Role
from punchingfist.domain.tokens import Token, TokenKind
from punchingfist.errors import Conflict, NotFound
from punchingfist.ports.audit import Verified


class MemoryTokens:
    """`ports.tokens.Tokens` in a dict."""

    def __init__(self) -> None:
        self._tokens: dict[str, Token] = {}

    async def add(self, token: Token) -> None:
        if token.kind is TokenKind.TOKEN and self._live(token.name):
            raise Conflict(
                f"token {token.name!r} is there already; revoke it or choose another name"
            )
        self._tokens[token.id] = token

    async def find(self, prefix: str) -> Sequence[Token]:
        return [one for one in self._tokens.values() if one.prefix == prefix]

    async def named(self, name: str) -> Token:
        by_id = self._tokens.get(name)
        found = by_id if by_id and by_id.revoked_at is None else self._live(name)
        if found is None:
            raise NotFound(f"token {name!r} is not known, or revoked; see `fist token list`")
        return found

    async def all(self) -> Sequence[Token]:
        return sorted(self._tokens.values(), key=lambda one: (one.created_at, one.id), reverse=True)

    async def revoke(self, token_id: str, *, at: datetime) -> None:
        for one in self._tokens.values():
            if token_id in {one.id, one.parent} and one.revoked_at is None:
                self._tokens[one.id] = replace(one, revoked_at=at)

    async def used(self, token_id: str, *, at: datetime) -> None:
        self._tokens[token_id] = replace(self._tokens[token_id], last_used_at=at)

    async def has(self, role: Role, *, at: datetime) -> bool:
        return any(
            one.kind is TokenKind.TOKEN and one.role is role and not one.why_over(at)
            for one in self._tokens.values()
        )

    def _live(self, name: str) -> Token | None:
        for one in self._tokens.values():
            if one.kind is TokenKind.TOKEN and one.name == name and one.revoked_at is None:
                return one
        return None


class MemoryAudit:
    """`ports.audit.Audit` in a list."""

    def __init__(self) -> None:
        self._rows: list[AuditRow] = []
        self._head = Head()

    async def append(self, deed: Deed) -> AuditRow:
        row = forge(deed, self._head)
        self._rows.append(row)
        self._head = Head(row.seq, row.digest)
        return row

    async def newest(self, *, limit: int = 50, before: int | None = None) -> Sequence[AuditRow]:
        found = [row for row in self._rows if before is None or row.seq < before]
        return found[::-1][:limit]

    async def verify(self) -> Verified:
        check = ChainCheck()
        check.take(self._rows)
        return Verified(check.rows, self._head, check.finish(self._head))

    async def prune(self, *, before: datetime, caller: Caller, at: datetime) -> int:
        kept = next((n for n, row in enumerate(self._rows) if row.at >= before), len(self._rows))
        if kept:
            await self.append(checkpoint(caller, self._rows[kept - 1], at=at))
            del self._rows[:kept]
        return kept
