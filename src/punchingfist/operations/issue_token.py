"""Issue, list and revoke API tokens."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from punchingfist.domain.audit import Deed
from punchingfist.domain.identity import Caller, Role
from punchingfist.domain.tokens import (
    Token,
    TokenKind,
    check_name,
    check_teams,
    digest_secret,
    prefix_of,
)
from punchingfist.errors import Refused
from punchingfist.operations.audited import audited
from punchingfist.ports.audit import Audit
from punchingfist.ports.clock import Clock
from punchingfist.ports.ids import Ids
from punchingfist.ports.new_secrets import NewSecrets
from punchingfist.ports.tokens import Tokens


@dataclass(frozen=True, slots=True)
class Issued:
    """A new token; its *secret* is known here and never again."""

    token: Token
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class TokenOffice:
    """Where tokens are issued and revoked, each time with a row in the audit trail."""

    tokens: Tokens
    audit: Audit
    clock: Clock
    ids: Ids
    new_secrets: NewSecrets

    async def issue(
        self,
        name: str,
        role: Role,
        *,
        teams: Sequence[str] = (),
        lifetime: timedelta | None = None,
        by: Caller,
    ) -> Issued:
        """
        Make a token for *name*.

        Raises:
            InvalidInput: the name or a team is not possible.
            Conflict: the name is taken.
            Refused: *by* acts for some teams, and the token would for others.
        """
        teams = check_teams(tuple(teams))
        if by.teams and not (teams and by.teams.issuperset(teams)):
            mine = ", ".join(sorted(by.teams))
            raise Refused(f"{by.name!r} acts for {mine}; give the token one of these teams")
        issued = self._draw(TokenKind.TOKEN, check_name(name), role, teams, lifetime, by=by)
        return await self._keep("token.create", issued, by)

    async def open_session(self, by: Caller, lifetime: timedelta, parent: Token | None) -> Issued:
        """Make a browser session for *by*, which ends no later than the token *parent*."""
        teams = tuple(sorted(by.teams))
        issued = self._draw(TokenKind.SESSION, by.name, by.role, teams, lifetime, by=by)
        if parent is not None:
            ends = min(filter(None, (issued.token.expires_at, parent.expires_at)))
            issued = replace(issued, token=replace(issued.token, parent=parent.id, expires_at=ends))
        return await self._keep("session.open", issued, by)

    async def revoke(self, name: str, *, by: Caller) -> Token:
        """
        End the token called *name*, or of that id, and every session opened with it.

        Raises:
            NotFound: there is no such token, or it was revoked before.
            Refused: *by* acts for some teams, and the token for others.
        """
        token = await self.tokens.named(name)
        if by.teams and not (token.teams and by.teams.issuperset(token.teams)):
            raise Refused(f"token {token.name!r} acts for teams {by.name!r} does not act for")
        return await self._end("token.revoke", token, by)

    async def close_session(self, session: Token, *, by: Caller) -> None:
        """End one browser session."""
        await self._end("session.close", session, by)

    def _draw(
        self,
        kind: TokenKind,
        name: str,
        role: Role,
        teams: tuple[str, ...],
        lifetime: timedelta | None,
        *,
        by: Caller,
    ) -> Issued:
        secret, now = self.new_secrets.new(), self.clock.now()
        prefix = prefix_of(secret)
        assert prefix, "a new secret is one of ours"
        token = Token(
            id=self.ids.new(),
            kind=kind,
            name=name,
            role=role,
            teams=teams,
            prefix=prefix,
            digest=digest_secret(secret),
            created_at=now,
            created_by=by.name,
            expires_at=now + lifetime if lifetime else None,
        )
        return Issued(token, secret)

    async def _keep(self, what: str, issued: Issued, by: Caller) -> Issued:
        token = issued.token
        deed = Deed(token.created_at, by, what, f"token {token.name}", after=token.to_json())
        async with audited(self.audit, deed):
            await self.tokens.add(token)
        return issued

    async def _end(self, what: str, token: Token, by: Caller) -> Token:
        now = self.clock.now()
        ended = replace(token, revoked_at=now)
        deed = Deed(now, by, what, f"token {token.name}", token.to_json(), ended.to_json())
        async with audited(self.audit, deed):
            await self.tokens.revoke(token.id, at=now)
        return ended
