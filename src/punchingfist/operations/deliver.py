"""
Say what is known of an incident to one sink, once, and keep it up to date.

Of an execution without an incident its outcome is said. A delivery renders
the incident as it stands when the sink can take it, not as
it stood when the delivery was asked for. So deliveries of one message may come
late, twice or in any order: the last one wins and equal ones send nothing.
"""

import asyncio
import hashlib
from dataclasses import dataclass, replace
from typing import Any
from weakref import WeakValueDictionary

import structlog
from pydantic import ValidationError

from punchingfist.domain.json import Json, JsonObject
from punchingfist.domain.messages import Message, Moment
from punchingfist.domain.resources.workflows import Workflow
from punchingfist.domain.timeline import Happening, Kind
from punchingfist.errors import DeliveryFailed, NotFound
from punchingfist.operations.compose import compose, compose_alone
from punchingfist.operations.workbench import Workbench
from punchingfist.ports.deliveries import DeliveryRow
from punchingfist.ports.durable import UNTIL_STORED, Ctx, Flow, StepError
from punchingfist.ports.executions import ExecutionRow
from punchingfist.ports.sink import Sink, SinkType

ATTEMPTS = 40  # half an hour of a receiver that is away
_FIRST_WAIT_SECONDS = 1.0
_LONGEST_WAIT_SECONDS = 60.0
_LONGEST_ASKED_SECONDS = 900.0
_TIMEOUT_SECONDS = 30.0

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Order:
    """What the flow was asked to do."""

    incident_id: str | None
    execution_id: str
    sink: str
    moment: Moment

    @property
    def subject_id(self) -> str:
        """Whose message it is and whose timeline tells of it."""
        return self.incident_id or self.execution_id

    @classmethod
    def parse(cls, payload: JsonObject) -> "_Order":
        incident_id = payload["incident_id"]
        return cls(
            str(incident_id) if incident_id else None,
            str(payload["execution_id"]),
            str(payload["sink"]),
            Moment(str(payload["moment"])),
        )


@dataclass(frozen=True, slots=True)
class _Parcel:
    """One message, to whom, and what our ledger knows of it."""

    order: _Order
    key: str
    message: Message
    sink: Sink
    known: DeliveryRow | None

    @property
    def content(self) -> str:
        said = f"{self.message.headline}\0{self.message.body}\0{self.message.link}"
        return hashlib.sha256(said.encode()).hexdigest()

    @property
    def unseen(self) -> bool:
        """Whether an earlier try may have got through without our knowing."""
        return self.known is not None and self.known.status == "pending"


def delivery_flow(bench: Workbench) -> Flow:
    """Return the flow that delivers one moment to one sink; it never fails its parent."""
    locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def deliver(ctx: Ctx, payload: JsonObject) -> Json:
        order = _Order.parse(payload)
        structlog.contextvars.bind_contextvars(
            execution_id=order.execution_id, incident_id=order.incident_id
        )

        async def send() -> Json:
            lock = locks.setdefault(f"{order.subject_id}/{order.sink}", asyncio.Lock())
            async with lock:  # two moments of one message must not both post it
                return await _send(bench, order)

        why, wait = "", _FIRST_WAIT_SECONDS
        for attempt in range(1, ATTEMPTS + 1):
            try:
                sent: Json = await ctx.step(
                    f"send#{attempt}", send, timeout_seconds=_TIMEOUT_SECONDS
                )
            except StepError as failed:
                why = str(failed)
                if not _may_retry(failed) or attempt == ATTEMPTS:
                    break
                await ctx.sleep(max(wait, _retry_after(failed)))
                wait = min(wait * 2, _LONGEST_WAIT_SECONDS)
            else:
                return sent
        await ctx.step("give-up", lambda: _give_up(bench, order, why), retry=UNTIL_STORED)
        return {"status": "failed", "error": why}

    return deliver


def _may_retry(failed: StepError) -> bool:
    return failed.retryable or failed.code == "timed_out"


def _retry_after(failed: StepError) -> float:
    seconds = failed.detail.get("retry_after_seconds")
    return min(float(seconds), _LONGEST_ASKED_SECONDS) if isinstance(seconds, int | float) else 0.0


async def _send(bench: Workbench, order: _Order) -> Json:
    parcel = await _pack(bench, order)
    if isinstance(parcel, str):
        return {"status": "skipped", "why": parcel}
    known = parcel.known
    if known and known.status == "delivered" and known.content == parcel.content:
        return {"status": "unchanged", "key": parcel.key}
    pending = DeliveryRow(
        key=parcel.key,
        incident_id=order.incident_id,
        execution_id=order.execution_id,
        sink=order.sink,
        status="pending",
        attempts=(known.attempts if known else 0) + 1,
        receipt=known.receipt if known else None,
        content=parcel.content,
        error=known.error if known else None,
        updated_at=bench.world.clock.now(),
    )
    await bench.deliveries.save(pending)
    try:
        receipt = await parcel.sink.deliver(
            parcel.message, key=parcel.key, receipt=pending.receipt, repeat=parcel.unseen
        )
    except DeliveryFailed as failed:
        raise await _note_failure(bench, pending, failed, unseen=parcel.unseen) from failed
    await _note_success(bench, parcel, replace(pending, receipt=receipt))
    return {"status": "delivered", "key": parcel.key}


