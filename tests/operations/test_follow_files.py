import json
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from punchingfist.adapters.files import LocalFiles
from punchingfist.domain import alert_files
from punchingfist.domain.alert_files import FilePlace, split_lines
from punchingfist.domain.alerts import Alert
from punchingfist.domain.resources.trigger_sources import FileConfig
from punchingfist.errors import Unavailable
from punchingfist.operations.follow_files import FileFollower
from punchingfist.testing.triggers import MemoryPlaces


class Follower:
    """A follower whose server may be started again on what it kept."""

    def __init__(self, path: Path) -> None:
        self.path, self.places = path, MemoryPlaces()
        self.taken: list[Alert] = []
        self.is_away = False
        self.restart()

    def restart(self) -> None:
        config = FileConfig(path=str(self.path), every=timedelta(seconds=1))
        self.follower = FileFollower(
            "files", config, files=LocalFiles(), places=self.places, receive=self.receive
        )

    async def receive(self, alerts: Sequence[Alert]) -> None:
        if self.is_away:
            raise Unavailable("the database is away")
        self.taken += alerts

    async def look(self) -> list[str]:
        """Look once; return the names of what was taken since the last look."""
        before = len(self.taken)
        await self.follower.look()
        return [alert.name for alert in self.taken[before:]]


def a_line(name: str) -> str:
    return json.dumps({"labels": {"alertname": name}}) + "\n"


def add(path: Path, text: str) -> None:
    with path.open("a") as file:
        file.write(text)


@pytest.fixture
def follower(tmp_path: Path) -> Follower:
    return Follower(tmp_path)


async def test_lines_are_taken_as_they_are_added(follower: Follower) -> None:
    log = follower.path / "alerts.jsonl"
    add(log, a_line("A") + a_line("B"))
    assert await follower.look() == ["A", "B"]

    add(log, "\n" + a_line("C"))
    assert await follower.look() == ["C"]
    assert await follower.look() == []


async def test_a_restart_neither_loses_nor_repeats(follower: Follower) -> None:
    log = follower.path / "alerts.jsonl"
    add(log, a_line("A"))
    await follower.look()
    add(log, a_line("B"))
    follower.restart()

    assert await follower.look() == ["B"]


async def test_half_a_line_waits_for_the_rest(follower: Follower) -> None:
    log, line = follower.path / "alerts.jsonl", a_line("A")
    add(log, line[:10])
    assert await follower.look() == []

    add(log, line[10:])
    assert await follower.look() == ["A"]


async def test_a_bad_line_is_named_and_holds_up_nothing(follower: Follower) -> None:
    log = follower.path / "alerts.jsonl"
    add(log, a_line("A") + "{not json}\n" + '{"labels": 5}\n' + a_line("B"))

    with capture_logs() as logs:
        assert await follower.look() == ["A", "B"]
    assert [entry["why"].partition(": ")[0] for entry in logs] == [f"{log}:2", f"{log}:3"]


async def test_what_could_not_be_stored_is_taken_again(follower: Follower) -> None:
    add(follower.path / "alerts.jsonl", a_line("A"))
    follower.is_away = True
    with pytest.raises(Unavailable):
        await follower.look()

    follower.is_away = False
    assert await follower.look() == ["A"]


async def test_a_rotated_log_is_read_to_its_end(follower: Follower) -> None:
    log = follower.path / "alerts.jsonl"
    add(log, a_line("A"))
    await follower.look()
    add(log, a_line("B"))
    log.rename(follower.path / "alerts.jsonl.1")
    add(log, a_line("C"))

    assert await follower.look() == ["B", "C"]
    assert await follower.look() == []


async def test_a_log_that_has_another_name_now_is_not_read_again(follower: Follower) -> None:
    log = follower.path / "alerts.jsonl"
    add(log, a_line("A"))
    await follower.look()
    add(log, a_line("B"))
    log.rename(follower.path / "alerts-monday.jsonl")
    add(log, a_line("C"))

    assert sorted(await follower.look()) == ["B", "C"]
    assert await follower.look() == []


async def test_a_single_log_may_be_away_while_it_rotates(tmp_path: Path) -> None:
    log = tmp_path / "alerts.log"
    follower = Follower(log)
    assert await follower.look() == []
    add(log, a_line("A"))
    assert await follower.look() == ["A"]

    add(log, a_line("B"))
    log.rename(tmp_path / "alerts.log.1")
    assert await follower.look() == ["B"]
    add(log, a_line("C"))
    assert await follower.look() == ["C"]


async def test_a_log_written_anew_is_read_from_its_beginning(follower: Follower) -> None:
    log = follower.path / "alerts.jsonl"
    add(log, a_line("A"))
    await follower.look()
    log.write_text(a_line("Longer than before"))
    assert await follower.look() == ["Longer than before"]

    log.write_text(a_line("B"))
    assert await follower.look() == ["B"]


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({"labels": {"alertname": "A"}}, id="an-alert"),
        pytest.param([{"labels": {"alertname": "A"}, "status": "firing"}], id="a-list"),
        pytest.param(
            {"status": "firing", "alerts": [{"labels": {"alertname": "A"}}]}, id="a-webhook-body"
        ),
        pytest.param(
            {"labels": {"alertname": "A"}, "status": {"state": "active"}}, id="from-the-api"
        ),
    ],
)
async def test_a_document_holds_any_shape_of_alerts(follower: Follower, body: object) -> None:
    (follower.path / "one.json").write_text(json.dumps(body, indent=2))

    assert await follower.look() == ["A"]
    follower.restart()
    assert await follower.look() == []


async def test_a_changed_document_is_read_again(follower: Follower) -> None:
    document = follower.path / "one.json"
    document.write_text(a_line("A"))
    await follower.look()
    document.write_text(a_line("B"))

    assert await follower.look() == ["B"]


async def test_half_a_document_waits_and_a_bad_one_is_named(follower: Follower) -> None:
    document = follower.path / "one.json"
    document.write_text('{"labels":\n  {"alertname"')
    with capture_logs() as logs:
        assert await follower.look() == []
        assert logs == []
        assert await follower.look() == []
    assert logs[0]["why"].startswith(f"{document}:2: this is no JSON")

    document.write_text(a_line("A"))
    assert await follower.look() == ["A"]


async def test_other_files_and_folders_are_left_alone(follower: Follower) -> None:
    (follower.path / "notes.txt").write_text(a_line("A"))
    (follower.path / "sub.jsonl").mkdir()

    assert await follower.look() == []


async def test_an_endless_line_is_passed_over(
    follower: Follower, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alert_files, "LONGEST_LINE_BYTES", 100)
    log = follower.path / "alerts.jsonl"
    add(log, a_line("A") + "x" * 150)
    with capture_logs() as logs:
        assert await follower.look() == ["A"]
    assert f"{log}:2: the line is longer" in logs[0]["why"]

    add(log, "x" * 150 + "\n" + a_line("B"))
    assert await follower.look() == ["B"]


@given(
    lines=st.lists(st.binary(max_size=20).filter(lambda one: b"\n" not in one), max_size=6),
    cuts=st.lists(st.integers(0, 130), max_size=5),
)
def test_lines_come_out_whole_and_numbered_wherever_reads_end(
    lines: list[bytes], cuts: list[int]
) -> None:
    text = b"".join(line + b"\n" for line in lines)
    place, found = FilePlace("1:2"), []
    for end in [*sorted(cuts), len(text)]:
        some, place = split_lines(text[place.offset : end], place)
        found += some

    assert [(one.number, one.text) for one in found] == [*enumerate(lines, start=1)]
