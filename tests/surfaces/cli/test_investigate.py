import json
import subprocess
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from punchingfist.lab.kubernetes.faults import Fault
from tests.journeys.served import Lab, a_lab
from tests.surfaces.cli.fist import fist

Ask = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
async def lab(tmp_path: Path) -> AsyncIterator[Lab]:
    async with a_lab(tmp_path) as one:
        yield one


@pytest.fixture
def ask(lab: Lab, tmp_path: Path) -> Ask:
    def run(*arguments: str, **more: Any) -> "subprocess.CompletedProcess[str]":
        place = ["--kubeconfig", str(lab.cluster.kubeconfig)]
        environ = {"PROMETHEUS_URL": lab.prometheus.url} | more.pop("environ", {})
        return fist("investigate", *arguments, *place, home=tmp_path, environ=environ, **more)

    return run


def test_an_alert_from_stdin_is_investigated_and_the_last_line_says_what_was_done(
    ask: Ask, lab: Lab
) -> None:
    done = ask("--alert", "-", stdin=json.dumps(lab.webhook))

    assert done.returncode == 0
    assert "OOMKilled" in done.stdout
    last = done.stdout.splitlines()[-1]
    assert last.startswith("context practice · ")
    assert last.endswith(" reads · 0 writes · nothing left this machine")


def test_an_alert_as_alertmanager_lists_it_is_understood(ask: Ask, lab: Lab) -> None:
    (alert,) = lab.webhook["alerts"]
    listed = [alert | {"status": {"state": "active", "silencedBy": [], "inhibitedBy": []}}]
    done = ask("--alert", "-", "-o", "json", stdin=json.dumps(listed))

    assert json.loads(done.stdout)["report"]["verdict"] == "cause_found"


def test_free_text_finds_the_workload_it_names(ask: Ask) -> None:
    done = ask("why does my-app keep restarting?", "-n", "production", "-o", "json")

    answer = json.loads(done.stdout)
    assert "OOMKilled" in answer["report"]["root_cause"]
    assert answer["writes"] == 0
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("arguments", "stdin", "told"),
    [
        pytest.param((), None, "nothing to investigate", id="nothing-asked"),
        pytest.param(("why?",), None, "--namespace", id="text-without-a-namespace"),
        pytest.param(("--alert", "-"), "{", "not JSON", id="broken-json"),
        pytest.param(("--alert", "-"), "[]", "no alert", id="an-empty-list"),
        pytest.param(
            ("--alert", "-"), '{"labels": {}}', "alerts[0].labels", id="an-alert-without-labels"
        ),
    ],
)
def test_a_question_that_makes_no_sense_exits_2_and_says_why(
    ask: Ask, arguments: tuple[str, ...], stdin: str | None, told: str
) -> None:
    done = ask(*arguments, stdin=stdin)

    assert done.returncode == 2
    assert told in done.stderr


def test_a_missing_alert_file_exits_4(ask: Ask) -> None:
    done = ask("--alert", "nowhere.json")

    assert done.returncode == 4
    assert "nowhere.json" in done.stderr


def test_an_unknown_context_names_the_known_ones(ask: Ask) -> None:
    done = ask("why?", "-n", "production", "--context", "prod")

    assert done.returncode == 4
    assert "practice" in done.stderr


def test_an_unreachable_cluster_exits_75_and_names_the_context(ask: Ask, lab: Lab) -> None:
    lab.cluster.stop()
    done = ask("why?", "-n", "production")

    assert done.returncode == 75
    assert "practice" in done.stderr
    assert done.stdout == ""


def test_an_unreachable_prometheus_is_a_gap_and_no_failure(ask: Ask) -> None:
    done = ask(
        "why does my-app keep restarting?",
        "-n",
        "production",
        "-o",
        "json",
        environ={"PROMETHEUS_URL": "http://user:hunter2@127.0.0.1:1"},
    )

    report = json.loads(done.stdout)["report"]
    assert done.returncode == 0
    assert report["verdict"] == "cause_found"
    assert any("127.0.0.1:1" in gap["why"] for gap in report["gaps"])
    assert "hunter2" not in done.stdout


def test_a_log_that_cannot_be_read_is_a_gap(ask: Ask, lab: Lab) -> None:
    lab.cluster.faults.add(Fault(path="*/log", status=500, message="kubelet is away"))
    done = ask("why does my-app keep restarting?", "-n", "production", "-o", "json")

    gaps = json.loads(done.stdout)["report"]["gaps"]
    assert any("kubelet is away" in gap["why"] for gap in gaps)


@pytest.mark.parametrize("output", ["text", "json"])
def test_what_an_alert_says_never_drives_the_terminal(ask: Ask, lab: Lab, output: str) -> None:
    hostile = "\x1b]0;owned\x07[red]not red[/red]\x9b2J\u202e"
    body = lab.webhook
    (alert,) = body["alerts"]
    alert["annotations"] = {"summary": hostile}
    alert["labels"] = {"alertname": hostile, "namespace": "nowhere", "service": hostile}

    done = ask("--alert", "-", "-o", output, stdin=json.dumps(body))

    assert done.returncode == 0, done.stderr
    assert not any(one in done.stdout + done.stderr for one in "\x1b\x07\x9b\u202e")
    assert "[red]" in done.stdout
