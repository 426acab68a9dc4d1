from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from punchingfist.domain.yaml_tree import parse_yaml
from punchingfist.errors import InvalidInput


def test_words_that_old_yaml_read_as_something_else_stay_words() -> None:
    (document,) = parse_yaml("on: [yes, no, 2024-01-01, 1:30, 0777]")

    assert document.tree == {"on": ["yes", "no", "2024-01-01", "1:30", "0777"]}


def test_plain_scalars_have_their_types() -> None:
    (document,) = parse_yaml("[1, -2, 0.5, true, null, ~, '1']")

    assert document.tree == [1, -2, 0.5, True, None, None, "1"]


def test_lines_are_those_of_the_file_in_every_document() -> None:
    _, second = parse_yaml("a: 1\n---\nb:\n  - c: |\n      one\n      two\n    d: 2\n")

    assert second.line_of(("b", 0, "d")) == 7
    assert second.line_of(("b", 0, "c")) == 4
    assert second.line_of(("b", 0, "c"), text_line=2) == 6
    assert second.line_of(("b", 0, "missing")) == 4


def test_anchors_and_merges_work() -> None:
    (document,) = parse_yaml("a: &x {k: 1}\nb: {k: 3, <<: *x, l: 2}\nc: {<<: [*x]}")

    assert document.tree["b"] == {"k": 3, "l": 2}
    assert document.tree["c"] == {"k": 1}


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        pytest.param("a: 1\na: 2", 2, "stands twice", id="duplicate-key"),
        pytest.param("a: {{ .x }}", 1, "quotes", id="unquoted-placeholder"),
        pytest.param("a:\n\tb: 1", 2, "indentation", id="tab"),
        pytest.param("a: 1\nb: \0", 2, "U\\+0000", id="nul"),
        pytest.param("a: !!python/name:os.system x", 1, "tag", id="python-tag"),
        pytest.param("a: *b", 1, "undefined alias", id="alias"),
        pytest.param("a: !!int b", 1, "is no int", id="wrong-tag"),
    ],
)
def test_errors_name_the_line_and_the_reason(text: str, line: int, reason: str) -> None:
    with pytest.raises(InvalidInput, match=reason) as refused:
        parse_yaml(text, file="x.yaml")

    assert refused.value.line == line
    assert str(refused.value).startswith(f"x.yaml:{line}: ")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("[" * 5000, id="nesting"),
        pytest.param("&a [*a]", id="loop"),
        pytest.param("&a {<<: *a}", id="merge-loop"),
        pytest.param(
            "a: &a [x,x,x,x,x,x,x,x,x,x]\n"
            + "\n".join(
                f"{new}: &{new} [{','.join([f'*{old}'] * 10)}]"
                for old, new in zip("abcdefg", "bcdefgh", strict=True)
            ),
            id="billion-laughs",
        ),
        pytest.param(
            "a: &a {k: 1}\n"
            + "\n".join(
                f"{new}: &{new} {{<<: [{','.join([f'*{old}'] * 10)}]}}"
                for old, new in zip("abcdefg", "bcdefgh", strict=True)
            ),
            id="merged-laughs",
        ),
        pytest.param("x" * 2_000_000, id="size"),
    ],
)
def test_yaml_that_explodes_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        parse_yaml(text)


@given(
    st.text(alphabet=st.characters(), max_size=60)
    | st.text("[]{}:-,&*!|>'\"# \n\tab1", max_size=40)
)
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(InvalidInput):
        parse_yaml(text)
