"""Programs of this machine, run so that nothing of them stays behind."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Program:
    """
    One program to run in a fresh, empty folder.

    *environment* is all it is given beside `PATH`, `LANG`, `HOME` and
    `TMPDIR`, the last two being that folder. Each text of *files* is written
    there, and its path goes into the environment under its key.
    """

    argv: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ran:
    """
    What a program left: *exit_code* is negative for the signal that ended it.

    *timed_out* means we ended it. *truncated* means the middle of an output
    was dropped.
    """

    exit_code: int
    stdout: bytes
    stderr: bytes
    timed_out: bool = False
    truncated: bool = False


class Processes(Protocol):
    """Where programs run."""

    async def run(self, program: Program, *, timeout_seconds: float, limit_bytes: int) -> Ran:
        """
        Run *program* to its end and end everything it started.

        Cancelling the call, the time running out and our own death end them,
        too. Of each output *limit_bytes* are kept, half from its beginning
        and half from its end.

        Raises:
            NotFound: there is no such program.
        """
        ...
