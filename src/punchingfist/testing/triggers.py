"""The store of sources that are not posted to, for tests."""

from punchingfist.adapters.store.memory_triggers import MemoryPlaces, MemoryStarts

__all__ = ["MemoryPlaces", "MemoryStarts"]
