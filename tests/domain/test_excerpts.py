from hypothesis import given
from hypothesis import strategies as st

from punchingfist.domain.excerpts import ends_of, one_line


@given(st.text(max_size=50))
def test_a_text_that_fits_is_left_alone(text: str) -> None:
    assert ends_of(text, 50) == text


@given(st.text(min_size=101, max_size=300))
def test_a_long_text_keeps_both_its_ends(text: str) -> None:
    cut = ends_of(text, 100)

    assert cut.startswith(text[:50])
    assert cut.endswith(text[-50:])
    assert f"{len(text) - 100} characters left out" in cut


@given(st.text(), st.integers(min_value=1, max_value=40))
def test_one_line_is_one_line_and_no_longer_than_allowed(text: str, limit: int) -> None:
    line = one_line(text, limit)

    assert len(line) <= limit
    assert len(line.splitlines()) <= 1
