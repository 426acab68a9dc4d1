"""What holds for every rule: it speaks of what is there, and of nothing else."""

from collections.abc import Iterable
from dataclasses import replace
from importlib import import_module
from pkgutil import iter_modules

import pytest

import punchingfist.extensions.rules as folder
from punchingfist.domain.investigation.cases import Case
from punchingfist.domain.investigation.evidence import Evidence
from punchingfist.domain.investigation.findings import Finding
from punchingfist.domain.investigation.grounding import strike
from punchingfist.domain.investigation.looks import KUBECTL, PROMQL
from punchingfist.domain.investigation.phrases import CLAIM_LENGTH, SHORT_LENGTH
from punchingfist.domain.investigation.rules import Rule
from tests.domain.investigation.builders import app, listing, log
from tests.extensions.rules.cases import CASES, POD, RuleCase

RULES: dict[str, Rule] = {
    module.name: import_module(f"{folder.__name__}.{module.name}").RULE
    for module in iter_modules(folder.__path__)
}
TOOLS = frozenset({KUBECTL, PROMQL})
EVERY = pytest.mark.parametrize("it", CASES, ids=lambda it: it.rule)


def found(it: RuleCase, evidence: Iterable[Evidence]) -> list[Finding]:
    return list(RULES[it.rule].detect(Case(it.question, evidence)))


def without(word: str, evidence: Iterable[Evidence]) -> list[Evidence]:
    return [replace(one, output=one.output.replace(word, "elided")) for one in evidence]


def test_every_rule_has_a_case_and_its_own_name() -> None:
    assert sorted(RULES) == sorted(it.rule for it in CASES)
    assert all(rule.name == name for name, rule in RULES.items())


@EVERY
def test_a_rule_names_the_object_and_what_is_wrong(it: RuleCase) -> None:
    (finding,) = found(it, it.evidence())

    assert str(finding.object) == it.object
    assert finding.cause is it.cause
    assert all(words in finding.claim for words in it.says), finding.claim
    assert 0 < finding.confidence < 1


@EVERY
def test_a_rule_says_it_in_one_sentence_and_for_a_lock_screen(it: RuleCase) -> None:
    (finding,) = found(it, it.evidence())

    assert 0 < len(finding.claim) <= CLAIM_LENGTH
    assert 0 < len(finding.short) <= SHORT_LENGTH
    assert not {'"', "“", "\n"} & {*finding.claim, *finding.short}


@EVERY
def test_every_quote_of_a_rule_stands_in_the_evidence(it: RuleCase) -> None:
    evidence = it.evidence()
    case = Case(it.question, evidence)

    checked = strike([replace(one, cause=False) for one in found(it, evidence)], case)

    assert [one.struck for one in checked] == [None]


@EVERY
def test_a_rule_is_silent_without_its_decisive_evidence(it: RuleCase) -> None:
    for word in it.decisive:
        assert any(word in one.output for one in it.evidence()), word
        assert [f for f in found(it, without(word, it.evidence())) if f.cause is it.cause] == []


@EVERY
def test_a_rule_is_silent_where_all_is_well(it: RuleCase) -> None:
    evidence = [listing([*app("cart"), *app("checkout")]), log(POD, "GET / 200", number=2)]

    assert found(it, evidence) == []


@EVERY
def test_a_rule_says_nothing_about_nothing(it: RuleCase) -> None:
    assert found(it, []) == []


@EVERY
def test_every_command_of_a_rule_names_its_risk_and_writes_name_their_undo(it: RuleCase) -> None:
    for finding in found(it, it.evidence()):
        for advice in finding.recommendations:
            assert advice.risk in {"read", "write", "destructive"}
            assert advice.risk == "read" or (advice.command and advice.undo)
