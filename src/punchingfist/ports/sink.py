"""Where outcomes go."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from punchingfist.domain.json import JsonObject
from punchingfist.domain.messages import Message, Moment
from punchingfist.ports.world import World


class Sink(Protocol):
    """One receiver."""

    async def deliver(
        self, message: Message, *, key: str, receipt: JsonObject | None, repeat: bool
    ) -> JsonObject:
        """
        Say *message* and return the receipt needed to edit it later.

        With *receipt*, from an earlier call under the same *key*, the earlier
        message is edited instead. *repeat* says that an earlier try may have
        got through unseen: look for it first. The caller owns timeouts and
        retries; the receiver must not be notified twice for a key.

        Raises:
            DeliveryFailed: the receiver said no; `retryable` if it may yet say
                yes, `receipt` for the part of the message that got through,
                `unseen` if all of it may have.
        """
        ...


@dataclass(frozen=True, slots=True)
class SinkType:
    """
    A kind of sink.

    *config* is the Pydantic model of `spec.config`; *moments* is when it
    speaks unless the Sink says `on:`. *edits* tells that there is one message
    an incident, edited at every moment; without it each moment is a message.
    """

    name: str
    config: type[Any]
    build: Callable[[Any, World], Sink]
    moments: frozenset[Moment]
    edits: bool = False
