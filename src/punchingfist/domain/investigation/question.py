"""What an investigation is asked."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Self

from punchingfist.domain.json import JsonObject


@dataclass(frozen=True, slots=True)
class Question:
    """
    One thing to find out: an alert (its name, labels, annotations) or free *text*.

    *at* is the moment the trouble was reported and the end of every look
    back; *goal* is the workflow step's own text.
    """

    goal: str
    alert_name: str
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    at: datetime
    starts_at: datetime | None = None
    text: str = ""
    namespace: str = ""
    other_alerts: tuple[Mapping[str, str], ...] = field(default=())

    def to_json(self) -> JsonObject:
        started = self.starts_at.isoformat() if self.starts_at else None
        return asdict(self) | {"at": self.at.isoformat(), "starts_at": started}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        fields = dict(value)
        fields["at"] = datetime.fromisoformat(value["at"])
        started = value["starts_at"]
        fields["starts_at"] = datetime.fromisoformat(started) if started else None
        fields["other_alerts"] = tuple(value["other_alerts"])
        return cls(**fields)
