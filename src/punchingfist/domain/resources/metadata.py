"""Who a resource is."""

from typing import Annotated, Any, ClassVar, Self

from pydantic import Field, StringConstraints, model_validator

from punchingfist.domain.resources.model import NAME_PATTERN, ResourceModel, dump

API_GROUP = "punchingfist.io"
API_VERSION = f"{API_GROUP}/v1alpha1"

ResourceName = Annotated[str, StringConstraints(pattern=NAME_PATTERN, max_length=253)]


class Metadata(ResourceModel):
    """The part of Kubernetes' ObjectMeta that means something here; the rest is not kept."""

    name: ResourceName
    namespace: str | None = None
    labels: dict[str, str] = Field(default_factory=dict)
    annotations: dict[str, str] = Field(default_factory=dict)
    generation: int = 1
    uid: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _without_what_the_server_adds(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        return {key: each for key, each in value.items() if key not in _SERVER_FIELDS}


_SERVER_FIELDS = frozenset(
    {"creationTimestamp", "deletionGracePeriodSeconds", "deletionTimestamp", "finalizers"}
    | {"generateName", "managedFields", "ownerReferences", "resourceVersion", "selfLink"}
)


class Document(ResourceModel):
    """Any of the four kinds: its metadata and, in subclasses, its `kind` and `spec`."""

    KIND: ClassVar[str]

    api_version: str = API_VERSION
    metadata: Metadata
    status: dict[str, Any] = Field(default_factory=dict, exclude=True)
    """What the operator last reported; never read from a file."""

    @property
    def name(self) -> str:
        return self.metadata.name

    def snapshot(self) -> dict[str, Any]:
        """Return the resource as JSON, as written, to be run later whatever changes meanwhile."""
        metadata = {"name": self.name, "generation": self.metadata.generation}
        return {**dump(self), "metadata": {**dump(self.metadata), **metadata}}

    @classmethod
    def from_snapshot(cls, snapshot: Any) -> Self:
        """Read back what `snapshot` returned."""
        return cls.model_validate(snapshot)
