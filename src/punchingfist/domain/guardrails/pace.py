"""How fast the world may be asked: a bucket of turns that refills with time."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pace:
    """At most *burst* turns at once and *per_second* in the long run."""

    per_second: float
    burst: int


@dataclass(frozen=True, slots=True)
class Bucket:
    """*turns* were left at *at*, in seconds of any steady clock; below zero, people are waiting."""

    turns: float
    at: float

    def take(self, pace: Pace, *, now: float) -> tuple["Bucket", float]:
        """Return the bucket with one turn less, and the seconds to wait for that turn."""
        refilled = self.turns + max(0.0, now - self.at) * pace.per_second
        left = min(float(pace.burst), refilled) - 1
        return Bucket(left, now), max(0.0, -left / pace.per_second)
