"""Investigate by rules: look, think, look again, until an answer stands."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from punchingfist.domain.investigation.cases import Case
from punchingfist.domain.investigation.evidence import Evidence, EvidenceRef, Look
from punchingfist.domain.investigation.findings import Finding, Report
from punchingfist.domain.investigation.grounding import ground
from punchingfist.domain.investigation.planner import MOST_ROUNDS, Round, next_look
from punchingfist.domain.investigation.question import Question
from punchingfist.domain.investigation.rules import Rule
from punchingfist.domain.json import Json
from punchingfist.ports.durable import Ctx
from punchingfist.ports.investigator import Belt

_CAUSES_TOLD: Final = 3


@dataclass(frozen=True, slots=True)
class RulesInvestigator:
    """
    An investigator that needs no model, no key and no network of its own.

    Each round is one recorded `think#n`, then its looks side by side; what
    happens next depends on recorded results alone.
    """

    rules: Sequence[Rule]
    name: str = "rules"

    async def investigate(self, question: Question, belt: Belt, ctx: Ctx) -> Report:
        refs: list[EvidenceRef] = []
        told: set[tuple[str, str]] = set()
        for number in range(1, MOST_ROUNDS + 2):
            thought = await self._think(number, question, belt, ctx, tuple(refs))
            report = Report.from_json(thought["report"]) if "report" in thought else None
            causes = report.findings if report else map(Finding.from_json, thought["findings"])
            await _tell_new(belt, causes, told, number)
            if report:
                return report
            looks = [Look.from_json(look) for look in thought["looks"]]
            ids = [f"E{len(refs) + place}" for place in range(1, len(looks) + 1)]
            pairs = zip(looks, ids, strict=True)
            refs += await asyncio.gather(*(belt.look(one, evidence_id=i) for one, i in pairs))
        raise AssertionError("the last round always concludes")

    async def _think(
        self, number: int, question: Question, belt: Belt, ctx: Ctx, refs: tuple[EvidenceRef, ...]
    ) -> Any:
        last = number > MOST_ROUNDS

        async def body() -> Json:
            evidence = await belt.read(refs)
            # Megabytes take a while to think about: not on the loop that serves everyone else.
            return await asyncio.to_thread(
                _think, question, evidence, self.rules, belt.tools, last=last
            )

        return await ctx.step(f"think#{number}", body)


def _think(
    question: Question,
    evidence: Sequence[Evidence],
    rules: Sequence[Rule],
    tools: frozenset[str],
    *,
    last: bool,
) -> Json:
    case = Case(question, evidence)
    thought = next_look(case, rules, tools, last=last)
    if isinstance(thought, Round):
        looks = [look.to_json() for look in thought.looks]
        return {"looks": looks, "findings": [found.to_json() for found in thought.findings]}
    return {"report": ground(thought, case).to_json()}


async def _tell_new(
    belt: Belt, findings: Iterable[Finding], told: set[tuple[str, str]], number: int
) -> None:
    """Tell each cause at an object once; it is reworded as more is seen, but stays the same."""
    causes = [found for found in findings if found.cause and not found.struck][:_CAUSES_TOLD]
    fresh = [cause for cause in causes if (cause.rule, str(cause.object)) not in told]
    if fresh:
        told.update((cause.rule, str(cause.object)) for cause in fresh)
        await belt.tell(fresh, key=f"think#{number}")
