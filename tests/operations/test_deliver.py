import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from typing import Any

import pytest

from punchingfist.adapters.durable.memory import MemoryCtx
from punchingfist.adapters.http import HttpClient
from punchingfist.domain.incidents import IncidentStatus
from punchingfist.domain.investigation.findings import Verdict
from punchingfist.domain.messages import Moment
from punchingfist.domain.timeline import Happening, Kind
from punchingfist.errors import Unavailable
from punchingfist.operations import deliver
from punchingfist.ports.deliveries import DeliveryRow
from punchingfist.ports.durable import DELIVERY_FLOW, Start
from punchingfist.ports.executions import StepRow
from punchingfist.testing.store import MemoryDeliveries
from tests.incidents import NOW, alert, incident, report, unknown
from tests.operations.practice_delivery import SECRET, Delivery, Waits
from tests.peers.slack import TOKEN, Fault, SlackPeer

RECEIVED, FINDINGS, COMPLETED, RESOLVED = (
    Moment.RECEIVED,
    Moment.FINDINGS,
    Moment.COMPLETED,
    Moment.RESOLVED,
)
TEMPLATE = "Triage complete: {{ .source.data.summary }}"


@pytest.fixture(scope="module")
def workspace() -> Iterator[SlackPeer]:
    with SlackPeer() as peer:
        yield peer


@pytest.fixture
def slack(workspace: SlackPeer) -> SlackPeer:
    workspace.reset()
    return workspace


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> Waits:
    waits = Waits()

    async def sleep(ctx: MemoryCtx, seconds: float) -> None:
        waits.append(seconds)

    monkeypatch.setattr(MemoryCtx, "sleep", sleep)
    return waits


@pytest.fixture
async def delivery(slack: SlackPeer, waits: Waits) -> AsyncIterator[Delivery]:
    http = HttpClient()
    config = {"channel": "#ops-alerts", "botToken": TOKEN, "apiUrl": slack.url}
    delivery = Delivery(
        http,
        {"chat": {"type": "slack", "config": config}, "log": {"type": "stdout", "config": {}}},
    )
    yield delivery
    await delivery.durable.close()
    await http.aclose()


def set_config(delivery: Delivery, sink: str = "chat", **fields: Any) -> None:
    spec: Any = delivery.sinks[sink]
    delivery.sinks[sink] = {**spec, "config": {**spec["config"], **fields}}


# one message ----------------------------------------------------------------------------------


async def test_every_moment_of_an_incident_is_told_in_one_message(
    slack: SlackPeer, delivery: Delivery
) -> None:
    await delivery.open()
    await delivery.say(RECEIVED)
    (parent,) = slack.ops.messages
    assert parent.text == "CRIT INC-1042 checkout down: investigating"

    await delivery.conclude(report())
    await delivery.say(FINDINGS)
    await delivery.finish()
    await delivery.say(COMPLETED)
    assert parent.text == "CRIT INC-1042 checkout down: OOMKilled, limit 256Mi (0.93)"

    await delivery.change(status=IncidentStatus.RESOLVED)
    await delivery.say(RESOLVED)
    assert parent.text == "RESOLVED INC-1042 checkout down: OOMKilled, limit 256Mi (0.93)"
    assert slack.ops.parents == [parent]
    assert len(slack.ops.replies(parent.ts)) == 1


async def test_what_was_said_already_is_not_said_again(
    slack: SlackPeer, delivery: Delivery
) -> None:
    await delivery.open()
    await delivery.say(RECEIVED)
    before = len(slack.calls)

    assert (await delivery.say(COMPLETED))["status"] == "unchanged"
    assert len(slack.calls) == before


async def test_moments_side_by_side_make_one_message(slack: SlackPeer, delivery: Delivery) -> None:
    await delivery.open()
    started = [await delivery.start(moment) for moment in (RECEIVED, FINDINGS, COMPLETED)]
    await asyncio.gather(*map(delivery.durable.ended, started))

    assert [call.method for call in slack.calls] == ["chat.postMessage"]


