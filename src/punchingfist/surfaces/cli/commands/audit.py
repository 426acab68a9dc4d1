"""Show who changed what, and check that nothing was taken out of it."""

import click

from punchingfist.surfaces.cli.client import Place, server_options
from punchingfist.surfaces.cli.output import output_option, print_json


@click.group("audit")
def command() -> None:
    """Show who changed what, and check that nothing was taken out of it."""


@command.command("list")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True)
@server_options
@output_option
def list_(place: Place, limit: int, output: str) -> None:
    """List what was done, newest first."""
    from punchingfist.surfaces.cli.keeping import open_keeping
    from punchingfist.surfaces.cli.keeping_text import print_audit

    with open_keeping(place) as keeping:
        rows = keeping.list_audit(limit)
    if output == "json":
        print_json(rows)
    else:
        print_audit(rows)


@command.command("verify")
@server_options
@output_option
def verify(place: Place, output: str) -> None:
    """
    Check that no row was changed, taken out or put elsewhere.

    Exit code 1 says that something was. Keep the last line of a good run
    somewhere else: who can rewrite the whole database can rewrite the whole
    chain, but not that line.
    """
    from punchingfist.surfaces.cli.keeping import open_keeping

    with open_keeping(place) as keeping:
        found = keeping.verify_audit()
    if output == "json":
        print_json(found)
    else:
        for flaw in found["flaws"]:
            click.echo(flaw)
        state = "not whole" if found["flaws"] else "whole"
        click.echo(f"{found['rows']} rows, {state}")
        click.echo(f"last row {found['seq']} {found['digest']}")
    if found["flaws"]:
        raise SystemExit(1)
