"""The machine's own clock and identifiers."""

import getpass
import secrets
from datetime import UTC, datetime

from punchingfist.domain.tokens import MARK


class SystemClock:
    """The present, as the machine knows it."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class SystemSecrets:
    """New secrets of our own, from the machine's source of randomness."""

    def new(self) -> str:
        return MARK + secrets.token_urlsafe(32)


class UuidIds:
    """UUIDv7: sortable by time, unique without asking anybody."""

    def new(self) -> str:
        import uuid_utils

        return str(uuid_utils.uuid7())


def user_name() -> str:
    """Return who runs this process, as the machine knows them."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user need not have a name
        return "unknown"
