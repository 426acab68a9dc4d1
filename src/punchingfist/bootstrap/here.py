"""The server a command is meant for: on this machine, or one somebody logged in to."""

from pathlib import Path

from punchingfist.adapters.contexts import Context, Contexts
from punchingfist.adapters.store.data_dir import DataDir, ServerRecord
from punchingfist.errors import Conflict
from punchingfist.settings import Settings

__all__ = ["Context", "Contexts", "find_record", "find_server", "load_contexts"]


def load_contexts() -> Contexts:
    """Return the servers this user has logged in to."""
    return Contexts(Settings.from_environment().config_dir)


def find_server(data_dir: Path | None) -> str | None:
    """Return the URL of the server that owns *data_dir*, by default the user's own."""
    record = find_record(data_dir)
    return record.url if record else None


def find_record(data_dir: Path | None) -> ServerRecord | None:
    """Return what the server that owns *data_dir* left for its owner; None when none runs."""
    folder = DataDir(data_dir or Settings.from_environment().state_dir)
    record = folder.find_server()
    if record is None:
        return None
    try:
        folder.acquire()
    except Conflict:
        return record
    folder.release()  # nobody holds it: the record was left behind
    return None
