"""`fist serve` twice on one PostgreSQL database: what one takes in, both know."""

from dataclasses import replace
from pathlib import Path

from tests.journeys.served import a_lab, served
from tests.postgres import PASSWORD
from tests.surfaces.cli.test_serve import refused


async def test_what_one_server_takes_in_the_other_shows_too(
    tmp_path: Path, postgres_url: str
) -> None:
    other_folder = tmp_path / "other"
    other_folder.mkdir()
    environ = {"PUNCHINGFIST_DATABASE_URL": postgres_url, "PUNCHINGFIST_LOG_LEVEL": "debug"}
    async with (
        a_lab(tmp_path) as lab,
        served(lab, environ=environ) as one,
        served(replace(lab, folder=other_folder), "--database-url", postgres_url) as other,
    ):
        assert (await one.post(lab.webhook)).status_code == 200
        assert (await other.post(lab.webhook)).status_code == 200
        events = await other.until("execution_finished")
        incidents = await other.incidents()
        health = await one.get("/healthz")

    logs = [(folder / "server.log").read_text() for folder in (tmp_path, other_folder)]
    assert [incident["short_id"] for incident in incidents] == ["INC-1"]
    assert [event["kind"] for event in events].count("execution_started") == 1
    assert PASSWORD not in "".join(logs) + str(health)
    assert all(postgres_url.partition("@")[2] in log for log in logs)
    assert not (lab.data_dir / "punchingfist.db").exists()


async def test_a_server_without_its_database_says_so_and_exits_75(
    tmp_path: Path, free_port: int
) -> None:
    url = f"postgresql://ana:{PASSWORD}@127.0.0.1:{free_port}/fist"
    done = refused(tmp_path, "--database-url", url)

    assert done.returncode == 75
    assert f"127.0.0.1:{free_port}" in done.stderr
    assert PASSWORD not in done.stderr + done.stdout
    assert "Traceback" not in done.stderr
