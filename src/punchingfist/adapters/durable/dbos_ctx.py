"""What a flow uses while DBOS runs it."""

from typing import Any

from dbos import DBOS

from punchingfist.adapters.durable.running import StartedChild, run_body
from punchingfist.domain.json import Json
from punchingfist.ports.durable import Child, Durable, Retry, Start, StepBody


class DbosCtx:
    """
    The present DBOS workflow.

    DBOS numbers steps in the order they are asked for, so nothing here awaits
    before the step is asked for. A child's start and end are ordinary steps
    around calls that may be repeated.
    """

    def __init__(self, flow_id: str, durable: Durable) -> None:
        self.flow_id = flow_id
        self._durable = durable

    async def step(
        self,
        name: str,
        body: StepBody,
        *,
        retry: Retry | None = None,
        timeout_seconds: float | None = None,
    ) -> Any:
        async def run() -> Json:
            result: Json = await run_body(body, retry=retry, timeout_seconds=timeout_seconds)
            return result

        return await DBOS.run_step_async({"name": name, "preemptible": True}, run)

    async def sleep(self, seconds: float) -> None:
        await DBOS.sleep_async(seconds)

    async def child(self, start: Start) -> Child:
        async def body() -> None:
            await self._durable.start(start)

        await self.step(f"start:{start.flow_id}", body)
        return StartedChild(self, start.flow_id, self._durable.ended)
