"""Take alerts and investigate them on your own cluster, read-only."""

import click


@click.command("serve")
@click.option(
    "--resources",
    type=click.Path(),
    metavar="DIR",
    help="A folder of Source, Workflow and Sink YAML; a built-in set when absent.",
)
@click.option("--data-dir", type=click.Path(file_okay=False), help="Where the database lives.")
@click.option(
    "--listen",
    default="127.0.0.1:8080",
    show_default=True,
    metavar="HOST:PORT",
    help="Console, API and webhooks; beyond loopback it takes an admin token to start.",
)
@click.option(
    "--intake-listen",
    metavar="HOST:PORT",
    help="Webhooks alone, for senders elsewhere; every source there needs authentication.",
)
@click.option(
    "--alertmanager",
    metavar="URL",
    help="Poll this Alertmanager instead of being posted to; nothing changes there.",
)
@click.option("--context", help="The kubeconfig context; the current one when absent.")
@click.option("--kubeconfig", help="The kubeconfig file; KUBECONFIG or ~/.kube/config when absent.")
@click.option("--prometheus-url", metavar="URL", help="Prometheus; PROMETHEUS_URL when absent.")
@click.option("--external-url", default="", metavar="URL", help="Where people reach the console.")
@click.option(
    "--database-url",
    metavar="URL",
    help="A PostgreSQL database, shared by any number of servers; a file in --data-dir when absent."
    " PUNCHINGFIST_DATABASE_URL keeps its password out of the process list.",
)
@click.option(
    "--require-token",
    is_flag=True,
    help="Ask for a token on this machine too, where else one may look and respond without.",
)
@click.option(
    "--trusted-proxy",
    "trusted_proxies",
    multiple=True,
    metavar="CIDR",
    help="Believe X-Forwarded-For and -Proto of this proxy; may be given again.",
)
def command(
    resources: str | None,
    data_dir: str | None,
    listen: str,
    intake_listen: str | None,
    alertmanager: str | None,
    context: str | None,
    kubeconfig: str | None,
    prometheus_url: str | None,
    external_url: str,
    database_url: str | None,
    require_token: bool,
    trusted_proxies: tuple[str, ...],
) -> None:
    """
    Take alerts and investigate them on your own cluster, read-only.

    Without --resources there is one webhook (/webhook/alerts), one workflow
    that looks and changes nothing, and the report on stdout.

    \b
    PROMETHEUS_URL=http://prometheus:9090 fist serve
    fist serve --alertmanager http://alertmanager:9093
    """
    from pathlib import Path

    from punchingfist.surfaces.cli import serving_here

    serving_here.serve(
        serving_here.Wanted(
            resources=Path(resources) if resources else None,
            data_dir=Path(data_dir) if data_dir else None,
            listen=listen,
            intake_listen=intake_listen,
            alertmanager=alertmanager,
            context=context,
            kubeconfig=kubeconfig,
            prometheus_url=prometheus_url,
            external_url=external_url,
            database_url=database_url,
            require_token=require_token,
            trusted_proxies=trusted_proxies,
        )
    )
