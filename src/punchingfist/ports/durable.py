"""Running flows so that a crash at any instant loses and repeats nothing recorded."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

from punchingfist.domain.json import Json, JsonObject

EXECUTIONS = "executions"
DELIVERIES = "deliveries"

EXECUTION_FLOW = "pf.execution.v1"
DELIVERY_FLOW = "pf.delivery.v1"
"""Flow names; the version changes whenever the order or names of recorded steps do."""


class StepError(Exception):
    """
    The only exception that may leave a step body; the same live and replayed.

    *code* is a stable word a caller may branch on.
    """

    def __init__(
        self, code: str, message: str, detail: JsonObject | None = None, *, retryable: bool = False
    ) -> None:
        super().__init__(message)
        self.code, self.detail, self.retryable = code, detail or {}, retryable


@dataclass(frozen=True, slots=True)
class Retry:
    """Repeat a step body that raised a retryable `StepError`: exponential, within one process."""

    attempts: int = 3
    first_wait_seconds: float = 0.5
    factor: float = 2.0


UNTIL_STORED = Retry(attempts=10_000, first_wait_seconds=2, factor=1)
"""For bodies that write our own rows: trouble with our database delays work, it fails none."""


@dataclass(frozen=True, slots=True)
class Start:
    """
    One flow to be started.

    *flow_id* is deterministic and makes the start idempotent: a second start
    under it changes nothing. *queue* is `EXECUTIONS` or `DELIVERIES`; the two
    never wait for one another. *delay_seconds* costs a row, not memory.
    """

    flow_id: str
    flow: str
    payload: JsonObject
    queue: str = EXECUTIONS
    delay_seconds: float = 0


@dataclass(frozen=True, slots=True)
class Ended:
    """How a flow ended: its *result*, or the *error* that stopped it."""

    result: Json = None
    error: str | None = None


StepBody: TypeAlias = Callable[[], Awaitable[Json]]


class Child(Protocol):
    """A flow started by another."""

    async def ended(self) -> Ended:
        """Wait for the child's end; recorded, so a replay does not wait again."""
        ...


class Ctx(Protocol):
    """What a flow may use; between calls it branches only on its payload and recorded results."""

    flow_id: str

    async def step(
        self,
        name: str,
        body: StepBody,
        *,
        retry: Retry | None = None,
        timeout_seconds: float | None = None,
    ) -> Any:
        """
        Run *body* once and record its JSON result under *name*, or give back the record.

        Single steps may be gathered; names are stable and unique within a flow.

        Raises:
            StepError: what the body raised, also on replay; code `timed_out`
                when *timeout_seconds* passed.
        """
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait; a restart does not begin the wait again."""
        ...

    async def child(self, start: Start) -> Child:
        """Start a child flow, or attach to the one already running under its id."""
        ...


Flow: TypeAlias = Callable[[Ctx, JsonObject], Awaitable[Json]]


class Durable(Protocol):
    """The engine. One per process; flows are registered once, before anything starts."""

    async def launch(self, flows: Mapping[str, Flow]) -> None:
        """Register *flows* by name and take up whatever an earlier process left."""
        ...

    async def start(self, start: Start) -> None:
        """Enqueue a flow on its own."""
        ...

    def start_in(self, transaction: Any, start: Start) -> None:
        """
        Enqueue a flow inside a store *transaction*: both commit or neither does.

        Synchronous, for the thread that holds the transaction.
        """
        ...

    async def cancel(self, flow_id: str) -> None:
        """Stop a flow at its next step; unknown or ended flows are left as they are."""
        ...

    async def ended(self, flow_id: str) -> Ended:
        """Wait for a flow's end."""
        ...

    async def close(self) -> None:
        """Stop working; whatever is unfinished is taken up by the next launch."""
        ...
