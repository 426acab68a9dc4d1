"""Secrets stand all over a cluster; none is found in what we keep, print, send or serve."""

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.journeys.canaries import PLANTED, canary, forms, plant
from tests.journeys.served import Served, a_lab, served
from tests.peers.slack import TOKEN, SlackPeer

RESOURCES = """
apiVersion: punchingfist.io/v1alpha1
kind: Source
metadata: {name: alertmanager}
spec:
  type: webhook
  config:
    path: /webhook/alerts
    authentication: {type: bearer, secretRef: "env://HOOK_TOKEN"}
  triggerWorkflow: investigate
---
apiVersion: punchingfist.io/v1alpha1
kind: Workflow
metadata: {name: investigate}
spec:
  outputs:
    - {name: said, value: "{{ .source.data.alert | toJSON }}"}
  steps:
    - name: shown
      type: cli
      command: |
        cat %(file)s
        echo {{ .source.data.alert | toJSON }} >&2
        printf '%%s' "{{ .source.data.alert.annotations.token }}"
    - {name: investigation, type: agent, goal: Find out what is wrong, tools: [kubectl, promql]}
  sinks: [ops, here]
---
apiVersion: punchingfist.io/v1alpha1
kind: Sink
metadata: {name: ops}
spec:
  type: slack
  config: {channel: "#ops-alerts", botToken: "%(token)s", apiUrl: "%(slack)s"}
---
apiVersion: punchingfist.io/v1alpha1
kind: Sink
metadata: {name: here}
spec: {type: stdout}
"""
PATHS = (
    "/api/v1/incidents",
    "/api/v1/incidents/INC-1",
    "/api/v1/incidents/INC-1/timeline",
    "/api/v1/executions/EX-1",
    "/incidents",
    "/incidents/INC-1",
    "/metrics",
    "/healthz",
)
OURS = {
    "PROMETHEUS_TOKEN": canary("PROMETHEUS_TOKEN"),
    "HOOK_TOKEN": canary("token of the webhook"),
}
PRINTED = canary("output of a cli step")


async def test_no_secret_of_the_cluster_or_of_ours_is_found_anywhere(tmp_path: Path) -> None:
    credentials = tmp_path / "credentials"
    credentials.write_text(f"password={PRINTED}\n")
    resources = tmp_path / "resources"
    resources.mkdir()
    environ = {**OURS, "PUNCHINGFIST_LOG_LEVEL": "debug"}
    async with a_lab(tmp_path, change=plant) as lab:
        with SlackPeer() as slack:
            places = {"file": credentials, "token": TOKEN, "slack": slack.url}
            (resources / "all.yaml").write_text(RESOURCES % places)
            arguments = ["--resources", str(resources)]
            async with served(lab, *arguments, environ=environ) as server:
                answer = await server.post(
                    lab.webhook, headers={"authorization": f"Bearer {OURS['HOOK_TOKEN']}"}
                )
                assert answer.status_code == 200, answer.text
                await server.until("execution_finished")
                async with asyncio.timeout(30):
                    while "OOMKilled" not in slack.channels[0].parents[0].text:
                        await asyncio.sleep(0.05)
                seen = {path: await _body(server, path) for path in PATHS}
                seen |= {
                    f"evidence {one['detail']['artifact']}": await _body(
                        server, f"/api/v1/evidence/{one['detail']['artifact']}"
                    )
                    for one in await server.timeline()
                    if one["detail"].get("artifact")
                }
                incident = await server.get("/api/v1/incidents/INC-1")
                seen |= _files(lab.data_dir, "while it runs")
                assert server.process.stdout is not None
                server.process.terminate()
                seen["stdout"] = await server.process.stdout.read()
            seen["slack"] = json.dumps([call.arguments for call in slack.calls]).encode()
        seen["log"] = (tmp_path / "server.log").read_bytes()
        seen |= _files(lab.data_dir, "at the end")

    assert incident["report"]["verdict"] == "cause_found"
    assert b"[redacted]" in seen["/api/v1/incidents/INC-1"]
    assert b"[redacted]" in seen["punchingfist.db at the end"]
    assert _leaks(seen, {**PLANTED, TOKEN: "the bot token of a Sink"}) == []


async def _body(server: Served, path: str) -> bytes:
    reply = await server.http.get(path)
    assert reply.status_code == 200, f"{path}: {reply.text}"
    return reply.content


def _files(folder: Path, when: str) -> dict[str, bytes]:
    """Return every file of *folder* as it is on the disk, the journals of the database too."""
    return {f"{one.name} {when}": one.read_bytes() for one in folder.rglob("*") if one.is_file()}


def _leaks(seen: Mapping[str, bytes], secrets: Mapping[str, Any]) -> list[str]:
    return [
        f"{place} in {where}"
        for value, place in secrets.items()
        for where, body in seen.items()
        if any(form in body for form in forms(value))
    ]
