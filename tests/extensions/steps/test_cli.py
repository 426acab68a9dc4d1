import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from punchingfist.adapters.processes import PosixProcesses
from punchingfist.domain.json import Json, JsonObject
from punchingfist.extensions.steps.cli import STEP
from punchingfist.ports.executions import StepRow
from punchingfist.ports.processes import Program, Ran
from tests.operations.practice_bench import EVENT, Practice


@pytest.fixture
async def practice() -> AsyncIterator[Practice]:
    practice = Practice(steps={"cli": STEP}, processes=PosixProcesses())
    yield practice
    await practice.durable.close()


async def run(practice: Practice, command: str, **fields: Json) -> StepRow:
    """Run *command* as the only step of a workflow; return how it ended."""
    written: dict[str, Json] = {"name": "sh", "type": "cli", "command": command, **fields}
    runtime: JsonObject = {"environment": {"TIER": "gold"}}
    await practice.run({"steps": [written], "runtime": runtime})
    return await practice.step("sh")


def result_of(step: StepRow) -> Any:
    return step.result


async def test_a_command_gives_its_outputs_and_a_summary(practice: Practice) -> None:
    step = await run(practice, "echo first; echo second; echo last; echo aside >&2")

    assert (step.status, step.summary) == ("succeeded", "first … last")
    assert result_of(step)["exit_code"] == 0
    assert result_of(step)["stdout"] == "first\nsecond\nlast\n"
    assert result_of(step)["stderr"] == "aside\n"


async def test_alert_text_is_data_to_the_shell(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    hostile = "'; echo pwned; $(echo pwned) `echo pwned` \"\n$HOME"
    monkeypatch.setitem(EVENT, "alert", {"summary": hostile})
    step = await run(practice, 'echo "Summary: {{ .source.data.alert.summary }}"')

    assert result_of(step)["stdout"] == f"Summary: {hostile}\n"


async def test_the_workflows_environment_is_given(practice: Practice) -> None:
    step = await run(practice, "echo $TIER")

    assert step.summary == "gold"


async def test_secrets_in_the_output_are_not_kept(practice: Practice) -> None:
    step = await run(practice, "echo password: hunter2; echo hunter2 >&2")
    whole = await practice.store.artifacts.get(result_of(step)["artifact"])

    assert "hunter2" not in str(step)
    assert whole == "password: [redacted]\n\n--- stderr ---\n[redacted]\n"


async def test_long_output_is_shortened_and_kept_whole_aside(practice: Practice) -> None:
    step = await run(practice, "seq 1 50000")
    whole = await practice.store.artifacts.get(result_of(step)["artifact"])
    kept = result_of(step)["stdout"]

    assert len(kept) < 33_000
    assert kept.startswith("1\n2\n")
    assert kept.endswith("49999\n50000\n")
    assert "characters left out" in kept
    assert whole.splitlines() == [str(number) for number in range(1, 50_001)]


async def test_output_that_is_not_utf8_is_kept_readable(practice: Practice) -> None:
    step = await run(practice, r"printf 'caf\351\n'")

    assert step.summary == "caf\N{REPLACEMENT CHARACTER}"


@pytest.mark.parametrize(
    ("command", "error"),
    [
        ("echo so far; echo no such pod >&2; exit 3", "exit code 3: no such pod"),
        ("echo gone wrong; exit 1", "exit code 1: gone wrong"),
        ("exit 7", "exit code 7"),
        ("kill -TERM $$", "ended by SIGTERM"),
    ],
)
async def test_a_command_that_fails_fails_the_execution(
    practice: Practice, command: str, error: str
) -> None:
    step = await run(practice, command)

    assert (step.status, step.error) == ("failed", error)
    assert (await practice.row()).error == f"step 'sh': {error}"


async def test_a_command_that_takes_too_long_is_timed_out(practice: Practice) -> None:
    step = await run(practice, "echo begun; sleep 1000", timeoutMinutes=0.005)

    assert (step.status, step.summary) == ("timed_out", "begun")
    assert step.error == "no end within 0.005 min; raise timeoutMinutes"


async def test_where_nothing_may_be_run_the_step_says_so(practice: Practice) -> None:
    practice.processes = None
    step = await run(practice, "true")

    assert step.error == "this machine cannot run commands; use a POSIX system"


class DiesAtFirst:
    """Processes that hang at their first program, as if we died in the middle of it."""

    def __init__(self) -> None:
        self.hanging = asyncio.Event()
        self.ran = 0

    async def run(self, program: Program, *, timeout_seconds: float, limit_bytes: int) -> Ran:
        self.ran += 1
        if self.ran == 1:
            self.hanging.set()
            await asyncio.Event().wait()
        return Ran(0, b"", b"")


async def test_a_command_we_died_in_is_not_run_again(practice: Practice) -> None:
    processes = practice.processes = DiesAtFirst()
    await practice.launch()
    await practice.start({"steps": [{"name": "sh", "type": "cli", "command": "delete it"}]})
    await processes.hanging.wait()
    await practice.restart()
    await practice.durable.ended("x1")
    step = await practice.step("sh")

    assert processes.ran == 1
    assert step.status == "failed"
    assert step.error is not None
    assert "uncertain" in step.error
