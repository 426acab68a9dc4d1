from collections.abc import Mapping
from typing import Any

import pytest

from punchingfist.domain.json import JsonObject
from punchingfist.domain.messages import Message
from punchingfist.domain.resources.sinks import SlackConfig
from punchingfist.errors import DeliveryFailed
from punchingfist.extensions.sinks.slack import SINK
from punchingfist.ports.world import World
from tests.incidents import incident, message, report, unknown
from tests.peers.slack import TOKEN, Channel, Fault, SlackPeer

KEY = "INC-1042/1/slack-ops"
FIRST = message()
LATER = message(report())


class Telling:
    """A slack sink and what a caller does with it."""

    def __init__(self, slack: SlackPeer, world: World) -> None:
        self._slack, self._world = slack, world
        self.receipt: JsonObject | None = None

    async def __call__(
        self, what: Message, *, repeat: bool = False, key: str = KEY, **config: Any
    ) -> None:
        fields = {"channel": "#ops-alerts", "botToken": TOKEN, "apiUrl": self._slack.url, **config}
        sink = SINK.build(SlackConfig.model_validate(fields), self._world)
        try:
            self.receipt = await sink.deliver(what, key=key, receipt=self.receipt, repeat=repeat)
        except DeliveryFailed as failed:
            self.receipt = failed.receipt
            raise


@pytest.fixture
def tell(slack: SlackPeer, world: World) -> Telling:
    return Telling(slack, world)


async def test_an_incident_is_one_message_that_is_edited(slack: SlackPeer, tell: Telling) -> None:
    await tell(FIRST)
    await tell(message(unknown(), body=""))

    (parent,) = slack.ops.messages
    assert parent.text == "CRIT INC-1042 checkout down: unknown, checked 9, could not see 2"
    assert parent.edits == 1


async def test_details_go_to_the_thread_and_are_edited_there(
    slack: SlackPeer, tell: Telling
) -> None:
    await tell(FIRST)
    await tell(message(report(), body="one"))
    await tell(message(report(), body="two"))

    (parent,) = slack.ops.parents
    (detail,) = slack.ops.replies(parent.ts)
    assert detail.written == "two"
    assert "two" not in parent.written


async def test_message_type_message_keeps_all_in_one(slack: SlackPeer, tell: Telling) -> None:
    await tell(FIRST, messageType="message")
    await tell(message(report(), body="the body"), messageType="message")

    (parent,) = slack.ops.messages
    assert "the body" in parent.written


async def test_what_has_not_changed_is_not_sent_again(slack: SlackPeer, tell: Telling) -> None:
    await tell(message(report(), body="one"))
    await tell(message(report(), body="two"))

    assert [call.arguments["ts"] for call in slack.said("chat.update")] == [
        slack.ops.messages[1].ts
    ]


async def test_people_are_called_once(slack: SlackPeer, tell: Telling) -> None:
    await tell(FIRST, mentionUsers=["<@U123>", "@oncall"])
    assert "<@U123> @oncall" in slack.ops.messages[0].written

    await tell(message(report(), body="one"), mentionUsers=["<@U123>", "@oncall"])
    slack.delete(slack.ops.parents[0])
    await tell(message(unknown()), mentionUsers=["<@U123>", "@oncall"])
    later = [*slack.said("chat.update"), *slack.said("chat.postMessage")[1:]]
    assert len(later) == 5
    assert all("<@U123>" not in str(call.arguments) for call in later)


async def test_a_message_somebody_deleted_is_said_anew(slack: SlackPeer, tell: Telling) -> None:
    await tell(message(report(), body="one"))
    slack.delete(slack.ops.parents[0])
    await tell(message(unknown(), body="two"))

    (parent,) = slack.ops.parents
    assert "unknown" in parent.text
    assert [one.written for one in slack.ops.replies(parent.ts)] == ["two"]


async def test_a_message_that_is_not_ours_to_edit_is_said_anew(
    slack: SlackPeer, tell: Telling
) -> None:
    await tell(FIRST)
    slack.ops.messages[0].user = "U0OTHER001"
    await tell(message(unknown(), body=""))

    assert len(slack.ops.parents) == 2


async def test_slack_unfurls_nothing(slack: SlackPeer, tell: Telling) -> None:
    await tell(LATER)

    for call in slack.said("chat.postMessage"):
        assert (call.arguments["unfurl_links"], call.arguments["unfurl_media"]) == (False, False)


async def test_slack_is_told_who_we_are_in_the_header_alone(
    slack: SlackPeer, tell: Telling
) -> None:
    await tell(FIRST)

    (call,) = slack.calls
    assert call.headers["authorization"] == f"Bearer {TOKEN}"
    assert TOKEN not in str(call.arguments)


# a post whose fate is unknown -----------------------------------------------------------------


