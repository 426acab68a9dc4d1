"""Play one practice scenario against the real server and show what happens."""

import asyncio
import json
import tempfile
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.table import Table
from rich.text import Text

from punchingfist.bootstrap.app import App, open_app
from punchingfist.bootstrap.edges import find_kubectl, http_client, log_to_stderr, system_clock
from punchingfist.bootstrap.options import Options
from punchingfist.domain.fingerprints import fingerprint
from punchingfist.domain.incidents import Incident
from punchingfist.domain.investigation.findings import Report
from punchingfist.domain.timeline import Kind
from punchingfist.errors import InvalidInput, Unavailable
from punchingfist.lab.cluster import CONTEXT, PracticeCluster
from punchingfist.lab.prometheus import LabPrometheus
from punchingfist.lab.scenario import Scenario, list_scenarios, load_scenario
from punchingfist.lab.usage import usages_of
from punchingfist.ports.http import Endpoint
from punchingfist.settings import Settings
from punchingfist.surfaces.cli.output import print_json
from punchingfist.surfaces.cli.report_text import event_row, print_report
from punchingfist.surfaces.cli.terminal import Terminal
from punchingfist.surfaces.server.running import Running, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

_PATIENCE_SECONDS = 120


@dataclass(frozen=True, slots=True)
class Play:
    """What `fist demo` was asked for."""

    scenario: str
    once: bool
    listen: str
    data_dir: str | None
    output: str


def list_all(output: str) -> None:
    """Print the shipped scenarios."""
    scenarios = [load_scenario(name) for name in list_scenarios()]
    if output == "json":
        print_json([{"name": one.name, "title": one.title} for one in scenarios])
        return
    table = Table("SCENARIO", "WHAT HAPPENED", box=None, pad_edge=False)
    for one in scenarios:
        table.add_row(one.name, one.title)
    Terminal().print(table)


def play(asked: Play) -> None:
    """
    Play one scenario; with `--once` end with its report.

    Raises:
        Unavailable: no report came in time, or the investigation failed.
    """
    scenario = load_scenario(asked.scenario).shifted(system_clock().now())
    if scenario.alert is None:
        raise InvalidInput(f"scenario {scenario.name!r} has no alert to post; pick another")
    log_to_stderr(Settings.from_environment(), level="error")
    with _folder(asked.data_dir) as data_dir:
        data_dir.mkdir(parents=True, exist_ok=True)
        asyncio.run(_play(asked, scenario, data_dir))


@contextmanager
def _folder(chosen: str | None) -> "Iterator[Path]":
    if chosen:
        yield Path(chosen)
        return
    with tempfile.TemporaryDirectory(prefix="fist-demo-") as made:
        yield Path(made)


class _FirstLine:
    """What the stdout sink writes to: its headline alone, because the report is printed below."""

    def __init__(self, say: Terminal) -> None:
        self._say = say

    def write(self, text: str) -> None:
        """Print the first line."""
        self._say.print(Text(text.splitlines()[0], style="green"))


async def _play(asked: Play, scenario: Scenario, data_dir: Path) -> None:
    quiet = asked.output == "json"
    say = Terminal(stderr=quiet, quiet=quiet)
    async with _practice(asked, scenario, data_dir, say) as (app, running):
        url = running.url
        say.print(scenario.title, style="bold")
        say.print(f"console {url}   cluster context {app.context}\n")
        say.print(f"POST {url}/webhook/alerts", style="dim")
        begun = time.perf_counter()
        incident_id = await _post(url, scenario)
        await asyncio.wait_for(_show(app, incident_id, say), _PATIENCE_SECONDS)
        seconds = time.perf_counter() - begun
        incident = await app.incidents.get(incident_id)
        report = _report_of(incident)
        if quiet:
            print_json(
                {
                    "scenario": scenario.name,
                    "incident": incident.short_id,
                    "webhook_to_report_s": round(seconds, 3),
                    "report": report.to_json(),
                }
            )
        else:
            say.print()
            print_report(say, report)
            say.print(f"from the webhook to this report: {seconds:.2f} s")
        if not asked.once:
            _say_what_next(say, url, incident)
            await running.wait()


