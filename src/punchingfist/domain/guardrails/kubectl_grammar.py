"""What a kubectl command line may hold: each verb with its risk, its flags and its arguments."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, StrEnum

from punchingfist.domain.guardrails.risk import Risk

# RFC 1123; the names of roles may hold capitals and colons too.
_NAME = r"[A-Za-z0-9](?:[A-Za-z0-9._:-]{0,251}[A-Za-z0-9])?"
_TYPE = r"[a-z](?:[a-z0-9.-]*[a-z0-9.])?"
_PRINTABLE = r"[^\x00-\x1f\x7f-]|[^\x00-\x1f\x7f-][^\x00-\x1f\x7f]*"
_DURATION = r"(?:[0-9]{1,9}(?:\.[0-9]{1,9})?(?:ms|s|m|h))+"

NAME = re.compile(_NAME)
TYPE = re.compile(_TYPE)
WORD = re.compile(r"[a-z]+|\*")
ASSIGNMENT = re.compile(r"[A-Za-z0-9*][A-Za-z0-9*._/-]*=[^\x00-\x1f\x7f]*")


class Value(Enum):
    """What may follow a flag; a switch needs nothing."""

    SWITCH = re.compile("true|false")
    NAME = re.compile(_NAME)
    NAMESPACE = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
    TEXT = re.compile(_PRINTABLE)
    NUMBER = re.compile(r"-?[0-9]{1,12}")
    DURATION = re.compile(_DURATION + "|0")
    TIME = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)", re.ASCII)
    # No templates: they print values without the names by which secrets are told.
    OUTPUT = re.compile(r"json|yaml|wide|name")
    OBJECT = re.compile(f"{_TYPE}/{_NAME}")


class Shape(StrEnum):
    """How the words behind the verb read."""

    OBJECTS = "TYPE [NAME ...] or TYPE/NAME ..."
    ONE_OBJECT = "TYPE NAME or TYPE/NAME"
    LOGS = "POD [CONTAINER], TYPE/NAME, or nothing with --selector"
    USAGE = "pods [NAME] or nodes [NAME]"
    QUESTION = "VERB TYPE[/NAME]"
    NODE = "NODE"
    ASSIGNMENTS = "TYPE NAME KEY=VALUE ..."
    NOTHING = "no further words"


@dataclass(frozen=True, slots=True)
class Verb:
    """
    One verb; *flags* by long name.

    *defaults* are set where the caller is silent, *needs* are flags that must
    be given, *types* limits the kinds (by any spelling), *named* asks for
    explicit names.
    """

    risk: Risk
    shape: Shape
    flags: Mapping[str, Value]
    defaults: Mapping[str, str] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    types: frozenset[str] | None = None
    named: bool = False


_IN_NAMESPACE: dict[str, Value] = {"namespace": Value.NAMESPACE}
_ANYWHERE: dict[str, Value] = {**_IN_NAMESPACE, "all-namespaces": Value.SWITCH}
_DEPLOYMENTS = frozenset({"deployment", "deployments", "deploy", "deployments.apps"})
_STATEFUL = frozenset({"statefulset", "statefulsets", "sts", "statefulsets.apps"})
_DAEMONS = frozenset({"daemonset", "daemonsets", "ds", "daemonsets.apps"})
_REPLICAS = frozenset({"replicaset", "replicasets", "rs", "replicasets.apps"})
_ROLLED_OUT = _DEPLOYMENTS | _STATEFUL | _DAEMONS
_SCALED = _DEPLOYMENTS | _STATEFUL | _REPLICAS


def _rollout(**flags: Value) -> Verb:
    return Verb(
        Risk.WRITE,
        Shape.ONE_OBJECT,
        {**_IN_NAMESPACE, **{name.replace("_", "-"): value for name, value in flags.items()}},
        types=_ROLLED_OUT,
        named=True,
    )


def _change(shape: Shape, *, named: bool = True, **flags: Value) -> Verb:
    return Verb(
        Risk.WRITE,
        shape,
        {**_IN_NAMESPACE, **{name.replace("_", "-"): value for name, value in flags.items()}},
        named=named,
    )


VERBS: Mapping[str, Verb] = {
    "get": Verb(
        Risk.READ,
        Shape.OBJECTS,
        {
            **_ANYWHERE,
            "selector": Value.TEXT,
            "field-selector": Value.TEXT,
            "output": Value.OUTPUT,
            "sort-by": Value.TEXT,
            "label-columns": Value.TEXT,
            "show-labels": Value.SWITCH,
            "show-kind": Value.SWITCH,
            "show-managed-fields": Value.SWITCH,
            "no-headers": Value.SWITCH,
            "ignore-not-found": Value.SWITCH,
        },
    ),
    "describe": Verb(
        Risk.READ,
        Shape.OBJECTS,
        {**_ANYWHERE, "selector": Value.TEXT, "show-events": Value.SWITCH},
    ),
    "logs": Verb(
        Risk.READ,
        Shape.LOGS,
        {
            **_IN_NAMESPACE,
            "selector": Value.TEXT,
            "container": Value.NAME,
            "all-containers": Value.SWITCH,
            "previous": Value.SWITCH,
            "timestamps": Value.SWITCH,
            "prefix": Value.SWITCH,
            "since": Value.DURATION,
            "since-time": Value.TIME,
            "tail": Value.NUMBER,
            "limit-bytes": Value.NUMBER,
        },
        defaults={"tail": "200", "limit-bytes": "1048576"},
    ),
    "top": Verb(
        Risk.READ,
        Shape.USAGE,
        {
            **_ANYWHERE,
            "selector": Value.TEXT,
            "containers": Value.SWITCH,
            "sort-by": Value.NAME,
            "no-headers": Value.SWITCH,
        },
        types=frozenset({"pod", "pods", "po", "node", "nodes", "no"}),
    ),
    "events": Verb(
        Risk.READ,
        Shape.NOTHING,
        {
            **_ANYWHERE,
            "for": Value.OBJECT,
            "types": Value.TEXT,
            "output": Value.OUTPUT,
            "no-headers": Value.SWITCH,
        },
    ),
    # One look, not a wait: kubectl ignores the time-out people add out of habit once it does not watch.
    "rollout status": Verb(
        Risk.READ,
        Shape.ONE_OBJECT,
        {**_IN_NAMESPACE, "timeout": Value.DURATION, "watch": Value.SWITCH},
        defaults={"watch": "false"},
        types=_ROLLED_OUT,
        named=True,
    ),
    "rollout history": Verb(
        Risk.READ,
        Shape.ONE_OBJECT,
        {**_IN_NAMESPACE, "revision": Value.NUMBER},
        types=_ROLLED_OUT,
        named=True,
    ),
    "auth can-i": Verb(Risk.READ, Shape.QUESTION, {**_ANYWHERE, "subresource": Value.NAME}),
    "rollout restart": _rollout(),
    "rollout undo": _rollout(to_revision=Value.NUMBER),
    "rollout pause": _rollout(),
    "rollout resume": _rollout(),
    "scale": Verb(
        Risk.WRITE,
        Shape.ONE_OBJECT,
        {**_IN_NAMESPACE, "replicas": Value.NUMBER, "current-replicas": Value.NUMBER},
        needs=("replicas",),
        types=_SCALED,
        named=True,
    ),
    "patch": Verb(
        Risk.WRITE,
        Shape.ONE_OBJECT,
        {**_IN_NAMESPACE, "patch": Value.TEXT, "type": Value.NAME},
        needs=("patch",),
        named=True,
    ),
    "label": _change(Shape.ASSIGNMENTS, overwrite=Value.SWITCH),
    "annotate": _change(Shape.ASSIGNMENTS, overwrite=Value.SWITCH),
    "set image": _change(Shape.ASSIGNMENTS),
    "set env": _change(Shape.ASSIGNMENTS, containers=Value.NAME),
    "set resources": _change(Shape.ONE_OBJECT, limits=Value.TEXT, requests=Value.TEXT),
    "cordon": Verb(Risk.WRITE, Shape.NODE, {}, named=True),
    "uncordon": Verb(Risk.WRITE, Shape.NODE, {}, named=True),
    "delete": Verb(
        Risk.DESTRUCTIVE,
        Shape.OBJECTS,
        {**_IN_NAMESPACE, "grace-period": Value.NUMBER, "wait": Value.SWITCH},
        defaults={"wait": "false"},
        named=True,
    ),
    "drain": Verb(
        Risk.DESTRUCTIVE,
        Shape.NODE,
        {
            "ignore-daemonsets": Value.SWITCH,
            "delete-emptydir-data": Value.SWITCH,
            "grace-period": Value.NUMBER,
            "timeout": Value.DURATION,
        },
        defaults={"timeout": "60s"},
        named=True,
    ),
}

GROUPED = frozenset(verb.split()[0] for verb in VERBS if " " in verb)

# The letters kubectl knows for each flag; -p, for one, is a switch of `logs` and a value of `patch`.
SHORT: Mapping[str, tuple[str, ...]] = {
    "n": ("namespace",),
    "A": ("all-namespaces",),
    "l": ("selector",),
    "o": ("output",),
    "L": ("label-columns",),
    "c": ("container", "containers"),
    "p": ("previous", "patch"),
}

WHY_NOT: Mapping[str, str] = {
    **dict.fromkeys(
        ("kubeconfig", "server", "context", "cluster", "user", "s"),
        "the cluster is chosen by whoever runs the investigation",
    ),
    **dict.fromkeys(
        ("token", "as", "as-group", "as-uid", "username", "password", "client-key"),
        "the identity is chosen by whoever runs the investigation",
    ),
    **dict.fromkeys(
        ("filename", "f", "kustomize", "k", "template"), "no file of this machine is read"
    ),
    **dict.fromkeys(
        ("watch", "w", "follow", "watch-only"), "a look ends by itself; look again later"
    ),
    "raw": "name the kind and the object instead",
    "all": "name each object",
}

_CLUSTER_WIDE = """
node nodes no namespace namespaces ns persistentvolume persistentvolumes pv
storageclass storageclasses sc ingressclass ingressclasses priorityclass priorityclasses pc
clusterrole clusterroles clusterrolebinding clusterrolebindings
customresourcedefinition customresourcedefinitions crd crds
"""
CLUSTER_WIDE = frozenset(_CLUSTER_WIDE.split())
