"""The resources an installation runs with."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from punchingfist.domain.resources.operator_config import OperatorConfig
from punchingfist.domain.resources.sinks import Sink
from punchingfist.domain.resources.sources import Source
from punchingfist.domain.resources.status import AVAILABLE, Condition
from punchingfist.domain.resources.workflows import Workflow


@dataclass(frozen=True, slots=True)
class Resources:
    """Every resource by name, and what is known about each."""

    sources: Mapping[str, Source] = field(default_factory=dict)
    workflows: Mapping[str, Workflow] = field(default_factory=dict)
    sinks: Mapping[str, Sink] = field(default_factory=dict)
    config: OperatorConfig | None = None
    conditions: tuple[Condition, ...] = ()

    def conditions_of(self, kind: str, name: str) -> tuple[Condition, ...]:
        return tuple(each for each in self.conditions if (each.kind, each.name) == (kind, name))

    def is_available(self, kind: str, name: str) -> bool:
        """Tell whether everything the resource needs is there in this release."""
        return all(
            each.status == "True"
            for each in self.conditions_of(kind, name)
            if each.type == AVAILABLE
        )
