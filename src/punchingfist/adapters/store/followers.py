"""Waking those who wait for new rows, from whatever thread committed them."""

import asyncio
import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager


class Followers:
    """Who waits for which subject; waiting and waking may happen in different event loops."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: defaultdict[str, set[_Follower]] = defaultdict(set)

    @contextmanager
    def following(self, subject_id: str) -> Iterator[asyncio.Event]:
        """Give an event that is set whenever *subject_id* has new rows."""
        follower = _Follower(asyncio.get_running_loop(), asyncio.Event())
        with self._lock:
            self._waiting[subject_id].add(follower)
        try:
            yield follower.news
        finally:
            with self._lock:
                self._waiting[subject_id].discard(follower)
                if not self._waiting[subject_id]:
                    del self._waiting[subject_id]

    def wake(self, subject_ids: Iterable[str]) -> None:
        """Tell everybody who follows one of *subject_ids* to look again."""
        with self._lock:
            found = [one for name in subject_ids for one in self._waiting.get(name, ())]
        for follower in found:
            follower.wake()


class _Follower:
    """One event and the loop it belongs to."""

    def __init__(self, loop: asyncio.AbstractEventLoop, news: asyncio.Event) -> None:
        self.loop, self.news = loop, news

    def wake(self) -> None:
        if not self.loop.is_closed():
            self.loop.call_soon_threadsafe(self.news.set)
