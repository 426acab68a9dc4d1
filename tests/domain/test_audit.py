import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from punchingfist.domain.audit import (
    AuditRow,
    ChainCheck,
    Deed,
    Head,
    checkpoint,
    digest_row,
    forge,
)
from punchingfist.domain.identity import Caller, How, Role, Whence

AT = datetime(2026, 5, 1, 12, 0, 0, 123456, tzinfo=UTC)
ANA = Caller("ana", Role.ADMIN, How.TOKEN, whence=Whence("10.0.0.7", "r-1"))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=4,
)
DEEDS = st.lists(
    st.builds(
        Deed,
        at=st.datetimes(timezones=st.just(UTC)),
        caller=st.just(ANA),
        what=st.sampled_from(["token.create", "silence.add"]),
        object=st.text(st.characters()),
        before=st.none() | st.dictionaries(st.text(), JSON, max_size=3),
        after=st.none() | st.dictionaries(st.text(), JSON, max_size=3),
    ),
    min_size=2,
    max_size=5,
)


def chain(deeds: Sequence[Deed]) -> list[AuditRow]:
    rows: list[AuditRow] = []
    head = Head()
    for deed in deeds:
        rows.append(forge(deed, head))
        head = Head(rows[-1].seq, rows[-1].digest)
    return rows


def deed(number: int = 0) -> Deed:
    return Deed(AT + timedelta(hours=number), ANA, "token.create", f"token t{number}")


def flaws(rows: Sequence[AuditRow], end: AuditRow) -> Sequence[str]:
    check = ChainCheck()
    check.take(rows)
    return check.finish(Head(end.seq, end.digest))


@given(DEEDS)
def test_a_chain_nobody_touched_is_whole(deeds: list[Deed]) -> None:
    rows = chain(deeds)

    assert flaws(rows, rows[-1]) == []


@given(DEEDS, st.data())
def test_any_missing_row_is_found(deeds: list[Deed], data: st.DataObject) -> None:
    rows = chain(deeds)
    gone = data.draw(st.integers(0, len(rows) - 1))

    found = flaws(rows[:gone] + rows[gone + 1 :], rows[-1])

    assert any(f"row {gone + 1} is missing" in flaw for flaw in found)


CHANGES: dict[str, Any] = {
    "at": AT - timedelta(days=1),
    "who": "mallory",
    "role": "nobody",
    "how": "magic",
    "what": "nothing",
    "object": "elsewhere",
    "before": '{"x":1}x',
    "after": '{"x":1}x',
    "address": "6.6.6.6",
    "request_id": "other",
    "previous": "f" * 64,
    "digest": "e" * 64,
}


@given(DEEDS, st.data())
def test_any_changed_column_of_any_row_is_found(deeds: list[Deed], data: st.DataObject) -> None:
    rows = chain(deeds)
    changed = data.draw(st.integers(0, len(rows) - 1))
    column = data.draw(st.sampled_from(sorted(CHANGES)))
    end = rows[-1]
    rows[changed] = replace(rows[changed], **{column: CHANGES[column]})

    assert f"row {changed + 1} was changed" in flaws(rows, end)


@given(DEEDS, st.data())
def test_a_changed_row_with_its_hash_made_anew_is_found_by_what_follows(
    deeds: list[Deed], data: st.DataObject
) -> None:
    rows = chain(deeds)
    changed = data.draw(st.integers(0, len(rows) - 1))
    end = rows[-1]
    forged = replace(rows[changed], who="mallory")
    rows[changed] = replace(forged, digest=digest_row(forged))

    assert flaws(rows, end) != []


@given(DEEDS, st.data())
def test_two_rows_in_each_others_place_are_found(deeds: list[Deed], data: st.DataObject) -> None:
    rows = chain(deeds)
    end = rows[-1]
    one = data.draw(st.integers(0, len(rows) - 2))
    other = data.draw(st.integers(one + 1, len(rows) - 1))
    swapped = list(rows)
    swapped[one] = replace(rows[other], seq=rows[one].seq)
    swapped[other] = replace(rows[one], seq=rows[other].seq)

    assert flaws(swapped, end) != []


def test_rows_cut_off_at_the_end_are_counted() -> None:
    rows = chain([deed(number) for number in range(5)])

    assert flaws(rows[:3], rows[-1]) == ["rows 4 to 5 are missing at the end"]


def test_everything_gone_is_found() -> None:
    rows = chain([deed(), deed()])

    assert flaws([], rows[-1]) == ["rows 1 to 2 are missing at the end"]


def test_an_end_that_was_put_back_is_found() -> None:
    rows = chain([deed(), deed(1)])

    assert flaws(rows, rows[0]) == ["row 2 is not the last one that was written"]


def test_a_pruned_chain_is_whole_by_its_checkpoint() -> None:
    rows = chain([deed(number) for number in range(4)])
    kept = [*rows[2:], forge(checkpoint(ANA, rows[1], at=AT), Head(4, rows[3].digest))]

    assert flaws(kept, kept[-1]) == []


def test_a_chain_without_its_beginning_and_without_checkpoint_is_not_whole() -> None:
    rows = chain([deed(number) for number in range(4)])

    assert flaws(rows[2:], rows[-1]) == ["rows 1 to 2 are missing, and no checkpoint says why"]


def test_a_checkpoint_covers_what_it_says_and_no_more() -> None:
    rows = chain([deed(number) for number in range(4)])
    mark = forge(checkpoint(ANA, rows[0], at=AT), Head(4, rows[3].digest))

    assert flaws([*rows[2:], mark], mark) == ["rows 1 to 2 are missing, and no checkpoint says why"]


def test_a_made_up_checkpoint_is_found() -> None:
    rows = chain([deed(number) for number in range(4)])
    forged = replace(
        rows[3],
        what="audit.prune",
        after=json.dumps({"through": 2, "digest": rows[1].digest}),
    )

    assert flaws([rows[2], forged], forged) == [
        "rows 1 to 2 are missing, and no checkpoint says why",
        "row 4 was changed",
    ]


def test_a_row_reads_the_same_however_a_database_keeps_times() -> None:
    row = chain([deed()])[0]
    elsewhere = replace(row, at=row.at.astimezone(tz=None))

    assert digest_row(elsewhere) == row.digest
