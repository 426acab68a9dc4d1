"""Who is asking, and what a role may do."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from punchingfist.errors import Refused


class Role(StrEnum):
    """What somebody may do; each role may do all that the ones before it may."""

    VIEWER = "viewer"
    RESPONDER = "responder"
    APPROVER = "approver"
    ADMIN = "admin"

    def includes(self, other: "Role") -> bool:
        """Whether whoever has this role may do what *other* may."""
        return _ORDER.index(self) >= _ORDER.index(other)


_ORDER: Final = tuple(Role)

MAY: Final = {
    Role.VIEWER: "read incidents, alerts, evidence and metrics",
    Role.RESPONDER: "acknowledge, note, silence and start investigations",
    Role.APPROVER: "answer approval gates",
    Role.ADMIN: "issue and revoke tokens, read the audit trail",
}
"""What each role adds to the one before it."""


class How(StrEnum):
    """What somebody showed at the door."""

    TOKEN = "token"  # noqa: S105 - the word, not a value
    SESSION = "session"
    LOOPBACK = "loopback"
    OWNER = "owner"
    SHELL = "shell"
    SERVER = "server"


@dataclass(frozen=True, slots=True)
class Whence:
    """Where a request came from, and its name; both empty when no network was between."""

    address: str = ""
    request_id: str = ""


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody whose identity was checked; no *teams* means every team."""

    name: str
    role: Role
    how: How
    teams: frozenset[str] = frozenset()
    whence: Whence = Whence()

    def must_be(self, role: Role) -> None:
        """
        Return when this caller may do what *role* may.

        Raises:
            Refused: names the role that is missing and how to come by it.
        """
        if not self.role.includes(role):
            raise Refused(
                f"{self.name!r} is {self.role.value} and this needs {role.value}; "
                f"log in with a token of that role (fist token create NAME --role {role.value})"
            )

    def must_be_of(self, team: str) -> None:
        """
        Return when this caller may act for *team*; what belongs to no team is everybody's.

        Raises:
            Refused: names both sides.
        """
        if team and self.teams and team not in self.teams:
            teams = ", ".join(sorted(self.teams))
            raise Refused(f"{self.name!r} acts for {teams}; this belongs to team {team!r}")


SERVER: Final = Caller("punchingfist", Role.ADMIN, How.SERVER)
"""What we do unasked, in the audit trail."""
