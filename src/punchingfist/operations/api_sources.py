"""Sources of type `api`: a path where a program starts a workflow."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from punchingfist.domain.json import JsonObject
from punchingfist.domain.resources.collection import Resources
from punchingfist.domain.resources.trigger_sources import ApiConfig
from punchingfist.errors import InvalidInput
from punchingfist.operations.activate import activate_source
from punchingfist.operations.authentication.authenticator import Authenticator
from punchingfist.operations.authentication.build import build_authenticator
from punchingfist.operations.receive import ActiveSource
from punchingfist.operations.start_execution import Starter
from punchingfist.ports.clock import Clock
from punchingfist.ports.http import Http
from punchingfist.ports.ids import Ids
from punchingfist.ports.secrets import Secrets
from punchingfist.ports.sink import SinkType
from punchingfist.ports.starts import Begun

LIMIT_BYTES = 1024 * 1024
_KEY = re.compile(r"[!-~]([ -~]{0,198}[!-~])?")


@dataclass(frozen=True, slots=True)
class ApiSource:
    """
    One path that starts its source's workflow.

    *authenticator* is None where the source names no secret: then our own
    tokens are asked for, by *needs_token* on this machine, too.
    """

    endpoint: str
    method: str
    source: ActiveSource
    authenticator: Authenticator | None
    needs_token: bool
    starter: Starter = field(repr=False)
    new_key: Callable[[], str] = field(repr=False)

    async def start(self, event: JsonObject, *, key: str | None) -> Begun:
        """
        Start an execution; with the *key* of an earlier one, return that one.

        *event* becomes `.source.data`.

        Raises:
            InvalidInput: the key is no idempotency key.
            Unavailable: there is nothing to start now.
        """
        if key is not None and not _KEY.fullmatch(key):
            raise InvalidInput(
                "Idempotency-Key is empty, longer than 200 characters or not plain ASCII; "
                "send a UUID",
                field="Idempotency-Key",
            )
        flow_id = f"api:{self.source.name}:{key or self.new_key()}"
        return await self.starter.start(self.source, flow_id, event)


async def activate_api_sources(
    resources: Resources,
    *,
    sinks: Mapping[str, SinkType],
    secrets: Secrets,
    http: Http,
    clock: Clock,
    ids: Ids,
    starter: Starter,
) -> dict[str, ApiSource]:
    """
    Return the api sources of *resources* by path.

    Raises:
        NotFound: a source's secret is not there.
    """
    found: dict[str, ApiSource] = {}
    for source in resources.sources.values():
        if source.spec.type != "api" or not resources.is_available("Source", source.name):
            continue
        config = ApiConfig.model_validate(source.spec.config)
        asked = config.authentication
        is_ours = asked is None or (asked.needs_secret and asked.secret_ref is None)
        found[config.endpoint] = ApiSource(
            endpoint=config.endpoint,
            method=config.method,
            source=activate_source(source, resources, sinks),
            authenticator=None
            if is_ours
            else await build_authenticator(
                source.name, asked, secrets=secrets, clock=clock, http=http
            ),
            needs_token=asked is not None,
            starter=starter,
            new_key=ids.new,
        )
    return found
