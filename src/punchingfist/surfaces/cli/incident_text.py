"""Incidents, as the API gives them, for a terminal."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.table import Table
from rich.text import Text

from punchingfist.domain.investigation.findings import Report
from punchingfist.surfaces.cli.report_text import print_report
from punchingfist.surfaces.cli.terminal import Terminal

_SEVERITY_STYLES = {"critical": "bold red", "warning": "yellow", "info": "dim"}


def print_incidents(incidents: Sequence[Mapping[str, Any]]) -> None:
    """Print a table, or say that there is none."""
    console = Terminal()
    if not incidents:
        console.print("no incidents")
        return
    table = Table("INCIDENT", "SEVERITY", "STATUS", "OPENED", "TITLE", box=None, pad_edge=False)
    for one in incidents:
        severity = Text(one["severity"], style=_SEVERITY_STYLES.get(one["severity"], ""))
        opened = one["created_at"][:19].replace("T", " ")
        table.add_row(one["short_id"], severity, one["status"], opened, Text(one["title"]))
    console.print(table)


def print_incident(incident: Mapping[str, Any], url: str) -> None:
    """Print one incident and its last report."""
    console = Terminal()
    console.print(
        Text(f"{incident['short_id']}  {incident['severity']}  {incident['status']}", style="bold")
    )
    console.print(Text(incident["title"]))
    if incident["report"]:
        print_report(console, Report.from_json(incident["report"]))
    else:
        console.print("no report yet")
    console.print(Text(f"{url}/incidents/{incident['short_id']}", style="dim"))
