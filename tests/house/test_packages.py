import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "punchingfist"
PACKAGES = sorted(path.parent for path in PACKAGE.rglob("__init__.py"))
MODULES = sorted(PACKAGE.rglob("*.py"))
JUNK_DRAWERS = re.compile(r"manager|handler|helper|util|common|misc")


def place(path: Path) -> str:
    return str(path.relative_to(PACKAGE.parent))


@pytest.mark.parametrize("package", PACKAGES, ids=place)
def test_a_package_says_in_one_sentence_what_it_is_for(package: Path) -> None:
    docstring = ast.get_docstring(ast.parse((package / "__init__.py").read_text("utf-8"))) or ""

    assert docstring.endswith(".")
    assert "\n\n" not in docstring
    assert not re.search(r"\.\s", docstring)


def test_every_folder_of_modules_is_a_package() -> None:
    strays = {module.parent for module in MODULES} - set(PACKAGES)

    # Alembic loads its folder by path.
    assert {place(stray) for stray in strays if "migrations" not in stray.parts} == set()


def test_a_module_reads_in_one_sitting() -> None:
    lengths = {place(module): len(module.read_text("utf-8").splitlines()) for module in MODULES}

    assert {module: lines for module, lines in lengths.items() if lines >= 400} == {}


def test_no_module_is_a_junk_drawer() -> None:
    assert [place(module) for module in MODULES if JUNK_DRAWERS.search(module.stem)] == []


def test_workflows_are_enqueued_and_never_started_on_the_spot() -> None:
    starters = [
        place(module)
        for module in (PACKAGE / "adapters").rglob("*.py")
        if re.search(r"\bDBOS\.start_workflow\b", module.read_text("utf-8"))
    ]

    assert starters == []
