"""Sources nobody posts to, on a server that is killed and comes back."""

import asyncio
import json
from datetime import timedelta
from pathlib import Path

import httpx2
import pytest

from punchingfist.adapters.store.data_dir import DataDir
from punchingfist.adapters.store.engines import open_sqlite
from punchingfist.adapters.store.store import Store
from punchingfist.adapters.system import SystemClock, UuidIds
from tests.journeys.served import Lab, Served, a_lab, served

RESOURCES = """
apiVersion: punchingfist.io/v1alpha1
kind: Workflow
metadata: {name: greet}
spec:
  steps: [{name: greet, type: cli, command: 'echo hello {{ .source.data.who | default "you" }}'}]
  sinks: [terminal]
---
apiVersion: punchingfist.io/v1alpha1
kind: Sink
metadata: {name: terminal}
spec: {type: stdout}
---
apiVersion: punchingfist.io/v1alpha1
kind: Source
metadata: {name: door}
spec: {type: api, config: {endpoint: /api/v1/trigger}, triggerWorkflow: greet}
---
apiVersion: punchingfist.io/v1alpha1
kind: Source
metadata: {name: yearly}
spec: {type: schedule, config: {cron: "@yearly"}, triggerWorkflow: greet}
---
apiVersion: punchingfist.io/v1alpha1
kind: Source
metadata: {name: dropped}
spec: {type: file, config: {path: SPOOL, every: 50ms}, triggerWorkflow: greet}
---
apiVersion: punchingfist.io/v1alpha1
kind: Source
metadata: {name: settings}
spec:
  type: kubernetes
  config: {resource: configmaps, event: created, severity: critical}
  triggerWorkflow: greet
"""


def prepare(lab: Lab) -> list[str]:
    (lab.folder / "spool").mkdir()
    (lab.folder / "resources").mkdir()
    text = RESOURCES.replace("SPOOL", str(lab.folder / "spool"))
    (lab.folder / "resources" / "all.yaml").write_text(text)
    return ["--resources", str(lab.folder / "resources")]


async def titles(server: Served, count: int) -> list[str]:
    """Return the titles of incidents once there are *count*."""
    async with asyncio.timeout(30):
        while True:
            found = (await server.get("/api/v1/incidents"))["items"]
            if len(found) >= count:
                return sorted(one["title"] for one in found)
            await asyncio.sleep(0.05)


async def ended(server: Served, execution: str) -> dict[str, object]:
    async with asyncio.timeout(30):
        while True:
            reply: httpx2.Response = await server.http.get(f"/api/v1/executions/{execution}")
            if reply.status_code == 200 and reply.json()["ended_at"]:
                found: dict[str, object] = reply.json()
                return found
            await asyncio.sleep(0.05)


def add_line(lab: Lab, name: str) -> None:
    with (lab.folder / "spool" / "alerts.jsonl").open("a") as file:
        file.write(json.dumps({"labels": {"alertname": name, "severity": "critical"}}) + "\n")


def add_config_map(lab: Lab, name: str) -> None:
    metadata = {"name": name, "namespace": "default", "uid": f"uid-{name}"}
    lab.cluster.api.seed([{"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata}])


async def watched(lab: Lab) -> None:
    async with asyncio.timeout(30):
        while not any("watch" in one.query for one in lab.cluster.faults.requests):
            await asyncio.sleep(0.05)


@pytest.mark.timeout(180)
async def test_nothing_is_lost_or_repeated_when_the_server_is_killed(tmp_path: Path) -> None:
    async with a_lab(tmp_path) as lab:
        arguments = prepare(lab)
        async with served(lab, *arguments) as server:
            await watched(lab)
            add_line(lab, "A")
            add_config_map(lab, "one")
            found = await titles(server, 2)
            assert found == ["A", "ConfigMap default/one was created"]
            key = {"idempotency-key": "k1"}
            first = await server.post({"who": "world"}, "/api/v1/trigger", headers=key)
            assert first.status_code == 202
            shown = await ended(server, first.json()["execution"])
            assert (shown["status"], shown["incident_id"]) == ("succeeded", None)
            await server.kill()
        add_line(lab, "B")
        add_config_map(lab, "two")

        async with served(lab, *arguments) as server:
            found = await titles(server, 4)
            again = await server.post({"who": "moon"}, "/api/v1/trigger", headers=key)

    assert found == ["A", "B", *(f"ConfigMap default/{n} was created" for n in ("one", "two"))]
    assert (again.status_code, again.json()["execution"]) == (200, first.json()["execution"])


@pytest.mark.timeout(180)
async def test_a_firing_missed_while_no_server_ran_is_made_up_for(tmp_path: Path) -> None:
    async with a_lab(tmp_path) as lab:
        arguments = prepare(lab)
        async with served(lab, *arguments):
            await watched(lab)
        await let_time_pass(lab)

        async with served(lab, *arguments) as server:
            shown = await ended(server, "EX-1")
            assert server.process.stdout is not None
            told = b""
            async with asyncio.timeout(30):
                while b"EX-1 greet: hello you" not in told:
                    told += await server.process.stdout.read(4096)

    assert (shown["source"], shown["status"]) == ("yearly", "succeeded")


async def let_time_pass(lab: Lab) -> None:
    """Make the server believe that its last look at the schedule was two years ago."""
    store = Store(open_sqlite(DataDir(lab.data_dir).database), SystemClock(), UuidIds())
    place = await store.places.find("yearly")
    assert place is not None
    since = SystemClock().now() - timedelta(days=730)
    await store.places.keep("yearly", {**place, "since": since.isoformat()})
    store.close()
