"""Tool output is whatever somebody wrote: no shape of it may stop an investigation."""

import json
from collections.abc import Iterator
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from punchingfist.domain.investigation.cases import Case
from punchingfist.domain.investigation.evidence import Evidence
from punchingfist.domain.investigation.findings import Report
from punchingfist.domain.investigation.planner import Round, next_look
from tests.extensions.rules.cases import CASES, RuleCase
from tests.extensions.rules.test_every_rule import RULES, TOOLS

ODD: tuple[Any, ...] = (
    None, True, -1, 0, 1.5, "", "x", "10Mi", [], [None], ["x"], [[]], {}, {"name": None}, {"x": {}},
)  # fmt: skip


def twisted(value: Any, chance: Random, share: float) -> Any:
    """Return *value* with a *share* of its leaves and branches replaced by something odd."""
    if chance.random() < share:
        return chance.choice(ODD)
    if isinstance(value, dict):
        return {key: twisted(one, chance, share) for key, one in value.items()}
    if isinstance(value, list):
        return [twisted(one, chance, share) for one in value]
    return value


def twisted_evidence(it: RuleCase, chance: Random) -> Iterator[Evidence]:
    share = chance.choice((0.01, 0.03, 0.1))
    for one in it.evidence():
        if one.output.startswith("{"):
            document = twisted(json.loads(one.output), chance, share)
            yield replace(one, output=json.dumps(document, indent=4))
        else:
            yield one


def concluded(it: RuleCase, evidence: list[Evidence]) -> Report:
    thought = next_look(Case(it.question, evidence), RULES.values(), TOOLS, last=True)
    assert isinstance(thought, Report)
    return thought


@pytest.mark.parametrize("it", CASES, ids=lambda it: it.rule)
def test_output_of_any_shape_ends_in_a_report(it: RuleCase) -> None:
    for seed in range(40):
        evidence = list(twisted_evidence(it, Random(seed)))

        assert concluded(it, evidence).to_json()
        assert isinstance(
            next_look(Case(it.question, evidence), RULES.values(), TOOLS), Round | Report
        )


@pytest.mark.parametrize(
    "output",
    [
        pytest.param("", id="nothing"),
        pytest.param("{", id="cut-short"),
        pytest.param("[" * 100_000, id="nested-deeply"),
        pytest.param("\x00\ud800\u2028", id="odd-characters"),
        pytest.param('{"kind": "List", "items": [1, null, {"kind": "Pod"}]}', id="odd-items"),
    ],
)
def test_output_that_is_no_listing_is_a_gap(output: str) -> None:
    it = CASES[0]
    first, *others = it.evidence()

    report = concluded(it, [replace(first, output=output), *others])

    assert report.root_cause is None
    assert report.gaps


def test_owners_that_own_one_another_end() -> None:
    it = CASES[0]
    first = it.evidence()[0]
    document = json.loads(first.output)
    deployment = document["items"][0]
    deployment["metadata"]["ownerReferences"] = [{"kind": "ReplicaSet", "name": "cart-aaa"}]

    assert concluded(it, [replace(first, output=json.dumps(document))]).root_cause
