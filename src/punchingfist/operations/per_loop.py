"""One thing for each running event loop, made when it is first needed there."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

T = TypeVar("T")


class PerLoop(Generic[T]):
    """
    Connections and locks belong to the loop they were first used in.

    The server and the durable engine each run a loop of their own, and one
    object serves both.
    """

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._made: WeakKeyDictionary[asyncio.AbstractEventLoop, T] = WeakKeyDictionary()

    def get(self) -> T:
        """Return the running loop's own."""
        loop = asyncio.get_running_loop()
        if loop not in self._made:
            self._made[loop] = self._make()
        return self._made[loop]

    async def close(self, close: Callable[[T], Coroutine[None, None, None]]) -> None:
        """
        Close each one in the loop it belongs to, and forget them all.

        One whose loop has ended went with it.
        """
        made, here = list(self._made.items()), asyncio.get_running_loop()
        self._made.clear()
        for loop, thing in made:
            if loop is here:
                await close(thing)
            elif loop.is_running():
                await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(close(thing), loop))
