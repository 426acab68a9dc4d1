"""Where alerts enter."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from punchingfist.domain.alerts import Alert
from punchingfist.domain.resources.sources import WebhookConfig

Parse: TypeAlias = Callable[[Any, Mapping[str, str]], tuple[Alert, ...]]
"""Pure: the decoded JSON body and the headers (lower-case names) in, alerts out."""


@dataclass(frozen=True, slots=True)
class SourceType:
    """A kind of source and the model of its `spec.config`."""

    name: str
    config: type[Any]


@dataclass(frozen=True, slots=True)
class Subscription:
    """A sender's question whether we want its messages; a GET of *confirm_url* says yes."""

    topic: str
    confirm_url: str


@dataclass(frozen=True, slots=True)
class WebhookFormat:
    """
    A shape of posted bodies, chosen by `spec.config.format` of a webhook source.

    *parser* returns the parse for one source's configuration; a parse raises
    `InvalidInput` naming the field and nothing else, whatever the JSON.
    *subscription* is for senders that ask before they send: it returns what a
    body asks, None where it asks nothing.
    """

    name: str
    parser: Callable[[WebhookConfig], Parse]
    subscription: Callable[[Any], Subscription | None] | None = None

    @classmethod
    def fixed(
        cls,
        name: str,
        parse: Parse,
        subscription: Callable[[Any], Subscription | None] | None = None,
    ) -> "WebhookFormat":
        """Return a format whose *parse* needs no configuration."""
        return cls(name, lambda _config: parse, subscription)
