"""Turn resources into what listens: webhook paths, and what each source starts."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from punchingfist.domain.alerts import Severity
from punchingfist.domain.decisions import Policy
from punchingfist.domain.inhibition import InhibitRule
from punchingfist.domain.json import JsonObject
from punchingfist.domain.loading.secrets import mask_secrets
from punchingfist.domain.messages import Moment
from punchingfist.domain.resources.collection import Resources
from punchingfist.domain.resources.sinks import Sink
from punchingfist.domain.resources.sources import Source, WebhookConfig
from punchingfist.domain.resources.workflows import Workflow
from punchingfist.operations.authentication.build import build_authenticator
from punchingfist.operations.confirm_subscription import confirm_subscription
from punchingfist.operations.hooks import Hook
from punchingfist.operations.receive import ActiveSource
from punchingfist.operations.throttle import Throttle
from punchingfist.ports.clock import Clock
from punchingfist.ports.http import Http
from punchingfist.ports.intake import Trigger
from punchingfist.ports.secrets import Secrets
from punchingfist.ports.sink import SinkType
from punchingfist.ports.source import WebhookFormat

WEBHOOK = "webhook"
KUBERNETES = "kubernetes"


async def activate_hooks(
    resources: Resources,
    *,
    formats: Mapping[str, WebhookFormat],
    sinks: Mapping[str, SinkType],
    secrets: Secrets,
    clock: Clock,
    http: Http,
) -> dict[str, Hook]:
    """
    Return the webhook paths of *resources*.

    Raises:
        NotFound: a source's secret is not there; an open path in its place
            would be worse than no start.
    """
    held = (*resources.sinks.values(), *resources.workflows.values(), resources.config)
    for resource in held:
        if resource is not None:
            for reference, value in mask_secrets(resource)[1].items():
                secrets.keep(reference, value)
    hooks: dict[str, Hook] = {}
    for source in resources.sources.values():
        if source.spec.type != WEBHOOK or not resources.is_available(
            "Source", source.metadata.name
        ):
            continue
        name, config = source.metadata.name, WebhookConfig.model_validate(source.spec.config)
        format_, limit = formats[config.format], config.rate_limit
        hooks[config.path] = Hook(
            path=config.path,
            source=activate_source(source, resources, sinks, config),
            parse=format_.parser(config),
            format=format_.name,
            authenticator=await build_authenticator(
                name, config.authentication, secrets=secrets, clock=clock, http=http
            ),
            throttle=Throttle(name, limit.pace, clock) if limit else None,
            greet=_greeting(name, format_, http, wanted=config.confirm_subscription),
            max_body_bytes=config.max_body_bytes,
        )
    return hooks


def _greeting(
    source: str, format_: WebhookFormat, http: Http, *, wanted: bool
) -> Callable[[Any], Awaitable[None]] | None:
    asked = format_.subscription
    if asked is None:
        return None

    async def greet(body: Any) -> None:
        subscription = asked(body)
        if subscription is not None:
            await confirm_subscription(subscription, source=source, wanted=wanted, http=http)

    return greet


def activate_source(
    source: Source,
    resources: Resources,
    sinks: Mapping[str, SinkType],
    config: WebhookConfig | None = None,
) -> ActiveSource:
    """Return *source* with what it starts, or with the reason it starts nothing."""
    name = source.metadata.name
    accepts = config.accepts if config else ActiveSource(name).accepts
    wanted, policy = source.spec.trigger_workflow, policy_of(source, resources)
    workflow = resources.workflows.get(wanted)
    if workflow is None:
        why = f"there is no workflow {wanted!r}"
        return ActiveSource(name, accepts, why_no_trigger=why, policy=policy)
    trigger = _trigger(source, workflow, resources, sinks)
    return ActiveSource(name, accepts, trigger, policy=policy)


def policy_of(source: Source, resources: Resources) -> Policy:
    """
    Return which alerts of *source* may start its workflow.

    Whoever watches a kind of object has asked for what happens to it, and its
    severity is the source's own choice: unless told otherwise all of it counts.
    """
    spec = source.spec
    is_told = spec.type != KUBERNETES or "investigate" in spec.model_fields_set
    wanted = spec.investigate if is_told else tuple(Severity)
    return Policy(frozenset(wanted), inhibit_rules(resources))


def inhibit_rules(resources: Resources) -> tuple[InhibitRule, ...]:
    """Return the inhibition rules of the OperatorConfig."""
    rules = resources.config.spec.inhibit_rules if resources.config else ()
    return tuple(one.rule() for one in rules)


def _trigger(
    source: Source, workflow: Workflow, resources: Resources, types: Mapping[str, SinkType]
) -> Trigger:
    named = [resources.sinks.get(one.name) for one in workflow.spec.sinks]
    usable = [sink for sink in named if sink is not None and sink.spec.type in types]
    conditional = {one.name for one in workflow.spec.sinks if one.condition}
    unconditional = [sink for sink in usable if sink.metadata.name not in conditional]
    wait = source.spec.group_wait
    return Trigger(
        workflow=mask_secrets(workflow)[0],
        sinks=tuple(_snapshot(sink, resources) for sink in named if sink is not None),
        context=source.spec.context,
        group_wait_seconds=wait.total_seconds() if wait else 0,
        notify_first=_speaking(unconditional, types, Moment.RECEIVED),
        notify_resolved=_speaking(usable, types, Moment.RESOLVED),
    )


def _snapshot(sink: Sink, resources: Resources) -> JsonObject:
    """Return what to run of *sink*; a Slack sink without a token speaks with the OperatorConfig's."""
    snapshot = mask_secrets(sink)[0]
    usual = mask_secrets(resources.config)[0]["spec"] if resources.config else {}
    token = usual.get("chat", {}).get("slack", {}).get("botToken")
    config = snapshot["spec"].get("config") or {}
    if sink.spec.type == "slack" and token and not {"botToken", "secretRef"} & config.keys():
        snapshot["spec"]["config"] = {**config, "botToken": token}
    return snapshot


def _speaking(sinks: list[Sink], types: Mapping[str, SinkType], moment: Moment) -> tuple[str, ...]:
    return tuple(
        sink.metadata.name
        for sink in sinks
        if moment in (sink.spec.on or types[sink.spec.type].moments)
    )
