"""For each rule: a case in which it speaks, and the words that decide it."""

from collections.abc import Callable
from dataclasses import dataclass

from punchingfist.domain.investigation.evidence import Evidence
from punchingfist.domain.investigation.measures import Measure
from punchingfist.domain.investigation.question import Question
from tests.domain.investigation.builders import (
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
    pod,
    running,
    thing,
    waiting,
)

POD = "cart-aaa-p0"
CART = "Deployment shop/cart"
CART_ALERT = ask(service="cart")


@dataclass(frozen=True)
class RuleCase:
    """*decisive* are words of the evidence without which the rule must be silent."""

    rule: str
    object: str
    says: tuple[str, ...]
    decisive: tuple[str, ...]
    evidence: Callable[[], list[Evidence]]
    question: Question = CART_ALERT
    cause: bool = True


def _out_of_memory() -> list[Evidence]:
    box = container("cart", limits={"memory": "512Mi"}, ports=[{"containerPort": 8080}])
    state = waiting("cart", "CrashLoopBackOff", restartCount=4, lastState=ended(137, "OOMKilled"))
    return [
        listing(app("cart", box, state)),
        log(POD, "started", "java.lang.OutOfMemoryError: heap", number=2, previous=True),
        figures(Measure.MEMORY, {POD: 536870912}, number=3),
    ]


def _crash_loop() -> list[Evidence]:
    state = waiting("cart", "CrashLoopBackOff", restartCount=4, lastState=ended(1, "Error"))
    last = "FATAL: no configuration for region eu"
    return [listing(app("cart", None, state)), log(POD, "started", last, number=2, previous=True)]


def _image_pull() -> list[Evidence]:
    message = 'Back-off pulling image "registry.test/cart:1"'
    why = 'Failed to pull image "registry.test/cart:1": manifest unknown'
    state = waiting("cart", "ImagePullBackOff", message)
    return [listing([*app("cart", None, state), event(POD, "Failed", why)])]


def _unschedulable() -> list[Evidence]:
    bodies = app("cart", None, waiting("cart", "ContainerCreating"))
    why = "0/2 nodes are available: 2 Insufficient memory."
    for body in bodies:
        if body["kind"] == "Pod":
            body["status"] = {
                "phase": "Pending",
                "conditions": [{"type": "PodScheduled", "reason": "Unschedulable", "message": why}],
            }
    return [listing([*bodies, event(POD, "FailedScheduling", why)])]


def _wrong_target_port() -> list[Evidence]:
    box = container("cart", ports=[{"containerPort": 3000}])
    return [listing(app("cart", box)), log(POD, "server listening on :3000", number=2)]


def _no_endpoints() -> list[Evidence]:
    bodies = app("cart")
    bodies[-1]["spec"]["selector"] = {"app": "carts"}
    return [listing(bodies)]


def _config_missing() -> list[Evidence]:
    state = waiting("cart", "CreateContainerConfigError", 'configmap "cart-settings" not found')
    return [listing(app("cart", None, state))]


def _failing_probe() -> list[Evidence]:
    box = container("cart", ports=[{"containerPort": 8080}], readinessProbe=_asks(9090))
    refused = "Readiness probe failed: dial tcp 10.0.0.1:9090: connection refused"
    state = {**running("cart"), "ready": False}
    return [listing([*app("cart", box, state), event(POD, "Unhealthy", refused)])]


def _asks(port: int) -> Body:
    return {"httpGet": {"path": "/", "port": port}}


def _slow_dependency() -> list[Evidence]:
    caller = container("cart", env={"DB_HOST": "ledger"}, ports=[{"containerPort": 8080}])
    store = container("ledger", limits={"cpu": "500m"}, ports=[{"containerPort": 8080}])
    return [
        listing([*app("cart", caller), *app("ledger", store)]),
        log(POD, "GET /cart 200", "query failed: timed out after 2 s", number=2),
        figures(Measure.CPU, {"ledger-aaa-p0": 0.499}, number=3),
    ]


