"""Times as Kubernetes writes them, and spans as kubectl shows them."""

from datetime import UTC, datetime, timedelta

_MINUTE, _HOUR, _DAY, _YEAR = 60, 3600, 86400, 31536000


def stamp(at: datetime) -> str:
    """Return *at* as `metav1.Time` does: whole seconds, UTC."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_stamp(text: str) -> datetime:
    """Return the time an RFC 3339 *text* means."""
    return datetime.fromisoformat(text)


def span(passed: timedelta) -> str:
    """Return *passed* as kubectl's AGE column does: `48s`, `3m5s`, `7h12m`, `9d`."""
    seconds = int(passed.total_seconds())
    if seconds < 0:
        return "0s" if seconds > -2 else "<invalid>"
    for limit, unit, smaller in (
        (2 * _MINUTE, 1, 0),
        (10 * _MINUTE, _MINUTE, 1),
        (3 * _HOUR, _MINUTE, 0),
        (8 * _HOUR, _HOUR, _MINUTE),
        (2 * _DAY, _HOUR, 0),
        (8 * _DAY, _DAY, _HOUR),
        (2 * _YEAR, _DAY, 0),
        (8 * _YEAR, _YEAR, _DAY),
    ):
        if seconds < limit:
            return _units(seconds, unit, smaller)
    return f"{seconds // _YEAR}y"


def _units(seconds: int, unit: int, smaller: int) -> str:
    names = {1: "s", _MINUTE: "m", _HOUR: "h", _DAY: "d", _YEAR: "y"}
    rest = seconds % unit // smaller if smaller else 0
    return f"{seconds // unit}{names[unit]}" + (f"{rest}{names[smaller]}" if rest else "")


def age_of(text: str | None, now: datetime) -> str:
    """Return how long ago the RFC 3339 *text* was, `<unknown>` without one."""
    return span(now - parse_stamp(text)) if text else "<unknown>"
