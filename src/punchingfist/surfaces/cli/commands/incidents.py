"""List incidents, or show one with its report."""

import click

from punchingfist.surfaces.cli.client import Place, connect, server_options
from punchingfist.surfaces.cli.output import output_option, print_json


@click.group("incidents")
def command() -> None:
    """List incidents, or show one with its report."""


@command.command("list")
@click.option("--status", type=click.Choice(["open", "investigating", "resolved"]))
@click.option("--limit", type=click.IntRange(1, 200), default=50, show_default=True)
@server_options
@output_option
def list_(place: Place, status: str | None, limit: int, output: str) -> None:
    """List incidents, newest first."""
    wanted = {"limit": limit} | ({"status": status} if status else {})
    with connect(place) as server:
        found = server.get("/api/v1/incidents", **wanted)
    if output == "json":
        print_json(found["items"])
        return
    from punchingfist.surfaces.cli.incident_text import print_incidents

    print_incidents(found["items"])


@command.command("show")
@click.argument("incident_id")
@server_options
@output_option
def show(place: Place, incident_id: str, output: str) -> None:
    """Show INCIDENT_ID (INC-1042) with its report."""
    with connect(place) as server:
        incident = server.get(f"/api/v1/incidents/{incident_id}")
    if output == "json":
        print_json(incident)
        return
    from punchingfist.surfaces.cli.incident_text import print_incident

    print_incident(incident, server.url)
