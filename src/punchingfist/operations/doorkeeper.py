"""Find out who is asking: from a token, a browser session, or the link printed at start."""

import hmac
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from punchingfist.domain.identity import Caller, How, Role, Whence
from punchingfist.domain.tokens import Token, TokenKind, digest_secret, prefix_of
from punchingfist.errors import PunchingFistError, Unauthenticated
from punchingfist.operations.attempts import Attempts
from punchingfist.operations.issue_token import TokenOffice

SESSION_LIFETIME: Final = timedelta(hours=12)
_NOTE_USE_EVERY = timedelta(minutes=1)
_UNKNOWN = "this token is not known; create one with `fist token create NAME --role ROLE`"


@dataclass(slots=True)
class Doorkeeper:
    """
    Knows tokens, sessions, and two secrets that live as long as this process.

    *owner* is for who can read the data directory; *link* is for who sees what
    is printed at start, and works once.
    """

    office: TokenOffice
    owner: str = field(repr=False)
    link: str | None = field(repr=False)
    _attempts: Attempts = field(default_factory=Attempts)

    async def by_token(self, secret: str, whence: Whence) -> Caller:
        """
        Return who sends *secret* as a bearer token.

        Raises:
            Unauthenticated: it is unknown, revoked or expired.
            Throttled: this address was wrong too often.
        """
        now = self.office.clock.now()
        self._attempts.check(whence.address, now)
        if hmac.compare_digest(digest_secret(secret), digest_secret(self.owner)):
            return Caller("owner", Role.ADMIN, How.OWNER, whence=whence)
        token = await self._find(secret, TokenKind.TOKEN)
        if token is None:
            self._attempts.failed(whence.address, now)
            raise Unauthenticated(_UNKNOWN)
        return await self._admit(token, whence, now)

    async def by_session(self, secret: str, whence: Whence) -> Caller:
        """Return whose browser session *secret* is; raises as `by_token` does."""
        now = self.office.clock.now()
        self._attempts.check(whence.address, now)
        session = await self._find(secret, TokenKind.SESSION)
        if session is None:
            # A browser repeats a stale cookie with each request; that is one failure.
            self._attempts.failed(whence.address, now, mark=digest_secret(secret))
            raise Unauthenticated("this session is not known; log in again at /login")
        return await self._admit(session, whence, now)

    async def follow_link(self, secret: str, whence: Whence) -> str:
        """
        Return a new administrator's session for the one-time link; the link is used up.

        Raises:
            Unauthenticated: it was used, or comes from another start.
            Throttled: this address was wrong too often.
        """
        now = self.office.clock.now()
        self._attempts.check(whence.address, now)
        link = self.link
        if link is None or not hmac.compare_digest(digest_secret(secret), digest_secret(link)):
            self._attempts.failed(whence.address, now)
            raise Unauthenticated(
                "this link was used, or comes from an earlier start; log in with a token, "
                "or restart the server for a new link"
            )
        self.link = None  # before anything is awaited: two who follow it at once are one too many
        owner = Caller("owner", Role.ADMIN, How.SESSION, whence=whence)
        try:
            return (await self.office.open_session(owner, SESSION_LIFETIME, None)).secret
        except PunchingFistError:
            self.link = link
            raise

    async def log_in(self, secret: str, whence: Whence) -> str:
        """Return a new session with what the token *secret* may do; raises as `by_token` does."""
        caller = await self.by_token(secret, whence)
        token = await self._find(secret, TokenKind.TOKEN)
        return (await self.office.open_session(caller, SESSION_LIFETIME, token)).secret

    async def log_out(self, secret: str, *, by: Caller) -> None:
        """End the session *secret*, if it is one."""
        session = await self._find(secret, TokenKind.SESSION)
        if session is not None and session.revoked_at is None:
            await self.office.close_session(session, by=by)

    async def has_admin(self) -> bool:
        """Whether somebody elsewhere could administer this server."""
        return await self.office.tokens.has(Role.ADMIN, at=self.office.clock.now())

    async def _find(self, secret: str, kind: TokenKind) -> Token | None:
        prefix = prefix_of(secret)
        if prefix is None:
            return None
        found: Iterable[Token] = await self.office.tokens.find(prefix)
        return next((one for one in found if one.kind is kind and one.opens_to(secret)), None)

    async def _admit(self, token: Token, whence: Whence, now: datetime) -> Caller:
        over = token.why_over(now)
        if over:
            raise Unauthenticated(f"{token.kind.value} {token.name!r} {over}; {_again(token)}")
        if token.last_used_at is None or now - token.last_used_at >= _NOTE_USE_EVERY:
            await self.office.tokens.used(token.id, at=now)
        how = How.TOKEN if token.kind is TokenKind.TOKEN else How.SESSION
        teams = frozenset(token.teams)
        return Caller(token.name, token.role, how, teams, whence)


def _again(token: Token) -> str:
    return "log in again at /login" if token.kind is TokenKind.SESSION else "ask for a new one"
