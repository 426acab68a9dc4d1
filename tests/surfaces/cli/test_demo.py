import json
from pathlib import Path

import pytest

from punchingfist.lab.scenario import list_scenarios, load_scenario
from tests.surfaces.cli.fist import fist


def test_it_lists_the_scenarios(tmp_path: Path) -> None:
    done = fist("demo", "--list", home=tmp_path)

    assert done.returncode == 0
    assert {line.split()[0] for line in done.stdout.splitlines()[1:]} == set(list_scenarios())


@pytest.mark.parametrize("name", list_scenarios())
def test_each_scenario_ends_in_its_verdict_and_prints_nothing_but_json(
    name: str, tmp_path: Path
) -> None:
    done = fist("demo", "--scenario", name, "--once", "--output", "json", home=tmp_path)

    assert (done.returncode, done.stderr) == (0, "")
    report = json.loads(done.stdout)["report"]
    scenario = load_scenario(name)
    if scenario.expected is None:
        assert report["verdict"] == ("healthy" if scenario.healthy else "unknown")
        return
    found = report["object"]
    assert report["verdict"] == "cause_found"
    assert f"{found['kind']} {found['namespace']}/{found['name']}" == scenario.expected.object
    words = [scenario.expected.cause, *scenario.expected.synonyms]
    assert any(word.lower() in report["root_cause"].lower() for word in words), report["root_cause"]


def test_it_shows_what_is_looked_at_and_the_evidence(tmp_path: Path) -> None:
    done = fist("demo", "--once", home=tmp_path)

    assert done.returncode == 0
    assert "kubectl get pods" in done.stdout
    assert "OutOfMemoryError" in done.stdout
    assert "Proposed, not done" in done.stdout


def test_an_unknown_scenario_names_the_known_ones(tmp_path: Path) -> None:
    done = fist("demo", "--scenario", "nope", "--once", home=tmp_path)

    assert done.returncode == 4
    assert "crash-loop-memory" in done.stderr
    assert done.stdout == ""