async def test_the_next_episode_is_a_new_message(slack: SlackPeer, delivery: Delivery) -> None:
    await delivery.open()
    await delivery.say(RECEIVED)
    await delivery.change(episode=2)
    await delivery.say(RECEIVED)

    assert len(slack.ops.parents) == 2


async def test_a_sink_that_cannot_edit_gets_a_message_a_moment(delivery: Delivery) -> None:
    await delivery.open()
    await delivery.finish()
    await delivery.say(COMPLETED, sink="log")
    await delivery.change(status=IncidentStatus.RESOLVED)
    await delivery.say(RESOLVED, sink="log")

    assert [text.partition("]")[0] for text in delivery.paper.written] == [
        "[INC-1042/1/log/completed",
        "[INC-1042/1/log/resolved",
    ]


async def test_the_timeline_tells_who_was_told_what(delivery: Delivery) -> None:
    await delivery.open()
    await delivery.say(RECEIVED)
    await delivery.conclude(report())
    await delivery.say(FINDINGS)

    events = await delivery.store.timeline.read(incident().id)
    assert [(event.kind, event.text, event.detail["edited"]) for event in events] == [
        (Kind.DELIVERED, "chat told: CRIT INC-1042 checkout down: investigating", False),
        (
            Kind.DELIVERED,
            "chat told: CRIT INC-1042 checkout down: OOMKilled, limit 256Mi (0.93)",
            True,
        ),
    ]


# trouble --------------------------------------------------------------------------------------


async def test_a_message_whose_reply_was_lost_is_not_posted_twice(
    slack: SlackPeer, delivery: Delivery
) -> None:
    slack.fail_next(Fault.LOSE_REPLY)
    await delivery.open()

    assert (await delivery.say(RECEIVED))["status"] == "delivered"
    assert len(slack.ops.messages) == 1
    assert (await delivery.row()).attempts == 2


async def test_a_lost_reply_is_remembered_through_refusals(
    slack: SlackPeer, delivery: Delivery
) -> None:
    slack.fail_next(Fault.LOSE_REPLY, method="chat.postMessage")
    slack.fail_next(Fault.RATE_LIMITED, method="conversations.history", times=2)
    await delivery.open()

    await delivery.say(RECEIVED)

    assert len(slack.ops.messages) == 1


async def test_a_message_refused_for_haste_is_not_searched_for(
    slack: SlackPeer, delivery: Delivery
) -> None:
    slack.fail_next(Fault.RATE_LIMITED)
    await delivery.open()
    await delivery.say(RECEIVED)

    assert [call.method for call in slack.calls] == ["chat.postMessage"] * 2


class Forgetful(MemoryDeliveries):
    """Loses the first receipt: the process might as well have died there."""

    async def save(self, row: DeliveryRow) -> None:
        if row.receipt and not self._rows[row.key].error:
            await super().save(replace(self._rows[row.key], error="lost"))
            raise Unavailable("the disk is full")
        await super().save(row)


async def test_a_message_whose_receipt_was_lost_is_not_posted_twice(
    slack: SlackPeer, delivery: Delivery
) -> None:
    delivery.store.deliveries = Forgetful()
    await delivery.open()

    assert (await delivery.say(RECEIVED))["status"] == "delivered"
    assert len(slack.ops.messages) == 1


async def test_a_receiver_that_hangs_is_left_and_asked_again(
    slack: SlackPeer, delivery: Delivery, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliver, "_TIMEOUT_SECONDS", 0.2)
    slack.fail_next(Fault.HANG)
    await delivery.open()

    assert (await delivery.say(RECEIVED))["status"] == "delivered"
    assert len(slack.ops.messages) == 1


async def test_a_receiver_is_given_the_time_it_asks_for(
    slack: SlackPeer, delivery: Delivery, waits: Waits
) -> None:
    slack.fail_next(Fault.RATE_LIMITED, retry_after=7)
    slack.fail_next(Fault.RATE_LIMITED, retry_after=1_000_000)
    await delivery.open()
    await delivery.say(RECEIVED)

    assert waits == [7, 900]


