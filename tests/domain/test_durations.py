from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from punchingfist.domain.durations import parse_duration, render_duration
from punchingfist.errors import InvalidInput


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("1h", timedelta(hours=1)),
        ("300s", timedelta(minutes=5)),
        ("1h30m", timedelta(minutes=90)),
        ("1.5s", timedelta(milliseconds=1500)),
        ("250ms", timedelta(milliseconds=250)),
        ("0", timedelta(0)),
    ],
)
def test_go_like_durations_are_read(text: str, span: timedelta) -> None:
    assert parse_duration(text) == span


@pytest.mark.parametrize("text", ["", "5", "1 h", "h", "-1s", "1d", "1h!", "١s", "9999999999h"])
def test_anything_else_is_refused_with_its_text(text: str) -> None:
    with pytest.raises(InvalidInput, match="duration"):
        parse_duration(text)


@given(st.timedeltas(timedelta(0), timedelta(days=3650)))
def test_what_is_rendered_reads_back(span: timedelta) -> None:
    assert parse_duration(render_duration(span)) == span
