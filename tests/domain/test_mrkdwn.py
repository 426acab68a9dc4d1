import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from punchingfist.domain.markdown import escape
from punchingfist.domain.mrkdwn import escape_text, link, split, to_sections

ALPHABET = "ab &<>|`*_\n#-[](!@:/."
CONTROL = re.compile(r"<[^>]*>")


@pytest.mark.parametrize(
    ("markdown", "slack"),
    [
        pytest.param("**bold** and __bold__", "*bold* and *bold*", id="bold"),
        pytest.param("*it* _it_", "_it_ _it_", id="italic"),
        pytest.param("~~gone~~", "~gone~", id="strike"),
        pytest.param("## Head **x**", "*Head x*", id="heading"),
        pytest.param("- a\n- b", "• a\n• b", id="list"),
        pytest.param("`a < b`", "`a &lt; b`", id="code"),
        pytest.param("```sh\na && b\n```", "```\na &amp;&amp; b\n```", id="fence"),
        pytest.param("````\n```\n````", "```\nˋˋˋ\n```", id="fence-in-fence"),
        pytest.param(
            "[t](https://u.example?a=1&b=2)", "<https://u.example?a=1&amp;b=2|t>", id="link"
        ),
        pytest.param("[t](ftp://u.example)", "t", id="no-web-address"),
        pytest.param("https://u.example", "https://u.example", id="bare-address-stays-text"),
        pytest.param("**a\nb**", "*a*\n*b*", id="bold-over-two-lines"),
    ],
)
def test_markdown_becomes_slacks(markdown: str, slack: str) -> None:
    assert to_sections(markdown) == [slack]


@pytest.mark.parametrize("text", ["<!channel>", "<@U123>", "&lt;!here&gt;", "<!subteam^S1>"])
@pytest.mark.parametrize("around", ["{}", "- {}", "`{}`", "```\n{}\n```", "# {}", "**{}**"])
def test_nobody_is_called_even_by_an_author(text: str, around: str) -> None:
    assert CONTROL.findall("\n".join(to_sections(around.format(text)))) == []


@pytest.mark.parametrize("text", ["<https://evil.example|label>", "[label](https://evil.example)"])
def test_outside_text_links_nowhere(text: str) -> None:
    assert to_sections(escape(text)) == [escape_text(text)]


@given(st.text(alphabet=ALPHABET))
def test_outside_text_holds_neither_mention_nor_link(text: str) -> None:
    assert CONTROL.findall("\n".join(to_sections(escape(text)))) == []


def test_a_link_cannot_be_broken_out_of() -> None:
    assert link("a|b", "https://u.example/|x>y<z") == "<https://u.example/%7Cx%3Ey%3Cz|a¦b>"


def test_a_link_too_long_for_slack_is_its_label() -> None:
    assert link("a", "https://u.example/" + "x" * 3000) == "a"


LINES = st.lists(
    st.one_of(
        st.text(alphabet="abc &<>", max_size=80).map(escape_text),
        st.just("```"),
        st.just("<https://u.example/abc|a label>"),
    )
).map("\n".join)


@given(LINES, st.integers(min_value=60, max_value=120))
def test_no_part_is_longer_than_the_limit_or_empty(text: str, limit: int) -> None:
    parts = list(split(text, limit))

    assert all(part.strip() and len(part) <= limit for part in parts)


@given(LINES, st.integers(min_value=60, max_value=120))
def test_no_words_are_lost_and_code_is_closed_in_every_part(text: str, limit: int) -> None:
    parts = list(split(text, limit))

    assert "".join("".join(parts).split()).replace("```", "") == "".join(text.split()).replace(
        "```", ""
    )
    assert all(part.split("\n").count("```") % 2 == 0 for part in parts)


@given(LINES, st.integers(min_value=60, max_value=120))
def test_neither_a_link_nor_an_entity_is_cut(text: str, limit: int) -> None:
    parts = list(split(text, limit))

    assert all(part.count("<") == part.count(">") for part in parts)
    assert all(part.count("&") == len(re.findall(r"&(?:amp|lt|gt);", part)) for part in parts)


def test_parts_end_with_a_line_where_there_is_one() -> None:
    lines = ["a" * 30, "b " * 15, "ccc"]

    assert list(split("\n".join(lines), 66)) == ["\n".join(lines[:2]), "ccc"]


def test_a_word_too_long_for_one_part_is_cut() -> None:
    assert "".join(split("x" * 200, 60)) == "x" * 200
