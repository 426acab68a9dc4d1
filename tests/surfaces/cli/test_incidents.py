import json
from pathlib import Path

from tests.journeys.served import a_lab, served
from tests.surfaces.cli.fist import fist


async def test_incidents_are_listed_and_shown_with_their_report(tmp_path: Path) -> None:
    async with a_lab(tmp_path) as lab, served(lab) as server:
        await server.post(lab.webhook)
        await server.until("execution_finished")
        place = ["--data-dir", str(lab.data_dir)]
        listed = fist("incidents", "list", *place, home=tmp_path)
        shown = fist("incidents", "show", "INC-1", "--server", server.url, home=tmp_path)
        as_json = fist("incidents", "show", "INC-1", *place, "-o", "json", home=tmp_path)
        missing = fist("incidents", "show", "INC-9", *place, home=tmp_path)

    assert "INC-1" in listed.stdout
    assert "OOMKilled" in shown.stdout
    assert json.loads(as_json.stdout)["report"]["verdict"] == "cause_found"
    assert (missing.returncode, missing.stdout) == (4, "")
    assert "INC-9" in missing.stderr


def test_without_a_server_it_says_how_to_start_one(tmp_path: Path) -> None:
    done = fist("incidents", "list", home=tmp_path)

    assert done.returncode == 75
    assert "fist serve" in done.stderr


def test_a_server_that_is_away_exits_75_and_is_named(tmp_path: Path) -> None:
    done = fist("incidents", "list", "--server", "http://127.0.0.1:1", home=tmp_path)

    assert done.returncode == 75
    assert "127.0.0.1:1" in done.stderr
