import asyncio

from hypothesis import given
from hypothesis import strategies as st

from punchingfist.adapters.pacing import READS, Turns
from punchingfist.domain.guardrails.pace import Bucket, Pace


class Watch:
    """A clock that moves only when somebody sleeps."""

    def __init__(self) -> None:
        self.seconds, self.slept = 100.0, list[float]()

    def now(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        await asyncio.sleep(0)


async def test_ten_at_once_and_five_a_second_from_then_on() -> None:
    watch = Watch()
    turns = Turns(READS, seconds=watch.now, sleep=watch.sleep)
    await asyncio.gather(*(turns.take() for _ in range(13)))

    assert [round(seconds, 6) for seconds in watch.slept] == [0.2, 0.4, 0.6]


async def test_turns_come_back_with_time() -> None:
    watch = Watch()
    turns = Turns(READS, seconds=watch.now, sleep=watch.sleep)
    for _ in range(10):
        await turns.take()
    watch.seconds += 1
    for _ in range(5):
        await turns.take()

    assert watch.slept == []


async def test_a_long_rest_gives_no_more_than_a_burst() -> None:
    watch = Watch()
    turns = Turns(READS, seconds=watch.now, sleep=watch.sleep)
    watch.seconds += 3600
    for _ in range(11):
        await turns.take()

    assert len(watch.slept) == 1


@given(st.lists(st.floats(0, 3), min_size=1, max_size=60))
def test_no_stretch_of_time_sees_more_than_burst_and_rate_allow(gaps: list[float]) -> None:
    pace, bucket, now, starts = Pace(5, 10), Bucket(10, 0), 0.0, []
    for gap in gaps:
        now += gap
        bucket, wait = bucket.take(pace, now=now)
        starts.append(now + wait)

    for first, start in enumerate(starts):
        later = [one for one in starts[first:] if one <= start + 2]
        assert len(later) <= 10 + 2 * 5 + 1
