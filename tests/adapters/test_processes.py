import asyncio
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from punchingfist.adapters.processes import PosixProcesses
from punchingfist.errors import NotFound
from punchingfist.ports.processes import Program, Ran

SOURCES = Path(__file__).resolve().parents[2] / "src"


async def sh(
    script: str,
    *,
    timeout_seconds: float = 20,
    limit_bytes: int = 100_000,
    environment: dict[str, str] | None = None,
    files: dict[str, str] | None = None,
) -> Ran:
    program = Program(("/bin/sh", "-c", script), environment or {}, files or {})
    return await PosixProcesses().run(
        program, timeout_seconds=timeout_seconds, limit_bytes=limit_bytes
    )


def is_running(pid: int) -> bool:
    """Return whether process *pid* is there and not a zombie."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


def is_there(folder: str) -> bool:
    return Path(folder).exists()


async def until(happened: Callable[[], bool]) -> bool:
    """Return whether it happens within ten seconds."""
    for _ in range(500):
        if happened():
            return True
        await asyncio.sleep(0.02)
    return False


async def until_gone(pid: int) -> bool:
    return await until(lambda: not is_running(pid))


async def test_output_and_exit_code_come_back() -> None:
    ran = await sh("echo out; echo err >&2; exit 3")

    assert ran == Ran(3, b"out\n", b"err\n")


async def test_standard_input_is_empty() -> None:
    assert (await sh("cat; echo end")).stdout == b"end\n"


async def test_nothing_of_our_environment_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_TOKEN", "xoxb-secret")
    ran = await sh("env", environment={"PF_1": "a value"})

    names = {line.partition("=")[0] for line in ran.stdout.decode().splitlines()}
    assert names - {"PWD", "OLDPWD", "SHLVL", "_"} == {"HOME", "LANG", "PATH", "PF_1", "TMPDIR"}


async def test_it_runs_in_a_fresh_folder_that_goes_away() -> None:
    ran = await sh("pwd; ls -A; touch left")
    folder, *found = ran.stdout.decode().split()

    assert found == []
    assert not is_there(folder)


async def test_a_text_that_is_too_long_for_the_environment_comes_as_a_file() -> None:
    ran = await sh('cat "$PF_1_FILE"', files={"PF_1_FILE": "x\r\ny\n" * 100_000})

    assert ran.truncated
    assert ran.stdout.startswith(b"x\r\ny\nx")


async def test_long_output_keeps_both_its_ends() -> None:
    ran = await sh("echo first; yes middle | head -n 100000; echo last", limit_bytes=1000)

    assert ran.truncated
    assert ran.stdout.startswith(b"first\nmiddle")
    assert ran.stdout.endswith(b"middle\nlast\n")
    assert b" bytes left out ..." in ran.stdout
    assert len(ran.stdout) < 1100


async def test_output_that_just_fits_is_whole() -> None:
    ran = await sh("printf 1234567890", limit_bytes=10)

    assert (ran.stdout, ran.truncated) == (b"1234567890", False)


async def test_at_its_time_limit_it_ends_with_its_children() -> None:
    ran = await sh("sleep 1000 & echo $!; wait", timeout_seconds=0.3)

    assert ran.timed_out
    assert ran.exit_code == -signal.SIGKILL
    assert await until_gone(int(ran.stdout))


async def test_what_it_left_running_ends_with_it() -> None:
    ran = await sh("sleep 1000 & echo $!")

    assert (ran.exit_code, ran.timed_out) == (0, False)
    assert await until_gone(int(ran.stdout))


async def test_what_flees_into_a_session_of_its_own_does_not_hold_us_up() -> None:
    ran = await sh("setsid sleep 1000 & sleep 0.2; echo $!")
    os.kill(int(ran.stdout), signal.SIGKILL)

    assert (ran.exit_code, ran.timed_out) == (0, False)


async def test_cancelling_ends_it_with_its_children(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    call = asyncio.create_task(sh(f"sleep 1000 & echo $! > {note}.new; mv {note}.new {note}; wait"))
    assert await until(note.exists)
    call.cancel()

    with pytest.raises(asyncio.CancelledError):
        await call
    assert await until_gone(int(note.read_text()))


async def test_our_own_death_ends_it_with_its_children(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    code = (
        "import asyncio\n"
        "from punchingfist.adapters.processes import PosixProcesses, Program\n"
        f"script = 'sleep 1000 & echo $! > {note}.new; mv {note}.new {note}; wait'\n"
        "run = PosixProcesses().run(Program(('/bin/sh', '-c', script)),"
        " timeout_seconds=1000, limit_bytes=10)\n"
        "asyncio.run(run)\n"
    )
    us = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, env=os.environ | {"PYTHONPATH": str(SOURCES)}
    )
    assert await until(note.exists)
    us.kill()
    await us.wait()

    assert await until_gone(int(note.read_text()))


async def test_a_program_that_is_not_there_is_named() -> None:
    with pytest.raises(NotFound, match="'no-such-program' is not on PATH"):
        await PosixProcesses().run(Program(("no-such-program",)), timeout_seconds=1, limit_bytes=1)
