"""Find out what is wrong, once, read-only, without a server."""

import click

from punchingfist.surfaces.cli.output import output_option


@click.command("investigate")
@click.argument("text", required=False)
@click.option(
    "--alert",
    "alert_file",
    metavar="FILE|-",
    help="An alert in JSON, as Alertmanager posts or lists it; - reads stdin.",
)
@click.option("-n", "--namespace", help="Where to look; an alert's own label when absent.")
@click.option("--context", help="The kubeconfig context; the current one when absent.")
@click.option("--kubeconfig", help="The kubeconfig file; KUBECONFIG or ~/.kube/config when absent.")
@click.option("--prometheus-url", metavar="URL", help="Prometheus; PROMETHEUS_URL when absent.")
@output_option
def command(
    text: str | None,
    alert_file: str | None,
    namespace: str | None,
    context: str | None,
    kubeconfig: str | None,
    prometheus_url: str | None,
    output: str,
) -> None:
    """
    Find out what is wrong, once, read-only, without a server.

    Asks either an alert (--alert FILE) or free TEXT about a namespace. Reads
    are limited to 5 a second (burst 10) for the cluster. Exit code 0 means
    there is a report, an "unknown" included: see `verdict` in the JSON.

    \b
    fist investigate --alert alert.json
    fist investigate "why is checkout slow?" --namespace shop
    """
    from punchingfist.surfaces.cli import asking

    asking.ask(
        asking.Asked(
            text=text,
            alert_file=alert_file,
            namespace=namespace,
            context=context,
            kubeconfig=kubeconfig,
            prometheus_url=prometheus_url,
            output=output,
        )
    )
