from punchingfist.domain.investigation.cases import Case
from punchingfist.domain.investigation.evidence import Evidence
from punchingfist.domain.investigation.question import Question
from punchingfist.domain.investigation.weighing import FACTS_TOLD, Weighed, weigh
from tests.domain.investigation.builders import (
    app,
    ask,
    container,
    ended,
    event,
    listing,
    log,
    waiting,
)
from tests.extensions.rules.cases import CASES, POD
from tests.extensions.rules.test_every_rule import RULES

CART = ask(service="cart")
REFUSED = "Readiness probe failed: connection refused"


def weighed(*evidence: Evidence, question: Question = CART) -> Weighed:
    return weigh(Case(question, evidence), RULES.values())


def killed() -> Evidence:
    box = container("cart", limits={"memory": "512Mi"}, ports=[{"containerPort": 8080}])
    state = waiting("cart", "CrashLoopBackOff", restartCount=4, lastState=ended(137, "OOMKilled"))
    return listing([*app("cart", box, state), event(POD, "Unhealthy", REFUSED)])


def test_the_failing_probe_of_a_killed_pod_is_no_second_cause() -> None:
    found = weighed(killed())

    assert [cause.rule for cause in found.causes] == ["out_of_memory"]
    assert "failing_probe" in {fact.rule for fact in found.facts}


def test_a_failing_probe_that_nothing_explains_stays_the_cause() -> None:
    case = next(it for it in CASES if it.rule == "failing_probe")

    found = weighed(*case.evidence(), question=case.question)

    assert [cause.rule for cause in found.causes] == ["failing_probe"]


def test_two_workloads_that_fail_on_their_own_are_two_causes() -> None:
    apps = [app(name, None, waiting(name, "ImagePullBackOff")) for name in ("cart", "checkout")]

    found = weighed(listing([*apps[0], *apps[1]]), question=ask(services="cart,checkout"))

    assert {cause.object.name for cause in found.causes} == {"cart", "checkout"}


def test_a_crash_that_a_called_service_explains_is_told_as_a_fact() -> None:
    state = waiting("cart", "CrashLoopBackOff", restartCount=4, lastState=ended(1, "Error"))
    caller = container("cart", env={"DB_HOST": "ledger"})
    store = app("ledger", None, waiting("ledger", "ImagePullBackOff", "not found"))

    found = weighed(listing([*app("cart", caller, state), *store]))

    assert [cause.rule for cause in found.causes] == ["image_pull"]
    assert "crash_loop" in {fact.rule for fact in found.told}


def test_facts_that_repeat_a_cause_are_not_told() -> None:
    found = weighed(killed())

    assert not {"replicas_missing", "warning_events", "failing_probe"} & {
        fact.rule for fact in found.told
    }


def test_of_many_facts_one_of_each_kind_is_told_first() -> None:
    names = ("cart", "checkout", "profile", "search")
    bodies = [body for name in names for body in app(name)]
    events = [event(f"{name}-aaa-p0", "NodeNotReady", "Node is not ready") for name in names]
    errors = log(POD, "ERROR no voucher", "ERROR no basket", number=2)

    found = weighed(listing([*bodies, *events]), errors, question=ask(services=",".join(names)))

    assert len(found.facts) > len(found.told) == FACTS_TOLD
    assert {fact.rule for fact in found.told} == {"warning_events", "error_logs"}


def test_the_short_form_names_an_object_nobody_asked_about() -> None:
    caller = container("cart", env={"DB_HOST": "ledger"})
    store = app("ledger", None, waiting("ledger", "ImagePullBackOff", "not found"))

    found = weighed(listing([*app("cart", caller), *store]))

    assert found.causes[0].short.startswith("ledger: ImagePullBackOff")


def test_the_short_form_does_not_repeat_the_name_that_was_asked_about() -> None:
    assert weighed(killed()).causes[0].short == "OOMKilled, limit 512Mi"
