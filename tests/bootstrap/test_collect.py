import importlib
import sys
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

import punchingfist.extensions.sinks
from punchingfist.bootstrap import collect as collecting
from punchingfist.bootstrap.extensions import collect_extensions
from punchingfist.errors import Conflict
from punchingfist.ports.sink import SinkType

ANOTHER = '''"""A sink somebody dropped in."""
from pydantic import BaseModel
from punchingfist.ports.sink import SinkType
SINK = SinkType({name!r}, config=BaseModel, build=lambda config, world: None, moments=frozenset())
'''


@pytest.fixture
def drop_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Yield a folder whose modules count as sinks of ours."""
    package = punchingfist.extensions.sinks
    monkeypatch.setattr(package, "__path__", [*package.__path__, str(tmp_path)])
    importlib.invalidate_caches()
    yield tmp_path
    for file in tmp_path.glob("*.py"):
        sys.modules.pop(f"{package.__name__}.{file.stem}", None)


def test_what_comes_with_the_package_is_found_by_folder() -> None:
    found = collect_extensions()

    assert {"slack", "stdout"} <= set(found.sinks)
    assert {"agent", "cli"} <= set(found.steps)
    assert {"kubectl", "promql"} <= set(found.tools)
    assert "webhook" in found.sources
    assert "out_of_memory" in found.rules


def test_a_file_in_the_folder_is_all_it_takes(drop_in: Path) -> None:
    (drop_in / "carrier_pigeon.py").write_text(ANOTHER.format(name="pigeon"))

    assert "pigeon" in collecting.collect("sinks", "SINK", SinkType)


def test_two_equal_names_stop_start_up_and_both_are_named(drop_in: Path) -> None:
    (drop_in / "second_stdout.py").write_text(ANOTHER.format(name="stdout"))

    with pytest.raises(Conflict, match="second_stdout") as refusal:
        collecting.collect("sinks", "SINK", SinkType)

    assert "sinks.stdout" in str(refusal.value)


def test_an_entry_point_that_is_no_sink_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = EntryPoint("wrong", "json:dumps", "punchingfist.sinks")
    monkeypatch.setattr(collecting, "entry_points", lambda **_: [wrong])

    with pytest.raises(Conflict, match="json:dumps"):
        collecting.collect("sinks", "SINK", SinkType)
