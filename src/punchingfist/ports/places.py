"""How far a source has read."""

from typing import Protocol

from punchingfist.domain.json import JsonObject


class Places(Protocol):
    """One small document a source: what it has taken already, so that a restart goes on there."""

    async def find(self, source: str) -> JsonObject | None:
        """Return what was kept last for *source*, None when it never read."""
        ...

    async def keep(self, source: str, place: JsonObject) -> None:
        """Put *place* where the last one was."""
        ...
