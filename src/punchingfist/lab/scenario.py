"""
Practice scenarios: a broken (or healthy) cluster at one moment, and what is wrong with it.

A scenario is a folder: `scenario.yaml`, and as far as it has them
`objects.yaml`, `logs/<namespace>/<pod>/<container>[.previous].log`,
`metrics.yaml`, `http.yaml` and `commands.jsonl`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from importlib.resources import files
from importlib.resources.abc import Traversable
from math import floor
from pathlib import Path
from typing import Any

from punchingfist.errors import InvalidInput, NotFound
from punchingfist.lab.kubernetes.access import Denial
from punchingfist.lab.kubernetes.logs import LogKey
from punchingfist.lab.kubernetes.objects import Manifest
from punchingfist.lab.recorded_times import resolve, resolve_log, shift, shift_log
from punchingfist.lab.scenario_files import Section, read_json_lines, read_logs, read_yaml

_SUMMARY = "scenario.yaml"


class Verdict(StrEnum):
    """What a good investigation of the scenario says."""

    CAUSE = "cause"
    HEALTHY = "healthy"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Expected:
    """The right answer: *object* as `kind/name`, *synonyms* other words for the cause."""

    object: str
    cause: str
    synonyms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """
    What one in-cluster URL answers.

    *error* is `refused` or `timeout` when no answer comes at all.
    """

    url: str
    method: str = "GET"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class RecordedCommand:
    """One command of a recording: canonical argv and what came of it."""

    argv: tuple[str, ...]
    exit_code: int
    stdout: str
    stderr: str


@dataclass(frozen=True, slots=True)
class Scenario:
    """
    One scenario, every time in it absolute.

    *alert* is as Alertmanager sends it; a scenario without one asks its
    *question*. *metrics* is `metrics.yaml` as parsed, its last points at *now*.
    """

    name: str
    title: str
    now: datetime
    verdict: Verdict
    expected: Expected | None = None
    alert: Manifest | None = None
    question: str | None = None
    namespace: str = "default"
    objects: tuple[Manifest, ...] = ()
    logs: Mapping[LogKey, bytes] = field(default_factory=dict)
    metrics: Manifest = field(default_factory=dict)
    http: tuple[HttpAnswer, ...] = ()
    commands: tuple[RecordedCommand, ...] = ()
    forbidden: tuple[Denial, ...] = ()

    @property
    def healthy(self) -> bool:
        """Tell whether nothing is wrong in it: a negative control."""
        return self.verdict is Verdict.HEALTHY

    def shifted(self, to: datetime) -> "Scenario":
        """Return the scenario moved in time so that its present is *to*, to the second."""
        by = timedelta(seconds=floor((to - self.now).total_seconds()))
        return replace(
            self,
            now=self.now + by,
            alert=shift(self.alert, by),
            objects=tuple(shift(obj, by) for obj in self.objects),
            logs={key: shift_log(log, by) for key, log in self.logs.items()},
        )


def list_scenarios() -> tuple[str, ...]:
    """Return the names of the scenarios that come with the package."""
    return tuple(sorted(entry.name for entry in _shipped().iterdir() if entry.is_dir()))


def load_scenario(place: str | Path) -> Scenario:
    """
    Load a shipped scenario by name, or any by its folder.

    Raises:
        NotFound: there is no such scenario; names those there are.
        InvalidInput: a file of it is wrong; names the file and the field.
    """
    if isinstance(place, str) and place in list_scenarios():
        return _read(_shipped() / place)
    folder = Path(place)
    if (folder / _SUMMARY).is_file():
        return _read(folder)
    known = ", ".join(list_scenarios())
    raise NotFound(
        f"scenario {str(place)!r} is unknown; use a folder with a {_SUMMARY}, or {known}"
    )


def _shipped() -> Traversable:
    return files("punchingfist.lab") / "scenarios"


def _read(folder: Traversable) -> Scenario:
    summary = Section.of(folder / _SUMMARY)
    now = summary.time("now")
    alert = resolve(_alert(summary), now)
    return Scenario(
        name=folder.name,
        title=summary.text("title"),
        now=now,
        verdict=_verdict(summary),
        expected=_expected(summary),
        alert=alert,
        question=_question(summary, alert),
        namespace=_namespace(summary, alert),
        objects=tuple(_objects(folder, now)),
        logs={key: resolve_log(log, now) for key, log in read_logs(folder / "logs").items()},
        metrics=_metrics(folder),
        http=tuple(_http_answer(section) for section in Section.each(folder / "http.yaml")),
        commands=tuple(_command(section) for section in read_json_lines(folder / "commands.jsonl")),
        forbidden=tuple(_denial(section) for section in summary.sections("forbidden")),
    )


def _verdict(summary: Section) -> Verdict:
    said = [verdict for verdict in Verdict if summary.has(_VERDICT_FIELDS[verdict])]
    if len(said) != 1:
        raise summary.wrong("expected", "say exactly one of expected, healthy: true, unknown: true")
    return said[0]


_VERDICT_FIELDS = {
    Verdict.CAUSE: "expected",
    Verdict.HEALTHY: "healthy",
    Verdict.UNKNOWN: "unknown",
}


def _expected(summary: Section) -> Expected | None:
    if not summary.has("expected"):
        return None
    section = summary.section("expected")
    return Expected(section.text("object"), section.text("cause"), section.texts("synonyms"))


def _alert(summary: Section) -> Manifest | None:
    if not summary.has("alert"):
        return None
    section = summary.section("alert")
    section.section("labels").text("alertname")
    section.text("startsAt")
    return {
        "status": "firing",
        "annotations": {},
        "endsAt": "0001-01-01T00:00:00Z",
        "generatorURL": "",
        **section.fields,
    }


def _question(summary: Section, alert: Manifest | None) -> str | None:
    if alert is None and not summary.has("question"):
        raise summary.wrong("alert", "give an alert or a question")
    return summary.text("question") if summary.has("question") else None


def _namespace(summary: Section, alert: Manifest | None) -> str:
    if summary.has("namespace"):
        return summary.text("namespace")
    return str((alert or {}).get("labels", {}).get("namespace", "default"))


def _objects(folder: Traversable, now: datetime) -> list[Manifest]:
    sections = Section.each(folder / "objects.yaml")
    for section in sections:
        section.text("apiVersion")
        section.text("kind")
        section.section("metadata").text("name")
    return [resolve(section.fields, now) for section in sections]


def _metrics(folder: Traversable) -> Manifest:
    parsed: Any = read_yaml(folder / "metrics.yaml")
    if parsed is None:
        return {}
    if not isinstance(parsed, dict):
        raise InvalidInput("must be a mapping with series", file=str(folder / "metrics.yaml"))
    return parsed


def _http_answer(section: Section) -> HttpAnswer:
    error = section.text("error", default="")
    if error not in ("", "refused", "timeout"):
        raise section.wrong("error", f"{error!r} is unknown; use refused or timeout")
    return HttpAnswer(
        url=section.text("url"),
        method=section.text("method", default="GET"),
        status=section.number("status", default=200),
        headers=section.section("headers").fields if section.has("headers") else {},
        body=section.text("body", default=""),
        error=error,
    )


def _command(section: Section) -> RecordedCommand:
    return RecordedCommand(
        argv=section.texts("argv"),
        exit_code=section.number("exit_code", default=0),
        stdout=section.text("stdout", default=""),
        stderr=section.text("stderr", default=""),
    )


def _denial(section: Section) -> Denial:
    return Denial(
        resource=section.text("resource"),
        namespace=section.text("namespace", default=""),
        verbs=section.texts("verbs"),
    )
