"""Create, list and revoke the tokens people and programs come in with."""

import click

from punchingfist.surfaces.cli.client import Place, server_options
from punchingfist.surfaces.cli.output import output_option, print_json

_ROLES = ("viewer", "responder", "approver", "admin")


@click.group("token")
def command() -> None:
    """
    Create, list and revoke the tokens people and programs come in with.

    \b
    viewer      reads incidents, alerts, evidence and metrics
    responder   … acknowledges, notes, silences, starts investigations
    approver    … answers approval gates
    admin       … issues and revokes tokens, reads the audit trail
    """


@command.command("create")
@click.argument("name")
@click.option("--role", type=click.Choice(_ROLES), required=True, help="What it may do.")
@click.option("--team", "teams", multiple=True, help="Only for this team; may be given again.")
@click.option("--expires", metavar="90d", help="When it ends by itself; never when absent.")
@server_options
@output_option
def create(
    place: Place, name: str, role: str, teams: tuple[str, ...], expires: str | None, output: str
) -> None:
    """Make a token called NAME and print it, this once."""
    from punchingfist.surfaces.cli.keeping import open_keeping

    with open_keeping(place) as keeping:
        made = keeping.create_token(name, role, teams, expires)
        where = keeping.where
    if output == "json":
        print_json(made)
        return
    until = f", until {made['expires_at'][:10]}" if made["expires_at"] else ""
    click.echo(f"{name}: {role}{until}, {where}; undo with `fist token revoke {name}`", err=True)
    click.echo("Keep it: it is not shown again.", err=True)
    click.echo(made["secret"])


@command.command("list")
@click.option("--all", "with_ended", is_flag=True, help="Those that are over, too.")
@server_options
@output_option
def list_(place: Place, with_ended: bool, output: str) -> None:
    """List tokens and browser sessions, newest first."""
    from punchingfist.surfaces.cli.keeping import open_keeping
    from punchingfist.surfaces.cli.keeping_text import is_live, print_tokens

    with open_keeping(place) as keeping:
        found = [one for one in keeping.list_tokens() if with_ended or is_live(one)]
    if output == "json":
        print_json(found)
    else:
        print_tokens(found)


@command.command("revoke")
@click.argument("name")
@server_options
@output_option
def revoke(place: Place, name: str, output: str) -> None:
    """End the token NAME, by name or id, at once, and the browser sessions opened with it."""
    from punchingfist.surfaces.cli.keeping import open_keeping

    with open_keeping(place) as keeping:
        ended = keeping.revoke_token(name)
        where = keeping.where
    if output == "json":
        print_json(ended)
        return
    click.echo(f"{ended['name']}: revoked, {where}; there is no undo, create a new one")
