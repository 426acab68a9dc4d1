"""The `fist` command: finds its commands by folder and imports one only when it runs."""

import sys

import click

from punchingfist.domain.printable import printable
from punchingfist.errors import PunchingFistError
from punchingfist.surfaces.cli.lazy import CommandFolder

_EPILOG = """\b
Exit codes: 0 done (an unknown cause or a healthy result too; see `verdict`),
1 failed, 2 bad input, 4 not found, 5 conflict, 6 refused, 75 unavailable.
"""


@click.group(
    cls=CommandFolder,
    folder="punchingfist.surfaces.cli.commands",
    epilog=_EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(package_name="punchingfist", prog_name="fist")
def fist() -> None:
    """Punching Fist: an alert comes in, an investigated answer comes out."""


def main() -> None:
    """Run `fist`; an error of ours becomes one line and its exit code."""
    try:
        fist.main(standalone_mode=False)
    except PunchingFistError as error:
        click.echo(printable(f"fist: {error}"), err=True)
        sys.exit(error.exit_code)
    except click.exceptions.Exit as leaving:
        sys.exit(leaving.exit_code)
    except click.Abort:
        click.echo("fist: interrupted", err=True)
        sys.exit(130)
    except click.ClickException as wrong:
        wrong.show()
        sys.exit(2)
