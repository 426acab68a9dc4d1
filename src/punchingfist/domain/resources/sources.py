"""Where alerts enter."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from punchingfist.domain.resources.metadata import Document
from punchingfist.domain.resources.model import (
    URL_PATH_PATTERN,
    Duration,
    NonEmpty,
    OpenConfig,
    ResourceModel,
    SecretRef,
)


class Authentication(ResourceModel):
    """How a request proves where it comes from."""

    type: Literal["bearer", "apikey", "none"]
    secret_ref: SecretRef | None = None
    """Where the token is; without one, `bearer` and `apikey` let nobody in."""


def _one_or_more(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


@lru_cache(maxsize=256)
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text)


def _check_pattern(value: str) -> str:
    if value.startswith("=~"):
        try:
            _pattern(value[2:])
        except re.error as error:
            raise ValueError(f"regular expression {value[2:]!r} is wrong: {error}") from error
    return value


LabelValues = Annotated[
    tuple[Annotated[str, AfterValidator(_check_pattern)], ...],
    BeforeValidator(_one_or_more, json_schema_input_type=str | list[str]),
    Field(min_length=1),
]


class WebhookConfig(OpenConfig):
    """`spec.config` of a webhook source."""

    path: Annotated[str, Field(pattern=URL_PATH_PATTERN)]
    """Where on the server alerts are posted, such as `/webhook/alerts`."""
    filters: dict[str, LabelValues] = Field(default_factory=dict)
    """Which alerts to take: every label must have one of its values; `=~` starts a regular expression for the whole value."""
    authentication: Authentication | None = None
    max_body_bytes: Annotated[int, Field(gt=0)] | None = None
    """The largest body taken; the server's own limit when absent."""

    def accepts(self, labels: Mapping[str, str]) -> bool:
        """Tell whether an alert with *labels* passes the filters; an absent label is empty."""
        return all(
            any(_matches(wanted, labels.get(label, "")) for wanted in values)
            for label, values in self.filters.items()
        )


def _matches(wanted: str, value: str) -> bool:
    if wanted.startswith("=~"):
        return _pattern(wanted[2:]).fullmatch(value) is not None
    return wanted == value


class ChatConfig(OpenConfig):
    """`spec.config` of a chat source."""

    platform: NonEmpty
    trigger: Literal["mention", "command"] | None = None
    channel: str | None = None
    command: str | None = None


class ScheduleConfig(OpenConfig):
    """`spec.config` of a schedule source."""

    cron: NonEmpty
    timezone: str | None = None


class ApiConfig(OpenConfig):
    """`spec.config` of an api source."""

    endpoint: NonEmpty
    method: str | None = None
    authentication: Authentication | None = None


class KubernetesConfig(OpenConfig):
    """`spec.config` of a kubernetes source."""

    resource: NonEmpty
    event: str | None = None
    label_selector: str | None = None


SOURCE_CONFIGS: Mapping[str, type[OpenConfig]] = {
    "webhook": WebhookConfig,
    "chat": ChatConfig,
    "schedule": ScheduleConfig,
    "api": ApiConfig,
    "kubernetes": KubernetesConfig,
}


class SourceSpec(ResourceModel):
    """What a source listens to and what it starts."""

    type: NonEmpty
    config: dict[str, Any] = Field(default_factory=dict)
    trigger_workflow: NonEmpty
    context: dict[str, Any] = Field(default_factory=dict)
    """Passed to the workflow as `.source.context`."""
    group_wait: Duration | None = None
    """How long to wait for more alerts of a group before the workflow starts; the server's own when absent."""


class Source(Document):
    """A Source."""

    KIND: ClassVar[str] = "Source"

    kind: Literal["Source"] = "Source"
    spec: SourceSpec
