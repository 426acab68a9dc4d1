"""Alerts, as the API gives them, for a terminal."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

_SEVERITY_STYLES = {"critical": "bold red", "warning": "yellow", "info": "dim"}


def print_alerts(alerts: Sequence[Mapping[str, Any]]) -> None:
    """Print a table, or say that there is none."""
    console = Console(highlight=False)
    if not alerts:
        console.print("no alerts")
        return
    table = Table(
        "ALERT", "SEVERITY", "STATE", "INCIDENT", "NAME", "SUMMARY", box=None, pad_edge=False
    )
    for one in alerts:
        severity = Text(one["severity"], style=_SEVERITY_STYLES.get(one["severity"], ""))
        incident = one["incident"] or ""
        table.add_row(
            one["short_id"],
            severity,
            _state(one),
            incident,
            Text(one["name"]),
            Text(one["summary"]),
        )
    console.print(table)


def print_alert(alert: Mapping[str, Any]) -> None:
    """Print one alert and its labels."""
    console = Console(highlight=False)
    _print_head(console, alert)
    for name, value in sorted(alert["labels"].items()):
        console.print(Text(f"  {name}={value}"))
    for name, value in sorted(alert["annotations"].items()):
        console.print(Text(f"  {name}: {value}", style="dim"))
    seen = f"seen {alert['occurrences']} times, last {_time(alert['last_seen_at'])}"
    console.print(Text(f"source {alert['source']}, incident {alert['incident'] or 'none'}, {seen}"))


def print_why(why: Mapping[str, Any]) -> None:
    """Print both answers and the decisions they rest on."""
    console = Console(highlight=False)
    _print_head(console, why["alert"])
    for question in ("investigated", "told"):
        answer = why[question]
        word = Text("yes" if answer["yes"] else "no", style="green" if answer["yes"] else "yellow")
        console.print(Text(f"{question:13}") + word + Text(f": {answer['text']}"))
    for one in why["decisions"]:
        console.print(Text(f"  {_time(one['at'])}  {one['outcome']:17}{one['text']}", style="dim"))


def _print_head(console: Console, alert: Mapping[str, Any]) -> None:
    head = f"{alert['short_id']}  {alert['severity']}  {_state(alert)}  {alert['name']}"
    console.print(Text(head, style="bold"))
    if alert["summary"] != alert["name"]:
        console.print(Text(alert["summary"]))


def _state(alert: Mapping[str, Any]) -> str:
    if not alert["firing"]:
        return "resolved"
    held = alert["held_by"]
    return f"firing, {held.partition(':')[0].replace('_', ' ')}" if held else "firing"


def _time(text: str) -> str:
    return text[:19].replace("T", " ")
