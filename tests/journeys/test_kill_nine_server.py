"""The power goes out in the middle of an investigation."""

import asyncio
from collections import Counter
from pathlib import Path

from punchingfist.lab.kubernetes.faults import Fault
from tests.journeys.served import a_lab, served
from tests.peers.slack import TOKEN, SlackPeer

RESOURCES = """
apiVersion: punchingfist.io/v1alpha1
kind: Source
metadata: {name: alertmanager}
spec:
  type: webhook
  config: {path: /webhook/alerts}
  triggerWorkflow: investigate
---
apiVersion: punchingfist.io/v1alpha1
kind: Workflow
metadata: {name: investigate}
spec:
  steps:
    - {name: greeting, type: cli, command: 'echo "{{ .source.data.alert.alertname }}"'}
    - {name: investigation, type: agent, goal: Find out what is wrong, tools: [kubectl, promql]}
  sinks: [ops]
---
apiVersion: punchingfist.io/v1alpha1
kind: Sink
metadata: {name: ops}
spec:
  type: slack
  config: {channel: "#ops-alerts", botToken: "env://SLACK_TOKEN", apiUrl: "%s"}
"""


async def test_after_kill_nine_it_finishes_with_each_step_once_and_one_message(
    tmp_path: Path,
) -> None:
    async with a_lab(tmp_path) as lab:
        with SlackPeer() as slack:
            resources = tmp_path / "resources"
            resources.mkdir()
            (resources / "all.yaml").write_text(RESOURCES % slack.url)
            arguments = ["--resources", str(resources)]
            environ = {"SLACK_TOKEN": TOKEN}
            lab.cluster.faults.add(Fault(path="*/log", delay_seconds=30, times=1))
            async with served(lab, *arguments, environ=environ) as server:
                assert (await server.post(lab.webhook)).status_code == 200
                await server.until("found")
                await server.kill()
            lab.cluster.faults.clear()
            async with served(lab, *arguments, environ=environ) as server:
                events = await server.until("execution_finished")
                (channel,) = slack.channels
                async with asyncio.timeout(30):
                    while "OOMKilled" not in channel.parents[0].text:
                        await asyncio.sleep(0.05)
                incident = await server.get("/api/v1/incidents/INC-1")

    kinds = Counter(event["kind"] for event in events)
    listed = Counter(
        request.path for request in lab.cluster.faults.requests if request.path.endswith("/events")
    )
    assert incident["report"]["verdict"] == "cause_found"
    assert kinds["execution_started"] == kinds["execution_finished"] == 1
    assert set(listed.values()) == {1}, "a finished look was made again"
    assert len(channel.parents) == 1
