from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from punchingfist.domain.posted_alerts import (
    RESOLVE_TIMEOUT,
    AgainstSchema,
    group_key_of,
    read_posted,
)
from punchingfist.domain.posted_silences import read_silence, render_silence
from punchingfist.errors import InvalidInput
from tests.arrivals import MINUTE, NOW

LABELS = {"alertname": "Down", "namespace": "shop"}
LATER, EARLIER = (NOW + MINUTE).isoformat(), (NOW - MINUTE).isoformat()
SILENCE = {
    "matchers": [{"name": "a", "value": "b", "isRegex": False}],
    "startsAt": EARLIER,
    "endsAt": LATER,
    "createdBy": "ana",
    "comment": "known",
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["labels", "startsAt", "endsAt", "matchers", "comment", "a", ""]), inner
        )
    ),
    max_leaves=20,
)


def test_an_alert_without_an_end_fires_for_five_minutes() -> None:
    (alert,) = read_posted([{"labels": LABELS}], at=NOW).alerts

    assert (alert.firing, alert.expires_at) == (True, NOW + RESOLVE_TIMEOUT)
    assert alert.group_key == '{}:{alertname="Down", namespace="shop"}'


def test_go_s_zero_time_is_no_time() -> None:
    zero = "0001-01-01T00:00:00Z"
    (alert,) = read_posted([{"labels": LABELS, "startsAt": zero, "endsAt": zero}], at=NOW).alerts

    assert (alert.starts_at, alert.expires_at) == (None, NOW + RESOLVE_TIMEOUT)


def test_an_end_ahead_is_until_when_it_fires_and_one_behind_resolves_it() -> None:
    ahead, behind = read_posted(
        [{"labels": LABELS, "endsAt": LATER}, {"labels": LABELS, "endsAt": EARLIER}], at=NOW
    ).alerts

    assert (ahead.firing, ahead.expires_at, ahead.ends_at) == (True, NOW + MINUTE, None)
    assert (behind.firing, behind.expires_at, behind.ends_at) == (False, None, NOW - MINUTE)


def test_empty_labels_are_as_good_as_missing() -> None:
    one, other = read_posted([{"labels": LABELS}, {"labels": {**LABELS, "x": ""}}], at=NOW).alerts

    assert one.fingerprint == other.fingerprint


def test_what_is_wrong_with_one_alert_leaves_the_others() -> None:
    posted = read_posted(
        [
            {"labels": {"x": ""}},
            {"labels": LABELS},
            {"labels": LABELS, "startsAt": LATER, "endsAt": EARLIER},
        ],
        at=NOW,
    )

    assert len(posted.alerts) == 1
    assert posted.problems == (
        "at least one label pair required",
        "start time must be before end time",
    )


def test_labels_are_asked_for_by_the_schema() -> None:
    with pytest.raises(AgainstSchema, match=r"1\.labels in body is required") as refused:
        read_posted([{"labels": LABELS}, {}], at=NOW)

    assert refused.value.code == 602


def test_alerts_without_the_usual_labels_are_one_group() -> None:
    assert group_key_of({"job": "x"}) == "{}:{}"


@given(JSON)
def test_whatever_is_posted_is_read_or_refused(body: Any) -> None:
    for read in (read_posted, read_silence):
        with suppress(InvalidInput):
            read(body, at=NOW)


def test_a_silence_is_listed_as_it_was_made() -> None:
    more = {
        "timeIntervals": [{"weekdays": ["saturday"], "location": "Europe/Berlin"}],
        "endsWhenResolved": True,
        "annotations": {"ticket": "OPS-1"},
    }
    listed = render_silence(read_silence({**SILENCE, **more}, at=NOW), at=NOW)

    assert listed["status"] == {"state": "active"}
    assert listed["startsAt"] == "2024-05-01T11:59:00.000Z"
    assert listed["matchers"] == [{"isEqual": True, "isRegex": False, "name": "a", "value": "b"}]
    assert {name: listed[name] for name in more} == more


def test_what_alertmanager_does_not_know_is_absent_where_it_is_not_used() -> None:
    listed = render_silence(read_silence(SILENCE, at=NOW), at=NOW + timedelta(hours=1))

    assert listed["status"] == {"state": "expired"}
    assert {"timeIntervals", "endsWhenResolved", "annotations"}.isdisjoint(listed)


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"comment": None}, "comment in body is required"),
        ({"matchers": []}, "at least 1 items"),
        ({"matchers": [{"name": "a", "value": "b"}]}, "isRegex in body is required"),
        ({"matchers": [{"name": "a", "value": "(", "isRegex": True}]}, "invalid label matcher 0"),
        ({"matchers": [{"name": "", "value": "b", "isRegex": False}]}, "invalid label matcher 0"),
        ({"endsWhenResolved": "yes"}, "true or false"),
        ({"timeIntervals": [{"weekdays": ["someday"]}]}, "weekdays"),
        ({"startsAt": "0001-01-01T00:00:00Z"}, "zero start"),
    ],
)
def test_a_wrong_silence_is_refused(changed: dict[str, Any], why: str) -> None:
    with pytest.raises(InvalidInput, match=why):
        read_silence({**SILENCE, **changed}, at=NOW)
