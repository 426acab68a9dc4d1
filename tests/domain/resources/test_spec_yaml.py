import re
from pathlib import Path

import pytest

from punchingfist.domain.loading.assemble import assemble_files
from punchingfist.domain.resources.document import KINDS
from tests.domain.loading.known import KNOWN

SPEC = Path(__file__).parents[4] / "shared" / "spec"


def blocks() -> list[tuple[str, str]]:
    return [
        (f"{file.stem}-line-{text.count(chr(10), 0, found.start()) + 1}", found[1])
        for file in sorted(SPEC.glob("*.md"))
        for text in [file.read_text(encoding="utf-8")]
        for found in re.finditer(r"^```yaml\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    ]


def indented(snippet: str) -> str:
    return "".join(f"  {line}\n" for line in snippet.splitlines())


RESOURCES = [block for block in blocks() if "apiVersion: punchingfist.io/" in block[1]]
SNIPPETS = [block for block in blocks() if block[1].startswith("type:")]

pytestmark = pytest.mark.skipif(
    not SPEC.is_dir(), reason="the specification is not beside the repository"
)


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in RESOURCES])
def test_every_resource_of_the_specification_loads_as_written(text: str) -> None:
    found = assemble_files({"spec.yaml": text}, KNOWN)

    loaded = [*found.sources.values(), *found.workflows.values(), *found.sinks.values()]
    assert len(loaded) + (found.config is not None) == text.count("punchingfist.io/v1alpha1")
    assert all(type(each).from_snapshot(each.snapshot()) == each for each in loaded)


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in SNIPPETS])
def test_every_type_of_the_specification_is_known(text: str) -> None:
    kind = (
        "Source"
        if text.split()[1] in {"webhook", "chat", "schedule", "api", "kubernetes"}
        else "Sink"
    )
    extra = "  triggerWorkflow: w\n" if kind == "Source" else ""
    header = f"apiVersion: punchingfist.io/v1alpha1\nkind: {kind}\nmetadata: {{name: x}}\nspec:\n"

    found = assemble_files({"spec.yaml": header + indented(text) + extra}, KNOWN)

    assert kind in KINDS
    assert len(found.sources) + len(found.sinks) == 1
    assert not [each for each in found.conditions if each.type == "ConfigRecognised"]


def test_the_specification_has_the_blocks_these_tests_expect() -> None:
    assert len(RESOURCES) >= 12
    assert len(SNIPPETS) == 11
