"""A container is killed because it needs more memory than its limit."""

from collections.abc import Iterator
from typing import Final

from punchingfist.domain.investigation.advice import raise_memory, read_logs, roll_back
from punchingfist.domain.investigation.cases import Case
from punchingfist.domain.investigation.certainty import certainty
from punchingfist.domain.investigation.changes import change_of
from punchingfist.domain.investigation.containers import Container, full_name
from punchingfist.domain.investigation.distress import FULL, container_sample
from punchingfist.domain.investigation.findings import ChangeSeen, Finding, ObjectRef, Quote
from punchingfist.domain.investigation.log_lines import HEAP, last_quote
from punchingfist.domain.investigation.measures import Measure, Sample
from punchingfist.domain.investigation.pages import Seen, present
from punchingfist.domain.investigation.phrases import sentence, short
from punchingfist.domain.investigation.quantities import render_bytes
from punchingfist.domain.investigation.rules import Rule

_KILLED: Final = 137


def detect(case: Case) -> Iterator[Finding]:
    told: set[tuple[ObjectRef, str]] = set()
    for workload, container in case.pod_containers():
        ended = container.ended
        if not ended or not (ended.reason == "OOMKilled" or ended.code == _KILLED):
            continue
        if (workload.ref, container.name) in told:
            continue
        found = _finding(case, workload, container)
        if found:
            told.add((workload.ref, container.name))
            yield found


def _finding(case: Case, workload: Seen, container: Container) -> Finding | None:
    ended = container.ended
    assert ended
    stated = ended.reason == "OOMKilled"
    heap = last_quote(case.view.logs_of([container.owner], container.name), HEAP)
    peak = _peak_at_limit(case, container)
    if not stated and not heap and not peak:
        return None
    recent = case.is_recent(ended.finished)
    change = change_of(case, workload.ref)
    weights = (0.75 * stated, 0.4 * bool(heap), 0.4 * bool(peak), 0.2 * bool(change))
    quotes = present(
        heap,
        container.owner.quote("reason", ended.reason),
        container.owner.quote("exitCode", ended.code),
        container.quote_limit("memory"),
        peak.quote() if peak else None,
        change.quote if change else None,
    )
    limit = container.limit_text("memory")
    raised = raise_memory(workload, container)
    back = roll_back(workload, "if the new revision leaks") if change else None
    return Finding(
        "out_of_memory",
        _claim(workload, container, heap, peak, change),
        workload.ref,
        quotes,
        certainty(*weights),
        cause=recent,
        recommendations=tuple(
            one for one in (raised, back, read_logs(container, previous=True)) if one
        ),
        short=short(f"{_death(container)}, {f'limit {limit}' if limit else 'no memory limit'}"),
    )


def _claim(
    workload: Seen,
    container: Container,
    heap: Quote | None,
    peak: Sample | None,
    change: ChangeSeen | None,
) -> str:
    limit = container.limit_text("memory")
    bound = f"its memory limit of {limit} is too low" if limit else "no memory limit is set"
    signs = [f"peak {render_bytes(peak.value)}"] if peak else []
    signs += ["its heap ran out"] if heap else []
    seen = f" ({', '.join(signs)})" if signs else ""
    rollout, colon, what = change.what.partition(":") if change else ("", "", "")
    return sentence(
        f"{full_name(workload, container)} is {_death(container)}: {bound}",
        seen,
        f", since {rollout}" if rollout else "",
        f"{colon}{what}",
    )


def _death(container: Container) -> str:
    stated = container.ended is not None and container.ended.reason == "OOMKilled"
    return "OOMKilled" if stated else f"killed with exit code {_KILLED}"


def _peak_at_limit(case: Case, container: Container) -> Sample | None:
    limit, peak = container.limit("memory"), container_sample(case, Measure.MEMORY, container)
    return peak if peak and limit and peak.value / limit >= FULL else None


RULE = Rule("out_of_memory", "Out of memory", detect, reversible=True)
