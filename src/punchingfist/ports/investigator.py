"""Who finds out what is wrong."""

from collections.abc import Sequence
from typing import Protocol

from punchingfist.domain.investigation.evidence import Evidence, EvidenceRef, Look
from punchingfist.domain.investigation.findings import Finding, Report
from punchingfist.domain.investigation.question import Question
from punchingfist.ports.durable import Ctx


class Belt(Protocol):
    """The tool belt: the only way to touch the world. Everything done with it is recorded."""

    @property
    def tools(self) -> frozenset[str]:
        """The names of the tools the step may use."""
        ...

    async def look(self, look: Look, *, evidence_id: str) -> EvidenceRef:
        """Make one look as one durable step named by *evidence_id*; refusals are evidence too."""
        ...

    async def read(self, refs: Sequence[EvidenceRef]) -> tuple[Evidence, ...]:
        """Return looks with their stored text. Only inside a step body."""
        ...

    async def tell(self, findings: Sequence[Finding], *, key: str) -> None:
        """Put new findings on the timeline and let sinks update. Only between steps."""
        ...


class Investigator(Protocol):
    """Given a question and a tool belt, return a report."""

    @property
    def name(self) -> str:
        """The name reports carry."""
        ...

    async def investigate(self, question: Question, belt: Belt, ctx: Ctx) -> Report:
        """Return the grounded report; "unknown" is a report, not an error."""
        ...
