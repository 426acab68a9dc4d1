from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from punchingfist.lab.recorded_times import logged_lines, parse_span, resolve, shift, shift_log

NOW = datetime(2025, 6, 12, 14, 30, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("now", timedelta()),
        ("-15m", timedelta(minutes=-15)),
        ("-1d2h3m4s", -timedelta(days=1, hours=2, minutes=3, seconds=4)),
        ("15m", None),
        ("-", None),
        ("-5x", None),
        ("-Xmx480m", None),
    ],
)
def test_a_relative_time_is_told_from_other_text(text: str, span: timedelta | None) -> None:
    assert parse_span(text) == span


def test_leases_get_their_fraction_of_a_second() -> None:
    resolved = resolve({"renewTime": "-10s", "startedAt": "-10s", "args": ["-10s"]}, NOW)

    assert resolved == {
        "renewTime": "2025-06-12T14:29:50.000000Z",
        "startedAt": "2025-06-12T14:29:50Z",
        "args": ["-10s"],
    }


@pytest.mark.parametrize(
    ("text", "moved"),
    [
        ("2025-06-12T14:30:00Z", "2025-06-13T14:30:00Z"),
        ("2025-06-12T14:30:00.123456Z", "2025-06-13T14:30:00.123456Z"),
        ("2025-06-12T14:30:00+02:00", "2025-06-13T14:30:00+02:00"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
        ("at 2025-06-12T14:30:00Z", "at 2025-06-12T14:30:00Z"),
    ],
)
def test_a_time_in_an_object_moves(text: str, moved: str) -> None:
    assert shift({"a": [text]}, DAY) == {"a": [moved]}


@pytest.mark.parametrize(
    ("line", "moved", "at"),
    [
        (b"2025-06-12T14:30:00.5Z up", b"2025-06-13T14:30:00.5Z up", NOW + timedelta(seconds=0.5)),
        (
            b"2025-06-12 14:30:00,250 up",
            b"2025-06-13 14:30:00,250 up",
            NOW + timedelta(seconds=0.25),
        ),
        (b"2025-06-12T16:30:00+02:00 up", b"2025-06-13T16:30:00+02:00 up", NOW),
        (b'{"ts":"2025-06-12T14:30:00Z"}', b'{"ts":"2025-06-13T14:30:00Z"}', NOW),
        (b"1:M 30 Jun 2025 14:30:00.000 * up", b"1:M 01 Jul 2025 14:30:00.000 * up", None),
        (b"[12/Jun/2025:14:30:00 +0000] GET", b"[13/Jun/2025:14:30:00 +0000] GET", NOW),
        (b"\xff 2025-99-99 99:99:99 up", b"\xff 2025-99-99 99:99:99 up", None),
        (b"\tat java.lang.Thread.run", b"\tat java.lang.Thread.run", None),
    ],
)
def test_a_time_at_the_head_of_a_line_moves(line: bytes, moved: bytes, at: datetime | None) -> None:
    assert shift_log(line, DAY) == moved
    if at is not None:
        assert logged_lines(line)[0].at == at


def test_a_line_without_a_time_takes_that_of_the_line_before() -> None:
    stamped, trace = logged_lines(b"2025-06-12T14:30:00Z error\n\tat main\n")

    assert (stamped.at, trace.at, trace.text) == (NOW, NOW, b"\tat main")


@given(st.binary(max_size=80), st.integers(min_value=-10_000, max_value=10_000))
def test_any_bytes_move_without_harm(log: bytes, minutes: int) -> None:
    moved = shift_log(log, timedelta(minutes=minutes))

    assert moved.count(b"\n") == log.count(b"\n")
    assert b"\n".join(line.text for line in logged_lines(log)) == log.removesuffix(b"\n")
