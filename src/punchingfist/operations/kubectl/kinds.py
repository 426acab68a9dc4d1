"""Which path a kind is served at: the everyday ones by heart, the others asked for."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from punchingfist.operations.kubectl.client import Api, ServerSaid

# group/version  plural  kind  short names; a kind marked * belongs to no namespace
_EVERYDAY = """
v1 pods Pod po
v1 services Service svc
v1 events Event ev
v1 nodes Node* no
v1 namespaces Namespace* ns
v1 configmaps ConfigMap cm
v1 serviceaccounts ServiceAccount sa
v1 endpoints Endpoints ep
v1 persistentvolumeclaims PersistentVolumeClaim pvc
v1 persistentvolumes PersistentVolume* pv
v1 resourcequotas ResourceQuota quota
v1 limitranges LimitRange limits
v1 replicationcontrollers ReplicationController rc
apps/v1 deployments Deployment deploy
apps/v1 replicasets ReplicaSet rs
apps/v1 statefulsets StatefulSet sts
apps/v1 daemonsets DaemonSet ds
apps/v1 controllerrevisions ControllerRevision
batch/v1 jobs Job
batch/v1 cronjobs CronJob cj
autoscaling/v2 horizontalpodautoscalers HorizontalPodAutoscaler hpa
policy/v1 poddisruptionbudgets PodDisruptionBudget pdb
networking.k8s.io/v1 ingresses Ingress ing
networking.k8s.io/v1 networkpolicies NetworkPolicy netpol
discovery.k8s.io/v1 endpointslices EndpointSlice
storage.k8s.io/v1 storageclasses StorageClass* sc
"""

CATEGORY_ALL = (
    "pods",
    "replicationcontrollers",
    "services",
    "daemonsets",
    "deployments",
    "replicasets",
    "statefulsets",
    "horizontalpodautoscalers",
    "cronjobs",
    "jobs",
)


class NoSuchKind(Exception):
    """The server serves nothing by that name."""

    def __init__(self, name: str) -> None:
        super().__init__(f'error: the server doesn\'t have a resource type "{name}"')


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind as one group and version serves it."""

    group: str
    version: str
    plural: str
    kind: str
    namespaced: bool = True
    short_names: tuple[str, ...] = ()

    @property
    def prefix(self) -> str:
        """`pod`, `deployment.apps`: what kubectl puts before a slash."""
        return f"{self.kind.lower()}.{self.group}" if self.group else self.kind.lower()

    def path(self, namespace: str = "", name: str = "") -> str:
        """Return the path of one object or, without *name*, of their list."""
        root = f"/apis/{self.group}/{self.version}" if self.group else f"/api/{self.version}"
        place = f"/namespaces/{namespace}" if namespace and self.namespaced else ""
        return f"{root}{place}/{self.plural}" + (f"/{name}" if name else "")

    def answers_to(self, name: str) -> bool:
        """Tell whether a person may call it *name*: plural, singular or short, group behind a dot."""
        short, dot, group = name.partition(".")
        version, _, versioned_group = group.partition(".")
        fits = (
            not dot
            or group == self.group
            or (version, versioned_group)
            == (
                self.version,
                self.group,
            )
        )
        return fits and short in {self.plural, self.kind.lower(), *self.short_names}


def _parse_row(line: str) -> Kind:
    group_version, plural, kind, *short = line.split()
    group, _, version = group_version.rpartition("/")
    return Kind(group, version, plural, kind.rstrip("*"), not kind.endswith("*"), tuple(short))


EVERYDAY = tuple(_parse_row(line) for line in _EVERYDAY.strip().splitlines())


async def find_kind(api: Api, name: str) -> Kind:
    """
    Return the kind people call *name*.

    Raises:
        NoSuchKind: neither we nor the server know it.
    """
    for kind in EVERYDAY:
        if kind.answers_to(name):
            return kind
    groups = await _groups(api)
    asked = name.partition(".")[2]
    chosen = [(group, version) for group, version in groups if not asked or asked.endswith(group)]
    for group, version in chosen:
        for kind in await _served(api, group, version):
            if kind.answers_to(name):
                return kind
    raise NoSuchKind(name)


async def find_owner_kind(api: Api, api_version: str, kind: str) -> Kind | None:
    """Return the kind an owner reference names, None when it is not served."""
    group, _, version = api_version.rpartition("/")
    wanted = (group, version, kind)
    by_heart = next((k for k in EVERYDAY if (k.group, k.version, k.kind) == wanted), None)
    if by_heart is not None:
        return by_heart
    return next((k for k in await _served(api, group, version) if k.kind == kind), None)


async def _groups(api: Api) -> Sequence[tuple[str, str]]:
    found = (await api.get("/apis")).get("groups") or ()
    preferred = [(one["name"], one["preferredVersion"]["version"]) for one in found]
    return [("", "v1"), *preferred]


async def _served(api: Api, group: str, version: str) -> Sequence[Kind]:
    path = f"/apis/{group}/{version}" if group else f"/api/{version}"
    try:
        found: list[dict[str, Any]] = (await api.get(path)).get("resources") or []
    except ServerSaid:
        return ()  # one broken aggregated API must not hide all others
    return [
        Kind(
            group,
            version,
            one["name"],
            one["kind"],
            one["namespaced"],
            tuple(one.get("shortNames") or ()),
        )
        for one in found
        if "/" not in one["name"]
    ]
