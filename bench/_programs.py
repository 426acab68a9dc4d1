"""How benchmarks start the programs they measure."""

import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from punchingfist.adapters.system import SystemClock
from punchingfist.lab.cluster import PracticeCluster
from punchingfist.lab.scenario import load_scenario

ROOT = Path(__file__).resolve().parent.parent
FIST = str(Path(sys.executable).parent / "fist")


def say(progress: str) -> None:
    print(f"bench: {progress}", file=sys.stderr, flush=True)


def wall_seconds(argv: list[str]) -> float:
    """Return how long *argv* takes from start to exit."""
    started = time.perf_counter()
    subprocess.run(argv, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


def json_of(argv: list[str], *, timeout_seconds: float = 120) -> Any:
    """Return the JSON that *argv* prints, and nothing but."""
    run = subprocess.run(argv, check=True, stdout=subprocess.PIPE, timeout=timeout_seconds)
    return json.loads(run.stdout)


@contextmanager
def idle_server(data_dir: Path, *, within_seconds: float = 60) -> Iterator[int]:
    """Start `fist serve` on a free port, wait until it is healthy, and give its process id."""
    data_dir.parent.mkdir(parents=True, exist_ok=True)
    log = data_dir.parent / "serve.log"
    cluster = PracticeCluster(
        load_scenario("healthy"), clock=SystemClock(), directory=data_dir.parent
    )
    cluster.start()
    argv = [FIST, "serve", "--data-dir", str(data_dir), "--listen", "127.0.0.1:0"]
    argv += ["--kubeconfig", str(cluster.kubeconfig)]
    with log.open("wb") as output:
        server = subprocess.Popen(argv, stdout=output, stderr=subprocess.STDOUT)
    try:
        deadline = time.monotonic() + within_seconds
        while not _is_healthy(data_dir / "server.json"):
            if server.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the server did not come up:\n{log.read_text()[-2000:]}")
            time.sleep(0.1)
        yield server.pid
    finally:
        server.terminate()
        try:
            server.wait(15)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
        cluster.stop()


def _is_healthy(address: Path) -> bool:
    try:
        url = json.loads(address.read_text())["url"]
        with urllib.request.urlopen(f"{url.rstrip('/')}/healthz", timeout=5) as reply:
            return bool(reply.status == 200)
    except (OSError, ValueError):
        return False


def resident_bytes(pid: int) -> int:
    """Return what the process and its children hold in memory, as Linux counts it."""
    status = Path(f"/proc/{pid}/status").read_text()
    held = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS:"))
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return held * 1024 + sum(resident_bytes(int(child)) for child in children)
