"""Run a command with a kubectl binary: no shell, no home, no more time or output than was given."""

import asyncio
import atexit
import shutil
import tempfile
from functools import cache

from punchingfist.domain.guardrails.kubectl_commands import KubectlCommand
from punchingfist.errors import NotFound, Unavailable
from punchingfist.operations.kubectl.answers import Answer
from punchingfist.operations.per_loop import PerLoop
from punchingfist.ports.cluster import Cluster
from punchingfist.ports.processes import Processes, Program

_AT_ONCE = PerLoop(lambda: asyncio.Semaphore(4))  # a kubectl holds 50 to 70 MB
# A user's kubectl may have been taught aliases and defaults by a kuberc file.
_UNTAUGHT = {"KUBERC": "off", "KUBECTL_KUBERC": "false"}


async def run_binary(
    program: str,
    processes: Processes,
    command: KubectlCommand,
    cluster: Cluster,
    *,
    timeout_seconds: float,
    limit_bytes: int,
) -> Answer:
    """
    Return what *program* answers to *command*.

    Raises:
        TimeoutError: it did not end in time and was killed.
        Unavailable: there is no such program.
    """
    argv = (
        program,
        *command.argv,
        *((f"--context={cluster.context}",) if cluster.kubeconfig else ()),
        f"--request-timeout={max(1, round(timeout_seconds))}s",
        f"--cache-dir={_cache()}",
    )
    wanted = Program(argv, {**cluster.environment, **_UNTAUGHT})
    async with _AT_ONCE.get():
        try:
            ran = await processes.run(
                wanted, timeout_seconds=timeout_seconds, limit_bytes=limit_bytes
            )
        except NotFound as error:
            raise Unavailable(f"kubectl cannot be started: {error}") from None
    if ran.timed_out:
        raise TimeoutError
    return Answer(
        ran.stdout.decode(errors="replace"),
        ran.stderr.decode(errors="replace"),
        ran.exit_code,
        truncated=ran.truncated,
    )


@cache
def _cache() -> str:
    """Return a folder of ours where kubectl keeps what it learned of each server's kinds."""
    folder = tempfile.mkdtemp(prefix="punchingfist-kubectl-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
