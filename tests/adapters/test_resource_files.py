import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from punchingfist.adapters.resource_files import Refusal, load_folder, watch_folder
from punchingfist.bootstrap.extensions import collect_extensions
from punchingfist.domain.resources.collection import Resources
from punchingfist.domain.resources.sources import TRIGGER_CONFIGS
from punchingfist.errors import InvalidInput
from tests.domain.loading.known import KNOWN

EXAMPLES = Path(__file__).parents[2] / "examples"


def sink(name: str) -> str:
    return (
        "apiVersion: punchingfist.io/v1alpha1\nkind: Sink\n"
        f"metadata: {{name: {name}}}\nspec: {{type: stdout}}\n"
    )


@pytest.mark.parametrize("name", ["quickstart", "slack"])
def test_the_ready_to_use_examples_load_without_a_word(name: str) -> None:
    found = load_folder(EXAMPLES / name, known=KNOWN)

    assert found.sources
    assert found.workflows
    assert found.sinks
    assert found.conditions == ()


def test_the_examples_of_sources_nobody_posts_to_load_without_a_word() -> None:
    found = load_folder(EXAMPLES / "sources", known=collect_extensions().known)

    assert {source.spec.type for source in found.sources.values()} == {*TRIGGER_CONFIGS}
    assert found.conditions == ()


def test_the_example_of_every_shape_loads() -> None:
    found = load_folder(EXAMPLES / "shapes", known=KNOWN)

    assert len(found.sources) == 7
    assert len(found.sinks) == 8
    assert found.config is not None
    assert not [each for each in found.conditions if "Resolved" in each.type]


def test_folders_are_read_to_the_bottom_and_other_files_left_alone(tmp_path: Path) -> None:
    (tmp_path / "deep" / "er").mkdir(parents=True)
    (tmp_path / "deep" / "er" / "b.yml").write_text(sink("b"))
    (tmp_path / "a.yaml").write_text(sink("a"))
    (tmp_path / "notes.md").write_text("not: [yaml")

    assert list(load_folder(tmp_path, known=KNOWN).sinks) == ["a", "b"]


def test_a_mounted_config_map_is_read_once(tmp_path: Path) -> None:
    (tmp_path / "..2024").mkdir()
    (tmp_path / "..2024" / "a.yaml").write_text(sink("a"))
    (tmp_path / "..data").symlink_to("..2024")
    (tmp_path / "a.yaml").symlink_to("..data/a.yaml")

    assert list(load_folder(tmp_path, known=KNOWN).sinks) == ["a"]


def test_a_file_that_is_not_a_folder_says_so(tmp_path: Path) -> None:
    (tmp_path / "f").touch()

    with pytest.raises(InvalidInput, match="is not a folder"):
        load_folder(tmp_path / "f", known=KNOWN)
    with pytest.raises(InvalidInput, match="does not exist; name a folder"):
        load_folder(tmp_path / "gone", known=KNOWN)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_folder_nobody_may_read_says_so(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0)

    with pytest.raises(InvalidInput, match="check its permissions"):
        load_folder(tmp_path, known=KNOWN)


def test_a_broken_link_says_so(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").symlink_to("gone.yaml")

    with pytest.raises(InvalidInput, match=r"a\.yaml.*No such file"):
        load_folder(tmp_path, known=KNOWN)


def test_bytes_that_are_not_utf_8_are_placed(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(b"a: 1\nb: \xff\n")

    with pytest.raises(InvalidInput, match=r"a\.yaml:2: the file is not UTF-8"):
        load_folder(tmp_path, known=KNOWN)


def test_a_huge_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("#" * (1024 * 1024 + 1))

    with pytest.raises(InvalidInput, match="larger than 1 MiB"):
        load_folder(tmp_path, known=KNOWN)


async def test_a_watched_folder_tells_each_change_and_keeps_the_last_good_set(
    tmp_path: Path,
) -> None:
    file = tmp_path / "a.yaml"
    file.write_text(sink("a"))
    watch = watch_folder(tmp_path, KNOWN, every_seconds=0.001)

    assert names(await following(watch)) == ["a"]
    file.write_text(sink("b"))
    assert names(await following(watch)) == ["b"]
    file.write_text("broken: [")
    refusal = await following(watch)
    assert isinstance(refusal, Refusal)
    assert refusal.kept is not None
    assert list(refusal.kept.sinks) == ["b"]
    file.write_text(sink("c"))
    assert names(await following(watch)) == ["c"]


async def test_a_folder_that_vanishes_is_told_and_its_return_too(tmp_path: Path) -> None:
    folder = tmp_path / "resources"
    folder.mkdir()
    watch = watch_folder(folder, KNOWN, every_seconds=0.001)

    assert names(await following(watch)) == []
    folder.rmdir()
    refusal = await following(watch)
    assert isinstance(refusal, Refusal)
    assert "does not exist" in str(refusal.problem)
    folder.mkdir()
    (folder / "a.yaml").write_text(sink("a"))
    seen = names(await following(watch))
    assert (seen or names(await following(watch))) == ["a"]


async def following(watch: AsyncIterator[Resources | Refusal]) -> Resources | Refusal:
    return await asyncio.wait_for(anext(watch), timeout=5)


def names(state: Resources | Refusal) -> list[str]:
    assert isinstance(state, Resources), state
    return list(state.sinks)
