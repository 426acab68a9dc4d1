"""The server that runs on this machine, if one does."""

from pathlib import Path

from punchingfist.adapters.store.data_dir import DataDir
from punchingfist.errors import Conflict
from punchingfist.settings import Settings


def find_server(data_dir: Path | None) -> str | None:
    """Return the URL of the server that owns *data_dir*, by default the user's own."""
    folder = DataDir(data_dir or Settings.from_environment().state_dir)
    record = folder.find_server()
    if record is None:
        return None
    try:
        folder.acquire()
    except Conflict:
        return record.url
    folder.release()  # nobody holds it: the record was left behind
    return None
