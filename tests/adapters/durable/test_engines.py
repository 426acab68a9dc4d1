import asyncio
from collections.abc import Callable

import pytest

from punchingfist.domain.json import Json, JsonObject
from punchingfist.errors import Unavailable
from punchingfist.ports.durable import DELIVERIES, Ctx, Ended, Flow, Retry, Start, StepError
from tests.adapters.durable.conftest import Bodies, Machine, nothing

AT_ONCE = Retry(attempts=3, first_wait_seconds=0)


def one_step(bodies: Bodies) -> Flow:
    async def flow(ctx: Ctx, payload: JsonObject) -> Json:
        step: Json = await ctx.step("only", lambda: bodies.enter(str(payload["name"])))
        return step

    return flow


def failing(body: Callable[[], None], *, retry: Retry | None = None) -> Flow:
    async def flow(ctx: Ctx, payload: JsonObject) -> Json:
        async def fail() -> Json:
            body()
            return None

        try:
            await ctx.step("fails", fail, retry=retry)
        except StepError as error:
            return {"code": error.code, "message": str(error), "detail": error.detail}
        return "succeeded"

    return flow


async def test_a_second_start_under_one_id_changes_nothing(
    machine: Machine, bodies: Bodies
) -> None:
    durable = await machine.boot(flow=one_step(bodies))

    await durable.start(Start("f1", "flow", {"name": "first"}))
    await durable.start(Start("f1", "flow", {"name": "second"}))
    ended = await durable.ended("f1")
    await durable.start(Start("f1", "flow", {"name": "third"}))

    assert ended == await durable.ended("f1") == Ended(result="first")
    assert bodies.entered == ["first"]


async def test_the_two_queues_both_run(machine: Machine, bodies: Bodies) -> None:
    durable = await machine.boot(flow=one_step(bodies))

    await durable.start(Start("f1", "flow", {"name": "one"}))
    await durable.start(Start("f2", "flow", {"name": "two"}, queue=DELIVERIES))

    assert await durable.ended("f1") == Ended(result="one")
    assert await durable.ended("f2") == Ended(result="two")


async def test_after_a_restart_finished_steps_are_not_entered_again(
    machine: Machine, bodies: Bodies
) -> None:
    async def flow(ctx: Ctx, payload: JsonObject) -> Json:
        first = await ctx.step("first", lambda: bodies.enter("first"))
        second = await ctx.step("second", lambda: bodies.enter_and_hang("second"))
        return [first, second]

    durable = await machine.boot(flow=flow)
    await durable.start(Start("f1", "flow", {}))
    await bodies.until_hanging()
    bodies.hang = False
    durable = await machine.boot(flow=flow)

    assert await durable.ended("f1") == Ended(result=["first", "second"])
    assert bodies.entered == ["first", "second", "second"]


async def test_a_step_error_is_the_same_live_and_replayed(machine: Machine, bodies: Bodies) -> None:
    caught: list[tuple[type, str, str, JsonObject, bool]] = []

    async def fail() -> Json:
        bodies.entered.append("fail")
        raise StepError("full", "disk is full", {"free": [0, 1]}, retryable=True)

    async def flow(ctx: Ctx, payload: JsonObject) -> Json:
        try:
            await ctx.step("fail", fail)
        except StepError as error:
            caught.append((type(error), error.code, str(error), error.detail, error.retryable))
        return await ctx.step("hang", lambda: bodies.enter_and_hang("hang"))  # type: ignore[no-any-return]

    durable = await machine.boot(flow=flow)
    await durable.start(Start("f1", "flow", {}))
    await bodies.until_hanging()
    bodies.hang = False
    durable = await machine.boot(flow=flow)
    await durable.ended("f1")

    live, replayed = caught
    assert live == replayed == (StepError, "full", "disk is full", {"free": [0, 1]}, True)
    assert bodies.entered == ["fail", "hang", "hang"]


async def test_a_flow_sees_a_result_as_a_replay_will(machine: Machine) -> None:
    async def body() -> Json:
        return {"pair": (1, 2)}

    async def flow(ctx: Ctx, payload: JsonObject) -> Json:
        return repr(await ctx.step("pair", body))

    durable = await machine.boot(flow=flow)
    await durable.start(Start("f1", "flow", {}))

    assert await durable.ended("f1") == Ended(result="{'pair': [1, 2]}")