async def test_a_receiver_that_stays_away_is_given_up_and_the_timeline_says_so(
    slack: SlackPeer, delivery: Delivery, waits: Waits
) -> None:
    slack.fail_next(Fault.SERVER_ERROR, times=100)
    await delivery.open()
    result = await delivery.say(RECEIVED)

    assert result == {"status": "failed", "error": "slack '#ops-alerts': HTTP 502"}
    assert waits[:8] == [1, 2, 4, 8, 16, 32, 60, 60]
    assert sum(waits) > 30 * 60
    assert await delivery.timeline() == ["chat not told: slack '#ops-alerts': HTTP 502"]
    assert (await delivery.row()).error == "slack '#ops-alerts': HTTP 502"


async def test_what_trying_again_cannot_mend_is_given_up_at_once(
    slack: SlackPeer, delivery: Delivery, waits: Waits
) -> None:
    slack.ops.is_member = False
    await delivery.open()
    result = await delivery.say(RECEIVED)

    assert result["error"] == ("slack '#ops-alerts': not_in_channel; invite the bot to #ops-alerts")
    assert waits == []
    assert (await delivery.row()).status == "failed"


async def test_a_sink_that_was_given_up_is_told_at_the_next_moment(
    slack: SlackPeer, delivery: Delivery
) -> None:
    slack.ops.is_member = False
    await delivery.open()
    await delivery.say(RECEIVED)
    slack.ops.is_member = True

    assert (await delivery.say(COMPLETED))["status"] == "delivered"


@pytest.mark.parametrize(
    ("spec", "why"),
    [
        pytest.param(
            {"type": "pigeon"}, "sink 'chat': type 'pigeon' is not available yet", id="type"
        ),
        pytest.param(
            {"type": "slack", "config": {"botToken": TOKEN, "messageType": TOKEN}},
            "sink 'chat': channel: Field required; messageType: Input should be 'thread' or 'message'",
            id="config",
        ),
    ],
)
async def test_a_sink_that_cannot_be_used_says_why(
    delivery: Delivery, spec: dict[str, Any], why: str
) -> None:
    delivery.sinks["chat"] = spec
    await delivery.open()

    assert (await delivery.say(RECEIVED))["error"] == why
    assert await delivery.timeline() == [f"chat not told: {why}"]


async def test_a_sink_that_is_not_in_the_snapshot_is_not_told(delivery: Delivery) -> None:
    await delivery.open()

    result = await delivery.say(RECEIVED, sink="stranger")

    assert result["error"] == "sink 'stranger' is not in the snapshot of EX-1"


# without an incident --------------------------------------------------------------------------


async def say_alone(delivery: Delivery, sink: str = "chat") -> None:
    payload = {"incident_id": None, "execution_id": "x1", "sink": sink, "moment": "completed"}
    await delivery.durable.start(Start(f"say:{sink}", DELIVERY_FLOW, payload))
    ended = await delivery.durable.ended(f"say:{sink}")
    assert ended.error is None


def a_step(**fields: Any) -> StepRow:
    summary = f"wrote 3 files with {SECRET}"
    return replace(
        StepRow("backup", "cli", "succeeded", NOW, NOW, summary, None, result={}), **fields
    )


async def test_an_execution_without_an_incident_says_how_it_ended(delivery: Delivery) -> None:
    await delivery.open()
    await delivery.store.executions.save_step("x1", a_step())
    await delivery.finish()
    await say_alone(delivery, "log")

    (written,) = delivery.paper.written
    assert written.splitlines()[0] == (
        "[EX-1/log/completed] EX-1 triage: wrote 3 files with [redacted]"
    )
    assert "backup succeeded" in written
    assert SECRET not in written
    events = await delivery.store.timeline.read("x1")
    assert [event.text for event in events] == [
        "log told: EX-1 triage: wrote 3 files with [redacted]"
    ]


