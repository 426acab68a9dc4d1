from datetime import timedelta

import pytest

from punchingfist.domain.grouping import REOPEN_WITHIN, Belonging, KnownIncident, place
from tests.arrivals import NOW

OPEN = KnownIncident("INC-7", None)
RESOLVED = KnownIncident("INC-7", NOW)


@pytest.mark.parametrize(
    ("known", "after", "belonging"),
    [
        pytest.param(None, timedelta(), Belonging.OPENS, id="an-unknown-group-opens-an-incident"),
        pytest.param(
            OPEN, timedelta(days=9), Belonging.JOINS, id="an-open-one-is-joined-however-old"
        ),
        pytest.param(RESOLVED, timedelta(), Belonging.REOPENS, id="at-once-reopens"),
        pytest.param(
            RESOLVED,
            REOPEN_WITHIN - timedelta(microseconds=1),
            Belonging.REOPENS,
            id="just-within-a-day-reopens",
        ),
        pytest.param(RESOLVED, REOPEN_WITHIN, Belonging.OPENS, id="a-day-later-is-another-trouble"),
    ],
)
def test_a_firing_alert_finds_its_incident(
    known: KnownIncident | None, after: timedelta, belonging: Belonging
) -> None:
    placement = place(known, at=NOW + after)

    assert placement.belonging is belonging
    assert known is None or known.short_id in placement.reason
