"""Programs as process groups that end with the call, or with us."""

import asyncio
import contextlib
import os
import shutil
import signal
import tempfile
from pathlib import Path

from punchingfist.errors import NotFound
from punchingfist.ports.processes import Program, Ran

_GUARDED = """
exec 3<&0 </dev/null
(read -r _ <&3; kill -KILL 0) >/dev/null 2>&1 &
exec 3<&-
exec "$@"
"""
"""
The program's standard input is empty; ours is a pipe that only we hold open. When it closes,
because we are done or because we died, the guard ends the whole process group, itself included.
"""

_LAST_WORDS_SECONDS = 1
"""How long a process that fled into a session of its own may hold our end of its output."""
_LEFT_OUT = b"\n... %d bytes left out ...\n"


class PosixProcesses:
    """Programs in a session and a folder of their own, with an environment of a few words."""

    async def run(self, program: Program, *, timeout_seconds: float, limit_bytes: int) -> Ran:
        path = os.environ.get("PATH", os.defpath)
        if shutil.which(program.argv[0], path=path) is None:
            raise NotFound(f"program {program.argv[0]!r} is not on PATH; install it")
        with tempfile.TemporaryDirectory(prefix="fist-", ignore_cleanup_errors=True) as folder:
            transport, watch = await asyncio.get_running_loop().subprocess_exec(
                lambda: _Watch(limit_bytes),
                *("/bin/sh", "-c", _GUARDED, "sh", *program.argv),
                env=_environment(program, Path(folder), path),
                cwd=folder,
                start_new_session=True,
            )
            try:
                await asyncio.wait([watch.exited], timeout=timeout_seconds)
                timed_out = not watch.exited.done()
            finally:
                # What it left running holds the outputs open: it ends before they do.
                _kill_group(transport.get_pid())
                try:
                    await asyncio.wait([watch.exited])
                    await asyncio.wait([watch.closed], timeout=_LAST_WORDS_SECONDS)
                finally:
                    transport.close()
        code = transport.get_returncode()
        assert code is not None
        stdout, stderr = watch.kept[1], watch.kept[2]
        truncated = stdout.truncated or stderr.truncated
        return Ran(code, stdout.whole(), stderr.whole(), timed_out, truncated)


def _kill_group(number: int) -> None:
    # The guard lives on after the program, so nobody else has the number by now.
    with contextlib.suppress(ProcessLookupError):
        os.killpg(number, signal.SIGKILL)


def _environment(program: Program, folder: Path, path: str) -> dict[str, str]:
    """Return the whole environment, and write the files it points to."""
    places = {"HOME": str(folder), "TMPDIR": str(folder)}
    environment = {"PATH": path, "LANG": "C.UTF-8", **places, **program.environment}
    for name, text in program.files.items():
        file = folder / name
        file.write_text(text, encoding="utf-8", errors="replace", newline="")
        environment[name] = str(file)
    return environment


class _Kept:
    """The two ends of an output, as much as is allowed."""

    def __init__(self, limit_bytes: int) -> None:
        self._half = limit_bytes // 2
        self._head, self._tail = bytearray(), bytearray()
        self._dropped = 0

    @property
    def truncated(self) -> bool:
        return self._dropped > 0

    def add(self, chunk: bytes) -> None:
        room = self._half - len(self._head)
        self._head += chunk[:room]
        self._tail += chunk[room:]
        excess = len(self._tail) - self._half
        if excess > 0:
            del self._tail[:excess]
            self._dropped += excess

    def whole(self) -> bytes:
        mark = _LEFT_OUT % self._dropped if self._dropped else b""
        return bytes(self._head) + mark + bytes(self._tail)


class _Watch(asyncio.SubprocessProtocol):
    """
    What is heard of the program: its output, its end, and the end of all that held its outputs.

    asyncio's own `Process.wait` waits for the last of these.
    """

    def __init__(self, limit_bytes: int) -> None:
        loop = asyncio.get_running_loop()
        self.kept = {1: _Kept(limit_bytes), 2: _Kept(limit_bytes)}
        self.exited: asyncio.Future[None] = loop.create_future()
        self.closed: asyncio.Future[None] = loop.create_future()

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        self.kept[fd].add(data)

    def process_exited(self) -> None:
        self.exited.set_result(None)

    def connection_lost(self, exc: Exception | None) -> None:
        self.closed.set_result(None)