async def test_slack_is_told_of_an_execution_in_one_message(
    slack: SlackPeer, delivery: Delivery
) -> None:
    await delivery.open()
    result = {**report().to_json(), "recommendations": "- raise the limit (risk: write)"}
    await delivery.store.executions.save_step("x1", a_step(type="agent", result=result))
    await delivery.finish(outputs={"recommendations": "- raise the limit (risk: write)"})
    await say_alone(delivery)

    (parent,) = slack.ops.parents
    assert parent.text == "EX-1 triage: OOMKilled, limit 256Mi (0.93)"
    (detail,) = slack.ops.replies(parent.ts)
    assert "raise the limit" in json.dumps(detail.blocks)
    assert (await delivery.row("EX-1/chat")).incident_id is None


async def test_a_failed_execution_says_why(delivery: Delivery) -> None:
    await delivery.open()
    await delivery.store.executions.save_step("x1", a_step(status="failed", error="no space left"))
    await delivery.finish(error="step 'backup': no space left")
    await say_alone(delivery, "log")

    (written,) = delivery.paper.written
    assert "EX-1 triage: failed, step 'backup': no space left" in written


async def test_a_template_speaks_of_an_execution_too(delivery: Delivery) -> None:
    set_config(delivery, "log", template="Backup of {{ .source.data.what }}: {{ .outputs.size }}")
    delivery.event = {"what": "orders"}
    await delivery.open()
    await delivery.finish(outputs={"size": "3 GB"})
    await say_alone(delivery, "log")

    assert "Backup of orders: 3 GB" in delivery.paper.written[0]


# sinks with a condition -----------------------------------------------------------------------


async def test_a_sink_whose_condition_kept_it_out_is_not_told_of_the_end(
    slack: SlackPeer, delivery: Delivery
) -> None:
    delivery.uses = [{"name": "chat", "condition": "false"}, {"name": "log", "condition": "true"}]
    await delivery.open()
    await delivery.finish()
    await delivery.say(COMPLETED, sink="log")

    assert (await delivery.say(RESOLVED))["status"] == "skipped"
    assert (await delivery.say(RESOLVED, sink="log"))["status"] == "delivered"
    assert slack.calls == []


async def test_a_sink_told_of_an_earlier_episode_is_not_told_of_this_ones_end(
    delivery: Delivery,
) -> None:
    delivery.uses = [{"name": "log", "condition": "true"}]
    await delivery.open()
    await delivery.say(COMPLETED, sink="log")
    await delivery.change(episode=2)

    assert (await delivery.say(RESOLVED, sink="log"))["status"] == "skipped"


async def test_a_sink_without_a_condition_is_told_of_the_end_alone(delivery: Delivery) -> None:
    await delivery.open()

    assert (await delivery.say(RESOLVED, sink="log"))["status"] == "delivered"


# words ----------------------------------------------------------------------------------------


async def detail_of(slack: SlackPeer) -> str:
    (parent,) = slack.ops.parents
    (detail,) = slack.ops.replies(parent.ts)
    return detail.written


async def test_a_template_speaks_when_there_is_an_answer(
    slack: SlackPeer, delivery: Delivery
) -> None:
    set_config(delivery, template="**{{ .workflow.name }}** took {{ .workflow.duration }}")
    await delivery.open()
    await delivery.conclude(report())
    await delivery.say(FINDINGS)
    assert "Could not see" in await detail_of(slack)

    await delivery.finish()
    await delivery.say(COMPLETED)
    assert await detail_of(slack) == "*triage* took 0s"


async def test_an_unknown_cause_is_never_told_as_complete(
    slack: SlackPeer, delivery: Delivery
) -> None:
    set_config(delivery, template=TEMPLATE)
    await delivery.open()
    await delivery.conclude(unknown())
    await delivery.finish()
    await delivery.say(COMPLETED)
    await delivery.change(status=IncidentStatus.RESOLVED)
    await delivery.say(RESOLVED)

    assert "complete" not in str([call.arguments for call in slack.calls])
    assert "*Could not see:*" in await detail_of(slack)


