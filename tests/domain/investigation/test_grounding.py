from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from punchingfist.domain.investigation.cases import Case
from punchingfist.domain.investigation.evidence import Evidence
from punchingfist.domain.investigation.findings import Finding, Link, Quote, Report, Verdict
from punchingfist.domain.investigation.grounding import STRUCK_CAP, ground, strike
from punchingfist.domain.investigation.linking import SELECTED
from punchingfist.domain.investigation.looks import KUBECTL, PROMQL
from punchingfist.domain.investigation.verdict import conclude
from punchingfist.extensions.rules import crash_loop, out_of_memory
from tests.domain.investigation.builders import app, ask, container, ended, listing, log, waiting

QUESTION = ask(service="cart")
RULES = (out_of_memory.RULE, crash_loop.RULE)
TOOLS = frozenset({KUBECTL, PROMQL})


def evidence() -> list[Evidence]:
    box = container("cart", limits={"memory": "512Mi"})
    state = waiting("cart", "CrashLoopBackOff", restartCount=4, lastState=ended(137, "OOMKilled"))
    words = ("started", "java.lang.OutOfMemoryError: Java heap space")
    return [
        listing([*app("cart", box, state), *app("other", None, state | {"name": "other"})]),
        log("cart-aaa-p0", *words, number=2, previous=True),
    ]


def answer() -> Report:
    return conclude(Case(QUESTION, evidence()), RULES, TOOLS)


def with_root(report: Report, root: Finding) -> Report:
    return replace(report, findings=(root, *report.findings[1:]))


def test_a_report_that_quotes_what_is_stored_stands_as_it_is() -> None:
    report = answer()

    assert report.verdict is Verdict.CAUSE_FOUND
    assert ground(report, Case(QUESTION, evidence())) == report


@given(st.data())
def test_a_quote_changed_in_any_place_is_struck(data: st.DataObject) -> None:
    report = answer()
    root = report.findings[0]
    which = data.draw(st.integers(0, len(root.quotes) - 1))
    quote = root.quotes[which]
    place = data.draw(st.integers(0, len(quote.line)))
    letter = data.draw(st.characters(codec="utf-8"))
    line = quote.line[:place] + letter + quote.line[place + 1 :]
    stored = {one.id: one.output for one in evidence()}[quote.evidence_id]
    assume(line not in stored)
    quotes = (*root.quotes[:which], Quote(quote.evidence_id, line), *root.quotes[which + 1 :])

    checked = ground(with_root(report, replace(root, quotes=quotes)), Case(QUESTION, evidence()))

    assert checked.findings[0].struck
    assert checked.root_cause != root.claim


@pytest.mark.parametrize(
    "quote",
    [
        pytest.param(Quote("E1", ""), id="nothing"),
        pytest.param(Quote("E1", "1,"), id="too-little"),
        pytest.param(Quote("E9", "started"), id="evidence-there-is-none-of"),
        pytest.param(Quote("E1", "started"), id="stands-only-elsewhere"),
        pytest.param(Quote("E2", "started\njava.lang"), id="more-than-one-line"),
    ],
)
def test_a_quote_that_proves_nothing_is_struck(quote: Quote) -> None:
    root = replace(answer().findings[0], quotes=(quote,))

    assert strike([root], Case(QUESTION, evidence()))[0].struck


def test_what_a_tool_failed_to_see_cannot_be_quoted() -> None:
    first, second = evidence()
    failed = replace(second, ref=replace(second.ref, outcome=type(second.ref.outcome)("failed")))

    checked = ground(answer(), Case(QUESTION, [first, failed]))

    assert checked.findings[0].struck


def test_a_claim_without_a_quote_is_struck() -> None:
    root = replace(answer().findings[0], quotes=())

    assert strike([root], Case(QUESTION, evidence()))[0].struck == "it quotes nothing"


def test_when_every_cause_is_struck_the_answer_is_unknown() -> None:
    report = answer()
    broken = replace(report.findings[0], quotes=(Quote("E2", "never written"),))

    checked = ground(replace(report, findings=(broken,)), Case(QUESTION, evidence()))

    assert checked.verdict is Verdict.UNKNOWN
    assert (checked.root_cause, checked.object, checked.confidence) == (None, None, 0.0)
    assert checked.recommendations == ()


def test_the_next_cause_that_stands_takes_its_place_with_less_confidence() -> None:
    report = answer()
    first = replace(report.findings[0], quotes=(Quote("E2", "never written"),))
    second = replace(report.findings[0], claim="another way to say it")

    checked = ground(replace(report, findings=(first, second)), Case(QUESTION, evidence()))

    assert checked.root_cause == checked.summary == "another way to say it"
    assert checked.confidence <= STRUCK_CAP
    assert not checked.can_auto_fix


def test_a_struck_side_finding_costs_confidence_but_not_the_cause() -> None:
    report = answer()
    side = replace(report.findings[0], cause=False, quotes=())

    checked = ground(replace(report, findings=(*report.findings, side)), Case(QUESTION, evidence()))

    assert checked.root_cause == report.root_cause
    assert checked.confidence == STRUCK_CAP


def test_a_true_quote_about_an_unconnected_object_is_struck() -> None:
    root = answer().findings[0]
    elsewhere = replace(root, object=replace(root.object, name="other"), links=())

    (checked,) = strike([elsewhere], Case(QUESTION, evidence()))

    assert checked.struck
    assert "nothing seen connects" in checked.struck


def test_an_invented_link_with_a_true_quote_connects_nothing() -> None:
    root = answer().findings[0]
    other = replace(root.object, name="other")
    invented = Link(other, SELECTED, root.object, root.quotes[0])

    (checked,) = strike(
        [replace(root, object=other, links=(invented,))], Case(QUESTION, evidence())
    )

    assert checked.struck


@given(st.lists(st.text(), max_size=4))
def test_more_evidence_never_clears_a_false_quote(texts: list[str]) -> None:
    false = replace(answer().findings[0], quotes=(Quote("E2", "never written"),))
    more = [
        log(f"pod-{n}-x-y", text, "never written", number=10 + n) for n, text in enumerate(texts)
    ]

    assert strike([false], Case(QUESTION, [*evidence(), *more]))[0].struck


def test_what_was_struck_once_stays_struck() -> None:
    struck = replace(answer().findings[0], struck="refused before")

    assert strike([struck], Case(QUESTION, evidence()))[0].struck == "refused before"