async def _pack(bench: Workbench, order: _Order) -> _Parcel | str:
    """Return what to send, or why nothing is to be said."""
    execution = await bench.executions.get(order.execution_id)
    spec = _find_spec(execution, order.sink)
    sink_type = _find_type(bench, spec["type"], order.sink)
    config: dict[str, Any] = spec.get("config") or {}
    template = config.get("template")
    if order.incident_id is None:
        message = compose_alone(bench, order.moment, execution, template)
        key = f"{execution.short_id}/{order.sink}"
    else:
        incident = await bench.incidents.get(order.incident_id)
        message = await compose(bench, order.moment, incident, execution, template)
        key = f"{incident.short_id}/{incident.episode}/{order.sink}"
        if order.moment is Moment.RESOLVED and _is_conditional(execution, order.sink):
            rows = await bench.deliveries.of_incident(incident.id)
            if not any(_was_told(row) and f"{row.key}/".startswith(f"{key}/") for row in rows):
                return "its condition kept it from knowing of the incident"
    key = key if sink_type.edits else f"{key}/{order.moment}"
    sink = _build(bench, sink_type, config, order.sink)
    return _Parcel(order, key, message, sink, await bench.deliveries.find(key))


def _was_told(row: DeliveryRow) -> bool:
    return row.status == "delivered" or row.receipt is not None


def _is_conditional(execution: ExecutionRow, name: str) -> bool:
    uses = Workflow.from_snapshot(execution.workflow).spec.sinks
    return any(use.name == name and use.condition is not None for use in uses)


def _find_spec(execution: ExecutionRow, name: str) -> Any:
    for snapshot in execution.sinks:
        metadata: Any = snapshot["metadata"]
        if metadata["name"] == name:
            return snapshot["spec"]
    raise NotFound(f"sink {name!r} is not in the snapshot of {execution.short_id}")


def _find_type(bench: Workbench, type_: str, name: str) -> SinkType:
    if type_ not in bench.sinks:
        raise NotFound(f"sink {name!r}: type {type_!r} is not available yet")
    return bench.sinks[type_]


def _build(bench: Workbench, sink_type: SinkType, config: dict[str, Any], name: str) -> Sink:
    try:
        return sink_type.build(sink_type.config.model_validate(config), bench.world)
    except ValidationError as wrong:  # whose own text quotes the config, a token perhaps
        flaws = (
            f"{'.'.join(map(str, flaw['loc']))}: {flaw['msg']}"
            for flaw in wrong.errors(include_url=False, include_input=False, include_context=False)
        )
        raise StepError("invalid", f"sink {name!r}: {'; '.join(flaws)}") from None


async def _note_success(bench: Workbench, parcel: _Parcel, row: DeliveryRow) -> None:
    order = parcel.order
    edited = parcel.known is not None and parcel.known.receipt is not None
    await bench.deliveries.save(replace(row, status="delivered", error=None))
    await bench.timeline.append(
        order.subject_id,
        Happening(
            Kind.DELIVERED,
            f"{order.sink} told: {parcel.message.headline}",
            key=f"delivered:{row.key}:{row.content[:16]}",
            detail={"sink": order.sink, "moment": order.moment.value, "edited": edited},
        ),
        at=bench.world.clock.now(),
    )


async def _note_failure(
    bench: Workbench, row: DeliveryRow, failed: DeliveryFailed, *, unseen: bool
) -> StepError:
    """Write down a refusal and return what the step raises."""
    error = bench.redact(str(failed))
    receipt = dict(failed.receipt) if failed.receipt is not None else row.receipt
    status = "pending" if failed.unseen or unseen else "failed"
    log.warning("sink not told", sink=row.sink, why=error, again=failed.retryable)
    await bench.deliveries.save(replace(row, status=status, error=error, receipt=receipt))
    return StepError(
        "delivery_failed",
        error,
        {"retry_after_seconds": failed.retry_after_seconds},
        retryable=failed.retryable,
    )


async def _give_up(bench: Workbench, order: _Order, why: str) -> Json:
    log.warning("sink given up", sink=order.sink, moment=order.moment.value, why=why)
    await bench.timeline.append(
        order.subject_id,
        Happening(
            Kind.DELIVERY_FAILED,
            bench.redact(f"{order.sink} not told: {why}"),
            key=f"gave-up:{order.execution_id}:{order.sink}:{order.moment}",
            detail={"sink": order.sink, "moment": order.moment.value, "error": why},
        ),
        at=bench.world.clock.now(),
    )
    return None
