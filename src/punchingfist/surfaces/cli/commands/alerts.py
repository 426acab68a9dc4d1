"""List alerts, show one, or say why it was treated as it was."""

import click

from punchingfist.surfaces.cli.client import Place, connect, server_options
from punchingfist.surfaces.cli.output import output_option, print_json


@click.group("alerts")
def command() -> None:
    """List alerts, show one, or say why it was treated as it was."""


@command.command("list")
@click.option("--firing/--resolved", default=None, help="Only those; all when absent.")
@click.option("--limit", type=click.IntRange(1, 200), default=50, show_default=True)
@server_options
@output_option
def list_(place: Place, *, firing: bool | None, limit: int, output: str) -> None:
    """List alerts, newest first."""
    wanted = {"limit": limit} | ({} if firing is None else {"firing": str(firing).lower()})
    with connect(place) as server:
        found = server.get("/api/v1/alerts", **wanted)
    if output == "json":
        print_json(found["items"])
        return
    from punchingfist.surfaces.cli.alert_text import print_alerts

    print_alerts(found["items"])


@command.command("show")
@click.argument("alert_id")
@server_options
@output_option
def show(place: Place, alert_id: str, output: str) -> None:
    """Show ALERT_ID (A-12) with its labels."""
    with connect(place) as server:
        alert = server.get(f"/api/v1/alerts/{alert_id}")
    if output == "json":
        print_json(alert)
        return
    from punchingfist.surfaces.cli.alert_text import print_alert

    print_alert(alert)


@command.command("why")
@click.argument("alert_id")
@server_options
@output_option
def why(place: Place, alert_id: str, output: str) -> None:
    """
    Say why ALERT_ID (A-12) was investigated and people were told, or not.

    The answer comes from the decisions stored when the alert was taken in.
    """
    with connect(place) as server:
        found = server.get(f"/api/v1/alerts/{alert_id}/why")
    if output == "json":
        print_json(found)
        return
    from punchingfist.surfaces.cli.alert_text import print_why

    print_why(found)
