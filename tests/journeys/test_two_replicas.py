"""Two replicas on one PostgreSQL database, and one of them dies or freezes."""

import asyncio
import json
import signal
import sys
from asyncio.subprocess import Process
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tests.journeys.test_kill_nine_engine import SCRIPT, STEPS, entered

_PATIENCE_SECONDS = 60


@asynccontextmanager
async def replica(folder: Path, url: str) -> AsyncIterator[Process]:
    """Run a replica and wait until it works."""
    process = await asyncio.create_subprocess_exec(sys.executable, str(SCRIPT), str(folder), url)
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            while not (folder / f"ready-{process.pid}").exists():
                assert process.returncode is None
                await asyncio.sleep(0.02)
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def until_inside(step: str, folder: Path) -> None:
    async with asyncio.timeout(_PATIENCE_SECONDS):
        while step not in entered(folder):
            await asyncio.sleep(0.02)


async def result(folder: Path, process: Process) -> list[Any]:
    """Return what the replica *process* ended with."""
    assert await asyncio.wait_for(process.wait(), _PATIENCE_SECONDS) == 0
    found, error = json.loads((folder / "result").read_text())
    assert error is None
    return list(found)


async def test_what_a_killed_replica_left_is_finished_by_the_other_and_no_finished_step_repeats(
    tmp_path: Path, postgres_url: str
) -> None:
    hold = tmp_path / "hold-s2"
    hold.touch()
    async with replica(tmp_path, postgres_url) as first:
        await until_inside("s2", tmp_path)
        async with replica(tmp_path, postgres_url) as second:
            first.kill()
            await first.wait()
            hold.unlink()
            results = await result(tmp_path, second)

    workers = [each.split()[2] for each in results]
    assert workers == [str(first.pid)] * 2 + [str(second.pid)] * 4
    assert Counter(entered(tmp_path)) == dict.fromkeys(STEPS, 1) | {"s2": 2}


async def test_a_frozen_replica_that_thaws_stops_itself_and_changes_nothing(
    tmp_path: Path, postgres_url: str
) -> None:
    hold = tmp_path / "hold-s2"
    hold.touch()
    async with replica(tmp_path, postgres_url) as first:
        await until_inside("s2", tmp_path)
        async with replica(tmp_path, postgres_url) as second:
            first.send_signal(signal.SIGSTOP)
            hold.unlink()
            results = await result(tmp_path, second)
            first.send_signal(signal.SIGCONT)
            left = await asyncio.wait_for(first.wait(), _PATIENCE_SECONDS)

    assert left == 75
    assert [each.split()[0] for each in results] == ["s0", "s1", "s2", "s3", "c1", "last"]
    assert Counter(entered(tmp_path)) == dict.fromkeys(STEPS, 1) | {"s2": 2}
