"""Amounts and moments as Kubernetes writes them."""

from datetime import UTC, datetime
from typing import Final

_SUFFIXES: Final = {
    "m": 1e-3, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15,
    "Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40, "Pi": 2**50,
}  # fmt: skip


def parse_quantity(text: object) -> float | None:
    """Return `512Mi` as bytes, `250m` as cores; None when it is no quantity."""
    word = str(text)
    for length in (2, 1):
        factor = _SUFFIXES.get(word[-length:])
        if factor is not None:
            word = word[:-length]
            break
    else:
        factor = 1.0
    try:
        return float(word) * factor
    except ValueError:
        return None


def render_bytes(amount: float) -> str:
    """Return bytes as a person writes a memory limit: `512Mi`, `1.5Gi`."""
    for suffix in ("Gi", "Mi", "Ki"):
        if amount >= _SUFFIXES[suffix]:
            return f"{_rounded(amount / _SUFFIXES[suffix]):g}{suffix}"
    return f"{amount:g}"


def render_seconds(amount: float) -> str:
    """Return a short span as people say it: `120 ms`, `2.1 s`."""
    return f"{amount * 1000:.0f} ms" if amount < 1 else f"{amount:.1f} s"


def render_rise(before: float, now: float) -> str:
    """Return how a short span grew, as briefly as can be: `6→310 ms`, `99 ms→2.0 s`."""
    first, second = render_seconds(before), render_seconds(now)
    if first.split()[1] == second.split()[1]:
        first = first.split()[0]
    return f"{first}→{second}"


def render_share(share: float) -> str:
    """Return a share of 1 as people say it: `95 %`."""
    return f"{share * 100:.0f} %"


def double_memory(amount: float) -> str:
    """Return twice *amount* as an exact limit Kubernetes takes."""
    twice = int(amount * 2)
    for suffix in ("Gi", "Mi", "Ki"):
        if twice % _SUFFIXES[suffix] == 0:
            return f"{twice // int(_SUFFIXES[suffix])}{suffix}"
    return str(twice)


def _rounded(amount: float) -> float:
    return round(amount) if amount >= 100 else round(amount, 1)


def parse_time(text: object) -> datetime | None:
    """Return an RFC 3339 moment as aware UTC; None when it is no moment."""
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
