import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from punchingfist.errors import Malformed
from punchingfist.surfaces.server.body import parse_json

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


def no_constant(word: str) -> Any:
    raise ValueError(word)


@given(VALUES, st.sampled_from([None, 2]))
def test_json_taken_in_pieces_is_the_same_json(value: Any, indent: int | None) -> None:
    text = json.dumps(value, indent=indent).replace("Infinity", "1e999")

    assert parse_json(text.encode()) == json.loads(text)


@given(st.text(alphabet='{}[]",:01 \n\tae\\tru'))
def test_what_is_no_json_in_one_piece_is_none_in_many(text: str) -> None:
    try:
        whole = json.loads(text, parse_constant=no_constant)
    except ValueError:
        with pytest.raises(Malformed):
            parse_json(text.encode())
    else:
        assert parse_json(text.encode()) == whole


def test_a_byte_order_mark_is_no_reason_to_refuse() -> None:
    assert parse_json(b'\xef\xbb\xbf{"a": 1}') == {"a": 1}
