"""`fist serve` as its users run it: a process of its own against a practice cluster."""

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

from punchingfist.adapters.system import SystemClock
from punchingfist.lab.cluster import PracticeCluster
from punchingfist.lab.prometheus import LabPrometheus
from punchingfist.lab.scenario import Scenario, load_scenario
from punchingfist.surfaces.cli.practice import alertmanager_body

FIST = Path(sys.executable).with_name("fist")
_PATIENCE_SECONDS = 60


@dataclass
class Lab:
    """A practice cluster with its Prometheus, and the folder a server may use."""

    scenario: Scenario
    cluster: PracticeCluster
    prometheus: LabPrometheus
    folder: Path

    @property
    def data_dir(self) -> Path:
        return self.folder / "data"

    @property
    def webhook(self) -> dict[str, Any]:
        assert self.scenario.alert is not None
        return alertmanager_body(self.scenario.alert)

    def arguments(self, *more: str) -> list[str]:
        return [
            str(FIST),
            "serve",
            "--data-dir",
            str(self.data_dir),
            "--listen",
            "127.0.0.1:0",
            "--kubeconfig",
            str(self.cluster.kubeconfig),
            "--prometheus-url",
            self.prometheus.url,
            *more,
        ]


@asynccontextmanager
async def a_lab(
    folder: Path,
    scenario: str = "crash-loop-memory",
    *,
    change: Callable[[Scenario], Scenario] | None = None,
) -> AsyncIterator[Lab]:
    clock = SystemClock()
    loaded = load_scenario(scenario).shifted(clock.now())
    loaded = change(loaded) if change else loaded
    prometheus = LabPrometheus(loaded.metrics, loaded.now, clock=clock)
    cluster = PracticeCluster(loaded, clock=clock, directory=folder)
    with prometheus, cluster:
        yield Lab(loaded, cluster, prometheus, folder)


@dataclass
class Served:
    """A running server and a client of its API."""

    process: Process
    url: str
    http: httpx2.AsyncClient

    async def post(self, body: Any, path: str = "/webhook/alerts", **more: Any) -> httpx2.Response:
        return await self.http.post(path, json=body, **more)

    async def get(self, path: str) -> Any:
        reply = await self.http.get(path)
        assert reply.status_code == 200, reply.text
        return reply.json()

    async def timeline(self, incident: str = "INC-1") -> list[Mapping[str, Any]]:
        found = await self.get(f"/api/v1/incidents/{incident}/timeline")
        events: list[Mapping[str, Any]] = found["items"]
        return events

    async def until(self, kind: str, incident: str = "INC-1") -> list[Mapping[str, Any]]:
        """Return the timeline once something of *kind* is on it."""
        async with asyncio.timeout(_PATIENCE_SECONDS):
            while True:
                events = await self.timeline(incident)
                if any(event["kind"] == kind for event in events):
                    return events
                await asyncio.sleep(0.05)

    async def incidents(self) -> list[Mapping[str, Any]]:
        """Return the list once there is something in it."""
        async with asyncio.timeout(_PATIENCE_SECONDS):
            while not (found := (await self.get("/api/v1/incidents"))["items"]):
                await asyncio.sleep(0.05)
        return list(found)

    async def kill(self) -> None:
        """End it as a power cut would."""
        self.process.kill()
        await self.process.wait()


@asynccontextmanager
async def served(
    lab: Lab, *arguments: str, environ: Mapping[str, str] | None = None
) -> AsyncIterator[Served]:
    """Start a server, wait until it answers, and end it with the block."""
    record = lab.data_dir / "server.json"
    before = record.read_text() if record.exists() else None
    log = (lab.folder / "server.log").open("ab")
    process = await asyncio.create_subprocess_exec(
        *lab.arguments(*arguments),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=PIPE,
        stderr=log,
        env={**os.environ, "HOME": str(lab.folder), **(environ or {})},
    )
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            while not record.exists() or record.read_text() in {"", before}:
                assert process.returncode is None, (lab.folder / "server.log").read_text()
                await asyncio.sleep(0.02)
        url = json.loads(record.read_text())["url"]
        async with httpx2.AsyncClient(base_url=url, timeout=30) as http:
            yield Served(process, url, http)
    finally:
        if process.returncode is None:
            process.terminate()
            await asyncio.wait_for(process.wait(), _PATIENCE_SECONDS)
        log.close()
