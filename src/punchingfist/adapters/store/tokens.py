"""Tokens and sessions: hashes, never secrets."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import exc

from punchingfist.adapters.store.database import Database
from punchingfist.adapters.store.names import is_identifier
from punchingfist.adapters.store.writing import insert_rows
from punchingfist.domain.identity import Role
from punchingfist.domain.tokens import Token, TokenKind
from punchingfist.errors import Conflict, NotFound


class SqlTokens:
    """`ports.tokens.Tokens` on our tables."""

    def __init__(self, database: Database) -> None:
        self._database, self._table = database, database.tables.tokens

    async def add(self, token: Token) -> None:
        row = asdict(token) | {"kind": token.kind.value, "role": token.role.value}
        try:
            await self._database.write(lambda to: insert_rows(to, self._table, [row]))
        except exc.IntegrityError:
            if not await self._called(token.name):
                raise
            raise Conflict(
                f"token {token.name!r} is there already; revoke it or choose another name"
            ) from None

    async def find(self, prefix: str) -> Sequence[Token]:
        return await self._read(self._table.c.prefix == prefix)

    async def named(self, name: str) -> Token:
        found = await self._called(name)
        if not found:
            raise NotFound(f"token {name!r} is not known, or revoked; see `fist token list`")
        return found[0]

    async def all(self) -> Sequence[Token]:
        return await self._read(sa.true())

    async def revoke(self, token_id: str, *, at: datetime) -> None:
        columns = self._table.c
        meant = sa.or_(columns.id == token_id, columns.parent == token_id)
        live = columns.revoked_at.is_(None)
        change = sa.update(self._table).where(meant, live).values(revoked_at=at)
        await self._database.write(lambda to: to.execute(change))

    async def used(self, token_id: str, *, at: datetime) -> None:
        change = sa.update(self._table).where(self._table.c.id == token_id).values(last_used_at=at)
        await self._database.write_unaudited(lambda to: to.execute(change))

    async def has(self, role: Role, *, at: datetime) -> bool:
        columns = self._table.c
        found = await self._read(
            (columns.kind == TokenKind.TOKEN.value) & (columns.role == role.value)
        )
        return any(not one.why_over(at) for one in found)

    async def _called(self, name: str) -> Sequence[Token]:
        columns = self._table.c
        called = (columns.name == name) & (columns.kind == TokenKind.TOKEN.value)
        if is_identifier(name):
            called |= columns.id == name
        return await self._read(called & columns.revoked_at.is_(None))

    async def _read(self, condition: sa.ColumnElement[bool]) -> Sequence[Token]:
        columns = self._table.c
        query = (
            sa.select(self._table)
            .where(condition)
            .order_by(columns.created_at.desc(), columns.id.desc())
        )
        rows = await self._database.read(lambda of: of.execute(query).mappings().all())
        return [_token(row) for row in rows]


def _token(row: sa.RowMapping) -> Token:
    values: dict[str, Any] = dict(row)
    return Token(
        **values
        | {
            "kind": TokenKind(values["kind"]),
            "role": Role(values["role"]),
            "teams": tuple(values["teams"]),
        }
    )
