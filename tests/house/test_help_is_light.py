import json
import subprocess
import sys

import pytest

HEAVY = {"pydantic", "rich", "sqlalchemy", "dbos", "fastapi"}
REPORT_IMPORTS = """
import json, sys
from punchingfist.surfaces.cli.main import main
try:
    main()
finally:
    print(json.dumps(sorted(sys.modules)), file=sys.stderr)
"""


@pytest.fixture(scope="module")
def help_run() -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", REPORT_IMPORTS, "--help"],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def test_help_is_shown(help_run: subprocess.CompletedProcess[str]) -> None:
    assert help_run.returncode == 0, help_run.stderr[-2000:]
    assert "Usage" in help_run.stdout


def test_help_loads_nothing_heavy(help_run: subprocess.CompletedProcess[str]) -> None:
    modules = set(json.loads(help_run.stderr.splitlines()[-1]))

    assert "punchingfist.surfaces.cli.main" in modules
    assert {module for module in modules if module.split(".")[0] in HEAVY} == set()
    assert {module for module in modules if module.startswith("punchingfist.extensions")} == set()
