"""One investigation from the command line: read the question, show the way, print the report."""

import asyncio
import json
import sys
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from punchingfist.bootstrap.edges import (
    find_kubectl,
    log_to_stderr,
    prometheus_endpoint,
    system_clock,
)
from punchingfist.bootstrap.investigation import Answer, investigate_once
from punchingfist.bootstrap.options import Options
from punchingfist.bootstrap.sources import parse_alerts
from punchingfist.domain.alerts import Alert
from punchingfist.domain.investigation.question import Question
from punchingfist.errors import InvalidInput, NotFound
from punchingfist.settings import Settings
from punchingfist.surfaces.cli.output import print_json
from punchingfist.surfaces.cli.report_text import event_row, print_report
from punchingfist.surfaces.cli.terminal import Terminal


@dataclass(frozen=True, slots=True)
class Asked:
    """What `fist investigate` was given."""

    text: str | None
    alert_file: str | None
    namespace: str | None
    context: str | None
    kubeconfig: str | None
    prometheus_url: str | None
    output: str


def ask(asked: Asked) -> None:
    """Investigate and print; progress goes to stderr, the report to stdout."""
    question = _question(asked, at=system_clock().now())
    settings = Settings.from_environment()
    log_to_stderr(settings, level="error")
    options = Options(
        data_dir=settings.state_dir,
        kubeconfig=asked.kubeconfig,
        context=asked.context,
        prometheus=prometheus_endpoint(settings, asked.prometheus_url),
        kubectl=find_kubectl(),
    )
    progress = Terminal(stderr=True, quiet=asked.output == "json")
    answer = asyncio.run(
        investigate_once(
            question,
            options,
            settings=settings,
            watch=lambda event: progress.print(event_row(event)),
        )
    )
    if asked.output == "json":
        print_json(
            {"context": answer.context, "reads": answer.reads, "writes": answer.writes}
            | {"report": answer.report.to_json()}
        )
        return
    console = Terminal()
    print_report(console, answer.report)
    console.print(_last_line(answer))


def _last_line(answer: Answer) -> str:
    return (
        f"context {answer.context} · {answer.reads} reads · {answer.writes} writes"
        " · nothing left this machine"
    )


def _question(asked: Asked, *, at: datetime) -> Question:
    if (asked.text is None) == (asked.alert_file is None):
        raise InvalidInput(
            "nothing to investigate; give --alert FILE, or TEXT with --namespace"
            if asked.text is None
            else "both TEXT and --alert are given; give one"
        )
    if asked.alert_file is not None:
        return _about(_read_alerts(asked.alert_file), asked.namespace, at=at)
    if not asked.namespace:
        raise InvalidInput("free text needs a namespace to look in; add --namespace NAME")
    assert asked.text is not None
    return Question(
        goal=asked.text,
        alert_name="",
        labels={"namespace": asked.namespace},
        annotations={},
        at=at,
        text=asked.text,
        namespace=asked.namespace,
    )


def _about(alerts: tuple[Alert, ...], namespace: str | None, *, at: datetime) -> Question:
    firing = [alert for alert in alerts if alert.firing] or list(alerts)
    first, *others = firing
    labels = dict(first.labels) | ({"namespace": namespace} if namespace else {})
    return Question(
        goal=first.summary,
        alert_name=first.name,
        labels=labels,
        annotations=first.annotations,
        at=at,
        starts_at=first.starts_at,
        namespace=labels.get("namespace", ""),
        other_alerts=tuple(other.labels for other in others),
    )


def _read_alerts(place: str) -> tuple[Alert, ...]:
    try:
        raw = sys.stdin.buffer.read() if place == "-" else Path(place).read_bytes()
    except FileNotFoundError:
        raise NotFound(f"alert file {place!r} does not exist") from None
    except OSError as error:
        raise InvalidInput(f"alert file {place!r} cannot be read: {error.strerror}") from error
    name = "stdin" if place == "-" else place
    try:
        body: Any = json.loads(raw)
    except ValueError as error:
        raise InvalidInput(f"this is not JSON: {error}", file=name) from error
    if isinstance(body, dict) and "alerts" not in body:
        body = [body]
    if isinstance(body, list):
        body = {"version": "4", "status": "firing", "alerts": [_listed(one) for one in body]}
    alerts = parse_alerts(body)
    if not alerts:
        raise InvalidInput("there is no alert in it", file=name, field="alerts")
    return alerts


def _listed(alert: Any) -> Any:
    """Return an alert of Alertmanager's list, whose `status` is an object, as a webhook has it."""
    if isinstance(alert, dict) and not isinstance(alert.get("status"), str):
        return alert | {"status": "firing"}
    return alert
