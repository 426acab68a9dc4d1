"""Take alerts in: filter them, commit many requests at once, answer when it is safe."""

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from punchingfist.domain.alerts import Alert
from punchingfist.domain.decisions import Policy
from punchingfist.domain.guardrails.redaction_alerts import redact_alert
from punchingfist.errors import Unavailable
from punchingfist.ports.clock import Clock
from punchingfist.ports.durable import Start
from punchingfist.ports.intake import Arrival, Intake, Taken, Trigger

BATCH_ROWS = 500
MOST_WAITING = 20_000
_RETRY_AFTER_SECONDS = 2.0
_LITTLE_CHARACTERS = 32 * 1024  # more is searched for secrets in a thread


def accepts_all(labels: Mapping[str, str]) -> bool:
    """Let every alert in."""
    return True


@dataclass(frozen=True, slots=True)
class ActiveSource:
    """
    A source as it stands.

    *accepts* tells by its labels whether an alert is let in. *trigger* is
    None, for the reason given, when the source can start nothing; *policy*
    says which alerts may start it.
    """

    name: str
    accepts: Callable[[Mapping[str, str]], bool] = accepts_all
    trigger: Trigger | None = None
    why_no_trigger: str = ""
    policy: Policy = field(default_factory=Policy)


@dataclass(frozen=True, slots=True)
class Received:
    """What became of one request: *filtered* alerts were not for this source, the rest was taken."""

    taken: tuple[Taken, ...]
    filtered: int

    @property
    def counts(self) -> dict[str, int]:
        """How many of each change, of `filtered` and of `refused` alerts; only what there was."""
        found = Counter("refused" if one.refused else one.change.value for one in self.taken)
        found["filtered"] = self.filtered
        return {name: count for name, count in sorted(found.items()) if count}


@dataclass(slots=True)
class _Waiting:
    arrivals: Sequence[Arrival]
    committed: asyncio.Future[list[Taken]]


class Receiver:
    """
    Gathers what arrives while a commit is under way and commits it next, all together.

    So a lone alert waits for nothing and a storm costs one commit for every
    `BATCH_ROWS` alerts. A caller that gives up does not take its alerts back.
    """

    def __init__(
        self,
        intake: Intake,
        clock: Clock,
        enqueue: Callable[[Any, Start], None],
        *,
        redact: Callable[[str], str] = str,
        most_waiting: int = MOST_WAITING,
        count: Callable[[str, int], None] | None = None,
    ) -> None:
        """*count* is told the source and how many of its alerts were committed."""
        self._intake, self._clock, self._enqueue = intake, clock, enqueue
        self._redact, self._most_waiting, self._count = redact, most_waiting, count
        self._queue: deque[_Waiting] = deque()
        self._rows = 0
        self._committing: asyncio.Task[None] | None = None
        self._closed = False

    async def receive(self, source: ActiveSource, alerts: Sequence[Alert]) -> Received:
        """
        Return what became of *alerts*, once it is committed.

        Raises:
            Unavailable: too much is waiting, or the database is in trouble;
                some may be committed, and sending all of them again is right.
        """
        if _is_little(alerts):
            arrivals = self._arrivals(source, alerts)
        else:
            arrivals = await asyncio.to_thread(self._arrivals, source, alerts)
        filtered = len(alerts) - len(arrivals)
        if not arrivals:
            return Received((), filtered)
        self._make_room(len(arrivals))
        parts = [
            self._enter(arrivals[at : at + BATCH_ROWS])
            for at in range(0, len(arrivals), BATCH_ROWS)
        ]
        if self._committing is None:
            self._committing = asyncio.create_task(self._commit_all(), name="receive")
        results = await asyncio.gather(*parts)
        taken = tuple(one for part in results for one in part)
        if self._count is not None:
            self._count(source.name, sum(one.refused is None for one in taken))
        return Received(taken, filtered)

    def _arrivals(self, source: ActiveSource, alerts: Sequence[Alert]) -> list[Arrival]:
        return [
            Arrival(
                source.name,
                redact_alert(alert, self._redact),
                source.trigger,
                source.why_no_trigger,
                source.policy,
            )
            for alert in alerts
            if source.accepts(alert.labels)
        ]

    async def close(self) -> None:
        """Take nothing more and commit what is waiting."""
        self._closed = True
        if self._committing:
            await self._committing

    def _make_room(self, rows: int) -> None:
        if self._closed:
            raise Unavailable(
                "the server is stopping; send the alerts again",
                retry_after_seconds=_RETRY_AFTER_SECONDS,
            )
        # A request larger than the whole queue still gets its turn when the queue is empty.
        if self._rows and self._rows + rows > self._most_waiting:
            raise Unavailable(
                f"{self._rows} alerts wait to be stored; send these again",
                retry_after_seconds=_RETRY_AFTER_SECONDS,
            )

    def _enter(self, arrivals: Sequence[Arrival]) -> asyncio.Future[list[Taken]]:
        waiting = _Waiting(arrivals, asyncio.get_running_loop().create_future())
        self._queue.append(waiting)
        self._rows += len(arrivals)
        return waiting.committed

    async def _commit_all(self) -> None:
        try:
            while self._queue:
                await self._commit(self._next_batch())
        finally:
            self._committing = None

    def _next_batch(self) -> list[_Waiting]:
        batch = [self._queue.popleft()]
        rows = len(batch[0].arrivals)
        while self._queue and rows + len(self._queue[0].arrivals) <= BATCH_ROWS:
            batch.append(self._queue.popleft())
            rows += len(batch[-1].arrivals)
        return batch

    async def _commit(self, batch: Sequence[_Waiting]) -> None:
        arrivals = [arrival for one in batch for arrival in one.arrivals]
        try:
            taken = await self._intake.take_in(
                arrivals, at=self._clock.now(), enqueue=self._enqueue
            )
        except Exception as trouble:  # noqa: BLE001  # every waiting request is told
            for one in batch:
                if not one.committed.done():
                    one.committed.set_exception(trouble)
        else:
            results = iter(taken)
            for one in batch:
                theirs = [next(results) for _ in one.arrivals]
                if not one.committed.done():
                    one.committed.set_result(theirs)
        finally:
            self._rows -= len(arrivals)


def _is_little(alerts: Sequence[Alert]) -> bool:
    texts = (one for alert in alerts for one in (alert.labels, alert.annotations))
    return sum(len(value) for one in texts for value in one.values()) <= _LITTLE_CHARACTERS
