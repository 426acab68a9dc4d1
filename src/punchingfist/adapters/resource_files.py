"""Resources from the YAML files of a folder, once or as they change."""

import asyncio
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from punchingfist.domain.loading.assemble import assemble_files
from punchingfist.domain.resources.collection import Resources
from punchingfist.domain.resources.known_types import KnownTypes
from punchingfist.errors import InvalidInput

_LARGEST_FILE = 1024 * 1024
_MOST_FILES = 1000


@dataclass(frozen=True, slots=True)
class Refusal:
    """The folder as it stands cannot be used; *kept* is the last good set, still in force."""

    problem: InvalidInput
    kept: Resources | None


def load_folder(path: Path, *, known: KnownTypes) -> Resources:
    """
    Read every `.yaml` and `.yml` file below *path*.

    Raises:
        InvalidInput: the folder cannot be read, or everything wrong with its files.
    """
    return assemble_files(_read_folder(path), known)


async def watch_folder(
    path: Path, known: KnownTypes, every_seconds: float
) -> AsyncIterator[Resources | Refusal]:
    """Yield the resources as they stand now, then again after each change of a file."""
    seen: dict[str, str] | str | None = None
    kept: Resources | None = None
    while True:
        state = await asyncio.to_thread(_look, path)
        if state != seen:
            seen = state
            try:
                kept = await asyncio.to_thread(_assembled, state, known)
            except InvalidInput as problem:
                yield Refusal(problem, kept)
            else:
                yield kept
        await asyncio.sleep(every_seconds)


def _look(path: Path) -> dict[str, str] | str:
    """Return the files, or why they cannot be read: both can be compared with the last look."""
    try:
        return _read_folder(path)
    except InvalidInput as problem:
        return str(problem)


def _assembled(state: dict[str, str] | str, known: KnownTypes) -> Resources:
    if isinstance(state, str):
        raise InvalidInput(state)
    return assemble_files(state, known)


def _read_folder(path: Path) -> dict[str, str]:
    if not path.is_dir():
        problem = "is not a folder" if path.exists() else "does not exist"
        raise InvalidInput(
            f"resources folder {str(path)!r} {problem}; name a folder of YAML files",
            field="resources",
            value=str(path),
        )
    files = _yaml_files(path)
    if len(files) > _MOST_FILES:
        raise InvalidInput(
            f"resources folder {str(path)!r} holds more than {_MOST_FILES} YAML files; "
            "name a smaller one",
            field="resources",
            value=str(path),
        )
    return {str(file): _read(file) for file in files}


def _yaml_files(path: Path) -> list[Path]:
    # A mounted ConfigMap keeps its real files below `..data`; only the links beside it count.
    found: list[Path] = []
    for folder, folders, names in os.walk(path, onerror=_refuse):
        folders[:] = [name for name in folders if not name.startswith(".")]
        found.extend(
            Path(folder, name)
            for name in names
            if name.endswith((".yaml", ".yml")) and not name.startswith(".")
        )
    return sorted(found)


def _read(file: Path) -> str:
    try:
        if file.stat().st_size > _LARGEST_FILE:
            raise InvalidInput("the file is larger than 1 MiB; split it", file=str(file))
        return file.read_text(encoding="utf-8-sig")
    except OSError as error:
        _refuse(error)
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise InvalidInput(
            "the file is not UTF-8; save it as UTF-8", file=str(file), line=line
        ) from error


def _refuse(error: OSError) -> NoReturn:
    raise InvalidInput(
        f"file {error.filename!r} cannot be read: {error.strerror}; check its permissions",
        field="resources",
        value=error.filename,
    ) from error
