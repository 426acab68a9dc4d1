"""Keep a server's address and a token for the commands that follow."""

import sys

import click

from punchingfist.surfaces.cli.output import output_option, print_json


@click.command("login")
@click.argument("url", required=False)
@click.option("--name", help="What to call this server; its host name when absent.")
@click.option("--with-token", is_flag=True, help="Read the token from stdin instead of asking.")
@output_option
def command(url: str | None, name: str | None, with_token: bool, output: str) -> None:
    """
    Log in to the server at URL, by default the one on this machine.

    Asks for the token, tries it, and keeps both in contexts.yaml, which only
    you can read. Commands go there until `fist context use` says otherwise.

    \b
    fist login https://fist.example.com
    pass show fist | fist login https://fist.example.com --with-token
    """
    from punchingfist.surfaces.cli.logging_in import log_in

    if with_token:
        token = sys.stdin.readline().strip()
    else:
        token = str(click.prompt("Token", hide_input=True, err=True)).strip()
    kept = log_in(url, token, name)
    if output == "json":
        print_json(kept)
        return
    click.echo(f"{kept['context']}: logged in to {kept['url']} as {kept['name']}, {kept['role']}")
    click.echo("undo with `fist context remove " + kept["context"] + "`", err=True)
