import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from punchingfist.domain.storable import storable, storable_text
from punchingfist.errors import InvalidInput

ANY_TEXT = st.text(st.characters())  # lone surrogates and NUL included
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | ANY_TEXT,
    lambda inner: st.lists(inner) | st.dictionaries(ANY_TEXT, inner),
)


@given(ANY_JSON)
def test_whatever_comes_can_be_stored_as_strict_json(value: object) -> None:
    text = json.dumps(storable(value), ensure_ascii=False, allow_nan=False)  # type: ignore[arg-type]

    assert "\\u0000" not in text
    assert text.encode()


@given(ANY_TEXT)
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    assert storable_text(storable_text(text)) == storable_text(text)


@pytest.mark.parametrize("text", ["", "plain", "Grüße 👋", "a\nb\tc", "\ufeffmark"])
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    assert storable_text(text) == text


def test_numbers_without_end_become_words() -> None:
    assert storable([math.inf, math.nan, 1.5]) == ["inf", "nan", 1.5]


def test_json_nested_too_deep_is_refused() -> None:
    deep: list[object] = []
    for _ in range(64):
        deep = [deep]

    with pytest.raises(InvalidInput, match="deeper than 64"):
        storable(deep)  # type: ignore[arg-type]
