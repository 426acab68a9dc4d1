"""Choose which server commands go to."""

import click

from punchingfist.surfaces.cli.output import output_option, print_json

_LOCAL = "local"


@click.group("context")
def command() -> None:
    """Choose which server commands go to; `local` is the one on this machine."""


@command.command("list")
@output_option
def list_(output: str) -> None:
    """List the servers you are logged in to."""
    from punchingfist.bootstrap.here import load_contexts

    contexts = load_contexts()
    here = contexts.chosen()
    rows = [{"name": _LOCAL, "url": "", "current": here is None}]
    rows += [{"name": one.name, "url": one.url, "current": one == here} for one in contexts.all()]
    if output == "json":
        print_json(rows)
        return
    for row in rows:
        mark = "*" if row["current"] else " "
        click.echo(f"{mark} {row['name']}  {row['url'] or 'the server on this machine'}")


@command.command("use")
@click.argument("name")
def use(name: str) -> None:
    """Send the commands that follow to NAME."""
    from punchingfist.bootstrap.here import load_contexts

    load_contexts().use(None if name == _LOCAL else name)
    click.echo(f"commands go to {name}")


@command.command("remove")
@click.argument("name")
def remove(name: str) -> None:
    """Forget NAME and its token; the server still knows it until `fist token revoke`."""
    from punchingfist.bootstrap.here import load_contexts

    load_contexts().remove(name)
    click.echo(f"{name}: forgotten here; end it there with `fist token revoke`")
