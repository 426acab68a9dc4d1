"""What a person chose, with every default filled in."""

from dataclasses import dataclass, field
from pathlib import Path

from punchingfist.ports.http import Endpoint
from punchingfist.ports.world import Console


@dataclass(frozen=True, slots=True)
class Options:
    """
    How to build one system.

    *resources* is a folder of YAML files, None for the built-in set.
    *alertmanager* is the URL of an Alertmanager to poll. *kubectl* is the path
    of a kubectl binary, None to speak to the API directly. *database_url* is a
    PostgreSQL database, None for what the resources say or a file in *data_dir*. *console* is what
    stdout sinks write to, this process's stdout when None.
    """

    data_dir: Path
    resources: Path | None = None
    kubeconfig: str | None = None
    context: str | None = None
    prometheus: Endpoint | None = None
    kubectl: str | None = None
    alertmanager: str | None = None
    external_url: str = ""
    console: Console | None = None
    database_url: str | None = field(default=None, repr=False)
