"""The settings of an installation; every field may be left out."""

from typing import ClassVar, Literal

from pydantic import Field

from punchingfist.domain.resources.metadata import Document
from punchingfist.domain.resources.model import Duration, NonEmpty, ResourceModel, SecretRef

DEFAULT_NAME = "punchingfist-config"


class Database(ResourceModel):
    """Where the state is kept."""

    type: Literal["postgres", "sqlite"]
    connection_string: str | None = None


class SlackApp(ResourceModel):
    """The Slack app people talk to."""

    bot_token: SecretRef | None = None
    channel_id: str | None = None


class Chat(ResourceModel):
    """Where people talk."""

    slack: SlackApp | None = None


class LlmProvider(ResourceModel):
    """One place to ask a model."""

    endpoint: str | None = None
    model: str | None = None
    api_key: SecretRef | None = None


class Llm(ResourceModel):
    """Which models there are; none is used unless one is named."""

    default_provider: str | None = None
    providers: dict[str, LlmProvider] = Field(default_factory=dict)


class Runbooks(ResourceModel):
    """Where the runbooks are."""

    repository: NonEmpty
    sync_interval: Duration | None = None


class SecretManager(ResourceModel):
    """Which store `vault://` and bare names lead to."""

    type: Literal["vault", "aws-secrets", "azure-keyvault"]
    endpoint: str | None = None
    auth_method: str | None = None
    secret_path: str | None = None
    role: str | None = None
    region: str | None = None
    secret_prefix: str | None = None
    vault_url: str | None = None
    client_id: str | None = None


class NamedSecret(ResourceModel):
    """A key of a Kubernetes Secret."""

    secret_ref: SecretRef
    key: NonEmpty


class SecretRotation(ResourceModel):
    """How often secrets are read again, and how long old ones stay good."""

    enabled: bool
    check_interval: Duration | None = None
    grace_period: Duration | None = None


class OperatorConfigSpec(ResourceModel):
    """The settings."""

    database: Database | None = None
    chat: Chat | None = None
    llm: Llm | None = None
    runbooks: Runbooks | None = None
    secret_manager: SecretManager | None = None
    secrets: dict[str, NamedSecret] = Field(default_factory=dict)
    secret_rotation: SecretRotation | None = None


class OperatorConfig(Document):
    """An OperatorConfig."""

    KIND: ClassVar[str] = "OperatorConfig"

    kind: Literal["OperatorConfig"] = "OperatorConfig"
    spec: OperatorConfigSpec
