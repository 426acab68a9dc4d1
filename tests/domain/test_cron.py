from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from croniter import croniter  # type: ignore[import-untyped]
from hypothesis import given, settings
from hypothesis import strategies as st

from punchingfist.domain.cron import parse_cron
from punchingfist.errors import InvalidInput

START = datetime(2024, 2, 27, 12, tzinfo=UTC)


def a_field(low: int, high: int) -> st.SearchStrategy[str]:
    number = st.integers(low, high)
    pair = st.lists(number, min_size=2, max_size=2, unique=True).map(sorted)
    return st.one_of(
        st.just("*"),
        number.map(str),
        st.integers(2, 7).map(lambda step: f"*/{step}"),
        pair.map(lambda two: f"{two[0]}-{two[1]}"),
        st.lists(number, min_size=2, max_size=3, unique=True).map(
            lambda many: ",".join(map(str, sorted(many)))
        ),
    )


@settings(max_examples=60, deadline=None)
@given(
    minute=a_field(0, 59),
    hour=a_field(0, 23),
    # Crons disagree on whether `*/2` restricts a day; ours reads it as cron itself does.
    day=a_field(1, 28).filter(lambda text: not text.startswith("*/")),
    month=a_field(1, 12),
    weekday=a_field(0, 6).filter(lambda text: not text.startswith("*/")),
)
def test_it_chooses_the_minutes_other_crons_choose(
    minute: str, hour: str, day: str, month: str, weekday: str
) -> None:
    text = f"{minute} {hour} {day} {month} {weekday}"
    cron, theirs = parse_cron(text), croniter(text, START)

    for _ in range(3):
        assert cron.is_at(theirs.get_next(datetime))


@settings(max_examples=20, deadline=None)
@given(minute=a_field(0, 59), hour=a_field(0, 23), weekday=a_field(0, 6))
def test_it_chooses_no_minute_other_crons_leave_out(minute: str, hour: str, weekday: str) -> None:
    text = f"{minute} {hour} * * {weekday}"
    cron = parse_cron(text)
    minutes = (START + timedelta(minutes=number) for number in range(2 * 24 * 60))
    ours = [at for at in minutes if cron.is_at(at)]

    assert all(croniter.match(text, at) for at in ours[:20])


@pytest.mark.parametrize(
    ("text", "at", "chosen"),
    [
        pytest.param(
            "0 0 13 * fri", datetime.fromisoformat("2024-09-06"), True, id="friday-is-enough"
        ),
        pytest.param(
            "0 0 13 * fri", datetime.fromisoformat("2024-08-13"), True, id="the-13th-is-enough"
        ),
        pytest.param("0 0 13 * fri", datetime.fromisoformat("2024-08-14"), False, id="neither"),
        pytest.param(
            "0 0 13 * *", datetime.fromisoformat("2024-08-14"), False, id="a-star-restricts-nothing"
        ),
        pytest.param("0 0 * * 7", datetime.fromisoformat("2024-09-01"), True, id="seven-is-sunday"),
        pytest.param("@monthly", datetime.fromisoformat("2024-09-01"), True, id="nickname"),
        pytest.param(
            "5/20 * * * *",
            datetime.fromisoformat("2024-09-01T03:45"),
            True,
            id="from-five-every-20",
        ),
    ],
)
def test_days_are_chosen_as_cron_does(text: str, at: datetime, chosen: bool) -> None:
    assert parse_cron(text).is_at(at) is chosen


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("0 2 * *", "has 4 fields"),
        ("60 2 * * *", "'60' is no minute"),
        ("0 2 * foo *", "'foo' is no month"),
        ("0 9-5 * * *", "'9-5' is no hour"),
        ("*/0 * * * *", "'*/0' is no minute"),
        ("0 0 ² * *", "is no day of month"),
        ("0 0 30 2 *", "never comes"),
    ],
)
def test_what_is_no_cron_is_refused_with_the_reason(text: str, said: str) -> None:
    with pytest.raises(InvalidInput, match=said.replace("*", r"\*").replace("²", ".")):
        parse_cron(text)


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(InvalidInput):
        parse_cron(text)


def test_the_leap_day_comes() -> None:
    assert parse_cron("0 0 29 2 *").is_at(datetime.fromisoformat("2028-02-29"))
