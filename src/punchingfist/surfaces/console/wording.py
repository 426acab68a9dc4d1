"""Times, sizes and links as people read them."""

from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

_STEPS = ((86_400, "d"), (3600, "h"), (60, "min"))


def utc(at: datetime) -> str:
    """Return `2024-05-01 12:00 UTC`."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def utc_seconds(at: datetime) -> str:
    """Return `12:00:00`, for lists whose reader knows the day."""
    return f"{at.astimezone(UTC):%H:%M:%S}"


def iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def parse_instant(text: str) -> datetime | None:
    """Return the instant an RFC 3339 *text* names, None when it names none."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def ago(at: datetime, now: datetime) -> str:
    """Return how long *at* is past, in the two largest units that matter: `1 h 5 min ago`."""
    return f"{span(now - at)} ago" if now - at >= timedelta(minutes=1) else "just now"


def span(length: timedelta) -> str:
    """Return `45 s`, `12 min`, `1 h 5 min` or `2 d 3 h`."""
    left = max(int(length.total_seconds()), 0)
    for size, (unit_seconds, unit) in enumerate(_STEPS):
        if left >= unit_seconds:
            whole, rest = divmod(left, unit_seconds)
            smaller = _STEPS[size + 1 : size + 2]
            parts = [f"{whole} {unit}"]
            if smaller and rest >= smaller[0][0]:
                parts.append(f"{rest // smaller[0][0]} {smaller[0][1]}")
            return " ".join(parts)
    return f"{left} s"


def seconds(value: float) -> str:
    """Return `40 ms`, `1.2 s` or `2 min`."""
    if value < 1:
        return f"{value * 1000:.0f} ms"
    return f"{value:.1f} s" if value < 60 else span(timedelta(seconds=value))


def size(count: int) -> str:
    """Return `812 B`, `3.4 kB` or `8.0 MB`."""
    if count < 1000:
        return f"{count} B"
    return f"{count / 1000:.1f} kB" if count < 1_000_000 else f"{count / 1_000_000:.1f} MB"


def web_link(url: str) -> str:
    """Return *url* if a browser may follow it, else nothing: an alert may carry `javascript:`."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return ""
    return url.strip() if parts.scheme in {"http", "https"} and parts.netloc else ""


FILTERS = {
    "utc": utc,
    "utc_seconds": utc_seconds,
    "iso": iso,
    "ago": ago,
    "span": span,
    "seconds": seconds,
    "size": size,
}
