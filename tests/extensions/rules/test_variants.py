"""What single rules say where the case differs from the plain one."""

from dataclasses import replace
from datetime import timedelta

import pytest

from punchingfist.domain.investigation.cases import Case
from punchingfist.domain.investigation.evidence import Evidence
from punchingfist.domain.investigation.findings import Finding
from punchingfist.domain.investigation.measures import Measure
from punchingfist.domain.investigation.question import Question
from tests.domain.investigation.builders import (
    NOW,
    Body,
    ago,
    app,
    ask,
    container,
    ended,
    event,
    figures,
    listing,
    log,
    rolled_out,
    running,
    waiting,
)
from tests.extensions.rules.cases import CASES, POD, stopped
from tests.extensions.rules.test_every_rule import RULES

CART = ask(service="cart")


def detect(rule: str, *evidence: Evidence, question: Question = CART) -> list[Finding]:
    return list(RULES[rule].detect(Case(question, evidence)))


def killed(code: int, reason: str, *, finished: str = "", limit: str = "512Mi") -> list[Body]:
    box = container("cart", limits={"memory": limit}, ports=[{"containerPort": 8080}])
    state = waiting(
        "cart", "CrashLoopBackOff", restartCount=4, lastState=ended(code, reason, finished)
    )
    return app("cart", box, state)


def test_out_of_memory_proposes_twice_the_limit_and_how_to_undo_it() -> None:
    (finding,) = detect("out_of_memory", listing(killed(137, "OOMKilled")))

    fix = finding.recommendations[0]
    assert (
        fix.command
        == "kubectl set resources deployment/cart --containers=cart --limits=memory=1Gi -n shop"
    )
    assert fix.undo
    assert "memory=512Mi" in fix.undo


def test_a_kill_without_a_reason_is_memory_only_with_a_heap_error_or_a_full_limit() -> None:
    bodies = listing(killed(137, "Error"))
    full = figures(Measure.MEMORY, {POD: 536870912}, number=2)
    heap = log(POD, "FATAL ERROR: heap limit Allocation failed", number=2, previous=True)

    assert detect("out_of_memory", bodies) == []
    assert detect("out_of_memory", bodies, full)
    assert detect("out_of_memory", bodies, heap)


def test_a_kill_of_last_week_is_a_fact_and_no_cause() -> None:
    (finding,) = detect("out_of_memory", listing(killed(137, "OOMKilled", finished=ago(days=7))))

    assert not finding.cause


def test_every_further_observation_makes_out_of_memory_surer_but_never_certain() -> None:
    bodies = listing(killed(137, "OOMKilled"))
    changed = listing(rolled_out(killed(137, "OOMKilled"), ago(hours=2)))
    heap = log(POD, "java.lang.OutOfMemoryError", number=2, previous=True)
    full = figures(Measure.MEMORY, {POD: 536870912}, number=3)

    sure = [
        detect("out_of_memory", *evidence)[0].confidence
        for evidence in ((bodies,), (bodies, heap), (bodies, heap, full), (changed, heap, full))
    ]

    assert sure == sorted(set(sure))
    assert sure[-1] < 1


def test_a_change_is_named_with_what_it_changed() -> None:
    (finding,) = detect("crash_loop", listing(rolled_out(killed(1, "Error"), ago(minutes=30))))

    assert "since revision 2 rolled out" in finding.claim


def test_a_change_after_the_start_of_the_trouble_is_not_blamed() -> None:
    bodies = listing(rolled_out(killed(1, "Error"), ago(minutes=1)))

    (finding,) = detect("crash_loop", bodies)

    assert "rolled out" not in finding.claim


def test_stack_frames_are_not_last_words() -> None:
    words = ("Exception in thread main: no region", "\tat com.shop.Main.error(Main.java:1)")

    (finding,) = detect(
        "crash_loop", listing(killed(1, "Error")), log(POD, *words, number=2, previous=True)
    )

    assert "no region" in finding.quotes[0].line


@pytest.mark.parametrize(
    ("message", "why"),
    [
        pytest.param("unauthorized: authentication required", "refuses access", id="credentials"),
        pytest.param("toomanyrequests: rate limit", "rate limit", id="rate-limit"),
        pytest.param("dial tcp: lookup registry.test: no such host", "unreachable", id="network"),
    ],
)
def test_the_reason_of_a_failed_pull_is_told(message: str, why: str) -> None:
    state = waiting("cart", "ErrImagePull", f'Failed to pull "registry.test/cart:1": {message}')

    (finding,) = detect("image_pull", listing(app("cart", None, state)))

    assert why in finding.claim


def test_a_target_port_given_by_a_name_nobody_declares_is_wrong() -> None:
    bodies = app("cart", container("cart", ports=[{"name": "http", "containerPort": 3000}]))
    bodies[-1]["spec"]["ports"] = [{"port": 80, "targetPort": "web"}]

    (finding,) = detect("wrong_target_port", listing(bodies))

    patch = finding.recommendations[0]
    assert patch.command
    assert '"value": 3000' in patch.command
    assert patch.undo
    assert '"value": "web"' in patch.undo