def _shared_dependency() -> list[Evidence]:
    env = {"CACHE_URL": "redis://memo:6379/0"}
    ports = [{"containerPort": 8080}]
    users = [app(name, container(name, env=env, ports=ports)) for name in ("cart", "checkout")]
    store = app("memo", container("memo", limits={"memory": "288Mi"}, ports=ports))
    return [
        listing([*users[0], *users[1], *store]),
        figures(Measure.MEMORY, {"memo-aaa-p0": 290_000_000}, number=2),
    ]


def _high_latency() -> list[Evidence]:
    return [
        listing(app("cart")),
        figures(Measure.LATENCY, {POD: 2.5}, number=2),
        figures(Measure.LATENCY, {POD: 0.1}, number=3, before=True),
    ]


def _error_logs() -> list[Evidence]:
    lines = ("ERROR no such voucher", "ok", "ERROR no such basket")
    return [listing(app("cart")), log(POD, *lines, number=2)]


def _warning_events() -> list[Evidence]:
    return [listing([*app("cart"), event(POD, "NodeNotReady", "Node is not ready")])]


def _replicas_missing() -> list[Evidence]:
    quota = 'pods "cart-aaa-x" is forbidden: exceeded quota: compute'
    bodies = app("cart", pods=2)
    bodies[0]["status"] = {
        "readyReplicas": 1,
        "conditions": [{"type": "ReplicaFailure", "status": "True", "message": quota}],
    }
    return [listing(bodies)]


def volume_pod(claim: str) -> Body:
    """A bare pod that holds data."""
    box = container("store", limits={"memory": "64Mi"})
    state = waiting("store", "CrashLoopBackOff", restartCount=4, lastState=ended(137, "OOMKilled"))
    made = pod("store", None, box, state, "store")
    made["spec"]["volumes"] = [{"persistentVolumeClaim": {"claimName": claim}}]
    return made


def stopped() -> list[Body]:
    """A Service whose Deployment runs nothing."""
    template = {"metadata": {"labels": {"app": "cart"}}, "spec": {"containers": []}}
    return [
        thing("Deployment", "cart", spec={"replicas": 0, "template": template}, status={}),
        thing("Service", "cart", spec={"selector": {"app": "cart"}, "ports": [{"port": 80}]}),
    ]


LONG_AGO = ago(days=9)
CASES = (
    RuleCase("out_of_memory", CART, ("OOMKilled", "512Mi"), ("terminated",), _out_of_memory),
    RuleCase("crash_loop", CART, ("code 1", "no configuration"), ("terminated",), _crash_loop),
    RuleCase("image_pull", CART, ("tag not found",), ("ImagePullBackOff",), _image_pull),
    RuleCase("unschedulable", CART, ("too little memory",), ("PodScheduled",), _unschedulable),
    RuleCase(
        "wrong_target_port", "Service shop/cart", ("8080", "3000"), ("3000",), _wrong_target_port
    ),
    RuleCase(
        "no_endpoints", "Service shop/cart", ("selects no pod",), ("selector",), _no_endpoints
    ),
    RuleCase("config_missing", CART, ("ConfigMap cart-settings",), ("not found",), _config_missing),
    RuleCase("failing_probe", CART, ("9090",), ("probe failed",), _failing_probe),
    RuleCase("slow_dependency", "Deployment shop/ledger", ("CPU",), ("0.499",), _slow_dependency),
    RuleCase(
        "shared_dependency",
        "Deployment shop/memo",
        ("cart, checkout", "memory"),
        ("290000000",),
        _shared_dependency,
        ask(services="cart,checkout"),
    ),
    RuleCase("high_latency", CART, ("100 ms to 2.5 s",), ("2.5",), _high_latency, cause=False),
    RuleCase("error_logs", CART, ("no such basket",), ("ERROR",), _error_logs, cause=False),
    RuleCase("warning_events", CART, ("not ready",), ('"Warning"',), _warning_events, cause=False),
    RuleCase("replicas_missing", CART, ("quota",), ("ReplicaFailure",), _replicas_missing),
)
