"""The `fist` command as a shell runs it."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

FIST = Path(sys.executable).with_name("fist")


def fist(
    *arguments: str,
    home: Path,
    stdin: str | None = None,
    environ: Mapping[str, str] | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run the command to its end, in an environment of its own."""
    return subprocess.run(
        [str(FIST), *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
        env={"PATH": os.environ["PATH"], "HOME": str(home), "COLUMNS": "100", **(environ or {})},
    )