@pytest.mark.parametrize("channel", ["#ops-alerts", "ops-alerts", "C0OPS00001"])
async def test_a_post_whose_reply_was_lost_is_found_and_edited(
    slack: SlackPeer, tell: Telling, channel: str
) -> None:
    slack.fail_next(Fault.LOSE_REPLY)
    with pytest.raises(DeliveryFailed) as lost:
        await tell(FIRST, channel=channel)
    assert (lost.value.retryable, lost.value.unseen) == (True, True)

    await tell(message(unknown(), body=""), channel=channel, repeat=True)

    (parent,) = slack.ops.messages
    assert (parent.edits, parent.text.partition(": ")[2]) == (
        1,
        "unknown, checked 9, could not see 2",
    )


async def test_a_reply_whose_answer_was_lost_is_found_and_edited(
    slack: SlackPeer, tell: Telling
) -> None:
    await tell(FIRST)
    slack.fail_next(Fault.LOSE_REPLY, method="chat.postMessage")
    with pytest.raises(DeliveryFailed):
        await tell(message(report(), body="one"))
    await tell(message(report(), body="two"), repeat=True)

    (parent,) = slack.ops.parents
    assert [one.written for one in slack.ops.replies(parent.ts)] == ["two"]


async def test_what_got_through_is_not_said_again_when_the_rest_did_not(
    slack: SlackPeer, tell: Telling
) -> None:
    await tell(FIRST)
    slack.fail_next(Fault.RATE_LIMITED, method="chat.postMessage")
    with pytest.raises(DeliveryFailed):
        await tell(message(report(), body="one"))
    await tell(message(report(), body="one"))

    (parent,) = slack.ops.parents
    assert parent.edits == 1
    assert [one.written for one in slack.ops.replies(parent.ts)] == ["one"]


async def test_a_post_that_never_arrived_is_made(slack: SlackPeer, tell: Telling) -> None:
    await tell(FIRST, repeat=True)

    (parent,) = slack.ops.messages
    assert "repeat" not in parent.text


async def test_the_search_goes_through_all_pages(slack: SlackPeer, tell: Telling) -> None:
    slack.page = 1
    slack.channels.append(Channel("C0ZZZ00001", "zzz"))
    await tell(FIRST, channel="#zzz")
    tell.receipt = None
    await tell(FIRST, channel="#zzz", key="INC-1042/1/another")
    tell.receipt = None
    await tell(FIRST, channel="#zzz", repeat=True)

    assert len(slack.channels[1].messages) == 2


async def test_a_message_of_another_incident_is_not_taken_for_ours(
    slack: SlackPeer, tell: Telling
) -> None:
    await tell(message(about=incident(id="another-installation")))
    tell.receipt = None
    await tell(FIRST, repeat=True)

    assert len(slack.ops.messages) == 2


@pytest.mark.parametrize("missing", ["channels:history", "channels:read"])
async def test_without_leave_to_look_a_second_post_says_what_it_may_be(
    slack: SlackPeer, tell: Telling, missing: str
) -> None:
    slack.scopes -= {missing}
    await tell(FIRST, repeat=True)

    assert slack.ops.messages[0].text == (
        "CRIT INC-1042 checkout down: investigating (may be a repeat)"
    )


async def test_the_mark_of_a_repeat_goes_with_the_next_edit(
    slack: SlackPeer, tell: Telling
) -> None:
    slack.scopes -= {"channels:history"}
    await tell(FIRST, repeat=True)
    await tell(LATER, repeat=True)

    parent, detail = slack.ops.messages
    assert "repeat" not in parent.text
    assert detail.text == "INC-1042: what was found (may be a repeat)"


async def test_a_search_that_is_slowed_down_is_not_given_up(
    slack: SlackPeer, tell: Telling
) -> None:
    slack.fail_next(Fault.RATE_LIMITED, method="conversations.history", retry_after=9)

    with pytest.raises(DeliveryFailed) as slowed:
        await tell(FIRST, repeat=True)

    assert slowed.value.retry_after_seconds == 9
    assert slack.ops.messages == []


# refusals -------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", ["invalid_blocks", "msg_blocks_too_long", "msg_too_long"])
@pytest.mark.parametrize("method", ["chat.postMessage", "chat.update"])
async def test_what_slack_cannot_show_is_said_in_one_line(
    slack: SlackPeer, tell: Telling, code: str, method: str
) -> None:
    if method == "chat.update":
        await tell(FIRST)
    slack.fail_next(code, method=method)
    await tell(message(unknown(), body=""))

    (parent,) = slack.ops.messages
    assert parent.text.endswith("unknown, checked 9, could not see 2")
    assert parent.blocks == []


