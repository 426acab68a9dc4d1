import asyncio
import json
import sys
from asyncio.subprocess import Process
from collections import Counter
from pathlib import Path

SCRIPT = Path(__file__).with_name("engine_process.py")
STEPS = ["s0", "s1", "s2", "s3", "c0", "c1", "last"]


async def begin(folder: Path) -> Process:
    return await asyncio.create_subprocess_exec(sys.executable, str(SCRIPT), str(folder))


def entered(folder: Path) -> list[str]:
    file = folder / "entered"
    return file.read_text().split() if file.exists() else []


async def kill_inside(step: str, folder: Path) -> None:
    """Run the process until it hangs inside *step* once more, then kill it."""
    hold = folder / f"hold-{step}"
    hold.touch()
    before = entered(folder).count(step)
    process = await begin(folder)
    while entered(folder).count(step) == before:
        assert process.returncode is None, "it ended too early"
        await asyncio.sleep(0.02)
    process.kill()
    await process.wait()
    hold.unlink()


async def test_killed_again_and_again_it_ends_with_each_finished_step_run_once(
    tmp_path: Path,
) -> None:
    for step in ("s0", "s2", "c1", "last"):
        await kill_inside(step, tmp_path)
    process = await begin(tmp_path)
    assert await process.wait() == 0
    result, error = json.loads((tmp_path / "result").read_text())

    assert error is None
    assert [each.split()[0] for each in result] == ["s0", "s1", "s2", "s3", "c1", "last"]
    once = dict.fromkeys(STEPS, 1)
    assert Counter(entered(tmp_path)) == once | {"s0": 2, "s2": 2, "c1": 2, "last": 2}