async def test_single_steps_may_be_gathered(machine: Machine, bodies: Bodies) -> None:
    async def flow(ctx: Ctx, payload: JsonObject) -> Json:
        names = ["a", "b", "c", "d"]
        return await asyncio.gather(
            *(ctx.step(name, lambda name=name: bodies.enter(name)) for name in names)  # type: ignore[misc]
        )

    durable = await machine.boot(flow=flow)
    await durable.start(Start("f1", "flow", {}))

    assert await durable.ended("f1") == Ended(result=["a", "b", "c", "d"])


async def test_a_parent_attaches_to_a_child_that_already_ran(
    machine: Machine, bodies: Bodies
) -> None:
    async def parent(ctx: Ctx, payload: JsonObject) -> Json:
        child = await ctx.child(Start("c1", "child", {"name": "ours"}, queue=DELIVERIES))
        return (await child.ended()).result

    durable = await machine.boot(parent=parent, child=one_step(bodies))
    await durable.start(Start("c1", "child", {"name": "earlier"}))
    await durable.ended("c1")
    await durable.start(Start("p1", "parent", {}))

    assert await durable.ended("p1") == Ended(result="earlier")
    assert bodies.entered == ["earlier"]


async def test_a_parent_reads_how_its_children_failed(machine: Machine) -> None:
    async def child(ctx: Ctx, payload: JsonObject) -> Json:
        raise StepError("closed", "nobody is there")

    async def parent(ctx: Ctx, payload: JsonObject) -> Json:
        children = [await ctx.child(Start(f"c{n}", "child", {})) for n in range(3)]
        ends = await asyncio.gather(*(child.ended() for child in children))
        return [end.error for end in ends]

    durable = await machine.boot(parent=parent, child=child)
    await durable.start(Start("p1", "parent", {}))

    assert await durable.ended("p1") == Ended(result=["nobody is there"] * 3)


async def test_a_delayed_flow_begins_after_its_delay(machine: Machine, bodies: Bodies) -> None:
    durable = await machine.boot(flow=one_step(bodies))
    now = asyncio.get_running_loop().time
    started = now()

    await durable.start(Start("f1", "flow", {"name": "late"}, delay_seconds=0.2))
    await durable.ended("f1")

    assert now() - started >= 0.2


async def test_sleeping_takes_time(machine: Machine) -> None:
    async def flow(ctx: Ctx, payload: JsonObject) -> Json:
        started = asyncio.get_running_loop().time()
        await ctx.sleep(0.05)
        return asyncio.get_running_loop().time() - started

    durable = await machine.boot(flow=flow)
    await durable.start(Start("f1", "flow", {}))
    slept = (await durable.ended("f1")).result

    assert isinstance(slept, float)
    assert slept >= 0.04


async def test_cancelling_stops_the_step_that_runs_and_enters_no_other(
    machine: Machine, bodies: Bodies
) -> None:
    async def flow(ctx: Ctx, payload: JsonObject) -> Json:
        await ctx.step("hangs", lambda: bodies.enter_and_hang("hangs"))
        return await ctx.step("next", lambda: bodies.enter("next"))  # type: ignore[no-any-return]

    durable = await machine.boot(flow=flow)
    await durable.start(Start("f1", "flow", {}))
    await bodies.until_hanging()
    await durable.cancel("f1")

    assert await durable.ended("f1") == Ended(error="cancelled")
    assert bodies.entered == ["hangs"]


async def test_a_flow_cancelled_before_it_began_never_begins(
    machine: Machine, bodies: Bodies
) -> None:
    durable = await machine.boot(flow=one_step(bodies))

    await durable.start(Start("f1", "flow", {"name": "never"}, delay_seconds=60))
    await durable.cancel("f1")

    assert await durable.ended("f1") == Ended(error="cancelled")
    assert bodies.entered == []


async def test_cancelling_what_ended_or_never_was_is_left_alone(machine: Machine) -> None:
    durable = await machine.boot(flow=nothing)
    await durable.start(Start("f1", "flow", {}))
    ended = await durable.ended("f1")

    await durable.cancel("f1")
    await durable.cancel("never-was")

    assert await durable.ended("f1") == ended == Ended()


async def test_a_step_that_takes_too_long_is_timed_out(machine: Machine, bodies: Bodies) -> None:
    async def flow(ctx: Ctx, payload: JsonObject) -> Json:
        try:
            await ctx.step("slow", lambda: bodies.enter_and_hang("slow"), timeout_seconds=0.02)
        except StepError as error:
            return error.code
        return None

    durable = await machine.boot(flow=flow)
    await durable.start(Start("f1", "flow", {}))

    assert await durable.ended("f1") == Ended(result="timed_out")


