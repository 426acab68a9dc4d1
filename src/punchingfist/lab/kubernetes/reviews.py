"""`kubectl auth can-i` and `whoami`: questions about the asker, answered by the policy."""

from punchingfist.lab.kubernetes.access import Allow, Attempt, User
from punchingfist.lab.kubernetes.objects import Manifest
from punchingfist.lab.kubernetes.resources import Catalogue, Resource


def answer(
    resource: Resource, review: Manifest, *, user: User, allow: Allow, catalogue: Catalogue
) -> Manifest:
    """Return *review* with its status filled in."""
    spec = review.get("spec") or {}
    match resource.kind:
        case "SelfSubjectReview":
            status: Manifest = {"userInfo": {"username": user.name, "groups": list(user.groups)}}
        case "SelfSubjectRulesReview":
            status = _rules(user, str(spec.get("namespace") or ""), allow, catalogue)
        case _:
            status = {"allowed": _allowed(user, spec, allow)}
    return {
        **review,
        "kind": resource.kind,
        "apiVersion": resource.group_version,
        "metadata": {},
        "spec": spec,
        "status": status,
    }


def _allowed(user: User, spec: Manifest, allow: Allow) -> bool:
    wanted = spec.get("resourceAttributes")
    if wanted is None:
        return True
    return allow(
        Attempt(
            user,
            verb=wanted.get("verb", ""),
            group=wanted.get("group", ""),
            resource=wanted.get("resource", ""),
            subresource=wanted.get("subresource", ""),
            namespace=wanted.get("namespace", ""),
            name=wanted.get("name", ""),
        )
    )


def _rules(user: User, namespace: str, allow: Allow, catalogue: Catalogue) -> Manifest:
    """List each kind with the verbs the policy leaves; a deny list has no shorter form."""
    rules = []
    for resource in catalogue:
        for subresource in ("", *resource.subresources):
            attempts = [
                Attempt(user, verb, resource.group, resource.plural, subresource, namespace)
                for verb in resource.verbs
            ]
            rules.append(
                {
                    "verbs": [attempt.verb for attempt in attempts if allow(attempt)],
                    "apiGroups": [resource.group],
                    "resources": [attempts[0].full_resource],
                }
            )
    return {
        "resourceRules": [rule for rule in rules if rule["verbs"]],
        "nonResourceRules": [{"verbs": ["get"], "nonResourceURLs": ["*"]}],
        "incomplete": False,
    }
