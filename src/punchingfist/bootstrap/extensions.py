"""Every extension there is, collected once."""

from collections.abc import Mapping
from dataclasses import dataclass

from punchingfist.bootstrap.collect import collect
from punchingfist.domain.investigation.rules import Rule
from punchingfist.domain.resources.known_types import KnownTypes
from punchingfist.domain.resources.sources import TRIGGER_CONFIGS
from punchingfist.operations.workbench import StepType
from punchingfist.ports.sink import SinkType
from punchingfist.ports.source import SourceType, WebhookFormat
from punchingfist.ports.tool import ToolType


@dataclass(frozen=True, slots=True)
class Extensions:
    """By kind, then by the name people write."""

    sources: Mapping[str, SourceType]
    formats: Mapping[str, WebhookFormat]
    sinks: Mapping[str, SinkType]
    steps: Mapping[str, StepType]
    tools: Mapping[str, ToolType]
    rules: Mapping[str, Rule]

    @property
    def known(self) -> KnownTypes:
        """What resources may name."""
        return KnownTypes(
            sources={name: source.config for name, source in self.sources.items()}
            | dict(TRIGGER_CONFIGS),
            formats=frozenset(self.formats),
            sinks={name: sink.config for name, sink in self.sinks.items()},
            steps=frozenset(self.steps),
            tools=frozenset(self.tools),
        )


def collect_extensions() -> Extensions:
    """Import every extension of ours, and those others publish."""
    return Extensions(
        sources=collect("sources", "SOURCE", SourceType),
        formats=collect("sources", "FORMAT", WebhookFormat, group="formats"),
        sinks=collect("sinks", "SINK", SinkType),
        steps=collect("steps", "STEP", StepType),
        tools=collect("tools", "TOOL", ToolType),
        rules=collect("rules", "RULE", Rule),
    )