@pytest.mark.parametrize(
    ("error", "tries"),
    [
        pytest.param(StepError("busy", "come back", retryable=True), 3, id="retryable"),
        pytest.param(Unavailable("no route to host"), 3, id="the-world-said-no"),
        pytest.param(StepError("wrong", "never"), 1, id="final"),
        pytest.param(ValueError("a bug"), 1, id="a-bug"),
    ],
)
async def test_only_what_may_pass_is_tried_again(
    machine: Machine, error: Exception, tries: int
) -> None:
    tried: list[Exception] = []

    def fail() -> None:
        tried.append(error)
        raise error

    durable = await machine.boot(flow=failing(fail, retry=AT_ONCE))
    await durable.start(Start("f1", "flow", {}))
    await durable.ended("f1")

    assert len(tried) == tries


async def test_a_step_that_succeeds_at_last_has_succeeded(machine: Machine) -> None:
    troubles = [Unavailable("down"), Unavailable("still down")]

    def fail_twice() -> None:
        if troubles:
            raise troubles.pop()

    durable = await machine.boot(flow=failing(fail_twice, retry=AT_ONCE))
    await durable.start(Start("f1", "flow", {}))

    assert await durable.ended("f1") == Ended(result="succeeded")


async def test_a_bug_in_a_body_reaches_the_flow_as_a_step_error(machine: Machine) -> None:
    def fail() -> None:
        raise KeyError("missing")

    durable = await machine.boot(flow=failing(fail))
    await durable.start(Start("f1", "flow", {}))

    told: Json = {"code": "KeyError", "message": "'missing'", "detail": {}}
    assert await durable.ended("f1") == Ended(result=told)


async def test_a_result_that_is_not_json_is_an_error(machine: Machine) -> None:
    async def body() -> Json:
        return {1, 2}  # type: ignore[return-value]

    async def flow(ctx: Ctx, payload: JsonObject) -> Json:
        return await ctx.step("a set", body)  # type: ignore[no-any-return]

    durable = await machine.boot(flow=flow)
    await durable.start(Start("f1", "flow", {}))

    assert await durable.ended("f1") == Ended(error="set is not JSON")


async def test_a_payload_that_is_not_json_starts_nothing(machine: Machine) -> None:
    durable = await machine.boot(flow=nothing)

    with pytest.raises(TypeError, match="set is not JSON"):
        await durable.start(Start("f1", "flow", {"names": {1}}))  # type: ignore[dict-item]


async def test_a_flow_stopped_by_a_bug_ends_with_what_it_said(machine: Machine) -> None:
    async def flow(ctx: Ctx, payload: JsonObject) -> Json:
        raise LookupError

    durable = await machine.boot(flow=flow, sound=nothing)
    await durable.start(Start("f1", "flow", {}))
    await durable.start(Start("f2", "sound", {}))

    assert await durable.ended("f1") == Ended(error="LookupError")
    assert await durable.ended("f2") == Ended()


async def test_a_flow_nobody_registered_is_refused_by_name(machine: Machine) -> None:
    durable = await machine.boot(flow=nothing)

    with pytest.raises(RuntimeError, match="flow 'other' is not registered"):
        await durable.start(Start("f1", "other", {}))


async def test_text_from_outside_stays_text(machine: Machine) -> None:
    hostile: JsonObject = {
        "error": ["boom", "", {}, True],
        "value": "\x00 \ud800 \N{PILE OF POO}",
        "$dt": "x",
    }

    async def flow(ctx: Ctx, payload: JsonObject) -> Json:
        async def body() -> Json:
            return payload

        return await ctx.step("echo", body)  # type: ignore[no-any-return]

    durable = await machine.boot(flow=flow)
    await durable.start(Start("f1", "flow", hostile))

    assert await durable.ended("f1") == Ended(result=hostile)


async def test_nothing_starts_on_an_engine_that_is_closed(machine: Machine) -> None:
    durable = await machine.boot(flow=nothing)
    await machine.shut_down()

    with pytest.raises(RuntimeError, match="not running"):
        await durable.start(Start("f1", "flow", {}))


async def test_a_flow_that_asks_differently_after_a_restart_stops_loudly(
    machine: Machine, bodies: Bodies
) -> None:
    names = iter(["one name", "another name"])

    async def flow(ctx: Ctx, payload: JsonObject) -> Json:
        await ctx.step(next(names), lambda: bodies.enter("first"))
        return await ctx.step("hang", lambda: bodies.enter_and_hang("hang"))  # type: ignore[no-any-return]

    durable = await machine.boot(flow=flow)
    await durable.start(Start("f1", "flow", {}))
    await bodies.until_hanging()
    durable = await machine.boot(flow=flow)
    ended = await durable.ended("f1")

    assert ended.error is not None
    assert "another name" in ended.error
