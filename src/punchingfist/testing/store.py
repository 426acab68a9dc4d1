"""The store in memory, as `fist investigate` uses it, for tests."""

from punchingfist.adapters.store.memory import (
    MemoryArtifacts,
    MemoryDeliveries,
    MemoryExecutions,
    MemoryIncidents,
    MemoryStore,
    MemoryTimeline,
)
from punchingfist.adapters.store.memory_door import MemoryAudit, MemoryTokens

__all__ = [
    "MemoryArtifacts",
    "MemoryAudit",
    "MemoryDeliveries",
    "MemoryExecutions",
    "MemoryIncidents",
    "MemoryStore",
    "MemoryTimeline",
    "MemoryTokens",
]
