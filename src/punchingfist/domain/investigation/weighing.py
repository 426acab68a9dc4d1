"""
How far each finding is believed, and which of them are worth telling.

A finding's confidence is its rule's (see `certainty`), scaled by how much of
the symptom it explains: `rule * (0.5 + 0.5 * share of the subjects it can
affect)`. Causes below 0.5 are mere facts, and so is a symptom of what another
cause can affect. A near-tie between causes at different objects costs 0.1.
Nothing reaches 1.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from punchingfist.domain.investigation.cases import Case
from punchingfist.domain.investigation.findings import Finding, ObjectRef
from punchingfist.domain.investigation.linking import SELECTS
from punchingfist.domain.investigation.phrases import short
from punchingfist.domain.investigation.question import Question
from punchingfist.domain.investigation.rules import Rule

BELIEVED: Final = 0.5
NEAR_TIE: Final = 0.05
TIE_COST: Final = 0.1
FACTS_TOLD: Final = 3

_Rules = Mapping[str, Rule]


@dataclass(frozen=True, slots=True)
class Weighed:
    """
    The causes in the order they are believed, and what tells how far.

    *facts* are all others about what is asked; *told* are the few of those,
    and of causes elsewhere, that say more than the causes do.
    """

    causes: tuple[Finding, ...]
    facts: tuple[Finding, ...]
    told: tuple[Finding, ...]
    confidence: float


def weigh(case: Case, rules: Iterable[Rule]) -> Weighed:
    """Run *rules*, link what they find to the subjects, and rank it."""
    known = {rule.name: rule for rule in rules}
    found = [f for name in sorted(known) for f in known[name].detect(case) if f.quotes]
    linked = [_linked(case, finding) for finding in found if finding.object in case.routes]
    elsewhere = [
        replace(f, cause=False, confidence=round(f.confidence / 2, 2))
        for f in found
        if f.object not in case.routes and f.cause
    ]
    ranked = sorted((f for f in linked if f.cause), key=lambda f: _rank(case, known, f))
    causes, consequences = _told_apart(case, known, ranked)
    facts = sorted([f for f in linked if not f.cause] + consequences, key=_by_confidence)
    saying_more = [f for f in [*facts, *elsewhere] if not _repeats(f, known, causes)]
    return Weighed(
        tuple(causes), tuple(facts), _worth_telling(saying_more), _confidence(case, known, causes)
    )


def _linked(case: Case, finding: Finding) -> Finding:
    share = 0.5 + 0.5 * case.explains(finding.object)
    confidence = round(finding.confidence * share, 2)
    name = finding.object.name
    named = name in finding.short or _is_asked_about(case.question, name)
    return replace(
        finding,
        links=case.routes[finding.object].links,
        confidence=confidence,
        cause=finding.cause and confidence >= BELIEVED,
        short=finding.short if named else short(f"{name}: {finding.short}"),
    )


def _is_asked_about(question: Question, name: str) -> bool:
    texts = (*question.labels.values(), *question.annotations.values(), question.text)
    return any(name in text for text in texts)


def _told_apart(
    case: Case, rules: _Rules, ranked: Sequence[Finding]
) -> tuple[list[Finding], list[Finding]]:
    """Return the causes, and apart from them the symptoms of what an earlier one can affect."""
    causes: list[Finding] = []
    consequences: list[Finding] = []
    for finding in ranked:
        explained = rules[finding.rule].symptom and _is_explained(case, finding.object, causes)
        if explained:
            consequences.append(replace(finding, cause=False))
        else:
            causes.append(finding)
    return causes, consequences


def _is_explained(case: Case, ref: ObjectRef, causes: Sequence[Finding]) -> bool:
    ways = case.graph.routes([ref]) if causes else {}
    affecting = {
        # A Service in front of a pod does nothing to it.
        source
        for source, way in ways.items()
        if not (way.links and way.links[0].relation == SELECTS)
    }
    return any(cause.object in affecting for cause in causes)


def _repeats(fact: Finding, rules: _Rules, causes: Sequence[Finding]) -> bool:
    """Return whether a cause says as much: of the same object, or in the same words."""
    symptom = rules[fact.rule].symptom
    return any(
        (symptom and fact.object == cause.object) or fact.quotes[0] in cause.quotes
        for cause in causes
    )


def _worth_telling(facts: Sequence[Finding]) -> tuple[Finding, ...]:
    """Return the few that tell most: one of each kind before the second of any."""
    counted: dict[str, int] = {}
    turns: list[tuple[int, Finding]] = []
    for fact in sorted(facts, key=_by_confidence):
        counted[fact.rule] = counted.get(fact.rule, 0) + 1
        turns.append((counted[fact.rule], fact))
    turns.sort(key=lambda turn: turn[0])
    return tuple(fact for _, fact in turns[:FACTS_TOLD])


def _rank(
    case: Case, rules: _Rules, finding: Finding
) -> tuple[bool, int, float, int, ObjectRef, str]:
    """Causes before symptoms; of symptoms the deepest, of causes the surest."""
    symptom, hops = rules[finding.rule].symptom, case.routes[finding.object].hops
    depth = -hops if symptom else 0
    return symptom, depth, -finding.confidence, -hops, finding.object, finding.claim


def _by_confidence(finding: Finding) -> tuple[float, ObjectRef, str]:
    return -finding.confidence, finding.object, finding.claim


def _confidence(case: Case, rules: _Rules, causes: Sequence[Finding]) -> float:
    if not causes:
        return 0.0
    first = causes[0]
    symptom = rules[first.rule].symptom
    rivals = (
        other
        for other in causes[1:]
        if other.object != first.object and rules[other.rule].symptom is symptom
    )
    tied = any(abs(first.confidence - other.confidence) < NEAR_TIE for other in rivals)
    return round(first.confidence - (TIE_COST if tied else 0), 2)