@asynccontextmanager
async def _practice(
    asked: Play, scenario: Scenario, data_dir: Path, say: Terminal
) -> "AsyncIterator[tuple[App, Running]]":
    clock = system_clock()
    prometheus = LabPrometheus(scenario.metrics, scenario.now, clock=clock)
    cluster = PracticeCluster(scenario, clock=clock, directory=data_dir, usages=usages_of(scenario))
    with prometheus, cluster:
        options = Options(
            data_dir=data_dir,
            kubeconfig=str(cluster.kubeconfig),
            context=CONTEXT,
            prometheus=Endpoint(prometheus.url),
            kubectl=find_kubectl(),
            console=_FirstLine(say),
        )
        async with open_app(options) as app, serving(app, listen=asked.listen) as running:
            app.announce(running.url)
            yield app, running


async def _post(url: str, scenario: Scenario) -> str:
    """Post the scenario's alert as Alertmanager would and return the incident it opened."""
    assert scenario.alert is not None
    http = http_client()
    reply = await http.request(
        "POST", f"{url}/webhook/alerts", json=alertmanager_body(scenario.alert)
    )
    if reply.status != 200:
        raise Unavailable(f"the server answered {reply.status}: {reply.body.decode()}")
    listed = await http.request("GET", f"{url}/api/v1/incidents")
    await http.aclose()
    incident_id: str = json.loads(listed.body)["items"][0]["id"]
    return incident_id


def alertmanager_body(alert: Mapping[str, Any]) -> dict[str, Any]:
    """Return the webhook body, version 4, that Alertmanager sends for one firing *alert*."""
    labels, annotations = alert.get("labels", {}), alert.get("annotations", {})
    group = {"alertname": labels.get("alertname", "")}
    return {
        "version": "4",
        "groupKey": f'{{}}:{{alertname="{group["alertname"]}"}}',
        "truncatedAlerts": 0,
        "status": "firing",
        "receiver": "punchingfist-webhook",
        "groupLabels": group,
        "commonLabels": labels,
        "commonAnnotations": annotations,
        "externalURL": "http://alertmanager.monitoring:9093",
        "alerts": [
            {
                "status": "firing",
                "labels": labels,
                "annotations": annotations,
                "startsAt": alert["startsAt"],
                "endsAt": "0001-01-01T00:00:00Z",
                "generatorURL": alert.get("generatorURL", ""),
                "fingerprint": fingerprint(labels),
            }
        ],
    }


async def _show(app: App, incident_id: str, say: Terminal) -> None:
    """Print the timeline as it grows, until the execution has ended and the sink was told."""
    async for event in app.timeline.follow(incident_id):
        if event.kind is not Kind.STEP_FINISHED:  # says again what the conclusion said
            say.print(event_row(event))
        if event.kind is Kind.EXECUTION_FAILED:
            raise Unavailable(f"the investigation failed: {event.text}", retryable=False)
        if event.kind in {Kind.DELIVERED, Kind.DELIVERY_FAILED}:
            return


def _report_of(incident: Incident) -> Report:
    if incident.report is None:
        raise Unavailable("the execution ended without a report", retryable=False)
    return Report.from_json(incident.report)


def _say_what_next(say: Terminal, url: str, incident: Incident) -> None:
    say.print("\nOn your own cluster, read-only (`. .venv/bin/activate` first):")
    say.print('  fist investigate "why is checkout slow?" --namespace shop', style="bold")
    say.print("  fist serve", style="bold")
    say.print("\nThe console is open at", Text(f"{url}/incidents/{incident.short_id}", "bold"))
    say.print("Ctrl-C ends it.")
