"""How alerts are read out of JSON of any shape."""

from typing import Annotated

from pydantic import Field, StringConstraints, model_validator

from punchingfist.domain.resources.model import NonEmpty, ResourceModel

ItemsPath = Annotated[str, StringConstraints(pattern=r"^[\w-]+(\.[\w-]+)*$")]


class JsonMapping(ResourceModel):
    """
    A template for each field of an alert.

    In a template `.alert` is the piece of JSON the alert is made of and
    `.body` the whole of it.
    """

    items: ItemsPath | None = None
    """Where in the body the list of alerts is, such as `data.alerts`; when absent the body is
    one alert, or a list of them."""
    name: NonEmpty
    """What the alert is called."""
    status: NonEmpty | None = None
    """Must give `firing` or `resolved`; every alert fires when absent."""
    firing: NonEmpty | None = None
    """In place of `status`: whether the alert fires; empty, `false`, `0` and `null` mean no."""
    severity: NonEmpty | None = None
    """The `severity` label."""
    labels: dict[str, NonEmpty] = Field(default_factory=dict)
    annotations: dict[str, NonEmpty] = Field(default_factory=dict)
    fingerprint: NonEmpty | None = None
    """What tells the alert from others, its labels when absent: give one when a label changes
    while the alert fires."""
    group_key: NonEmpty | None = None
    """What alerts of one incident have in common, the fingerprint when absent."""
    starts_at: NonEmpty | None = None
    """When it began: a time with its zone, or a number since 1970."""
    ends_at: NonEmpty | None = None
    """When it was resolved."""

    @model_validator(mode="after")
    def _check_status(self) -> "JsonMapping":
        if self.status is not None and self.firing is not None:
            raise ValueError("status and firing say the same thing; keep one")
        return self
