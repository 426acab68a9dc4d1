"""Tokens, contexts and the audit trail from the command line, with a server and without one."""

import json
import sqlite3
import stat
from pathlib import Path

import pytest

from tests.journeys.served import a_lab, served
from tests.surfaces.cli.fist import fist


@pytest.fixture
def place(tmp_path: Path) -> list[str]:
    return ["--data-dir", str(tmp_path / "data")]


def test_without_a_server_tokens_are_kept_in_the_database_itself(
    tmp_path: Path, place: list[str]
) -> None:
    made = fist(
        "token", "create", "ci", "--role", "responder", "--team", "db", *place, home=tmp_path
    )
    again = fist("token", "create", "ci", "--role", "viewer", *place, home=tmp_path)
    listed = fist("token", "list", *place, home=tmp_path)
    revoked = fist("token", "revoke", "ci", *place, home=tmp_path)
    after = fist("token", "list", "-o", "json", *place, home=tmp_path)
    ended = fist("token", "list", "--all", "-o", "json", *place, home=tmp_path)

    secret = made.stdout.strip()
    assert secret.startswith("pf_")
    assert "not shown again" in made.stderr
    assert (again.returncode, revoked.returncode) == (5, 0)
    assert "ci" in listed.stdout
    assert secret not in listed.stdout
    assert json.loads(after.stdout) == []
    assert json.loads(ended.stdout)[0]["teams"] == ["db"]
    assert secret.encode() not in (tmp_path / "data" / "punchingfist.db").read_bytes()


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["create", "-rf", "--role", "admin"], 2, ""),
        (["create", "a b", "--role", "admin"], 2, "'a b'"),
        (["create", "a", "--role", "god"], 2, "god"),
        (["create", "a", "--role", "admin", "--expires", "soon"], 2, "'soon'"),
        (["revoke", "nobody"], 4, "'nobody'"),
    ],
)
def test_what_cannot_be_is_said(
    tmp_path: Path, place: list[str], arguments: list[str], code: int, said: str
) -> None:
    done = fist("token", *arguments, *place, home=tmp_path)

    assert done.returncode == code
    assert said in done.stderr


def test_a_row_changed_behind_our_back_is_found(tmp_path: Path, place: list[str]) -> None:
    for name in ("one", "two", "three"):
        fist("token", "create", name, "--role", "viewer", *place, home=tmp_path)
    good = fist("audit", "verify", *place, home=tmp_path)
    with sqlite3.connect(tmp_path / "data" / "punchingfist.db") as database:
        database.execute("UPDATE pf_audit SET object = 'token innocent' WHERE seq = 2")
        database.execute("DELETE FROM pf_audit WHERE seq = 3")
    database.close()
    bad = fist("audit", "verify", *place, home=tmp_path)
    as_json = fist("audit", "verify", "-o", "json", *place, home=tmp_path)
    listed = fist("audit", "list", *place, home=tmp_path)

    assert (good.returncode, good.stdout.splitlines()[0]) == (0, "3 rows, whole")
    assert bad.returncode == as_json.returncode == 1
    assert "row 2 was changed" in bad.stdout
    assert json.loads(as_json.stdout)["flaws"][1] == "row 3 is missing at the end"
    assert "token.create" in listed.stdout


async def test_who_owns_the_data_directory_administers_its_server(tmp_path: Path) -> None:
    async with a_lab(tmp_path) as lab, served(lab) as server:
        place = ["--data-dir", str(lab.data_dir)]
        made = fist("token", "create", "ci", "--role", "viewer", *place, home=tmp_path)
        refused = fist(
            "token", "create", "x", "--role", "admin", "--server", server.url, home=tmp_path
        )
        rows = json.loads(fist("audit", "list", "-o", "json", *place, home=tmp_path).stdout)
        verified = fist("audit", "verify", *place, home=tmp_path)
        record = stat.S_IMODE((lab.data_dir / "server.json").stat().st_mode)

    assert made.returncode == 0
    assert f"on {server.url}" in made.stderr
    assert (refused.returncode, refused.stdout) == (6, "")
    assert "needs admin" in refused.stderr
    assert (rows[0]["who"], rows[0]["how"], rows[0]["what"]) == ("owner", "owner", "token.create")
    assert verified.returncode == 0
    assert record == 0o600


async def test_one_logs_in_to_a_server_and_commands_go_there(tmp_path: Path) -> None:
    async with a_lab(tmp_path) as lab, served(lab, "--require-token") as server:
        place = ["--data-dir", str(lab.data_dir)]
        made = fist("token", "create", "ana", "--role", "viewer", *place, home=tmp_path)
        home = tmp_path / "elsewhere"
        login = ["login", server.url, "--name", "prod", "--with-token"]
        wrong = fist(*login, home=home, stdin="pf_nonsense\n")
        right = fist(*login, home=home, stdin=made.stdout)
        listed = fist("incidents", "list", home=home)
        contexts = fist("context", "list", home=home)
        without = fist("incidents", "list", *place, home=tmp_path)
        fist("context", "use", "local", home=home)
        local = fist("incidents", "list", home=home)
        by_url = fist("incidents", "list", "--server", server.url, home=home)
        fist("context", "remove", "prod", home=home)
        file = home / ".config" / "punchingfist" / "contexts.yaml"
        mode, kept = stat.S_IMODE(file.stat().st_mode), file.read_text()

    assert wrong.returncode == 6
    assert (right.returncode, right.stdout) == (
        0,
        f"prod: logged in to {server.url} as ana, viewer\n",
    )
    assert (listed.returncode, by_url.returncode) == (0, 0)
    assert "* prod" in contexts.stdout
    assert (without.returncode, local.returncode) == (6, 75)
    assert mode == 0o600
    assert "pf_" not in kept


def test_a_context_nobody_logged_in_to_is_not_found(tmp_path: Path) -> None:
    done = fist("context", "use", "prod", home=tmp_path)

    assert done.returncode == 4
    assert "fist login" in done.stderr


def test_a_contexts_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    file = tmp_path / ".config" / "punchingfist" / "contexts.yaml"
    file.parent.mkdir(parents=True)
    file.write_text("contexts: [")
    done = fist("incidents", "list", home=tmp_path)

    assert done.returncode == 2
    assert str(file) in done.stderr
