"""A container ends again and again by its own doing."""

from collections.abc import Iterator
from typing import Final

from punchingfist.domain.investigation.advice import read_logs, roll_back
from punchingfist.domain.investigation.cases import Case
from punchingfist.domain.investigation.certainty import certainty
from punchingfist.domain.investigation.changes import change_of
from punchingfist.domain.investigation.containers import Container, Exit, full_name
from punchingfist.domain.investigation.findings import Finding, ObjectRef
from punchingfist.domain.investigation.log_lines import gist, parting_quote
from punchingfist.domain.investigation.pages import Seen, present
from punchingfist.domain.investigation.phrases import sentence, short
from punchingfist.domain.investigation.rules import Rule

_OFTEN: Final = 3
_MEANT: Final = {
    0: "it ends without an error, though it should keep running",
    126: "its command cannot be executed",
    127: "its command was not found",
    134: "it aborted",
    137: "it was killed from outside",
    139: "it crashed with a segmentation fault",
    143: "it was asked to stop",
}


def detect(case: Case) -> Iterator[Finding]:
    told: set[tuple[ObjectRef, str]] = set()
    for workload, container in case.pod_containers():
        ended = container.ended
        key = (workload.ref, container.name)
        if ended is None or key in told or ended.reason == "OOMKilled":
            continue
        if _is_looping(container, ended) or (ended.code and case.is_recent(ended.finished)):
            told.add(key)
            yield _finding(case, workload, container, ended)


def _is_looping(container: Container, ended: Exit) -> bool:
    failing = container.waiting == "CrashLoopBackOff" or (not container.ready and ended.code != 0)
    often = container.restarts >= _OFTEN and ended.code not in {0, 137, 143}
    return failing or often


def _finding(case: Case, workload: Seen, container: Container, ended: Exit) -> Finding:
    words = parting_quote(case.view.logs_of([container.owner], container.name))
    change = change_of(case, workload.ref)
    meaning = f" ({_MEANT[ended.code]})" if ended.code in _MEANT else ""
    told = f": {gist(words.line)}" if words else ""
    since = f" since {change.what.partition(':')[0]}" if change else ""
    back = roll_back(workload, "if the new revision is to blame") if change else None
    return Finding(
        "crash_loop",
        sentence(
            f"{full_name(workload, container)} exits with code {ended.code}{meaning}",
            since,
            f", {container.restarts} restarts",
            said=told,
        ),
        workload.ref,
        present(
            words,
            container.owner.quote("exitCode", ended.code),
            container.owner.quote("reason", container.waiting or ended.reason),
            change.quote if change else None,
        ),
        certainty(0.5, 0.4 * bool(words), 0.2 * bool(change)),
        cause=_is_looping(container, ended) and case.is_recent(ended.finished),
        recommendations=tuple(one for one in (back, read_logs(container, previous=True)) if one),
        short=short(f"exit code {ended.code}{told or meaning}"),
    )


RULE = Rule("crash_loop", "Crash loop", detect, symptom=True)
