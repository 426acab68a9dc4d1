"""A Service has nobody to send its traffic to."""

from collections.abc import Iterator

from punchingfist.domain.guardrails.risk import Risk
from punchingfist.domain.investigation.advice import inspect, target
from punchingfist.domain.investigation.cases import Case
from punchingfist.domain.investigation.certainty import certainty
from punchingfist.domain.investigation.containers import containers, is_ready
from punchingfist.domain.investigation.findings import Finding, Quote, Recommendation
from punchingfist.domain.investigation.pages import Seen, present
from punchingfist.domain.investigation.phrases import sentence, short
from punchingfist.domain.investigation.rules import Rule


def detect(case: Case) -> Iterator[Finding]:
    for service in case.inventory.kind("Service"):
        if not service.texts("spec", "selector"):
            continue
        if not case.inventory.is_listed("pods", service.namespace):
            continue
        pods = case.inventory.pods_of(service)
        if pods and not any(is_ready(pod) for pod in pods):
            yield _nobody_ready(service, pods)
        elif not pods:
            yield _stopped(case, service) or _nobody_selected(case, service)


def _nobody_ready(service: Seen, pods: tuple[Seen, ...]) -> Finding:
    quotes = [c.owner.quote("ready", False) for pod in pods for c in containers(pod) if not c.ready]
    return Finding(
        "no_endpoints",
        sentence(f"service {service.name} has no ready endpoint: 0 of {len(pods)} pods are ready"),
        service.ref,
        present(_selector(service), *quotes[:1]),
        certainty(0.6),
        cause=False,
        short=short(f"no endpoint, 0 of {len(pods)} pods ready"),
    )


def _stopped(case: Case, service: Seen) -> Finding | None:
    selector = service.texts("spec", "selector").items()
    for workload in case.inventory.kind("Deployment", "StatefulSet"):
        labels = workload.texts("spec", "template", "metadata", "labels")
        same_place = workload.namespace == service.namespace
        if same_place and selector <= labels.items() and workload.at("spec", "replicas") == 0:
            place = target(workload.ref)
            start, stop = (f"kubectl scale {place} --replicas={n}" for n in (1, 0))
            return Finding(
                "no_endpoints",
                sentence(f"service {service.name} has no endpoint: {workload.name} is scaled to 0"),
                service.ref,
                present(_selector(service), workload.quote("replicas", 0)),
                certainty(0.9),
                recommendations=(
                    Recommendation(f"start {workload.name} again", Risk.WRITE.value, start, stop),
                ),
                short=short(f"{workload.name} is scaled to 0"),
            )
    return None


def _nobody_selected(case: Case, service: Seen) -> Finding:
    selector = service.texts("spec", "selector")
    wanted = ",".join(f"{key}={value}" for key, value in sorted(selector.items()))
    near = _nearest(case, service)
    labels = {key: near.labels.get(key) for key in selector} if near else {}
    wrong = sorted(key for key, value in labels.items() if value != selector[key])
    like = f"; the pods of {case.inventory.workload(near).name} differ only there" if near else ""
    first = wrong[0] if wrong else min(selector)
    label = near.quote(first, labels[first]) if near and labels.get(first) else None
    return Finding(
        "no_endpoints",
        sentence(f"service {service.name} selects no pod: none has {wanted}", like),
        service.ref,
        present(service.quote(first, selector[first]), label),
        certainty(0.8, 0.4 * bool(near)),
        recommendations=(inspect(service.ref, "compare the selector with the pods' labels"),),
        short=short(f"selects no pod, none has {wanted}"),
    )


def _nearest(case: Case, service: Seen) -> Seen | None:
    """Return a pod that has all the selector's keys but one value right, or bears its name."""
    selector = service.texts("spec", "selector").items()
    for pod in case.inventory.kind("Pod"):
        shared = len(selector & pod.labels.items())
        alike = case.inventory.workload(pod).name == service.name
        if pod.namespace == service.namespace and (
            (shared and shared >= len(selector) - 1) or alike
        ):
            return pod
    return None


def _selector(service: Seen) -> Quote | None:
    return service.quote(*min(service.texts("spec", "selector").items()))


RULE = Rule("no_endpoints", "Service without endpoints", detect)
