from hypothesis import given
from hypothesis import strategies as st

from punchingfist.domain.investigation.phrases import (
    CLAIM_LENGTH,
    SHORT_LENGTH,
    listed,
    sentence,
    short,
)


@given(st.text(), st.lists(st.text(), max_size=4), st.text())
def test_a_claim_is_one_short_line_without_quotes_in_it(
    first: str, more: list[str], said: str
) -> None:
    claim = sentence("cart fails", *more, said=said)

    assert len(claim) <= CLAIM_LENGTH
    assert len(sentence(first, *more, said=said)) <= CLAIM_LENGTH
    assert len(short(first)) <= SHORT_LENGTH
    assert '"' not in sentence("cart fails", said=said)


def test_what_does_not_fit_is_left_out_whole() -> None:
    assert sentence("cart is down", "x" * 200, ", since noon") == "cart is down, since noon"


def test_words_of_others_are_cut_where_they_still_tell_something() -> None:
    assert sentence("cart fails", said=": " + "no route " * 50).startswith("cart fails: no route")
    assert sentence("c" * 150, said=": no route to the host of the database") == "c" * 150


def test_quotes_within_what_was_said_are_softened() -> None:
    assert sentence("cart fails", said=': get "http://a": refused') == (
        "cart fails: get 'http://a': refused"
    )


def test_of_many_names_the_first_few_are_listed() -> None:
    assert listed(["a", "b", "c"]) == "a, b, c"
    assert listed(["a", "b", "c", "d", "e"]) == "a, b, c and 2 more"
