"""The peer against Slack's own client, so that it answers as Slack does."""

import http.client
from collections.abc import Iterator
from typing import Any
from urllib.error import URLError

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from tests.peers.slack import TOKEN, Channel, Fault, SlackPeer

METADATA = {"event_type": "told", "event_payload": {"key": "k"}}
OPS = "C0OPS00001"


@pytest.fixture(scope="module")
def workspace() -> Iterator[SlackPeer]:
    with SlackPeer() as peer:
        yield peer


@pytest.fixture
def slack(workspace: SlackPeer) -> SlackPeer:
    workspace.reset()
    return workspace


@pytest.fixture
def client(slack: SlackPeer) -> WebClient:
    return WebClient(TOKEN, base_url=f"{slack.url}/", timeout=1, retry_handlers=[])


def section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def refusal(error: pytest.ExceptionInfo[SlackApiError]) -> str:
    return str(error.value.response["error"])


def test_a_message_is_posted_edited_and_read_back(slack: SlackPeer, client: WebClient) -> None:
    posted = client.chat_postMessage(channel="#ops-alerts", text="one", metadata=METADATA)
    client.chat_update(channel=posted["channel"], ts=posted["ts"], text="two")

    read = client.conversations_history(channel=posted["channel"], include_all_metadata=True)
    (message,) = read["messages"]
    assert (message["text"], message["metadata"]) == ("two", METADATA)
    assert slack.ops.messages[0].edits == 1


def test_metadata_is_shown_to_those_who_ask(client: WebClient, slack: SlackPeer) -> None:
    client.chat_postMessage(channel=OPS, text="one", metadata=METADATA)

    assert "metadata" not in client.conversations_history(channel=OPS)["messages"][0]


def test_replies_are_read_by_thread_and_not_in_the_channel(client: WebClient) -> None:
    parent = client.chat_postMessage(channel=OPS, text="parent")
    client.chat_postMessage(channel=OPS, text="reply", thread_ts=parent["ts"])

    history = client.conversations_history(channel=OPS)["messages"]
    replies = client.conversations_replies(channel=OPS, ts=parent["ts"])["messages"]
    assert [one["text"] for one in history] == ["parent"]
    assert [one["text"] for one in replies] == ["parent", "reply"]


def test_history_comes_newest_first_and_in_pages(slack: SlackPeer, client: WebClient) -> None:
    slack.page = 2
    for text in "abc":
        client.chat_postMessage(channel=OPS, text=text)

    pages = [page["messages"] for page in client.conversations_history(channel=OPS)]
    assert [[one["text"] for one in page] for page in pages] == [["c", "b"], ["a"]]


def test_history_begins_where_asked(client: WebClient) -> None:
    first = client.chat_postMessage(channel=OPS, text="a")
    client.chat_postMessage(channel=OPS, text="b")

    found = client.conversations_history(channel=OPS, oldest=first["ts"])["messages"]
    assert [one["text"] for one in found] == ["b"]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        pytest.param({"channel": "#nowhere", "text": "x"}, "channel_not_found", id="channel"),
        pytest.param({"channel": "#private", "text": "x"}, "not_in_channel", id="not-a-member"),
        pytest.param({"channel": "#old", "text": "x"}, "is_archived", id="archived"),
        pytest.param({"channel": OPS}, "no_text", id="nothing-said"),
        pytest.param({"channel": OPS, "text": "x" * 40_001}, "msg_too_long", id="text"),
        pytest.param(
            {"channel": OPS, "blocks": [section("x")] * 51}, "invalid_blocks", id="many-blocks"
        ),
        pytest.param(
            {"channel": OPS, "blocks": [section("x" * 3001)]}, "invalid_blocks", id="long-section"
        ),
        pytest.param({"channel": OPS, "blocks": [section("")]}, "invalid_blocks", id="empty"),
        pytest.param(
            {"channel": OPS, "text": "x", "metadata": {"event_type": "x"}},
            "invalid_metadata_format",
            id="metadata",
        ),
        pytest.param(
            {"channel": OPS, "text": "x", "thread_ts": "1.1"}, "thread_not_found", id="no-thread"
        ),
    ],
)
def test_what_slack_refuses_to_post(
    slack: SlackPeer, client: WebClient, arguments: dict[str, Any], code: str
) -> None:
    slack.channels.append(Channel("C0PRIVATE1", "private", is_member=False))
    slack.channels.append(Channel("C0OLD00001", "old", is_archived=True))

    with pytest.raises(SlackApiError) as refused:
        client.api_call("chat.postMessage", json=arguments)

    assert refusal(refused) == code
    assert slack.ops.messages == []


