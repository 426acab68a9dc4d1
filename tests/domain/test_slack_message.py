from typing import Any

import pytest
from slack_sdk.models.blocks import Block

from punchingfist.domain.alerts import Severity
from punchingfist.domain.incidents import IncidentStatus
from punchingfist.domain.slack_message import Said, mention, render_detail, render_parent
from tests.incidents import alert, incident, message, report, unknown


def texts(said: Said) -> list[str]:
    blocks: Any = said.blocks
    for block in blocks:
        Block.parse(block).validate_json()  # type: ignore[union-attr]
    return [block["text"]["text"] for block in blocks]


def test_the_parent_says_how_bad_what_where_and_since_when() -> None:
    said = render_parent(message(report()))

    assert said.text == "CRIT INC-1042 checkout down: OOMKilled, limit 256Mi (0.93)"
    assert texts(said) == [
        (
            "*CRITICAL* · INC-1042 · investigating · since"
            " <!date^1714564620^{date_short_pretty} {time}|2024-05-01 11:57 UTC>\n*checkout down*"
        ),
        "OOMKilled, limit 256Mi (0.93)",
        "*Object:* `Deployment shop/checkout`",
        (
            "<https://fist.example/incidents/INC-1042|Open INC-1042>"
            " · <https://runbooks.example/checkout|Runbook>"
            " · <https://prometheus.example/graph?g0.expr=up|Graph>"
        ),
    ]


def test_the_parent_stands_without_anything_known() -> None:
    bare = incident(severity=Severity.INFO, alerts=())

    assert texts(render_parent(message(about=bare, link=""))) == [
        (
            "*INFO* · INC-1042 · investigating · since"
            " <!date^1714564800^{date_short_pretty} {time}|2024-05-01 12:00 UTC>\n*checkout down*"
        ),
        "investigating",
    ]


def test_a_resolved_incident_says_so() -> None:
    said = render_parent(message(report(), about=incident(status=IncidentStatus.RESOLVED)))

    assert said.text.startswith("RESOLVED INC-1042")
    assert "INC-1042 · resolved" in texts(said)[0]


def test_an_unknown_cause_is_called_unknown() -> None:
    assert texts(render_parent(message(unknown())))[1] == "unknown, checked 9, could not see 2"


def test_details_are_the_body() -> None:
    said = render_detail(message(report(), body="**a**\n- b"))

    assert said.text == "INC-1042: what was found"
    assert texts(said) == ["*a*\n• b"]


def test_the_body_stands_between_the_answer_and_the_links_when_all_is_one_message() -> None:
    written = texts(render_parent(message(report(), body="the body"), whole=True))

    assert written[-2:-1] == ["the body"]


@pytest.mark.parametrize("render", [render_detail, lambda said: render_parent(said, whole=True)])
@pytest.mark.parametrize(
    ("link", "end"),
    [
        ("https://f.example/i", "… <https://f.example/i|full report>"),
        ("", "… the rest is too long for Slack"),
    ],
)
def test_a_long_body_ends_where_slack_does_and_says_where_the_rest_is(
    render: Any, link: str, end: str
) -> None:
    said = render(message(report(), body="word " * 40_000, link=link))
    written = texts(said)

    assert len(written) <= 50
    assert end in written
    assert all(len(text) <= 3000 for text in written)


HOSTILE = ("<!channel>", "<@U012AB3CD>", "<https://evil.example|https://good.example>")


@pytest.mark.parametrize("text", HOSTILE)
def test_alert_text_calls_nobody_and_links_nowhere(text: str) -> None:
    about = incident(title=text, alerts=(alert(annotations={"runbook_url": text}),))
    said = render_parent(message(report(root_cause=text), about=about))
    everything = "\n".join([said.text, *texts(said)])

    assert text not in everything
    assert text.replace("<", "&lt;").replace(">", "&gt;") in said.text


def test_slack_makes_nothing_of_plain_words() -> None:
    blocks: Any = render_parent(message(report())).blocks

    assert all(block["text"]["verbatim"] for block in blocks)


@pytest.mark.parametrize(
    ("word", "written"),
    [
        pytest.param("<@U123>", "<@U123>", id="addressed"),
        pytest.param("<!subteam^S123>", "<!subteam^S123>", id="group"),
        pytest.param("U012AB3CD", "<@U012AB3CD>", id="id"),
        pytest.param("@W012AB3CD", "<@W012AB3CD>", id="id-with-at"),
        pytest.param("S012AB3CD", "<!subteam^S012AB3CD>", id="group-id"),
        pytest.param("@here", "<!here>", id="here"),
        pytest.param("@channel", "<!channel>", id="channel"),
        pytest.param("@oncall", "@oncall", id="a-name-stays-text"),
        pytest.param("@SRE", "@SRE", id="a-word-is-no-id"),
        pytest.param("<https://evil.example>", "&lt;https://evil.example&gt;", id="no-link"),
    ],
)
def test_a_mention_needs_an_id(word: str, written: str) -> None:
    assert mention(word) == written


def test_a_message_is_known_by_what_it_says() -> None:
    assert render_parent(message()).digest == render_parent(message()).digest
    assert render_parent(message()).digest != render_parent(message(report())).digest
