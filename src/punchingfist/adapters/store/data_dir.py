"""The folder that holds one server's state: one owner at a time, and where to reach it."""

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path

from punchingfist.errors import Conflict, InvalidInput


@dataclass(frozen=True, slots=True)
class ServerRecord:
    """Where the server that owns the folder answers, and the *token* that makes one its owner."""

    url: str
    pid: int
    token: str = field(default="", repr=False)


class DataDir:
    """A data directory; only who holds its lock may open the database in it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.database = path / "punchingfist.db"
        self._server, self._lock = path / "server.json", path / "lock"
        self._held: int | None = None

    def acquire(self) -> None:
        """
        Take the lock until `release` or the end of the process.

        Raises:
            Conflict: another process holds it.
        """
        import fcntl

        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = os.open(self._lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise InvalidInput(
                f"data directory {str(self.path)!r} cannot be used: {error.strerror}; "
                "choose another --data-dir",
                field="data-dir",
                value=str(self.path),
            ) from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as taken:
            os.close(lock)
            raise Conflict(
                f"data directory {str(self.path)!r} is in use {self._by_whom()}; "
                "stop that server or choose another --data-dir"
            ) from taken
        self._held = lock
        self._server.unlink(missing_ok=True)  # whoever wrote it is gone

    def release(self) -> None:
        """Give the lock back and forget where the server answered."""
        if self._held is not None:
            self._server.unlink(missing_ok=True)
            os.close(self._held)
            self._held = None

    def announce(self, record: ServerRecord) -> None:
        """Say where the server answers, readable by its owner alone."""
        draft = self._server.with_suffix(".new")
        draft.unlink(missing_ok=True)
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(asdict(record), file)
        draft.replace(self._server)

    def find_server(self) -> ServerRecord | None:
        """Return where the last owner said it answers; it lives if its lock is held."""
        try:
            return ServerRecord(**json.loads(self._server.read_text("utf-8")))
        except (OSError, ValueError, TypeError):
            return None

    def _by_whom(self) -> str:
        server = self.find_server()
        return f"by the server at {server.url} (pid {server.pid})" if server else "by a server"