async def test_a_healthy_answer_is_an_answer(slack: SlackPeer, delivery: Delivery) -> None:
    set_config(delivery, template="Triage complete")
    await delivery.open()
    await delivery.conclude(report(verdict=Verdict.HEALTHY))
    await delivery.finish()
    await delivery.say(COMPLETED)

    assert await detail_of(slack) == "Triage complete"


HOSTILE = "<!channel> [x](https://evil.example) **b** `c`\n# h\n{{ .env }} <@U1>"


@pytest.mark.parametrize("template", ["{{ .source.data.summary }}", "`{{ .source.data.summary }}"])
async def test_values_in_a_template_stay_values(
    slack: SlackPeer, delivery: Delivery, template: str
) -> None:
    delivery.event = {"summary": HOSTILE}
    set_config(delivery, template=template)
    await delivery.open()
    await delivery.conclude(report())
    await delivery.finish()
    await delivery.say(COMPLETED)

    told = await detail_of(slack)
    assert "<" not in told
    assert "{{ .env }}" in told
    assert "&lt;!channel&gt;" in told


async def test_a_value_in_code_cannot_leave_it(slack: SlackPeer, delivery: Delivery) -> None:
    delivery.event = {"log": "one\n```\n**two**"}
    set_config(delivery, template="```\n{{ .source.data.log }}\n```\nend")
    await delivery.open()
    await delivery.conclude(report())
    await delivery.finish()
    await delivery.say(COMPLETED)

    assert await detail_of(slack) == "```\none\nˋˋˋ\n**two**\n```\nend"


async def test_a_template_that_cannot_be_filled_in_keeps_nothing_back(
    slack: SlackPeer, delivery: Delivery
) -> None:
    delivery.event = {"n": 1}
    set_config(delivery, template="{{ range .source.data.n }}x{{ end }}")
    await delivery.open()
    await delivery.conclude(report())
    await delivery.finish()
    await delivery.say(COMPLETED)

    assert "checkout is killed for want of memory" in await detail_of(slack)


async def test_secrets_are_told_to_nobody(slack: SlackPeer, delivery: Delivery) -> None:
    delivery.event = {"summary": f"password is {SECRET}"}
    set_config(delivery, template="{{ .source.data.summary }}")
    where = f"https://r.example/?k={SECRET}"
    trouble = alert(annotations={"runbook_url": where}, generator_url=where)
    await delivery.open(incident(title=f"login with {SECRET} fails", alerts=(trouble,)))
    await delivery.conclude(report())
    await delivery.finish()
    await delivery.say(COMPLETED)
    await delivery.say(COMPLETED, sink="log")

    told = str([call.arguments for call in slack.calls]) + str(delivery.paper.written)
    assert "login with [redacted] fails" in told
    assert "password is [redacted]" in await detail_of(slack)
    assert "ss*word" not in told
    assert "ss\\*word" not in told


async def test_findings_are_told_while_the_search_goes_on(
    slack: SlackPeer, delivery: Delivery
) -> None:
    await delivery.open()
    for number, execution in enumerate(["x1", "another"]):
        found = Happening(
            Kind.FOUND,
            f"cart_{number} is *full*",
            key=str(number),
            detail={"execution_id": execution},
        )
        await delivery.store.timeline.append(incident().id, found, at=NOW)
    await delivery.say(FINDINGS)

    assert await detail_of(slack) == "*Found so far:*\n• cart_0 is *full*"


async def test_an_investigation_that_failed_is_told_as_failed(
    slack: SlackPeer, delivery: Delivery
) -> None:
    await delivery.open()
    await delivery.finish(error="step 'look': the cluster is away")
    await delivery.say(COMPLETED)

    assert slack.ops.messages[0].text == (
        "CRIT INC-1042 checkout down: investigation failed, step 'look': the cluster is away"
    )


async def test_a_message_leads_to_its_incident(slack: SlackPeer, delivery: Delivery) -> None:
    delivery.external_url = "https://fist.example"
    await delivery.open()
    await delivery.say(RECEIVED)

    assert (
        "<https://fist.example/incidents/INC-1042|Open INC-1042>" in slack.ops.messages[0].written
    )
