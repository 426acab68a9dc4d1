from dataclasses import replace

import pytest

from punchingfist.domain.investigation.cases import Case
from punchingfist.domain.investigation.evidence import Evidence, Look, Outcome
from punchingfist.domain.investigation.findings import Report
from punchingfist.domain.investigation.looks import KUBECTL, PROMQL
from punchingfist.domain.investigation.planner import MOST_LOOKS, Round, next_look
from punchingfist.domain.investigation.question import Question
from tests.domain.investigation.builders import app, ask, container, ended, listing, seen, waiting

BOTH = frozenset({KUBECTL, PROMQL})
CART = ask(service="cart")


def plan(
    *evidence: Evidence, question: Question = CART, tools: frozenset[str] = BOTH
) -> list[Look]:
    thought = next_look(Case(question, evidence), (), tools)
    return list(thought.looks) if isinstance(thought, Round) else []


def calls(looks: list[Look]) -> list[str]:
    return [" ".join(map(str, look.arguments.get("args", ()))) for look in looks]  # type: ignore[arg-type]


def test_the_first_look_is_at_the_namespace_of_the_alert() -> None:
    looks = plan()

    assert all("--namespace=shop" in call for call in calls(looks))
    assert any(call.startswith("get pods,deployments") for call in calls(looks))
    assert any(call.startswith("get events") for call in calls(looks))


def test_without_a_namespace_the_first_look_is_everywhere() -> None:
    question = Question("g", "Down", {"service": "cart"}, {}, CART.at)

    assert all("--all-namespaces" in call for call in calls(plan(question=question)))


def test_a_crashing_container_is_asked_for_its_last_words() -> None:
    state = waiting("cart", "CrashLoopBackOff", restartCount=4, lastState=ended(1, "Error"))

    looks = calls(plan(listing(app("cart", None, state))))

    assert [call for call in looks if call.startswith("logs")] == [
        "logs cart-aaa-p0 --namespace=shop --container=cart --previous --tail=200"
    ]


def test_a_container_that_never_started_is_not_asked_for_a_log() -> None:
    state = waiting("cart", "ImagePullBackOff")

    assert not [c for c in calls(plan(listing(app("cart", None, state)))) if c.startswith("logs")]


def test_a_dependency_named_in_the_settings_is_looked_at_too() -> None:
    caller = container("cart", env={"DB_URL": "postgres://u@ledger:5432/x"})

    looks = calls(plan(listing([*app("cart", caller), *app("ledger")])))

    assert any(call.startswith("logs ledger-aaa-p0") for call in looks)


def test_a_dependency_in_another_namespace_is_looked_up_there() -> None:
    caller = container("cart", env={"CACHE_ADDR": "memo.data.svc.cluster.local:6379"})

    assert any("--namespace=data" in call for call in calls(plan(listing(app("cart", caller)))))


def test_hosts_of_the_outside_world_are_no_namespaces() -> None:
    caller = container("cart", env={"API_URL": "https://example.com:443/v1", "MODE": "ledger"})

    looks = calls(plan(listing([*app("cart", caller), *app("ledger")])))

    assert not any("--namespace=com" in call for call in looks)
    assert not any(call.startswith("logs ledger") for call in looks)


def test_figures_are_asked_for_only_where_there_is_a_tool_for_them() -> None:
    bodies = listing(app("cart"))

    assert {look.tool for look in plan(bodies)} == BOTH
    assert {look.tool for look in plan(bodies, tools=frozenset({KUBECTL}))} == {KUBECTL}


def test_a_forbidden_kind_is_worked_around_kind_by_kind() -> None:
    first = plan()[0]
    refused = seen(first, "Error: jobs.batch is forbidden", 1, Outcome.FAILED)

    assert any(call.startswith("get pods --namespace=shop") for call in calls(plan(refused)))


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(
            'error: the server doesn\'t have a resource type "cronjobs"', id="unknown-kind"
        ),
        pytest.param(
            "Error from server (NotFound): the server could not find the requested resource",
            id="kind-not-served",
        ),
        pytest.param('{"kind": "List", "items": []}\nError from server: why not', id="in-part"),
    ],
)
def test_a_listing_that_failed_for_one_kind_is_tried_kind_by_kind(words: str) -> None:
    failed = seen(plan()[0], words, 1, Outcome.FAILED)

    assert any(call.startswith("get pods --namespace=shop") for call in calls(plan(failed)))


def test_an_unreachable_cluster_is_not_asked_again_kind_by_kind() -> None:
    first = plan()[0]
    silent = seen(first, "connection refused", 1, Outcome.TIMED_OUT)

    assert not any(call.startswith("get pods --namespace=shop") for call in calls(plan(silent)))


def test_a_huge_workload_is_looked_at_within_the_limit() -> None:
    states = waiting("cart", "CrashLoopBackOff", restartCount=4, lastState=ended(1, "Error"))
    bodies = [
        body for n in range(30) for body in app(f"cart-{n}", None, states | {"name": f"cart-{n}"})
    ]
    question = ask(text="what is wrong?")

    assert len(plan(listing(bodies), question=question)) <= MOST_LOOKS


@pytest.mark.parametrize(
    ("labels", "count"),
    [
        pytest.param({"pod": "cart-aaa-gone"}, 1, id="a-pod-that-was-replaced"),
        pytest.param({"deployment": "cart"}, 1, id="a-workload"),
        pytest.param({"app": "cart"}, 1, id="an-app-label"),
        pytest.param({"service": "cart-service"}, 1, id="a-name-with-another-ending"),
        pytest.param({"instance": "10.0.0.9:8080", "job": "cart"}, 1, id="a-scrape-job"),
        pytest.param({"services": "cart, checkout"}, 2, id="a-list"),
    ],
)
def test_labels_of_many_kinds_lead_to_the_pods(labels: dict[str, str], count: int) -> None:
    looks = calls(
        plan(listing([*app("cart"), *app("checkout")]), question=replace(CART, labels=labels))
    )

    assert len([call for call in looks if call.startswith("logs")]) == count


def test_the_last_round_concludes_whatever_is_left_to_see() -> None:
    report = next_look(Case(CART, []), (), BOTH, last=True)

    assert isinstance(report, Report)
    assert any(gap.why == "the limit of looks was reached" for gap in report.gaps)
