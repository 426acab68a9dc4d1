"""API tokens and console sessions: what is kept of them, and when they open nothing any more."""

import hashlib
import hmac
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from punchingfist.domain.durations import parse_duration
from punchingfist.domain.identity import Role
from punchingfist.domain.json import Json
from punchingfist.errors import InvalidInput

MARK: Final = "pf_"
"""What every secret of ours begins with, so that scanners and people recognise it."""

_SECRET = re.compile(rf"{MARK}[A-Za-z0-9_-]{{43}}")
_PREFIX_LENGTH = len(MARK) + 8
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,62}")
_TEAM = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")
_DAYS = re.compile(r"([0-9]{1,4})d")


class TokenKind(StrEnum):
    """A token is sent by programs; a session is a browser's and ends by itself."""

    TOKEN = "token"  # noqa: S105 - the word, not a value
    SESSION = "session"


@dataclass(frozen=True, slots=True)
class Token:
    """
    What is kept of a token: enough to know it again, not to make it.

    *prefix* is the beginning of the secret, by which it is found; *digest* is
    the SHA-256 of the whole. A session's *parent* is the token it was opened
    with and ends with; None when it came from the one-time URL.
    """

    id: str
    kind: TokenKind
    name: str
    role: Role
    teams: tuple[str, ...]
    prefix: str
    digest: str = field(repr=False)
    created_at: datetime
    created_by: str
    expires_at: datetime | None = None
    parent: str | None = None
    revoked_at: datetime | None = None
    last_used_at: datetime | None = None

    def opens_to(self, secret: str) -> bool:
        """Whether *secret* is this token's; takes the same time wherever two differ."""
        return hmac.compare_digest(self.digest, digest_secret(secret))

    def why_over(self, now: datetime) -> str:
        """Return why it opens nothing any more; empty while it does."""
        if self.revoked_at is not None:
            return "was revoked"
        if self.expires_at is not None and self.expires_at <= now:
            return "has expired"
        return ""

    def to_json(self) -> dict[str, Json]:
        """Return what people may see of it."""
        return {
            "id": self.id,
            "kind": self.kind.value,
            "name": self.name,
            "role": self.role.value,
            "teams": list(self.teams),
            "prefix": self.prefix,
            "created_at": _iso(self.created_at),
            "created_by": self.created_by,
            "expires_at": _iso(self.expires_at),
            "revoked_at": _iso(self.revoked_at),
            "last_used_at": _iso(self.last_used_at),
        }


def prefix_of(secret: str) -> str | None:
    """Return the part by which *secret* is found; None when it is no secret of ours."""
    return secret[:_PREFIX_LENGTH] if _SECRET.fullmatch(secret) else None


def digest_secret(secret: str) -> str:
    """Return what is stored in place of *secret*: 256 random bits need no salt and no stretching."""
    return hashlib.sha256(secret.encode()).hexdigest()


def check_name(name: str) -> str:
    """Return *name*, which goes into logs, tables and commands, or raise `InvalidInput`."""
    if not _NAME.fullmatch(name):
        raise InvalidInput(
            f"token name {name!r} is not possible; use up to 63 letters, digits and . _ @ -, "
            "beginning with a letter or a digit",
            field="name",
            value=name,
        )
    return name


def check_teams(teams: tuple[str, ...]) -> tuple[str, ...]:
    """Return *teams* sorted and once each, or raise `InvalidInput`."""
    for team in teams:
        if not _TEAM.fullmatch(team):
            raise InvalidInput(
                f"team {team!r} is not possible; use up to 63 letters, digits and . _ -",
                field="teams",
                value=team,
            )
    return tuple(sorted(set(teams)))


def parse_lifetime(text: str) -> timedelta:
    """
    Read `90d`, or any duration.

    Raises:
        InvalidInput: it is not understood, or no time at all.
    """
    days = _DAYS.fullmatch(text)
    lifetime = timedelta(days=int(days[1])) if days else parse_duration(text)
    if not timedelta() < lifetime <= timedelta(days=3650):
        raise InvalidInput(
            f"lifetime {text!r} is not possible; use up to ten years, such as 90d or 12h",
            field="expires",
            value=text,
        )
    return lifetime


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
