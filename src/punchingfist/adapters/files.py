"""Files of this machine, read in threads."""

import asyncio
import os
import stat
from collections.abc import Sequence
from pathlib import Path

from punchingfist.errors import Unavailable
from punchingfist.ports.files import FoundFile


class LocalFiles:
    """The `Files` port on the disk."""

    async def list(self, path: str) -> Sequence[FoundFile]:
        return await asyncio.to_thread(_list, Path(path))

    async def read(self, path: str, *, offset: int, limit_bytes: int) -> bytes:
        return await asyncio.to_thread(_read, path, offset, limit_bytes)


def _list(path: Path) -> list[FoundFile]:
    try:
        paths = sorted(path.iterdir()) if path.is_dir() else [path]
    except OSError as error:
        raise Unavailable(f"folder {str(path)!r} cannot be read: {error.strerror}") from error
    return [found for one in paths if (found := _found(one)) is not None]


def _found(path: Path) -> FoundFile | None:
    try:
        status = path.stat()
    except FileNotFoundError:
        return None  # it may come, and it may have gone since it was listed
    except OSError as error:
        raise Unavailable(f"file {str(path)!r} cannot be read: {error.strerror}") from error
    if not stat.S_ISREG(status.st_mode):
        return None
    identity = f"{status.st_dev}:{status.st_ino}"
    return FoundFile(str(path), identity, status.st_size, status.st_mtime_ns)


def _read(path: str, offset: int, limit_bytes: int) -> bytes:
    try:
        with open(path, "rb", opener=_without_waiting) as file:
            file.seek(offset)
            return file.read(limit_bytes)
    except OSError as error:
        raise Unavailable(f"file {path!r} cannot be read: {error.strerror}") from error


def _without_waiting(path: str, flags: int) -> int:
    """Open *path* even if it became a pipe since it was listed: that would wait for a writer."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
