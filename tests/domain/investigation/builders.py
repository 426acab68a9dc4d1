"""Small clusters and the evidence a look at them gives, built by hand."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from punchingfist.domain.investigation.evidence import Evidence, EvidenceRef, Look, Outcome
from punchingfist.domain.investigation.looks import list_look, logs_look, promql_look
from punchingfist.domain.investigation.measures import Measure, render_query
from punchingfist.domain.investigation.question import Question

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
STARTED = NOW - timedelta(minutes=10)
SPACE = "shop"
KINDS = (
    "pods", "deployments", "replicasets", "statefulsets", "daemonsets", "jobs", "services",
    "configmaps", "events", "nodes",
)  # fmt: skip

Body = dict[str, Any]


def ago(**span: float) -> str:
    return (NOW - timedelta(**span)).isoformat().replace("+00:00", "Z")


def ask(*, text: str = "", name: str = "Trouble", at: datetime = NOW, **labels: str) -> Question:
    """An alert about something in the namespace, ten minutes old."""
    return Question("find the cause", name, labels, {}, at, STARTED, text, SPACE)


def seen(look: Look, output: str, number: int, outcome: Outcome = Outcome.SEEN) -> Evidence:
    ref = EvidenceRef(
        id=f"E{number}",
        tool=look.tool,
        arguments=look.arguments,
        why=look.why,
        command=str(look.arguments),
        at=NOW,
        duration_seconds=0.1,
        outcome=outcome,
        exit_code=0,
        artifact="",
        size_bytes=len(output),
        truncated=False,
        gap=None if outcome is Outcome.SEEN else "it did not answer",
    )
    return Evidence(ref, output)


def listing(bodies: Sequence[Body], number: int = 1) -> Evidence:
    """Everything of the namespace in one look."""
    text = json.dumps({"apiVersion": "v1", "items": list(bodies), "kind": "List"}, indent=4)
    return seen(list_look(KINDS, SPACE, "everything"), text, number)


def log(
    pod: str, *lines: str, number: int, container: str = "", previous: bool = False
) -> Evidence:
    name = container or pod.rsplit("-", 2)[0]
    look = logs_look(pod, name, SPACE, f"log of {pod}", previous=previous)
    return seen(look, "\n".join(lines), number)


def figures(
    measure: Measure, rows: Mapping[str, float], *, number: int, before: bool = False, **labels: str
) -> Evidence:
    """One figure for each pod of *rows*."""
    query = render_query(measure, f'namespace="{SPACE}"', minutes_back=60 if before else 0)
    result: list[Body] = [
        {
            "metric": {
                "namespace": SPACE,
                "pod": pod,
                "container": pod.rsplit("-", 2)[0],
                **labels,
            },
            "value": [NOW.timestamp(), str(value)],
        }
        for pod, value in rows.items()
    ]
    return seen(promql_look(query, measure.value), answered("vector", result), number)


def answered(kind: str, result: Sequence[Body]) -> str:
    """The figures as the promql tool writes them: a series stands on one line."""
    rows = ",\n".join(f"    {json.dumps(row, ensure_ascii=False)}" for row in result)
    return f'{{\n  "resultType": "{kind}",\n  "result": [\n{rows}\n  ]\n}}\n'


def thing(kind: str, name: str, owner: Body | None = None, **parts: Any) -> Body:
    metadata: Body = {"name": name, "namespace": SPACE, "labels": parts.pop("labels", {})}
    metadata |= parts.pop("metadata", {})
    if owner:
        metadata["ownerReferences"] = [{"kind": owner["kind"], "name": owner["metadata"]["name"]}]
    return {"apiVersion": "v1", "kind": kind, "metadata": metadata, **parts}


def container(
    name: str, *, limits: Body | None = None, env: Body | None = None, **spec: Any
) -> Body:
    return {
        "name": name,
        "image": f"registry.test/{name}:1",
        "resources": {"limits": limits or {}},
        "env": [{"name": key, "value": value} for key, value in (env or {}).items()],
        **spec,
    }


def running(name: str, **more: Any) -> Body:
    return {"name": name, "ready": True, "restartCount": 0, "state": {"running": {}}, **more}


def waiting(name: str, reason: str, message: str = "", **more: Any) -> Body:
    state = {"waiting": {"reason": reason, "message": message}}
    return {"name": name, "ready": False, "restartCount": 0, "state": state, **more}


def ended(code: int, reason: str, finished: str = "") -> Body:
    return {
        "terminated": {"exitCode": code, "reason": reason, "finishedAt": finished or ago(minutes=2)}
    }


def app(
    name: str, box: Body | None = None, status: Body | None = None, *, pods: int = 1
) -> list[Body]:
    """A Deployment with its ReplicaSet, its pods (`name-aaa-p0`…) and a Service on port 80."""
    box = box or container(name, ports=[{"containerPort": 8080}])
    state = status or running(box["name"])
    ready = pods if state["ready"] else 0
    template = {"metadata": {"labels": {"app": name}}, "spec": {"containers": [box]}}
    deployment = thing(
        "Deployment",
        name,
        spec={"replicas": pods, "template": template},
        status={"readyReplicas": ready, "replicas": pods},
    )
    revision = {"deployment.kubernetes.io/revision": "2"}
    replicas = thing(
        "ReplicaSet",
        f"{name}-aaa",
        deployment,
        spec={"replicas": pods, "template": template},
        metadata={"annotations": revision, "creationTimestamp": ago(days=30)},
    )
    made = [pod(f"{name}-aaa-p{n}", replicas, box, state, name) for n in range(pods)]
    ports = [{"port": 80, "targetPort": 8080}]
    front = thing("Service", name, spec={"selector": {"app": name}, "ports": ports})
    return [deployment, replicas, *made, front]


def pod(name: str, owner: Body | None, box: Body, state: Body, label: str) -> Body:
    ready = "True" if state["ready"] else "False"
    return thing(
        "Pod",
        name,
        owner,
        labels={"app": label},
        spec={"containers": [box], "nodeName": "node-1"},
        status={
            "phase": "Running",
            "conditions": [{"type": "Ready", "status": ready}],
            "containerStatuses": [state],
        },
    )


def event(about: str, reason: str, message: str, *, at: str = "", kind: str = "Pod") -> Body:
    return thing(
        "Event",
        f"{about}.{reason.lower()}",
        involvedObject={"kind": kind, "namespace": SPACE, "name": about},
        reason=reason,
        message=message,
        type="Warning",
        lastTimestamp=at or ago(minutes=5),
    )


def rolled_out(bodies: list[Body], at: str) -> list[Body]:
    """The same, with the ReplicaSets made *at* that moment."""
    for body in bodies:
        if body["kind"] == "ReplicaSet":
            body["metadata"]["creationTimestamp"] = at
    return bodies
