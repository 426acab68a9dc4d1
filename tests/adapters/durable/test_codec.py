import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from punchingfist.adapters.durable.codec import as_recorded, dump_error, dump_value, load
from punchingfist.errors import Refused, Unavailable
from punchingfist.ports.durable import StepError

LEAVES = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
)
TEXT = st.text(st.characters(categories=None))  # lone surrogates and NUL included
VALUES = st.recursive(
    LEAVES | TEXT,
    lambda inner: st.lists(inner) | st.dictionaries(TEXT | st.just("error"), inner),
    max_leaves=20,
)


@given(VALUES)
def test_every_json_value_comes_back_as_it_was(value: object) -> None:
    assert load(dump_value(value)) == value


@given(VALUES)
def test_every_record_is_plain_ascii(value: object) -> None:
    assert dump_value(value).isascii()


@given(VALUES)
def test_a_value_never_comes_back_as_an_error(value: object) -> None:
    assert not isinstance(load(dump_value({"error": value})), StepError)


def test_a_mapping_that_is_not_a_dict_comes_back_as_one() -> None:
    assert as_recorded({"labels": (("a", 1),)}) == {"labels": [["a", 1]]}


@pytest.mark.parametrize("value", [float("nan"), {1, 2}, b"bytes", object()])
def test_what_is_not_json_is_refused(value: object) -> None:
    with pytest.raises((TypeError, ValueError), match="JSON"):
        dump_value(value)


@pytest.mark.parametrize(
    ("error", "code", "retryable"),
    [
        (StepError("full", "disk is full", retryable=True), "full", True),
        (Unavailable("no route", retryable=False), "Unavailable", False),
        (Unavailable("no route"), "Unavailable", True),
        (Refused("policy"), "Refused", False),
        (KeyError("x"), "KeyError", False),
    ],
)
def test_every_error_comes_back_as_a_step_error(
    error: Exception, code: str, *, retryable: bool
) -> None:
    back = load(dump_error(error))

    assert isinstance(back, StepError)
    assert (back.code, str(back), back.retryable) == (code, str(error), retryable)


def test_a_long_message_is_cut() -> None:
    envelope = json.loads(dump_error(ValueError("x" * 10_000)))

    assert len(envelope["error"][1]) == 2000
