from collections.abc import Sequence
from datetime import timedelta
from itertools import permutations
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from punchingfist.domain.alerts import Alert, Change, KnownAlert, settle
from punchingfist.domain.episodes import LATE_WITHIN, judge, remember
from tests.arrivals import MINUTE, NOW, firing, resolved

FIRST = [firing(start=NOW), resolved(start=NOW, end=NOW + MINUTE)]
SECOND = [
    firing(start=NOW + 2 * MINUTE),
    resolved(start=NOW + 2 * MINUTE, end=NOW + 3 * MINUTE),
]


def told(reports: Sequence[Alert]) -> KnownAlert | None:
    """Return what is known after *reports*, all of which arrive within moments."""
    known: KnownAlert | None = None
    for report in reports:
        change = judge(known, report, heard_at=NOW, at=NOW)
        known = remember(known, report, change, at=NOW)
    return known


@given(st.lists(st.sampled_from([*FIRST, *SECOND]), max_size=6), st.randoms())
def test_reports_in_any_order_and_number_settle_to_one_state(
    more: list[Alert], random: Random
) -> None:
    reports = [*FIRST, *SECOND, *more]
    random.shuffle(reports)

    assert told(reports) == KnownAlert(False, NOW + 2 * MINUTE, NOW + 3 * MINUTE)


@pytest.mark.parametrize("reports", [*permutations([*FIRST, SECOND[0]])])
def test_an_alert_that_fires_again_is_firing_whatever_came_first(reports: list[Alert]) -> None:
    assert told(reports) == KnownAlert(True, NOW + 2 * MINUTE, None)


def test_an_end_heard_of_before_its_beginning_keeps_the_alert_closed() -> None:
    assert told([FIRST[1], FIRST[0]]) == KnownAlert(False, NOW, NOW + MINUTE)


def test_an_end_without_a_time_is_when_it_arrived() -> None:
    report = resolved(end=None)

    known = remember(KnownAlert(True, NOW, None), report, Change.RESOLVED, at=NOW + MINUTE)

    assert known.resolved_at == NOW + MINUTE


def test_an_alert_without_a_start_fires_again_after_its_end() -> None:
    anew = firing(start=None)

    assert settle(told(FIRST), anew) is Change.REOPENED
    assert told([*FIRST, anew]) == KnownAlert(True, NOW + MINUTE, None)


@pytest.mark.parametrize(
    ("after", "change"),
    [
        pytest.param(timedelta(), Change.NOTHING, id="it-may-still-have-been-on-its-way"),
        pytest.param(LATE_WITHIN, Change.REOPENED, id="a-sender-that-still-reports-it-means-it"),
    ],
)
def test_an_alert_that_fires_with_its_old_start_after_its_end(
    after: timedelta, change: Change
) -> None:
    heard = NOW + MINUTE

    assert judge(told(FIRST), FIRST[0], heard_at=heard, at=heard + after) is change


def test_an_alert_that_fired_again_with_its_old_start_can_be_resolved_again() -> None:
    again = remember(told(FIRST), FIRST[0], Change.REOPENED, at=NOW + 2 * MINUTE)
    later = resolved(start=NOW, end=NOW + 5 * MINUTE)

    assert settle(again, later) is Change.RESOLVED
