import json
from importlib.resources import files
from typing import Any

import pytest

from punchingfist.adapters.http import HttpClient
from punchingfist.adapters.secrets import EnvironmentSecrets
from punchingfist.adapters.system import SystemClock
from punchingfist.bootstrap.extensions import collect_extensions
from punchingfist.domain.json import JsonObject
from punchingfist.domain.loading.assemble import assemble_files
from punchingfist.domain.resources.collection import Resources
from punchingfist.errors import NotFound, Unauthenticated
from punchingfist.operations.activate import activate_hooks
from punchingfist.operations.hooks import Hook

WORKFLOW = """
apiVersion: punchingfist.io/v1alpha1
kind: Workflow
metadata: {name: investigate}
spec:
  steps: [{name: look, type: agent, goal: Find out, tools: [kubectl]}]
  sinks: [ops, {name: late, condition: "{{ .outputs.look }}"}, missing]
---
apiVersion: punchingfist.io/v1alpha1
kind: Sink
metadata: {name: ops}
spec: {type: slack, config: {channel: "#ops", botToken: xoxb-in-clear}}
---
apiVersion: punchingfist.io/v1alpha1
kind: Sink
metadata: {name: late}
spec: {type: slack, config: {channel: "#late", botToken: "env://SLACK"}}
"""


def a_source(config: str = "path: /hook", workflow: str = "investigate") -> str:
    return (
        "apiVersion: punchingfist.io/v1alpha1\nkind: Source\nmetadata: {name: am}\n"
        f"spec: {{type: webhook, config: {{{config}}}, triggerWorkflow: {workflow}}}\n"
    )


def name_of(snapshot: JsonObject) -> str:
    metadata: Any = snapshot["metadata"]
    return str(metadata["name"])


def resources(*texts: str) -> Resources:
    files = {f"{number}.yaml": text for number, text in enumerate(texts)}
    return assemble_files(files, collect_extensions().known)


async def activate(of: Resources, secrets: EnvironmentSecrets | None = None) -> Hook:
    found = collect_extensions()
    hooks = await activate_hooks(
        of,
        formats=found.formats,
        sinks=found.sinks,
        secrets=secrets or EnvironmentSecrets({}),
        clock=SystemClock(),
        http=HttpClient(),
    )
    return hooks["/hook"]


async def test_a_source_starts_its_workflow_with_the_sinks_there_are() -> None:
    hook = await activate(resources(a_source(), WORKFLOW))

    assert hook.source.trigger is not None
    assert hook.source.trigger.workflow_name == "investigate"
    assert [name_of(sink) for sink in hook.source.trigger.sinks] == ["ops", "late"]


async def test_a_sink_with_a_condition_is_not_told_before_there_is_an_outcome() -> None:
    hook = await activate(resources(a_source(), WORKFLOW))

    assert hook.source.trigger is not None
    assert hook.source.trigger.notify_first == ("ops",)


async def test_a_missing_workflow_is_a_reason_and_no_lost_alert() -> None:
    hook = await activate(resources(a_source(workflow="nowhere"), WORKFLOW))

    assert hook.source.trigger is None
    assert "'nowhere'" in hook.source.why_no_trigger


async def test_a_secret_in_clear_stays_in_the_process() -> None:
    secrets = EnvironmentSecrets({})
    hook = await activate(resources(a_source(), WORKFLOW), secrets)

    assert hook.source.trigger is not None
    stored = json.dumps(hook.source.trigger.sinks)
    assert "xoxb-in-clear" not in stored
    reference = "inline://Sink/ops/config.botToken"
    assert reference in stored
    assert await secrets.resolve(reference) == "xoxb-in-clear"


async def test_a_token_is_read_from_where_the_source_says() -> None:
    config = "path: /hook, authentication: {type: bearer, secretRef: webhook-secret}"
    secrets = EnvironmentSecrets({"PUNCHINGFIST_SECRET_WEBHOOK_SECRET": "s3cret"})
    hook = await activate(resources(a_source(config), WORKFLOW), secrets)

    hook.authenticator.admit({"authorization": "Bearer s3cret"})


async def test_a_secret_that_is_not_there_stops_start_up() -> None:
    config = "path: /hook, authentication: {type: bearer, secretRef: webhook-secret}"

    with pytest.raises(NotFound, match="webhook-secret"):
        await activate(resources(a_source(config), WORKFLOW))


async def test_authentication_without_a_secret_lets_nobody_in() -> None:
    hook = await activate(
        resources(a_source("path: /hook, authentication: {type: apikey}"), WORKFLOW)
    )

    with pytest.raises(Unauthenticated):
        hook.authenticator.admit({"x-api-key": ""})


async def test_the_built_in_set_investigates_and_prints() -> None:
    built_in = files("punchingfist.bootstrap").joinpath("default.yaml").read_text()
    found = collect_extensions()
    hooks = await activate_hooks(
        assemble_files({"default.yaml": built_in}, found.known),
        formats=found.formats,
        sinks=found.sinks,
        secrets=EnvironmentSecrets({}),
        clock=SystemClock(),
        http=HttpClient(),
    )
    trigger = hooks["/webhook/alerts"].source.trigger

    assert trigger is not None
    assert [name_of(sink) for sink in trigger.sinks] == ["stdout"]


async def test_a_slack_sink_without_a_token_speaks_with_the_one_of_the_operator_config() -> None:
    config = (
        "apiVersion: punchingfist.io/v1alpha1\nkind: OperatorConfig\nmetadata: {name: c}\n"
        "spec: {chat: {slack: {botToken: xoxb-shared, channelId: C1}}}\n"
    )
    sink = WORKFLOW.replace(", botToken: xoxb-in-clear", "")
    secrets = EnvironmentSecrets({})
    hook = await activate(resources(a_source(), sink, config), secrets)

    assert hook.source.trigger is not None
    spec: Any = hook.source.trigger.sinks[0]["spec"]
    assert await secrets.resolve(spec["config"]["botToken"]) == "xoxb-shared"


async def test_a_secret_in_a_workflows_environment_stays_in_the_process() -> None:
    runtime = "spec:\n  runtime: {environment: {DB_PASSWORD: hunter2}}\n"
    secrets = EnvironmentSecrets({})
    hook = await activate(resources(a_source(), WORKFLOW.replace("spec:\n", runtime, 1)), secrets)

    assert hook.source.trigger is not None
    assert "hunter2" not in json.dumps(hook.source.trigger.workflow)
    reference = "inline://Workflow/investigate/runtime.environment.DB_PASSWORD"
    assert await secrets.resolve(reference) == "hunter2"
