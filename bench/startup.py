"""
What a newcomer waits for and pays: help, installation, memory, the first answer.

help_ratio           wall time of `fist --help` over that of `python -c pass`, medians
install_mb           site-packages of the base install with .pyc, without pip and setuptools
packages             distributions in it, ours not counted
rss_mb               memory of an idle server
webhook_to_report_s  for each scenario, from the webhook to the finished report
"""

import compileall
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path
from typing import TypedDict

from bench._programs import FIST, ROOT, idle_server, json_of, resident_bytes, say, wall_seconds

HELP_RUNS = 15
SETTLE_SECONDS = 5.0
MB = 1_000_000


class Figures(TypedDict):
    """The figures, under the names they are reported by."""

    help_ratio: float
    install_mb: float
    packages: int
    rss_mb: float
    webhook_to_report_s: dict[str, float]


def measure() -> Figures:
    with tempfile.TemporaryDirectory(prefix="fist-bench-") as folder:
        ratio = help_ratio()
        install_mb, packages = install_size(Path(folder) / "venv")
        return Figures(
            help_ratio=ratio,
            install_mb=install_mb,
            packages=packages,
            rss_mb=idle_memory_mb(Path(folder) / "serve" / "state"),
            webhook_to_report_s=webhook_to_report_seconds(),
        )


def help_ratio() -> float:
    """Interleave the two, so that a busy machine slows both alike."""
    say(f"{HELP_RUNS} runs of `fist --help` and of bare Python")
    bare, fist = [sys.executable, "-c", "pass"], [FIST, "--help"]
    wall_seconds(bare), wall_seconds(fist)
    pairs = [(wall_seconds(bare), wall_seconds(fist)) for _ in range(HELP_RUNS)]
    bare_times, fist_times = zip(*pairs, strict=True)
    return float(round(statistics.median(fist_times) / statistics.median(bare_times), 2))


def install_size(folder: Path) -> tuple[float, int]:
    """Install the base lock and our package into a virtual environment without pip."""
    say("installing the base requirements")
    venv.create(folder, with_pip=False)
    python = next(path for path in folder.glob("*/python*") if path.stem == "python")
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "-qq"]
    requirements = ["--require-hashes", "-r", str(ROOT / "requirements" / "base.txt")]
    subprocess.run([*pip, "--disable-pip-version-check", *requirements], check=True)
    packages = next(folder.rglob("site-packages"))
    count = len(list(packages.glob("*.dist-info")))
    ours = packages / "punchingfist"
    shutil.copytree(
        ROOT / "src" / "punchingfist", ours, ignore=shutil.ignore_patterns("__pycache__")
    )
    compileall.compile_dir(ours, quiet=1)
    held = sum(path.stat().st_size for path in packages.rglob("*") if path.is_file())
    return round(held / MB, 1), count


def idle_memory_mb(data_dir: Path) -> float:
    say("an idle server")
    data_dir.mkdir(parents=True)
    with idle_server(data_dir) as pid:
        time.sleep(SETTLE_SECONDS)
        return round(resident_bytes(pid) / MB, 1)


def webhook_to_report_seconds() -> dict[str, float]:
    names = [scenario["name"] for scenario in json_of([FIST, "demo", "--list", "--output", "json"])]
    return {name: _webhook_to_report(name) for name in names}


def _webhook_to_report(scenario: str) -> float:
    say(f"scenario {scenario}")
    report = json_of([FIST, "demo", "--scenario", scenario, "--once", "--output", "json"])
    return round(float(report["webhook_to_report_s"]), 3)
