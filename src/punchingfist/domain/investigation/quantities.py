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
            return f"{round(amount / _SUFFIXES[suffix], 1):g}{suffix}"
    return f"{amount:g}"


def render_cores(amount: float) -> str:
    """Return cores as a CPU limit is written: `2`, `500m`."""
    return f"{amount:g}" if amount == int(amount) else f"{round(amount * 1000)}m"


def render_seconds(amount: float) -> str:
    """Return a short span as people say it: `120 ms`, `2.1 s`."""
    return f"{amount * 1000:.0f} ms" if amount < 1 else f"{amount:.1f} s"


def double_memory(amount: float) -> str:
    """Return twice *amount* as an exact limit Kubernetes takes."""
    twice = int(amount * 2)
    for suffix in ("Gi", "Mi", "Ki"):
        if twice % _SUFFIXES[suffix] == 0:
            return f"{twice // int(_SUFFIXES[suffix])}{suffix}"
    return str(twice)


def parse_time(text: object) -> datetime | None:
    """Return an RFC 3339 moment as aware UTC; None when it is no moment."""
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
