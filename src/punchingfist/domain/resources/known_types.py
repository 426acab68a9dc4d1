"""What this installation can run."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class KnownTypes:
    """
    Names of the types there is code for; sources and sinks with the model of their `config`.

    *formats* are the shapes of bodies that webhook sources read.

    Types the format knows and these do not load as well, and are reported as
    not available yet.
    """

    sources: Mapping[str, type[Any]] = field(default_factory=dict)
    formats: frozenset[str] = frozenset({"alertmanager"})
    sinks: Mapping[str, type[Any]] = field(default_factory=dict)
    steps: frozenset[str] = frozenset()
    tools: frozenset[str] = frozenset()


STEP_TYPES = frozenset({"cli", "agent", "conditional"})
TOOL_NAMES = frozenset({"kubectl", "promql", "curl"})
