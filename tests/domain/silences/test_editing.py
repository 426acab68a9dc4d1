from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from punchingfist.domain.silences.editing import expire, plan_edit
from punchingfist.domain.silences.matchers import parse_matchers
from punchingfist.domain.silences.silence import Silence, SilencesInForce, SilenceState
from punchingfist.domain.time_intervals import parse_time_interval
from punchingfist.errors import InvalidInput
from tests.arrivals import MINUTE, NOW

HOUR = timedelta(hours=1)


def silence(matchers: str = "team=db", **changed: Any) -> Silence:
    made = Silence(
        id="s1",
        matchers=parse_matchers(matchers),
        starts_at=NOW - HOUR,
        ends_at=NOW + HOUR,
        updated_at=NOW - HOUR,
        created_by="ana",
        comment="known",
    )
    return replace(made, **changed)


PENDING = silence(starts_at=NOW + MINUTE)
EXPIRED = silence(ends_at=NOW - MINUTE)


def test_a_new_silence_begins_now_at_the_earliest() -> None:
    edit = plan_edit(None, silence(id=""), new_id="s2", at=NOW)

    assert (edit.id, edit.written[0].id, edit.written[0].starts_at) == ("s2", "s2", NOW)


def test_an_active_silence_is_lengthened_in_place() -> None:
    edit = plan_edit(silence(), silence(ends_at=NOW + 2 * HOUR), new_id="s2", at=NOW)

    assert edit.id == "s1"
    assert [one.ends_at for one in edit.written] == [NOW + 2 * HOUR]
    assert edit.written[0].starts_at == NOW - HOUR


def test_other_matchers_end_the_old_silence_and_make_another() -> None:
    edit = plan_edit(silence(), silence("team=web"), new_id="s2", at=NOW)
    old, new = edit.written

    assert (edit.id, old.id, old.ends_at) == ("s2", "s1", NOW)
    assert (new.id, new.starts_at, new.matchers) == ("s2", NOW, parse_matchers("team=web"))


def test_another_start_of_an_active_silence_makes_another() -> None:
    edit = plan_edit(silence(), silence(starts_at=NOW + MINUTE), new_id="s2", at=NOW)

    assert (edit.id, [one.id for one in edit.written]) == ("s2", ["s1", "s2"])


def test_a_start_that_lost_its_fraction_on_the_wire_is_the_same_start() -> None:
    known = silence(starts_at=NOW - HOUR + timedelta(microseconds=5))

    assert plan_edit(known, silence(), new_id="s2", at=NOW).id == "s1"


def test_a_pending_silence_may_be_moved_but_not_into_the_past() -> None:
    later = plan_edit(PENDING, silence(starts_at=NOW + 2 * MINUTE), new_id="s2", at=NOW)
    earlier = plan_edit(PENDING, silence(starts_at=NOW - MINUTE), new_id="s2", at=NOW)

    assert later.id == "s1"
    assert (earlier.id, earlier.written[0].state(NOW)) == ("s2", SilenceState.EXPIRED)


def test_an_expired_silence_stays_as_it_was() -> None:
    edit = plan_edit(EXPIRED, silence(), new_id="s2", at=NOW)

    assert (edit.id, [one.id for one in edit.written]) == ("s2", ["s2"])


@pytest.mark.parametrize(
    ("wanted", "why"),
    [
        (silence(starts_at=NOW, ends_at=NOW), "start time must be before end time"),
        (EXPIRED, "end time can't be in the past"),
        (silence(""), "at least one matcher required"),
        (silence("team=~.*"), "must not match the empty string"),
    ],
)
def test_a_silence_without_sense_is_refused_in_alertmanagers_words(
    wanted: Silence, why: str
) -> None:
    with pytest.raises(InvalidInput, match=why):
        plan_edit(None, wanted, new_id="s2", at=NOW)


def test_expiring_ends_it_at_once_and_only_once() -> None:
    ended = expire(silence(), NOW)

    assert ended.state(NOW) is SilenceState.EXPIRED
    assert expire(ended, NOW + HOUR) is ended
    assert expire(PENDING, NOW).state(NOW) is SilenceState.EXPIRED


def test_a_recurring_silence_mutes_in_its_windows_only() -> None:
    nightly = parse_time_interval({"times": [{"start_time": "12:00", "end_time": "12:30"}]})
    recurring = silence(time_intervals=(nightly,))

    assert recurring.is_in_force(NOW)
    assert not recurring.is_in_force(NOW + 30 * MINUTE)
    assert recurring.state(NOW + 30 * MINUTE) is SilenceState.ACTIVE


def test_every_silence_that_matches_is_found_however_it_matches() -> None:
    silences = [
        silence("team=db", id="a"),
        silence("team=~d.", id="b"),
        silence("team=web", id="c"),
        silence('team=db,zone=""', id="d"),
        silence("team!=web", id="e"),
        replace(EXPIRED, id="f"),
    ]

    found = SilencesInForce(silences, NOW).find({"team": "db"})

    assert [one.id for one in found] == ["a", "b", "d", "e"]
