import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
REQUIREMENTS = sorted((ROOT / "requirements").glob("*.txt"))

# Spelled in pieces, so that this file does not mention what it forbids.
REGISTRIES = [
    "pypi" + ".org",
    "python" + "hosted.org",
    "registry." + "npmjs.org",
    "registry." + "yarnpkg.com",
    "deb." + "debian.org",
    "proxy." + "golang.org",
]
MACHINE = ["/wo" + "rk/", "/tmp/" + "brief", "/opt/" + "wheels", "/opt/" + "pypi"]
FORBIDDEN = re.compile("|".join(map(re.escape, REGISTRIES + MACHINE)))


def tracked_files() -> list[Path]:
    """Return what is or would be committed."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if listed.returncode:
        pytest.skip("this is not a git checkout")
    names = listed.stdout.decode().split("\0")
    return [ROOT / name for name in names if name and (ROOT / name).is_file()]


def test_no_file_names_a_registry_or_somebodys_machine() -> None:
    texts = {file: file.read_text("utf-8", errors="replace") for file in tracked_files()}

    found = {
        str(file.relative_to(ROOT)): match[0]
        for file, text in texts.items()
        if (match := FORBIDDEN.search(text))
    }

    assert found == {}


def test_the_locks_are_there() -> None:
    assert [file.stem for file in REQUIREMENTS] == ["base", "build", "dev"]


@pytest.mark.parametrize("file", REQUIREMENTS, ids=lambda file: file.stem)
def test_every_locked_requirement_has_a_version_and_hashes(file: Path) -> None:
    text = file.read_text("utf-8").replace("\\\n", " ")
    requirements = [
        line for line in text.splitlines() if line and not line.lstrip().startswith("#")
    ]

    assert requirements
    for requirement in requirements:
        assert re.match(r"[a-z0-9][a-z0-9._-]*(\[[a-z,]+\])?==\S+ ", requirement)
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", requirement)


@pytest.mark.parametrize("file", REQUIREMENTS, ids=lambda file: file.stem)
def test_a_lock_says_nothing_about_where_packages_come_from(file: Path) -> None:
    text = file.read_text("utf-8")

    assert "://" not in text
    assert not re.search(r"^-", text, re.MULTILINE)


def test_tests_run_on_what_users_get() -> None:
    def pins(name: str) -> set[str]:
        text = (ROOT / "requirements" / f"{name}.txt").read_text("utf-8")
        return set(re.findall(r"^(\S+==[^ \\]+)", text, re.MULTILINE))

    assert pins("base") <= pins("dev")
