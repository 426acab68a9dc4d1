"""Debian's Prometheus and amtool talk to the server as if it were an Alertmanager."""

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2

from tests.journeys.served import Served, a_lab, served
from tests.journeys.test_alertmanager_drives import alertmanager

NULL = """
route: {receiver: investigate, group_by: [alertname], group_wait: 1s}
receivers: [{name: investigate}]
"""
PROMETHEUS = """
global: {scrape_interval: 1s, evaluation_interval: 1s}
alerting:
  alertmanagers:
  - static_configs: [{targets: ['%s']}]
rule_files: [rules.yml]
"""
RULES = """
groups:
- name: always
  rules:
  - alert: AlwaysFiring
    expr: vector(1) > 0
    labels: {severity: critical, namespace: shop}
    annotations: {summary: it is always so}
"""


@asynccontextmanager
async def prometheus(
    binary: Path, folder: Path, port: int, alertmanager: str
) -> AsyncIterator[None]:
    (folder / "prometheus.yml").write_text(PROMETHEUS % alertmanager)
    (folder / "rules.yml").write_text(RULES)
    process = await asyncio.create_subprocess_exec(
        str(binary),
        f"--config.file={folder / 'prometheus.yml'}",
        f"--storage.tsdb.path={folder / 'tsdb'}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--rules.alert.resend-delay=1s",
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
        cwd=folder,
        env={"PATH": os.environ["PATH"], "HOME": str(folder)},
    )
    try:
        yield
    finally:
        process.terminate()
        await process.wait()


class Amtool:
    """Debian's amtool, pointed at one server."""

    def __init__(self, binary: Path, folder: Path, url: str) -> None:
        self._binary, self._folder, self._url = binary, folder, url

    async def __call__(self, *arguments: str) -> str:
        process = await asyncio.create_subprocess_exec(
            str(self._binary),
            *arguments,
            f"--alertmanager.url={self._url}",
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={"PATH": os.environ["PATH"], "HOME": str(self._folder)},
        )
        out, err = await asyncio.wait_for(process.communicate(), 30)
        assert process.returncode == 0, err.decode()
        return out.decode().strip()


async def until_repeated(server: Served, times: int) -> Mapping[str, Any]:
    """Return the only alert once it has been reported more than *times*."""
    async with asyncio.timeout(60):
        while True:
            listed: list[Mapping[str, Any]] = (await server.get("/api/v1/alerts"))["items"]
            if listed and listed[0]["occurrences"] > times:
                return listed[0]
            await asyncio.sleep(0.1)


async def test_prometheus_sends_to_us_directly(
    tmp_path: Path, prometheus_binary: Path, free_port: int
) -> None:
    async with a_lab(tmp_path) as lab, served(lab) as server:
        address = server.url.removeprefix("http://")
        async with prometheus(prometheus_binary, tmp_path, free_port, address):
            await server.incidents()
            await server.until("execution_finished")
            alert = await until_repeated(server, 2)
            why = await server.get(f"/api/v1/alerts/{alert['short_id']}/why")
        events = await server.timeline()

    assert (alert["name"], alert["incident"], alert["source"]) == (
        "AlwaysFiring",
        "INC-1",
        "alertmanager",
    )
    assert alert["expires_at"] > alert["last_seen_at"]
    assert [event["kind"] for event in events].count("execution_started") == 1
    assert why["investigated"] == {"yes": True, "text": "EX-1, workflow investigate, succeeded"}


async def test_amtool_silences_and_the_next_repeat_after_the_silence_starts_the_work(
    tmp_path: Path, prometheus_binary: Path, amtool_binary: Path, free_port: int
) -> None:
    async with a_lab(tmp_path) as lab, served(lab) as server:
        amtool = Amtool(amtool_binary, tmp_path, server.url)
        silence = await amtool(
            "silence", "add", "alertname=AlwaysFiring", "--comment=known", "--author=ana"
        )
        address = server.url.removeprefix("http://")
        async with prometheus(prometheus_binary, tmp_path, free_port, address):
            held = await until_repeated(server, 2)
            why = await server.get(f"/api/v1/alerts/{held['short_id']}/why")
            before = await server.timeline()
            await amtool("silence", "expire", silence)
            await server.until("execution_finished")

    assert held["held_by"] == f"silenced:{silence}"
    assert not why["investigated"]["yes"]
    assert "(ana: known)" in why["told"]["text"]
    assert {"execution_queued", "delivered"}.isdisjoint(event["kind"] for event in before)


async def test_amtool_works_as_with_an_alertmanager(tmp_path: Path, amtool_binary: Path) -> None:
    async with a_lab(tmp_path) as lab, served(lab) as server:
        amtool = Amtool(amtool_binary, tmp_path, server.url)
        await amtool("alert", "add", "alertname=Slow", "severity=info", "--annotation=summary=so")
        listed = await amtool("alert", "query", "alertname=Slow", "-o", "extended")
        silence = await amtool("silence", "add", "severity=~info|none", "--comment=c", "-a", "me")
        muted = await amtool("alert", "query", "--silenced", "-o", "simple")
        active = await amtool("alert", "query", "-o", "simple")
        silences = await amtool("silence", "query", "-o", "simple")
        await amtool("silence", "update", silence, "--duration=3h", "--comment=longer")
        updated = await amtool("silence", "query", "-o", "simple")
        await amtool("silence", "expire", silence)
        gone = await amtool("silence", "query", "-q")
        config = await amtool("config", "show")
        routes = await amtool("config", "routes", "test", "severity=critical")
        status = await amtool("cluster", "show")

    assert "Slow" in listed
    assert "Slow" in muted
    assert "Slow" not in active
    assert silence in silences
    assert 'severity=~"info|none"' in silences
    assert silence in updated
    assert "longer" in updated
    assert gone == ""
    assert "receiver: investigate" in config
    assert routes == "investigate"
    assert "disabled" in status


