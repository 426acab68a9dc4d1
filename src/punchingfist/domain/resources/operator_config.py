"""The settings of an installation; every field may be left out."""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from punchingfist.domain.inhibition import InhibitRule
from punchingfist.domain.resources.metadata import Document
from punchingfist.domain.resources.model import Duration, NonEmpty, ResourceModel, SecretRef
from punchingfist.domain.silences.matchers import Match, Matcher, parse_matchers
from punchingfist.errors import InvalidInput

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


def _check_matcher(text: str) -> str:
    try:
        parse_matchers(text)
    except InvalidInput as error:
        raise ValueError(str(error)) from error
    return text


MatcherText = Annotated[str, AfterValidator(_check_matcher)]
"""A matcher as `amtool` writes it, such as `severity="critical"`."""


class InhibitRuleSpec(ResourceModel):
    """
    An inhibition rule as `alertmanager.yml` writes it; camelCase is read as well.

    While an alert that matches the source fires, those that match the target
    and have the same `equal` labels start nothing and notify nobody.
    """

    source_matchers: tuple[MatcherText, ...] = ()
    target_matchers: tuple[MatcherText, ...] = ()
    source_match: dict[str, str] = Field(default_factory=dict)
    target_match: dict[str, str] = Field(default_factory=dict)
    source_match_re: dict[str, str] = Field(default_factory=dict)
    target_match_re: dict[str, str] = Field(default_factory=dict)
    equal: tuple[NonEmpty, ...] = ()

    @model_validator(mode="after")
    def _is_readable(self) -> Self:
        try:
            self.rule()
        except InvalidInput as error:
            raise ValueError(str(error)) from error
        return self

    def rule(self) -> InhibitRule:
        """Return what it means."""
        return InhibitRule(
            _matchers(self.source_matchers, self.source_match, self.source_match_re),
            _matchers(self.target_matchers, self.target_match, self.target_match_re),
            self.equal,
        )


def _matchers(
    texts: tuple[str, ...], equal: Mapping[str, str], like: Mapping[str, str]
) -> tuple[Matcher, ...]:
    return (
        *(matcher for text in texts for matcher in parse_matchers(text)),
        *(Matcher(name, Match.EQUAL, value) for name, value in equal.items()),
        *(Matcher(name, Match.LIKE, value) for name, value in like.items()),
    )


class OperatorConfigSpec(ResourceModel):
    """The settings."""

    database: Database | None = None
    chat: Chat | None = None
    llm: Llm | None = None
    runbooks: Runbooks | None = None
    secret_manager: SecretManager | None = None
    secrets: dict[str, NamedSecret] = Field(default_factory=dict)
    secret_rotation: SecretRotation | None = None
    inhibit_rules: tuple[InhibitRuleSpec, ...] = ()
    """Which alerts are not worth a word while another one fires."""


class OperatorConfig(Document):
    """An OperatorConfig."""

    KIND: ClassVar[str] = "OperatorConfig"

    kind: Literal["OperatorConfig"] = "OperatorConfig"
    spec: OperatorConfigSpec
