from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from punchingfist.domain.markdown import PLAIN, Outside, code, escape, fill, render

MARKS = "\\`*_[]()<>~&#+-=!|.1 \n\tab:/"


def squeezed(text: str) -> str:
    return "".join(text.split())


@given(st.text(alphabet=MARKS))
@example("&lt;!channel&gt;")
@example("1. one\n2) two")
@example("a\n===\n---")
@example("[x]: https://evil.example")
@example("```\ncode\n```")
@example("\\")
def test_escaped_text_reads_as_itself(text: str) -> None:
    assert squeezed(render(escape(text), PLAIN)) == squeezed(text)


@given(st.text(alphabet=MARKS), st.text(alphabet=MARKS))
def test_escaped_text_reads_as_itself_within_a_sentence(before: str, after: str) -> None:
    rendered = render(f"x {escape(before)} **y** {escape(after)} z", PLAIN)

    assert squeezed(rendered) == squeezed(f"x {before} y {after} z")


def test_names_with_underscores_are_left_readable() -> None:
    assert escape("kube_pod_status") == "kube_pod_status"
    assert escape("_kube_ `x`") == "\\_kube\\_ &#96;x&#96;"


@pytest.mark.parametrize("text", ["a`b", "``", "a\nb", " `x` "])
def test_code_cannot_be_left(text: str) -> None:
    assert code(text).count("`") == 2
    assert "\n" not in code(text)


def test_nothing_is_no_code() -> None:
    assert code(" \n") == ""


LINK = Outside(
    "[x](https://evil.example) <https://evil.example>\n\n```\n~~~\n> [x](https://evil.example)"
)


@given(st.lists(st.text(alphabet="`~\\ \n>-*#ab[]!<") | st.just(LINK), max_size=6))
@example(["it`s ", LINK])
@example(["\\`", LINK, "`"])
@example(["- ```\n  ", LINK, "\n  ```"])
@example(["> ```\n> ", LINK])
@example(["```a`b\n", LINK])
@example(["~~~\n", LINK, "\n~~~"])
@example(["``", LINK, "`"])
def test_values_link_nowhere_whatever_an_author_put_around_them(parts: list[str | Outside]) -> None:
    assert "LINK" not in render(fill(parts), replace(PLAIN, link=lambda *_: "LINK"))


def test_values_in_a_span_are_bare_and_cannot_close_it() -> None:
    assert fill(["`a ", Outside("b_`c`\n*d*"), "` ", Outside("*e*")]) == "`a b_ˋcˋ *d*` \\*e\\*"


def test_values_in_a_fence_keep_their_lines_and_cannot_close_it() -> None:
    body = fill(["```\n", Outside("a\n```\n# b"), "\n```\nend"])

    assert render(body, PLAIN) == "    a\n    ˋˋˋ\n    # b\nend"


@pytest.mark.parametrize(
    ("markdown", "plain"),
    [
        pytest.param("# Big **news**", "Big news", id="heading"),
        pytest.param("**a** *b* ~~c~~ `d`", "a b c d", id="marks"),
        pytest.param("a\n- b\n  - c\n- d", "a\n- b\n    - c\n- d", id="lists-stay-close"),
        pytest.param("3. a\n4. b", "3. a\n4. b", id="numbers"),
        pytest.param("-\n- a", "-\n- a", id="empty-item"),
        pytest.param("> a\n> b", "> a\n> b", id="quote"),
        pytest.param("a\n\n---\n\nb", "a\n\n———\n\nb", id="rule"),
        pytest.param("[a](https://b.example)", "a (https://b.example)", id="link"),
        pytest.param("<https://b.example>", "https://b.example", id="bare-link"),
        pytest.param("![a](https://b.example)", "a (https://b.example)", id="image"),
        pytest.param("<b>a</b>", "<b>a</b>", id="html-is-text"),
        pytest.param("a\n\n    b", "a\n\nb", id="indented-text-is-text"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_markdown_is_plain_in_a_terminal(markdown: str, plain: str) -> None:
    assert render(markdown, PLAIN) == plain


@pytest.mark.parametrize("url", ["javascript:alert(1)", "mailto:a@b", "slack://x", "/here"])
def test_only_web_addresses_become_links(url: str) -> None:
    assert f"({url})" not in render(f"[a](<{url}>)", PLAIN).replace("[a]", "")
