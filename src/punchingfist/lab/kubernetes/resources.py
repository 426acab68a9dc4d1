"""The kinds this API serves: the built-in table, and those that definitions add."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import ClassVar

from punchingfist.lab.kubernetes.objects import Manifest

EVERY_VERB = ("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch")
REVIEW_GROUPS = ("authentication.k8s.io", "authorization.k8s.io")
METRICS_GROUP = "metrics.k8s.io"

# group/version  plural  kind  scope  short names  categories  subresources
_BUILTIN = """
v1 pods Pod namespaced po all binding,eviction,log,status
v1 services Service namespaced svc all status
v1 events Event namespaced ev - -
v1 namespaces Namespace cluster ns - status
v1 nodes Node cluster no - status
v1 configmaps ConfigMap namespaced cm - -
v1 secrets Secret namespaced - - -
v1 serviceaccounts ServiceAccount namespaced sa - token
v1 endpoints Endpoints namespaced ep - -
v1 persistentvolumeclaims PersistentVolumeClaim namespaced pvc - status
v1 persistentvolumes PersistentVolume cluster pv - status
v1 resourcequotas ResourceQuota namespaced quota - status
v1 limitranges LimitRange namespaced limits - -
v1 replicationcontrollers ReplicationController namespaced rc all scale,status
apps/v1 deployments Deployment namespaced deploy all scale,status
apps/v1 replicasets ReplicaSet namespaced rs all scale,status
apps/v1 statefulsets StatefulSet namespaced sts all scale,status
apps/v1 daemonsets DaemonSet namespaced ds all status
apps/v1 controllerrevisions ControllerRevision namespaced - - -
batch/v1 jobs Job namespaced - all status
batch/v1 cronjobs CronJob namespaced cj all status
autoscaling/v2 horizontalpodautoscalers HorizontalPodAutoscaler namespaced hpa all status
policy/v1 poddisruptionbudgets PodDisruptionBudget namespaced pdb - status
networking.k8s.io/v1 ingresses Ingress namespaced ing - status
networking.k8s.io/v1 ingressclasses IngressClass cluster - - -
networking.k8s.io/v1 networkpolicies NetworkPolicy namespaced netpol - -
discovery.k8s.io/v1 endpointslices EndpointSlice namespaced - - -
storage.k8s.io/v1 storageclasses StorageClass cluster sc - -
scheduling.k8s.io/v1 priorityclasses PriorityClass cluster pc - -
coordination.k8s.io/v1 leases Lease namespaced - - -
rbac.authorization.k8s.io/v1 clusterroles ClusterRole cluster - - -
rbac.authorization.k8s.io/v1 clusterrolebindings ClusterRoleBinding cluster - - -
rbac.authorization.k8s.io/v1 roles Role namespaced - - -
rbac.authorization.k8s.io/v1 rolebindings RoleBinding namespaced - - -
admissionregistration.k8s.io/v1 mutatingwebhookconfigurations MutatingWebhookConfiguration cluster - - -
admissionregistration.k8s.io/v1 validatingwebhookconfigurations ValidatingWebhookConfiguration cluster - - -
apiextensions.k8s.io/v1 customresourcedefinitions CustomResourceDefinition cluster crd,crds - status
metrics.k8s.io/v1beta1 pods PodMetrics namespaced - - -
metrics.k8s.io/v1beta1 nodes NodeMetrics cluster - - -
authorization.k8s.io/v1 selfsubjectaccessreviews SelfSubjectAccessReview cluster - - -
authorization.k8s.io/v1 selfsubjectrulesreviews SelfSubjectRulesReview cluster - - -
authentication.k8s.io/v1 selfsubjectreviews SelfSubjectReview cluster - - -
"""


@dataclass(frozen=True, slots=True)
class Resource:
    """
    One kind as one group and version serves it.

    *printer_columns* is None for built-in kinds, whose columns are code.
    """

    group: str
    version: str
    plural: str
    kind: str
    namespaced: bool
    short_names: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    subresources: tuple[str, ...] = ()
    verbs: tuple[str, ...] = EVERY_VERB
    printer_columns: tuple[Manifest, ...] | None = None
    schema: Manifest | None = None

    @property
    def group_version(self) -> str:
        """`apps/v1`, or `v1` for the core group."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def qualified(self) -> str:
        """`deployments.apps`, or `pods` for the core group."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    @property
    def singular(self) -> str:
        """The name people may type for one."""
        return self.kind.lower()


class Catalogue:
    """Every kind served now, in the order it was added."""

    _VIRTUAL: ClassVar = {
        METRICS_GROUP: ("get", "list"),
        **dict.fromkeys(REVIEW_GROUPS, ("create",)),
    }

    def __init__(self) -> None:
        self._served: dict[tuple[str, str, str], Resource] = {}
        for line in _BUILTIN.strip().splitlines():
            self._add(_parse_row(line))

    def __iter__(self) -> Iterator[Resource]:
        return iter(tuple(self._served.values()))

    def find(self, group: str, version: str, plural: str) -> Resource | None:
        """Return the kind served at that path, if any."""
        return self._served.get((group, version, plural))

    def find_kind(self, api_version: str, kind: str) -> Resource | None:
        """Return what an object that says *api_version* and *kind* is, if it can be stored."""
        return next(
            (
                r
                for r in self
                if r.kind == kind and r.group_version == api_version and not self.is_virtual(r)
            ),
            None,
        )

    def is_virtual(self, resource: Resource) -> bool:
        """Tell whether objects of this kind are answers computed on demand."""
        return resource.group in self._VIRTUAL

    def groups(self) -> dict[str, list[str]]:
        """Return the versions of each group, the core group under ''."""
        found: dict[str, list[str]] = {}
        for resource in self:
            versions = found.setdefault(resource.group, [])
            if resource.version not in versions:
                versions.append(resource.version)
        return found

    def define(self, definition: Manifest) -> None:
        """Serve what a CustomResourceDefinition defines, in place of its former self."""
        self.undefine(definition)
        for version in definition["spec"]["versions"]:
            if version.get("served", True):
                self._add(_parse_definition(definition["spec"], version))

    def undefine(self, definition: Manifest) -> None:
        """Stop serving what a CustomResourceDefinition defined."""
        spec = definition["spec"]
        for key in [
            k for k in self._served if (k[0], k[2]) == (spec["group"], spec["names"]["plural"])
        ]:
            del self._served[key]

    def _add(self, resource: Resource) -> None:
        verbs = self._VIRTUAL.get(resource.group, resource.verbs)
        key = (resource.group, resource.version, resource.plural)
        self._served[key] = replace(resource, verbs=verbs)


def _parse_row(line: str) -> Resource:
    group_version, plural, kind, scope, *lists = line.split()
    group, _, version = group_version.rpartition("/")
    short, categories, subresources = (
        () if text == "-" else tuple(text.split(",")) for text in lists
    )
    return Resource(
        group, version, plural, kind, scope == "namespaced", short, categories, subresources
    )


def _parse_definition(spec: Manifest, version: Manifest) -> Resource:
    names = spec["names"]
    age = {"name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp"}
    return Resource(
        group=spec["group"],
        version=version["name"],
        plural=names["plural"],
        kind=names["kind"],
        namespaced=spec["scope"] == "Namespaced",
        short_names=tuple(names.get("shortNames") or ()),
        categories=tuple(names.get("categories") or ()),
        subresources=tuple(version.get("subresources") or ()),
        printer_columns=tuple(version.get("additionalPrinterColumns") or (age,)),
        schema=(version.get("schema") or {}).get("openAPIV3Schema"),
    )
