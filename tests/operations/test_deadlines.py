import asyncio
from datetime import timedelta

import pytest

from punchingfist.domain.json import Json, JsonObject
from punchingfist.operations.deadlines import UntilDeadline
from punchingfist.ports.durable import Ctx, Ended, Start, StepError
from punchingfist.testing.durable import MemoryDurable
from tests.operations.practice_bench import NOW, TickingClock


async def hang() -> Json:
    await asyncio.Event().wait()
    return "never"


async def quick() -> Json:
    return "done"


async def give_up_by_itself() -> Json:
    raise TimeoutError("the peer did not answer")


async def ended_with(body: object, *, seconds_left: float) -> Ended:
    """Run *body* as a step with so much time; the clock itself takes a second to look at."""

    async def flow(ctx: Ctx, payload: JsonObject) -> Json:
        deadline = NOW + timedelta(seconds=1 + seconds_left)
        bounded = UntilDeadline(ctx, deadline, TickingClock())
        try:
            return await bounded.step("step", body)  # type: ignore[arg-type,no-any-return]
        except StepError as error:
            return [error.code, str(error)]

    durable = MemoryDurable()
    await durable.launch({"flow": flow})
    await durable.start(Start("f1", "flow", {}))
    ended = await durable.ended("f1")
    await durable.close()
    return ended


async def test_a_step_in_time_is_left_alone() -> None:
    assert (await ended_with(quick, seconds_left=60)).result == "done"


@pytest.mark.parametrize("seconds_left", [0.01, 0, -5])
async def test_a_step_past_the_deadline_is_stopped_or_never_begun(seconds_left: float) -> None:
    code, message = (await ended_with(hang, seconds_left=seconds_left)).result  # type: ignore[misc]

    assert code == "timed_out"
    assert str(message).startswith("no end by 2024-05-01 1")


async def test_nothing_begins_after_the_deadline() -> None:
    code, _ = (await ended_with(quick, seconds_left=-1)).result  # type: ignore[misc]

    assert code == "timed_out"


async def test_a_timeout_of_the_bodys_own_is_not_the_deadline() -> None:
    ended = await ended_with(give_up_by_itself, seconds_left=60)

    assert ended.result == ["TimeoutError", "the peer did not answer"]