def posts() -> list[list[dict[str, Any]]]:
    """Return what is posted to both, in this order."""
    now = datetime.now(UTC)
    start, later = (now - timedelta(minutes=9)).isoformat(), (now + timedelta(hours=1)).isoformat()
    host = {"alertname": "Lat", "grp": "lat29"}
    return [
        [
            {
                "labels": {**host, "empty": ""},
                "annotations": {"summary": "first", "dropped": "x"},
                "startsAt": start,
            }
        ],
        [{"labels": host, "annotations": {"summary": "second"}, "startsAt": start}],
        [
            {"labels": {"empty": ""}},
            {"labels": {"alertname": "Backwards"}, "startsAt": later, "endsAt": start},
            {
                "labels": {"alertname": "Ends", "severity": "critical"},
                "startsAt": start,
                "endsAt": later,
                "generatorURL": "http://prometheus.example.com/graph",
            },
            {"labels": {"alertname": "Ended"}, "startsAt": start},
        ],
        [{"labels": {"alertname": "Ended"}, "startsAt": start, "endsAt": now.isoformat()}],
    ]


def comparable(alerts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the listing without what differs between two clocks and two databases."""
    return [
        {name: value for name, value in one.items() if name not in {"endsAt", "updatedAt"}}
        for one in alerts
    ]


async def listing(http: httpx2.AsyncClient, **params: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await http.get("/api/v2/alerts", params=params)).json()
    return comparable(found)


async def replay(
    http: httpx2.AsyncClient, bodies: list[list[dict[str, Any]]]
) -> list[tuple[int, str]]:
    replies = [await http.post("/api/v2/alerts", json=body) for body in bodies]
    return [(reply.status_code, reply.text.strip()) for reply in replies]


async def silence_both(clients: list[httpx2.AsyncClient]) -> list[str]:
    now = datetime.now(UTC)
    body = {
        "matchers": [{"name": "grp", "value": "lat.*", "isRegex": True}],
        "startsAt": now.isoformat(),
        "endsAt": (now + timedelta(hours=1)).isoformat(),
        "createdBy": "ana",
        "comment": "known",
    }
    replies = [await http.post("/api/v2/silences", json=body) for http in clients]
    return [reply.json()["silenceID"] for reply in replies]


async def until_listed(http: httpx2.AsyncClient, count: int) -> None:
    async with asyncio.timeout(30):
        while len(await listing(http)) < count:
            await asyncio.sleep(0.05)


async def test_the_same_posts_are_listed_as_an_alertmanager_lists_them(
    tmp_path: Path, alertmanager_binary: Path, free_port: int
) -> None:
    async with (
        a_lab(tmp_path) as lab,
        served(lab) as server,
        alertmanager(alertmanager_binary, tmp_path, free_port, NULL) as theirs,
    ):
        bodies = posts()
        answers = [await replay(http, bodies) for http in (theirs, server.http)]
        await until_listed(theirs, 2)
        listings = [await listing(http) for http in (theirs, server.http)]
        filtered = [await listing(http, filter='grp=~"lat.+"') for http in (theirs, server.http)]
        silences = await silence_both([theirs, server.http])
        muted = [await listing(http, active="false") for http in (theirs, server.http)]

    assert answers[1] == answers[0]
    assert listings[1] == listings[0]
    assert len(listings[0]) == 2
    assert filtered[1] == filtered[0]
    assert [one[0]["status"]["silencedBy"] for one in muted] == [[one] for one in silences]


WRONG: list[tuple[str, Any]] = [
    ("/api/v2/alerts", {}),
    ("/api/v2/alerts", [{}]),
    ("/api/v2/alerts", [{"labels": {"a": 1}}]),
    ("/api/v2/alerts", [{"labels": {"a": "b"}, "startsAt": "yesterday"}]),
    ("/api/v2/silences", {}),
    ("/api/v2/silences", {"matchers": []}),
    (
        "/api/v2/silences",
        {
            "matchers": [],
            "comment": "",
            "createdBy": "",
            "startsAt": "2024-01-01T00:00:00Z",
            "endsAt": "2024-01-01T00:00:00Z",
        },
    ),
]


async def test_what_is_wrong_is_refused_in_the_same_shape(
    tmp_path: Path, alertmanager_binary: Path, free_port: int
) -> None:
    async with (
        a_lab(tmp_path) as lab,
        served(lab) as server,
        alertmanager(alertmanager_binary, tmp_path, free_port, NULL) as theirs,
    ):
        replies = [
            [await http.post(path, json=body) for http in (theirs, server.http)]
            for path, body in WRONG
        ]
        unknown = "/api/v2/silence/01234567-0123-0123-0123-012345678901"
        missing = [await http.get(unknown) for http in (theirs, server.http)]

    for wanted, reply in replies:
        assert (reply.status_code, reply.json()["code"]) == (
            wanted.status_code,
            wanted.json()["code"],
        )
    assert [one.status_code for one in missing] == [404, 404]
