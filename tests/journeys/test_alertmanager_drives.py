"""Debian's Alertmanager, configured as the documentation says, drives the server."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2

from tests.journeys.served import a_lab, served

CONFIG = """
route:
  receiver: 'null'
  group_by: ['alertname']
  group_wait: 1s
  group_interval: 1s
  routes:
  - match:
      severity: critical
    receiver: 'punchingfist-webhook'
receivers:
- name: 'null'
- name: 'punchingfist-webhook'
  webhook_configs:
  - url: '%s/webhook/alerts'
    send_resolved: true
"""


@asynccontextmanager
async def alertmanager(
    binary: Path, folder: Path, port: int, config: str
) -> AsyncIterator[httpx2.AsyncClient]:
    file = folder / "alertmanager.yml"
    file.write_text(config)
    process = await asyncio.create_subprocess_exec(
        str(binary),
        f"--config.file={file}",
        f"--storage.path={folder / 'alertmanager'}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--cluster.listen-address=",
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
        env={"PATH": os.environ["PATH"], "HOME": str(folder)},
    )
    try:
        async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}") as http:
            await _ready(http)
            yield http
    finally:
        process.terminate()
        await process.wait()


async def _ready(http: httpx2.AsyncClient) -> None:
    async with asyncio.timeout(30):
        while True:
            try:
                if (await http.get("/-/ready")).status_code == 200:
                    return
            except httpx2.TransportError:
                pass
            await asyncio.sleep(0.05)


def listed(labels: Any, *, ends: timedelta) -> list[dict[str, Any]]:
    now = datetime.now(UTC)
    return [
        {
            "labels": labels | {"severity": "critical"},
            "annotations": {"summary": "my-app keeps restarting"},
            "startsAt": (now - timedelta(minutes=5)).isoformat(),
            "endsAt": (now + ends).isoformat(),
        }
    ]


async def test_it_investigates_what_fires_and_closes_what_is_resolved(
    tmp_path: Path, alertmanager_binary: Path, free_port: int
) -> None:
    async with a_lab(tmp_path) as lab, served(lab) as server:
        assert lab.scenario.alert is not None
        labels = dict(lab.scenario.alert["labels"])
        config = CONFIG % server.url
        async with alertmanager(alertmanager_binary, tmp_path, free_port, config) as manager:
            firing = listed(labels, ends=timedelta(minutes=5))
            (await manager.post("/api/v2/alerts", json=firing)).raise_for_status()
            await server.incidents()
            await server.until("execution_finished")
            firing[0]["endsAt"] = datetime.now(UTC).isoformat()
            (await manager.post("/api/v2/alerts", json=firing)).raise_for_status()
            events = await server.until("incident_resolved")
        incident = await server.get("/api/v1/incidents/INC-1")

    assert incident["status"] == "resolved"
    assert incident["report"]["verdict"] == "cause_found"
    assert [event["kind"] for event in events].count("execution_started") == 1


async def test_polled_it_is_left_as_it_is(
    tmp_path: Path, alertmanager_binary: Path, free_port: int
) -> None:
    config = "route: {receiver: nobody, group_by: [alertname]}\nreceivers: [{name: nobody}]\n"
    async with (
        a_lab(tmp_path) as lab,
        alertmanager(alertmanager_binary, tmp_path, free_port, config) as manager,
    ):
        assert lab.scenario.alert is not None
        labels = dict(lab.scenario.alert["labels"])
        firing = listed(labels, ends=timedelta(minutes=5))
        (await manager.post("/api/v2/alerts", json=firing)).raise_for_status()
        async with served(lab, "--alertmanager", f"http://127.0.0.1:{free_port}") as server:
            await server.incidents()
            await server.until("execution_finished")
            incident = await server.get("/api/v1/incidents/INC-1")

    assert incident["report"]["verdict"] == "cause_found"
