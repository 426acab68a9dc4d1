"""Turn resources into what listens: webhook paths, and what each source starts."""

from collections.abc import Mapping

from punchingfist.domain.json import JsonObject
from punchingfist.domain.loading.secrets import mask_secrets
from punchingfist.domain.messages import Moment
from punchingfist.domain.resources.collection import Resources
from punchingfist.domain.resources.sinks import Sink
from punchingfist.domain.resources.sources import Authentication, Source, WebhookConfig
from punchingfist.domain.resources.workflows import Workflow
from punchingfist.operations.hooks import Hook
from punchingfist.operations.receive import ActiveSource
from punchingfist.ports.intake import Trigger
from punchingfist.ports.secrets import Secrets
from punchingfist.ports.sink import SinkType
from punchingfist.ports.source import SourceType

_HEADERS = {"bearer": "authorization", "apikey": "x-api-key"}


async def activate_hooks(
    resources: Resources,
    *,
    sources: Mapping[str, SourceType],
    sinks: Mapping[str, SinkType],
    secrets: Secrets,
) -> dict[str, Hook]:
    """
    Return the webhook paths of *resources*.

    Raises:
        NotFound: a source's secret is not there; an open path in its place
            would be worse than no start.
    """
    for resource in (*resources.sinks.values(), resources.config):
        if resource is not None:
            for reference, value in mask_secrets(resource)[1].items():
                secrets.keep(reference, value)
    hooks: dict[str, Hook] = {}
    for source in resources.sources.values():
        kind = sources.get(source.spec.type)
        if kind is None or not resources.is_available("Source", source.metadata.name):
            continue
        config = kind.config.model_validate(source.spec.config)
        assert isinstance(config, WebhookConfig)
        asked = config.authentication
        hooks[config.path] = Hook(
            path=config.path,
            source=activate_source(source, resources, sinks, config),
            type=kind,
            token=await _token(source, asked, secrets),
            header=_HEADERS.get(asked.type if asked else "bearer", "authorization"),
            locked=_is_locked(asked),
            open=asked is not None and asked.type == "none",
            max_body_bytes=config.max_body_bytes,
        )
    return hooks


def activate_source(
    source: Source,
    resources: Resources,
    sinks: Mapping[str, SinkType],
    config: WebhookConfig | None = None,
) -> ActiveSource:
    """Return *source* with what it starts, or with the reason it starts nothing."""
    name = source.metadata.name
    accepts = config.accepts if config else ActiveSource(name).accepts
    wanted = source.spec.trigger_workflow
    workflow = resources.workflows.get(wanted)
    if workflow is None:
        return ActiveSource(name, accepts, why_no_trigger=f"there is no workflow {wanted!r}")
    return ActiveSource(name, accepts, _trigger(source, workflow, resources, sinks))


def _trigger(
    source: Source, workflow: Workflow, resources: Resources, types: Mapping[str, SinkType]
) -> Trigger:
    named = [resources.sinks.get(one.name) for one in workflow.spec.sinks]
    usable = [sink for sink in named if sink is not None and sink.spec.type in types]
    conditional = {one.name for one in workflow.spec.sinks if one.condition}
    unconditional = [sink for sink in usable if sink.metadata.name not in conditional]
    wait = source.spec.group_wait
    return Trigger(
        workflow=workflow.snapshot(),
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


async def _token(source: Source, asked: Authentication | None, secrets: Secrets) -> str | None:
    if asked is None or asked.type == "none" or asked.secret_ref is None:
        return None
    return await secrets.resolve(asked.secret_ref)


def _is_locked(asked: Authentication | None) -> bool:
    return asked is not None and asked.type != "none" and asked.secret_ref is None