def test_edits_take_the_channels_id_and_a_shorter_text(slack: SlackPeer, client: WebClient) -> None:
    posted = client.chat_postMessage(channel=OPS, text="x")
    edits = [
        ({"channel": "#ops-alerts", "ts": posted["ts"], "text": "y"}, "channel_not_found"),
        ({"channel": OPS, "ts": "1.1", "text": "y"}, "message_not_found"),
        ({"channel": OPS, "ts": posted["ts"], "text": "y" * 4001}, "msg_too_long"),
    ]
    for arguments, code in edits:
        with pytest.raises(SlackApiError) as refused:
            client.chat_update(**arguments)
        assert refusal(refused) == code


def test_another_bots_message_cannot_be_edited(slack: SlackPeer, client: WebClient) -> None:
    posted = client.chat_postMessage(channel=OPS, text="x")
    slack.ops.messages[0].user = "U0OTHER001"

    with pytest.raises(SlackApiError) as refused:
        client.chat_update(channel=OPS, ts=posted["ts"], text="y")

    assert refusal(refused) == "cant_update_message"


@pytest.mark.parametrize(("token", "code"), [("xoxb-wrong", "invalid_auth"), (None, "not_authed")])
def test_a_bot_must_say_who_it_is(slack: SlackPeer, token: str | None, code: str) -> None:
    client = WebClient(token, base_url=f"{slack.url}/", retry_handlers=[])

    with pytest.raises(SlackApiError) as refused:
        client.chat_postMessage(channel=OPS, text="x")

    assert refusal(refused) == code


def test_a_bot_may_do_what_its_scopes_say(slack: SlackPeer, client: WebClient) -> None:
    slack.scopes = frozenset({"chat:write"})

    with pytest.raises(SlackApiError) as refused:
        client.conversations_history(channel=OPS)

    assert refusal(refused) == "missing_scope"
    assert refused.value.response["needed"] == "channels:history"


def test_too_many_messages_are_told_to_wait(slack: SlackPeer, client: WebClient) -> None:
    slack.seconds_a_message = 60
    client.chat_postMessage(channel=OPS, text="x")

    with pytest.raises(SlackApiError) as refused:
        client.chat_postMessage(channel=OPS, text="y")

    assert refused.value.response.status_code == 429
    assert refused.value.response.headers["retry-after"] == "1"


def test_a_lost_reply_means_a_message_all_the_same(slack: SlackPeer, client: WebClient) -> None:
    slack.fail_next(Fault.LOSE_REPLY)

    with pytest.raises((URLError, http.client.HTTPException)):
        client.chat_postMessage(channel=OPS, text="x")

    assert [one.text for one in slack.ops.messages] == ["x"]


def test_faults_meet_the_calls_they_are_meant_for(slack: SlackPeer, client: WebClient) -> None:
    slack.fail_next("fatal_error", method="chat.update")
    slack.fail_next(Fault.RATE_LIMITED, method="chat.postMessage", retry_after=7)

    with pytest.raises(SlackApiError) as slowed:
        client.chat_postMessage(channel=OPS, text="x")
    assert slowed.value.response.headers["retry-after"] == "7"
    assert client.chat_postMessage(channel=OPS, text="x")["ok"]


def test_a_hanging_call_does_nothing(slack: SlackPeer) -> None:
    hasty: Any = 0.1  # urllib waits for fractions, whatever the client's annotation says
    client = WebClient(TOKEN, base_url=f"{slack.url}/", retry_handlers=[], timeout=hasty)
    slack.fail_next(Fault.HANG)

    with pytest.raises(TimeoutError):
        client.chat_postMessage(channel=OPS, text="x")

    assert slack.ops.messages == []
