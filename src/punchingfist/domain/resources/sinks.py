"""Where outcomes go."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from punchingfist.domain.messages import Moment
from punchingfist.domain.resources.metadata import Document
from punchingfist.domain.resources.model import NonEmpty, OpenConfig, ResourceModel, SecretRef


def _check_api(url: str) -> str:
    try:
        parts = urlsplit(url)
        local = parts.hostname in {"127.0.0.1", "::1", "localhost"}
    except ValueError as wrong:
        raise ValueError(f"is no URL: {wrong}") from wrong
    if not parts.hostname or not (parts.scheme == "https" or (parts.scheme == "http" and local)):
        raise ValueError("must begin with https://, since the token goes there")
    if parts.username or parts.query or parts.fragment:
        raise ValueError("must have neither user, query nor fragment; write https://HOST/api")
    return url.rstrip("/")


class SlackConfig(OpenConfig):
    """`spec.config` of a slack sink."""

    channel: NonEmpty
    bot_token: SecretRef | None = Field(default=None, repr=False)
    """The token, or better `env://`, `k8s://` or `vault://` and where it is."""
    secret_ref: SecretRef | None = None
    """Where the token is, in place of `botToken`."""
    api_url: Annotated[str, AfterValidator(_check_api)] = "https://slack.com/api"
    """Where Slack's Web API answers."""
    message_type: Literal["thread", "message"] | None = None
    """Whether details go to the thread of the incident's message, as usual, or into it."""
    mention_users: tuple[str, ...] = ()
    """Who is called when the message first appears: `<@U…>`, `<!subteam^S…>`, bare ids of those,
    `@here` or `@channel`; other words stay words."""
    template: str | None = None


class StdoutConfig(OpenConfig):
    """`spec.config` of a stdout sink."""

    template: str | None = None


class AlertmanagerConfig(OpenConfig):
    """`spec.config` of an alertmanager sink; its template is YAML around placeholders."""

    endpoint: str | None = None
    action: Literal["resolve", "annotate", "silence"]
    template: str | None = None


class PrometheusConfig(OpenConfig):
    """`spec.config` of a prometheus sink."""

    pushgateway: NonEmpty
    job: str | None = None


class JiraConfig(OpenConfig):
    """`spec.config` of a jira sink."""

    project: NonEmpty
    issue_type: str | None = None
    endpoint: NonEmpty


class PagerdutyConfig(OpenConfig):
    """`spec.config` of a pagerduty sink."""

    routing_key: SecretRef
    action: Literal["trigger", "resolve"] | None = None


class WorkflowConfig(OpenConfig):
    """`spec.config` of a workflow sink."""

    workflow_name: NonEmpty
    trigger_condition: str | None = None
    """A CEL expression over the alert's labels, such as `severity == 'critical'`."""


SINK_CONFIGS: Mapping[str, type[OpenConfig]] = {
    "slack": SlackConfig,
    "stdout": StdoutConfig,
    "alertmanager": AlertmanagerConfig,
    "prometheus": PrometheusConfig,
    "jira": JiraConfig,
    "pagerduty": PagerdutyConfig,
    "workflow": WorkflowConfig,
}


class SinkSpec(ResourceModel):
    """Where a sink speaks, when, and how."""

    type: NonEmpty
    config: dict[str, Any] = Field(default_factory=dict)
    on: tuple[Moment, ...] | None = None
    """When to speak: received, findings, approval, completed, resolved; by type when absent."""
    hold_seconds: Annotated[int, Field(ge=0, le=3600)] = 120
    """How long a pager may wait for the investigation when the alert is not critical."""


class Sink(Document):
    """A Sink."""

    KIND: ClassVar[str] = "Sink"

    kind: Literal["Sink"] = "Sink"
    spec: SinkSpec