@pytest.mark.parametrize(
    ("code", "hint"),
    [
        ("invalid_auth", "check its bot token"),
        ("channel_not_found", "invite the bot if the channel is private"),
        ("not_in_channel", "invite the bot to #ops-alerts"),
        ("is_archived", "choose another channel"),
        ("missing_scope", "give the app the scope chat:write"),
        ("something_new", "something_new"),
    ],
)
async def test_a_refusal_says_what_to_do(
    slack: SlackPeer, tell: Telling, code: str, hint: str
) -> None:
    slack.fail_next(code)

    with pytest.raises(DeliveryFailed, match=hint) as refused:
        await tell(FIRST)

    assert str(refused.value).startswith(f"slack '#ops-alerts': {code}")
    assert (refused.value.retryable, refused.value.unseen) == (False, False)


@pytest.mark.parametrize(
    ("fault", "unseen"),
    [
        pytest.param(Fault.SERVER_ERROR, True, id="gateway"),
        pytest.param(Fault.RATE_LIMITED, False, id="too-fast"),
        pytest.param("ratelimited", False, id="too-fast-in-the-body"),
        pytest.param("service_unavailable", False, id="busy"),
        pytest.param("fatal_error", True, id="half-done-perhaps"),
    ],
)
async def test_trouble_that_passes_is_worth_another_try(
    slack: SlackPeer, tell: Telling, fault: Fault | str, unseen: bool
) -> None:
    slack.fail_next(fault)

    with pytest.raises(DeliveryFailed) as failed:
        await tell(FIRST)

    assert (failed.value.retryable, failed.value.unseen) == (True, unseen)


async def test_slack_says_how_long_to_wait(slack: SlackPeer, tell: Telling) -> None:
    slack.fail_next(Fault.RATE_LIMITED, retry_after=30)

    with pytest.raises(DeliveryFailed) as slowed:
        await tell(FIRST)

    assert slowed.value.retry_after_seconds == 30


async def test_nobody_there_is_trouble_that_passes(tell: Telling, free_port: int) -> None:
    with pytest.raises(DeliveryFailed, match=f"127.0.0.1:{free_port}") as failed:
        await tell(FIRST, apiUrl=f"http://127.0.0.1:{free_port}/api")

    assert failed.value.retryable


# tokens ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "config",
    [
        pytest.param({"botToken": "env://SLACK_BOT_TOKEN"}, id="reference"),
        pytest.param({"botToken": None, "secretRef": "env://SLACK_BOT_TOKEN"}, id="secretRef"),
        pytest.param({"botToken": f"{TOKEN}\n"}, id="pasted-with-its-newline"),
    ],
)
async def test_a_token_is_found_where_it_is_said_to_be(
    slack: SlackPeer, tell: Telling, config: Mapping[str, Any]
) -> None:
    await tell(FIRST, **config)

    assert len(slack.ops.messages) == 1


@pytest.mark.parametrize(
    ("config", "why"),
    [
        pytest.param({"botToken": None}, "no token; set botToken", id="none"),
        pytest.param({"botToken": "env://NOT_SET"}, "NOT_SET", id="nowhere"),
        pytest.param({"botToken": "xoxb-é"}, "characters that no token has", id="not-ascii"),
        pytest.param({"botToken": "xoxb- a"}, "characters that no token has", id="blank-inside"),
    ],
)
async def test_without_a_token_nothing_is_sent(
    slack: SlackPeer, tell: Telling, config: Mapping[str, Any], why: str
) -> None:
    with pytest.raises(DeliveryFailed, match=why) as failed:
        await tell(FIRST, **config)

    assert not failed.value.retryable
    assert slack.calls == []


async def test_a_token_that_comes_back_is_not_repeated(slack: SlackPeer, tell: Telling) -> None:
    slack.fail_next(f"odd_{TOKEN}")

    with pytest.raises(DeliveryFailed) as refused:
        await tell(FIRST)

    assert TOKEN not in str(refused.value)


def test_a_config_does_not_show_its_token() -> None:
    config = SlackConfig.model_validate({"channel": "#x", "botToken": TOKEN})

    assert TOKEN not in repr(config)


@pytest.mark.parametrize(
    ("url", "taken"),
    [
        ("https://slack.example/api/", True),
        ("http://127.0.0.1:8080/api", True),
        ("http://[::1]:8080/api", True),
        ("http://slack.example/api", False),
        ("https://user:pass@slack.example/api", False),
        ("https://slack.example/api?x=1", False),
        ("https://[slack/api", False),
        ("slack.example", False),
    ],
)
def test_a_token_goes_over_tls_or_nowhere_far(url: str, taken: bool) -> None:
    fields = {"channel": "#x", "apiUrl": url}
    if taken:
        assert SlackConfig.model_validate(fields).api_url == url.rstrip("/")
    else:
        with pytest.raises(ValueError, match="apiUrl"):
            SlackConfig.model_validate(fields)
