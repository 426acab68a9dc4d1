"""The machine's own clock and identifiers."""

from datetime import UTC, datetime


class SystemClock:
    """The present, as the machine knows it."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class UuidIds:
    """UUIDv7: sortable by time, unique without asking anybody."""

    def new(self) -> str:
        import uuid_utils

        return str(uuid_utils.uuid7())
