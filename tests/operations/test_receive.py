import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from punchingfist.domain.alerts import Alert, Change
from punchingfist.domain.guardrails.redaction import Redactor
from punchingfist.errors import InvalidInput, Unavailable
from punchingfist.operations.receive import BATCH_ROWS, ActiveSource, Receiver
from punchingfist.ports.durable import Start
from punchingfist.ports.intake import Arrival, Taken
from tests.arrivals import NOW, TRIAGE, Started, firing

PROD = ActiveSource("prod", trigger=TRIAGE)


class FixedClock:
    def now(self) -> datetime:
        return NOW


class SlowIntake:
    """Commits when it is told to, and remembers the batches."""

    def __init__(self) -> None:
        self.batches: list[list[Arrival]] = []
        self.may_commit = asyncio.Event()
        self.began = asyncio.Event()
        self.trouble: Exception | None = None

    async def take_in(
        self, batch: Sequence[Arrival], *, at: datetime, enqueue: Callable[[Any, Start], None]
    ) -> list[Taken]:
        self.batches.append(list(batch))
        self.began.set()
        await self.may_commit.wait()
        if self.trouble:
            raise self.trouble
        return [self._taken(one.alert) for one in batch]

    def _taken(self, alert: Alert) -> Taken:
        refused = InvalidInput("bad") if alert.name == "Bad" else None
        change = Change.NOTHING if refused else Change.OPENED
        return Taken(alert.fingerprint, change, "", None, None, None, refused)

    @property
    def sizes(self) -> list[int]:
        return [len(batch) for batch in self.batches]


@pytest.fixture
def intake() -> SlowIntake:
    return SlowIntake()


@pytest.fixture
def receiver(intake: SlowIntake) -> Receiver:
    return Receiver(intake, FixedClock(), Started(), most_waiting=1000)


def alerts(count: int, name: str = "A") -> list[Alert]:
    return [firing(f"{name}{at}") for at in range(count)]


async def test_the_answer_waits_for_the_commit(intake: SlowIntake, receiver: Receiver) -> None:
    waiting = asyncio.create_task(receiver.receive(PROD, alerts(2)))
    await intake.began.wait()
    assert not waiting.done()

    intake.may_commit.set()

    received = await waiting
    assert received.counts == {"opened": 2}
    assert intake.batches[0][0].trigger is TRIAGE


@pytest.mark.parametrize("characters", [10, 100_000])
async def test_a_secret_in_an_alert_is_never_handed_to_the_store(
    intake: SlowIntake, characters: int
) -> None:
    receiver = Receiver(intake, FixedClock(), Started(), redact=Redactor())
    intake.may_commit.set()
    text = f"password=hunter2secret {'x' * characters}"

    await receiver.receive(PROD, [replace(firing("A"), annotations={"text": text})])

    stored = intake.batches[0][0].alert
    assert stored.annotations["text"].startswith("password=[redacted] x")


async def test_what_arrives_during_a_commit_is_committed_together(
    intake: SlowIntake, receiver: Receiver
) -> None:
    requests = [asyncio.create_task(receiver.receive(PROD, alerts(1, "first")))]
    await intake.began.wait()
    requests += [asyncio.create_task(receiver.receive(PROD, alerts(2, str(at)))) for at in range(9)]
    await asyncio.sleep(0)

    intake.may_commit.set()
    answers = await asyncio.gather(*requests)

    assert intake.sizes == [1, 18]
    assert answers[3].taken[0].fingerprint == firing("20").fingerprint


async def test_a_large_request_is_committed_in_parts(
    intake: SlowIntake, receiver: Receiver
) -> None:
    intake.may_commit.set()

    received = await receiver.receive(PROD, alerts(2 * BATCH_ROWS + 1))

    assert intake.sizes == [BATCH_ROWS, BATCH_ROWS, 1]
    assert received.counts == {"opened": 2 * BATCH_ROWS + 1}


async def test_too_much_waiting_is_unavailable_at_once(
    intake: SlowIntake, receiver: Receiver
) -> None:
    waiting = asyncio.create_task(receiver.receive(PROD, alerts(900)))
    await intake.began.wait()

    with pytest.raises(Unavailable, match="900 alerts wait") as overload:
        await receiver.receive(PROD, alerts(101))

    assert overload.value.retry_after_seconds
    intake.may_commit.set()
    await waiting
    assert (await receiver.receive(PROD, alerts(101))).counts == {"opened": 101}


async def test_a_request_larger_than_the_queue_is_taken_when_nothing_waits(
    intake: SlowIntake, receiver: Receiver
) -> None:
    intake.may_commit.set()

    assert (await receiver.receive(PROD, alerts(1001))).counts == {"opened": 1001}


async def test_database_trouble_reaches_everybody_who_waits_and_then_passes(
    intake: SlowIntake, receiver: Receiver
) -> None:
    intake.trouble = Unavailable("the database is away")
    intake.may_commit.set()
    both = await asyncio.gather(
        receiver.receive(PROD, alerts(1, "a")),
        receiver.receive(PROD, alerts(1, "b")),
        return_exceptions=True,
    )

    intake.trouble = None

    assert [type(one) for one in both] == [Unavailable, Unavailable]
    assert (await receiver.receive(PROD, alerts(1))).counts == {"opened": 1}


async def test_a_caller_that_gives_up_leaves_its_alerts_to_be_committed(
    intake: SlowIntake, receiver: Receiver
) -> None:
    gone = asyncio.create_task(receiver.receive(PROD, alerts(1, "gone")))
    await intake.began.wait()
    stays = asyncio.create_task(receiver.receive(PROD, alerts(1, "stays")))
    await asyncio.sleep(0)

    gone.cancel()
    intake.may_commit.set()

    assert (await stays).counts == {"opened": 1}
    assert intake.sizes == [1, 1]
    assert gone.cancelled()


async def test_closing_commits_what_waits_and_takes_nothing_more(
    intake: SlowIntake, receiver: Receiver
) -> None:
    first = asyncio.create_task(receiver.receive(PROD, alerts(1, "a")))
    await intake.began.wait()
    second = asyncio.create_task(receiver.receive(PROD, alerts(1, "b")))
    await asyncio.sleep(0)
    closing = asyncio.create_task(receiver.close())
    await asyncio.sleep(0)

    with pytest.raises(Unavailable, match="stopping"):
        await receiver.receive(PROD, alerts(1, "c"))
    intake.may_commit.set()
    await closing

    assert first.done()
    assert (await second).counts == {"opened": 1}


async def test_alerts_that_are_not_for_the_source_are_counted_and_left(
    intake: SlowIntake, receiver: Receiver
) -> None:
    intake.may_commit.set()
    only_a = ActiveSource("prod", accepts=lambda labels: labels["alertname"] == "A0")

    some = await receiver.receive(only_a, alerts(3))
    none = await receiver.receive(only_a, alerts(3)[1:])

    assert some.counts == {"opened": 1, "filtered": 2}
    assert none.counts == {"filtered": 2}
    assert intake.sizes == [1]


async def test_a_refused_alert_is_counted_beside_its_neighbours(
    intake: SlowIntake, receiver: Receiver
) -> None:
    intake.may_commit.set()

    received = await receiver.receive(PROD, [firing(), firing("Bad")])

    assert received.counts == {"opened": 1, "refused": 1}
