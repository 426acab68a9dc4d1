"""One command, two back ends, one answer."""

import json
import re
from collections.abc import Sequence

import pytest
import yaml

from punchingfist.domain.investigation.evidence import Outcome
from punchingfist.ports.tool import Tool
from tests.extensions.tools.conftest import run_line

_AGE = re.compile(r"\(?(?:\d+[smhdy]){1,2}\)?")

TABLES = [
    "get pods",
    "get pods -A",
    "get pods -o wide",
    "get pods --show-labels",
    "get pods -L app",
    "get pods --no-headers",
    "get pods -o name",
    "get pod postgres-0",
    "get pods -l app=postgres",
    "get pods --field-selector spec.nodeName=worker-2",
    "get pods --sort-by=.metadata.name",
    "get deployments,rs,sts",
    "get deploy/payment-service sts/postgres",
    "get deployments.apps",
    "get deployments.v1.apps",
    "get svc,ep,endpointslices",
    "get nodes -o wide",
    "get ns",
    "get hpa",
    "get pvc,pv,sc",
    "get all",
    "get all -o name",
    "get events --sort-by=.lastTimestamp",
    "get leases -A",
    "get cronjobs",
    "get pods -n empty",
    "events",
    "events -A",
    "events --types=Warning",
    "events --for pod/postgres-0",
    "top pods",
    "top pods -A",
    "top pods --containers",
    "top pods --sort-by=memory",
    "top pod postgres-0",
    "top nodes",
    "rollout status deployment/payment-service",
    "rollout status sts/postgres",
    "rollout history deployment/payment-service",
    "auth can-i get pods",
    "auth can-i delete deployments.apps -A",
    "logs postgres-0 --tail=3",
    "logs postgres-0 --tail=3 --timestamps",
    "logs postgres-0 --limit-bytes=10",
    "logs sts/postgres --tail=2",
    "logs -l app=postgres --tail=2 --prefix",
]
DOCUMENTS = [
    "get pods -o json",
    "get pod postgres-0 -o json",
    "get pods,services,deployments -o json",
    "get nodes -o json",
    "get events -A -o json",
    "get cronjobs -o json",
    "get configmaps -A -o json --show-managed-fields",
]
YAMLS = ["get pod postgres-0 -o yaml", "get svc -o yaml"]
SAYS_NO = [
    "get pod nobody",
    "get pods postgres-0 nobody",
    "get deploy nobody -o json",
    "logs nobody",
    "logs postgres-0 --previous",
    "rollout status deploy/nobody",
]
FAILS = [
    "logs postgres-0 -c sidecar",
    "get unicorns",
    "get pods --field-selector spec.mood=bad",
]


def _lines(text: str) -> Sequence[Sequence[str]]:
    return [
        ["AGE" if _AGE.fullmatch(word) else word for word in line.split()]
        for line in text.splitlines()
    ]


@pytest.mark.parametrize("line", TABLES)
async def test_text_reads_the_same(over_api: Tool, by_binary: Tool, line: str) -> None:
    mine, theirs = await run_line(over_api, line), await run_line(by_binary, line)

    assert _lines(mine.text) == _lines(theirs.text)
    assert (mine.outcome, mine.exit_code, mine.truncated) == (
        theirs.outcome,
        theirs.exit_code,
        theirs.truncated,
    )
    assert mine.outcome is Outcome.SEEN


@pytest.mark.parametrize("line", DOCUMENTS)
async def test_json_is_the_same_to_the_letter(over_api: Tool, by_binary: Tool, line: str) -> None:
    mine, theirs = await run_line(over_api, line), await run_line(by_binary, line)

    assert mine == theirs
    assert json.loads(mine.text)


@pytest.mark.parametrize("line", YAMLS)
async def test_yaml_says_the_same(over_api: Tool, by_binary: Tool, line: str) -> None:
    mine, theirs = await run_line(over_api, line), await run_line(by_binary, line)

    assert yaml.safe_load(mine.text) == yaml.safe_load(theirs.text)


@pytest.mark.parametrize("line", SAYS_NO)
async def test_what_is_not_there_was_seen_to_be_absent(
    over_api: Tool, by_binary: Tool, line: str
) -> None:
    mine, theirs = await run_line(over_api, line), await run_line(by_binary, line)

    assert mine.outcome is theirs.outcome is Outcome.SEEN
    assert mine.exit_code == theirs.exit_code == 1
    assert "not found" in mine.text or "not valid" in mine.text
    assert mine.gap is theirs.gap is None


@pytest.mark.parametrize("line", FAILS)
async def test_what_the_server_would_not_answer_is_a_gap(
    over_api: Tool, by_binary: Tool, line: str
) -> None:
    mine, theirs = await run_line(over_api, line), await run_line(by_binary, line)

    assert mine.outcome is theirs.outcome is Outcome.FAILED
    assert mine.gap
    assert theirs.gap


@pytest.mark.parametrize("line", ["describe pod postgres-0", "describe deploy payment-service"])
async def test_describing_tells_owners_and_events(
    over_api: Tool, by_binary: Tool, line: str
) -> None:
    mine, theirs = await run_line(over_api, line), await run_line(by_binary, line)

    name = line.rsplit(maxsplit=1)[-1]
    assert re.search(rf"^Name:\s+{name}$", mine.text, re.MULTILINE)
    assert re.search(rf"^Name:\s+{name}$", theirs.text, re.MULTILINE)
    assert "Events:" in mine.text
    assert "Read from the API without kubectl" in mine.text