def test_a_probed_port_counts_as_served_though_it_is_not_declared() -> None:
    probe = {"httpGet": {"port": 8080}}
    box = container("cart", ports=[{"containerPort": 9102}], readinessProbe=probe)

    assert detect("wrong_target_port", listing(app("cart", box))) == []


def test_a_pod_that_declares_no_port_may_listen_anywhere() -> None:
    assert detect("wrong_target_port", listing(app("cart", container("cart")))) == []


def test_a_service_of_a_workload_scaled_to_nothing_says_so() -> None:
    (finding,) = detect("no_endpoints", listing(stopped()))

    assert "scaled to 0" in finding.claim
    assert (
        finding.recommendations[0].command == "kubectl scale deployment/cart -n shop --replicas=1"
    )


def test_pods_that_are_not_ready_leave_a_service_without_endpoints_as_a_fact() -> None:
    (finding,) = detect("no_endpoints", listing(killed(1, "Error")))

    assert not finding.cause
    assert "0 of 1 pods are ready" in finding.claim


def test_no_pod_is_missing_where_pods_could_not_be_listed() -> None:
    service = replace(listing(stopped()[1:]), output=listing(stopped()[1:]).output)
    arguments = {"args": ["get", "services", "--namespace=shop", "--output=json"]}
    only = replace(service, ref=replace(service.ref, arguments=arguments))

    assert detect("no_endpoints", only) == []


@pytest.mark.parametrize(
    ("reason", "message", "what"),
    [
        pytest.param("Failed", 'Error: secret "db" not found', "Secret db", id="secret"),
        pytest.param(
            "FailedMount",
            'MountVolume.SetUp failed for volume "v" : configmap "app" not found',
            "ConfigMap app",
            id="mounted-config",
        ),
        pytest.param(
            "Failed",
            "Error: couldn't find key region in ConfigMap shop/app",
            "key region of ConfigMap app",
            id="key",
        ),
    ],
)
def test_missing_configuration_is_named_from_events(reason: str, message: str, what: str) -> None:
    state = waiting("cart", "ContainerCreating")
    bodies = [*app("cart", None, state), event(POD, reason, message)]

    (finding,) = detect("config_missing", listing(bodies))

    assert f"{what} does not exist" in finding.claim


def test_an_old_mount_warning_of_a_pod_that_runs_is_no_missing_configuration() -> None:
    message = 'MountVolume.SetUp failed for volume "v" : configmap "app" not found'

    assert (
        detect("config_missing", listing([*app("cart"), event(POD, "FailedMount", message)])) == []
    )


def test_a_stale_probe_event_is_no_failing_probe() -> None:
    state = {**running("cart"), "ready": False}
    stale = event(POD, "Unhealthy", "Readiness probe failed: timeout", at=ago(days=2))

    assert detect("failing_probe", listing([*app("cart", None, state), stale])) == []


def test_a_busy_dependency_is_no_cause_while_nobody_waits_for_it() -> None:
    case = next(it for it in CASES if it.rule == "slow_dependency")
    bodies, _, busy = case.evidence()

    assert detect("slow_dependency", bodies, busy) == []


def test_a_dependency_shared_by_one_service_only_is_not_shared() -> None:
    case = next(it for it in CASES if it.rule == "shared_dependency")

    assert detect("shared_dependency", *case.evidence(), question=CART) == []


def test_a_redis_near_its_maxmemory_is_in_distress() -> None:
    case = next(it for it in CASES if it.rule == "shared_dependency")
    bodies = case.evidence()[0]
    used = figures(
        Measure.STORES, {"memo-aaa-p0": 98.0}, number=2, __name__="redis_memory_used_bytes"
    )
    most = figures(
        Measure.STORES, {"memo-aaa-p0": 100.0}, number=3, __name__="redis_memory_max_bytes"
    )

    (finding,) = detect("shared_dependency", bodies, used, most, question=case.question)

    assert "98 % of its maxmemory" in finding.claim


def test_one_error_in_a_log_is_everyday_life() -> None:
    assert detect("error_logs", listing(app("cart")), log(POD, "ERROR once", number=2)) == []


def test_a_latency_nobody_notices_is_no_slowdown() -> None:
    now = figures(Measure.LATENCY, {POD: 0.05}, number=2)
    before = figures(Measure.LATENCY, {POD: 0.01}, number=3, before=True)

    assert detect("high_latency", listing(app("cart")), now, before) == []


def test_an_old_warning_is_not_told() -> None:
    later = replace(CART, at=NOW + timedelta(days=1), starts_at=NOW + timedelta(days=1))
    bodies = listing([*app("cart"), event(POD, "NodeNotReady", "Node is not ready")])

    assert detect("warning_events", bodies, question=later) == []
