"""Where alerts enter."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from punchingfist.domain.alerts import Severity
from punchingfist.domain.guardrails.pace import Pace
from punchingfist.domain.resources.authentication import Authentication
from punchingfist.domain.resources.json_mapping import JsonMapping
from punchingfist.domain.resources.metadata import Document
from punchingfist.domain.resources.model import (
    URL_PATH_PATTERN,
    Duration,
    NonEmpty,
    OpenConfig,
    ResourceModel,
)
from punchingfist.domain.resources.trigger_sources import (
    ApiConfig,
    FileConfig,
    KubernetesConfig,
    ScheduleConfig,
)


class RateLimit(ResourceModel):
    """How many requests are taken; who sends more is asked to come again."""

    per_second: Annotated[float, Field(gt=0, allow_inf_nan=False)]
    burst: Annotated[int, Field(gt=0)] = 10
    """How many may come at once after a quiet time."""

    @property
    def pace(self) -> Pace:
        """The limit as what counts it knows it."""
        return Pace(self.per_second, self.burst)


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
    format: NonEmpty = "alertmanager"
    """The shape of what is posted: alertmanager, grafana, pagerduty, opsgenie, datadog, cloudwatch or json."""
    mapping: JsonMapping | None = None
    """How alerts are read out of the format `json`."""
    filters: dict[str, LabelValues] = Field(default_factory=dict)
    """Which alerts to take: every label must have one of its values; `=~` starts a regular expression for the whole value."""
    authentication: Authentication | None = None
    max_body_bytes: Annotated[int, Field(gt=0)] | None = None
    """The largest body taken; the server's own limit when absent."""
    rate_limit: RateLimit | None = None
    """How many requests are taken; as many as come when absent."""
    confirm_subscription: bool = False
    """Whether to confirm a subscription that asks for it, as SNS does with the format `cloudwatch`."""

    @model_validator(mode="after")
    def _check_mapping(self) -> "WebhookConfig":
        if self.format == "json" and self.mapping is None:
            raise ValueError("format 'json' needs mapping, which says how to read it; add it")
        if self.format != "json" and self.mapping is not None:
            raise ValueError(f"mapping has no meaning for format {self.format!r}; remove it")
        return self

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


SOURCE_CONFIGS: Mapping[str, type[OpenConfig]] = {
    "webhook": WebhookConfig,
    "chat": ChatConfig,
    "schedule": ScheduleConfig,
    "api": ApiConfig,
    "file": FileConfig,
    "kubernetes": KubernetesConfig,
}


TRIGGER_CONFIGS: Mapping[str, type[OpenConfig]] = {
    name: SOURCE_CONFIGS[name] for name in ("schedule", "api", "file", "kubernetes")
}
"""Those that are part of the server, not extensions: nothing is posted for them to parse."""


class SourceSpec(ResourceModel):
    """What a source listens to and what it starts."""

    type: NonEmpty
    config: dict[str, Any] = Field(default_factory=dict)
    trigger_workflow: NonEmpty
    context: dict[str, Any] = Field(default_factory=dict)
    """Passed to the workflow as `.source.context`."""
    investigate: Annotated[tuple[Severity, ...], Field(min_length=1)] = (
        Severity.CRITICAL,
        Severity.WARNING,
    )
    """The severities that start the workflow, all of them for type kubernetes; an alert of another one is recorded only."""
    group_wait: Duration | None = None
    """How long to wait for more alerts of a group before the workflow starts; the server's own when absent."""


class Source(Document):
    """A Source."""

    KIND: ClassVar[str] = "Source"

    kind: Literal["Source"] = "Source"
    spec: SourceSpec
