"""Running flows and step bodies: what every engine promises, whatever keeps its records."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from typing import Any

import structlog

from punchingfist.adapters.durable.codec import as_recorded, as_step_error
from punchingfist.domain.json import Json, JsonObject
from punchingfist.ports.durable import Ctx, Ended, Flow, Retry, StepBody, StepError

CANCELLED = "cancelled"
"""`Ended.error` of a flow that was cancelled."""

_ONCE = Retry(attempts=1)
_log = structlog.get_logger(__name__)


async def run_body(body: StepBody, *, retry: Retry | None, timeout_seconds: float | None) -> Any:
    """
    Return the result of *body* as a replay will read it.

    *timeout_seconds* bounds all attempts together.

    Raises:
        StepError: whatever went wrong, as a replay will raise it.
    """
    try:
        async with asyncio.timeout(timeout_seconds):
            return await _attempt(body, retry or _ONCE)
    except TimeoutError:  # ours: one that a body raises is a StepError by now
        raise StepError("timed_out", f"no result within {timeout_seconds:g} s") from None


async def _attempt(body: StepBody, retry: Retry) -> Any:
    """Run *body* until it returns, fails for good or has used up its attempts."""
    wait = retry.first_wait_seconds
    for attempts_left in reversed(range(retry.attempts)):
        try:
            return as_recorded(await body())
        except Exception as error:
            failure = as_step_error(error)
            if not (failure.retryable and attempts_left):
                raise failure from error
        await asyncio.sleep(wait)
        wait *= retry.factor
    raise AssertionError("a step needs at least one attempt")


async def run_flow(name: str, flow: Flow, ctx: Ctx, payload: JsonObject) -> Any:
    """
    Return the result of *flow* as the record keeps it.

    Raises:
        StepError: what stopped it. Anything else is a bug of the flow; it is
            logged with its trace and recorded as a `StepError`.
    """
    try:
        return as_recorded(await flow(ctx, payload))
    except StepError:
        raise
    except Exception as error:
        _log.exception("flow stopped by a bug", flow=name, flow_id=ctx.flow_id)
        raise as_step_error(error) from error


def why_stopped(error: BaseException) -> str:
    """Return `Ended.error` for a flow stopped by *error*: never empty."""
    failure = as_step_error(error)
    return str(failure) or failure.code


@dataclass(frozen=True, slots=True)
class StartedChild:
    """A flow started by another; waiting for its end is one recorded step of the parent."""

    ctx: Ctx
    flow_id: str
    wait: Callable[[str], Awaitable[Ended]]

    async def ended(self) -> Ended:
        async def body() -> Json:
            return asdict(await self.wait(self.flow_id))

        return Ended(**await self.ctx.step(f"ended:{self.flow_id}", body))
