"""The store in memory, as `fist investigate` uses it, for tests."""

from punchingfist.adapters.store.memory import (
    MemoryArtifacts,
    MemoryDeliveries,
    MemoryExecutions,
    MemoryIncidents,
    MemoryStore,
    MemoryTimeline,
)

__all__ = [
    "MemoryArtifacts",
    "MemoryDeliveries",
    "MemoryExecutions",
    "MemoryIncidents",
    "MemoryStore",
    "MemoryTimeline",
]
