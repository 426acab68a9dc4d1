"""The answers to why, from decisions, executions and deliveries as they are stored."""

from dataclasses import replace
from typing import Any

import pytest

from punchingfist.domain.decisions import Decision, DecisionRow, Outcome
from punchingfist.operations.why import Why, find_why
from punchingfist.testing.store import MemoryStore
from tests.surfaces.an_app import NOW, begin, conclude

STARTED = Decision(Outcome.STARTED, "x", "started EX-1", {"execution_id": "0190-x-1042"})
SILENCED = Decision(Outcome.SILENCED, "s1", "silenced until noon by s1 (ana: known)")


@pytest.fixture
async def store() -> MemoryStore:
    store = MemoryStore()
    await begin(store)
    return store


def decide(store: MemoryStore, *decisions: Decision, **changed: Any) -> None:
    for decision in decisions:
        row = DecisionRow("0190-a", 1, NOW, decision)
        store.decisions.put(replace(row, **changed))


async def why(store: MemoryStore) -> Why:
    return await find_why(
        "A-88121",
        alerts=store.alerts,
        decisions=store.decisions,
        executions=store.executions,
        deliveries=store.deliveries,
    )


async def test_the_last_decision_counts(store: MemoryStore) -> None:
    decide(store, SILENCED, STARTED)
    found = await why(store)

    assert found.investigated.yes
    assert found.investigated.text == "EX-1, workflow triage, running"
    assert (found.told.yes, found.told.text) == (False, "not yet: EX-1 is running")
    assert [one.decision for one in found.decisions] == [SILENCED, STARTED]


async def test_who_was_told_is_named(store: MemoryStore) -> None:
    decide(store, STARTED)
    await conclude(store)
    found = await why(store)

    assert (found.told.yes, found.told.text) == (True, "chat told")


async def test_a_delivery_that_failed_is_no_telling(store: MemoryStore) -> None:
    decide(store, STARTED)
    await conclude(store)
    row = await store.deliveries.find("INC-1042/1/chat")
    assert row
    await store.deliveries.save(replace(row, status="failed", error="HTTP 403"))
    found = await why(store)

    assert (found.told.yes, found.told.text) == (False, "not delivered: chat: HTTP 403")


async def test_a_held_alert_is_not_excused_by_what_was_said_of_others(store: MemoryStore) -> None:
    decide(store, SILENCED)
    await conclude(store)
    found = await why(store)

    assert (found.investigated.yes, found.told.yes) == (False, False)
    assert found.told.text == (
        "silenced until noon by s1 (ana: known); "
        "chat heard of INC-1042 because of other alerts or firings"
    )


async def test_another_episode_is_another_question(store: MemoryStore) -> None:
    decide(store, STARTED, episode=2)
    found = await why(store)

    assert found.decisions == ()
    assert found.investigated.text.startswith("no decision is stored")


async def test_an_alert_that_joined_says_with_whom(store: MemoryStore) -> None:
    decide(store, replace(STARTED, outcome=Outcome.JOINED))
    found = await why(store)

    assert found.investigated.text == (
        "with the others of INC-1042: EX-1, workflow triage, running"
    )
