"""The durable engine to test flows with: the one that needs no database."""

from punchingfist.adapters.durable.memory import MemoryDurable

__all__ = ["MemoryDurable"]
