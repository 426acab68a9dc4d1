"""Run the operator's own command in a shell, where outside text is never parsed."""

import signal
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from punchingfist.domain.excerpts import ends_of, one_line
from punchingfist.domain.json import Json, JsonObject
from punchingfist.domain.resources.model import is_reference
from punchingfist.domain.workflows.shell_text import to_shell
from punchingfist.errors import Unavailable
from punchingfist.operations.workbench import StepResult, StepRun, StepStatus, StepType, Workbench
from punchingfist.ports.executions import StepRow
from punchingfist.ports.processes import Processes, Program, Ran

_DEFAULT_MINUTES = 5
_KEPT_CHARACTERS = 32 * 1024
"""Of each of the two outputs; the rest is in the artifact."""
_WHOLE_BYTES = 4 * 1024 * 1024
_ENTERED = {"entered": True}


async def run(run: StepRun, bench: Workbench) -> StepResult:
    """
    Run the step's command once.

    We cannot know what it changes. So when our process died while it ran, it
    is not run again, and the step says that its outcome is uncertain.
    """
    processes = bench.world.processes
    if processes is None:
        raise Unavailable("this machine cannot run commands; use a POSIX system", retryable=False)
    call = _Call(run, bench, processes, minutes=run.step.get("timeoutMinutes", _DEFAULT_MINUTES))
    return _as_result(await run.ctx.step(f"{run.name}/cli", call.make_once), call.minutes)


@dataclass(frozen=True, slots=True)
class _Call:
    """One command about to be run."""

    run: StepRun
    bench: Workbench
    processes: Processes
    minutes: float

    async def make_once(self) -> Json:
        text = to_shell(self.run.step["command"], self.run.scope)
        if not await self._enter():
            return {"uncertain": True}
        program = Program(
            argv=("/bin/sh", "-c", text.script),
            environment={**await self._environment(), **text.environment},
            files=text.files,
        )
        ran = await self.processes.run(
            program, timeout_seconds=self.minutes * 60, limit_bytes=_WHOLE_BYTES
        )
        return await self._keep(ran)

    async def _environment(self) -> dict[str, str]:
        """Return the workflow's environment with the secrets that its snapshot refers to."""
        secrets = self.bench.world.secrets
        written: Mapping[str, str] = self.run.scope["env"]
        return {
            name: await secrets.resolve(value) if is_reference(value) else value
            for name, value in written.items()
        }

    async def _enter(self) -> bool:
        """Leave a mark in the step's row; false means that an earlier process left it."""
        execution = await self.bench.executions.get(self.run.execution_id)
        found = [step for step in execution.steps if step.name == self.run.name]
        if any(step.result == _ENTERED for step in found):
            return False
        await self.bench.executions.save_step(self.run.execution_id, self._row(found))
        return True

    def _row(self, found: list[StepRow]) -> StepRow:
        started_at: datetime = found[0].started_at if found else self.bench.world.clock.now()
        return StepRow(self.run.name, "cli", "running", started_at, None, "", None, _ENTERED)

    async def _keep(self, ran: Ran) -> JsonObject:
        stdout, stderr = (
            self.bench.redact(output.decode("utf-8", errors="replace"))
            for output in (ran.stdout, ran.stderr)
        )
        whole = f"{stdout}\n--- stderr ---\n{stderr}" if stderr else stdout
        return {
            "exit_code": ran.exit_code,
            "stdout": ends_of(stdout, _KEPT_CHARACTERS),
            "stderr": ends_of(stderr, _KEPT_CHARACTERS),
            "artifact": await self.bench.artifacts.put(whole),
            "truncated": ran.truncated,
            "timed_out": ran.timed_out,
        }


def _as_result(record: Any, minutes: float) -> StepResult:
    if "uncertain" in record:
        error = "we died while it ran, so what it did is uncertain; look, then start it again"
        return StepResult(StepStatus.FAILED, summary="", error=error)
    summary = _summary(record["stdout"])
    if record["timed_out"]:
        error = f"no end within {minutes:g} min; raise timeoutMinutes"
        return StepResult(StepStatus.TIMED_OUT, summary, record, error)
    if record["exit_code"] != 0:
        last = _summary(record["stderr"] or record["stdout"]).rpartition(" … ")[2]
        error = f"{_ending(record['exit_code'])}: {last}".removesuffix(": ")
        return StepResult(StepStatus.FAILED, summary, record, error)
    return StepResult(StepStatus.SUCCEEDED, summary, record)


def _ending(exit_code: int) -> str:
    if exit_code >= 0:
        return f"exit code {exit_code}"
    return f"ended by {signal.Signals(-exit_code).name}"


def _summary(output: str) -> str:
    """Return the first and the last line that say something."""
    lines = [one_line(line) for line in output.splitlines() if line.strip()]
    return " … ".join(lines[:: len(lines) - 1] if len(lines) > 1 else lines)


STEP = StepType("cli", run=run)
