"""Break a practice cluster and watch it being investigated, live."""

import click

from punchingfist.surfaces.cli.output import output_option


@click.command("demo")
@click.option("--list", "list_only", is_flag=True, help="List the scenarios and stop.")
@click.option(
    "--scenario",
    default="crash-loop-memory",
    show_default=True,
    metavar="NAME|DIR",
    help="A shipped scenario, or a folder holding one.",
)
@click.option("--once", is_flag=True, help="Stop after the report instead of serving the console.")
@click.option(
    "--listen",
    default="127.0.0.1:0",
    show_default=True,
    metavar="HOST:PORT",
    help="Where the console listens; port 0 takes a free one.",
)
@click.option(
    "--data-dir",
    type=click.Path(file_okay=False),
    help="Keep the database here; a temporary folder when absent.",
)
@output_option
def command(
    list_only: bool,
    scenario: str,
    once: bool,
    listen: str,
    data_dir: str | None,
    output: str,
) -> None:
    """
    Break a practice cluster and watch it being investigated, live.

    Starts an in-memory Kubernetes API, a Prometheus and the real server on
    loopback ports, posts an Alertmanager webhook and shows what is looked at
    and what is found. Needs no account, no key and no network.
    """
    from punchingfist.surfaces.cli.practice import Play, list_all, play

    if list_only:
        list_all(output)
        return
    play(Play(scenario, once, listen, data_dir, output))
