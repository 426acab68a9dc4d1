import subprocess
import sys
from pathlib import Path

import pytest

from punchingfist.adapters.store.data_dir import DataDir, ServerRecord
from punchingfist.errors import Conflict

RECORD = ServerRecord("http://127.0.0.1:8080", 4711)


def test_a_second_owner_is_told_who_is_there(tmp_path: Path) -> None:
    first, second = DataDir(tmp_path), DataDir(tmp_path)
    first.acquire()
    first.announce(RECORD)

    with pytest.raises(Conflict, match=r"http://127\.0\.0\.1:8080 \(pid 4711\)"):
        second.acquire()

    assert second.find_server() == RECORD
    first.release()


def test_the_lock_is_free_again_after_release(tmp_path: Path) -> None:
    first, second = DataDir(tmp_path), DataDir(tmp_path)
    first.acquire()
    first.announce(RECORD)
    first.release()

    second.acquire()

    assert second.find_server() is None
    second.release()


def test_what_a_killed_server_left_behind_stops_nobody(tmp_path: Path) -> None:
    dies = (
        "import os, sys, signal; from pathlib import Path;"
        "from punchingfist.adapters.store.data_dir import DataDir, ServerRecord;"
        "d = DataDir(Path(sys.argv[1])); d.acquire();"
        "d.announce(ServerRecord('http://gone', 1)); os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-c", dies, str(tmp_path)], check=False, timeout=60)
    next_one = DataDir(tmp_path)
    assert next_one.find_server() is not None

    next_one.acquire()

    assert next_one.find_server() is None
    next_one.release()


def test_only_the_owner_can_read_where_it_answers(tmp_path: Path) -> None:
    folder = DataDir(tmp_path / "made")
    folder.acquire()
    folder.announce(RECORD)

    assert (tmp_path / "made" / "server.json").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "made").stat().st_mode & 0o777 == 0o700
    folder.release()


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"url": 1'])
def test_a_broken_record_is_no_record(tmp_path: Path, text: str) -> None:
    (tmp_path / "server.json").write_text(text)

    assert DataDir(tmp_path).find_server() is None
