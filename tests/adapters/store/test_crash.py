import signal
import subprocess
import sys
from pathlib import Path

import sqlalchemy as sa

from punchingfist.adapters.store.engines import open_sqlite

ROOT = Path(__file__).parents[3]

DIES_BEFORE_COMMIT = """
import asyncio, os, signal, sys
from pathlib import Path
from punchingfist.adapters.store.engines import open_sqlite
from punchingfist.adapters.store.store import Store
from punchingfist.adapters.system import SystemClock, UuidIds
from tests.arrivals import NOW, arrivals, firing

store = Store(open_sqlite(Path(sys.argv[1])), SystemClock(), UuidIds())
die = lambda transaction, start: os.kill(os.getpid(), signal.SIGKILL)
asyncio.run(store.intake.take_in(arrivals(firing()), at=NOW, enqueue=die))
"""


def test_a_process_killed_before_the_commit_leaves_nothing(database_file: Path) -> None:
    command = [sys.executable, "-c", DIES_BEFORE_COMMIT, str(database_file)]
    ended = subprocess.run(command, check=False, capture_output=True, cwd=ROOT, timeout=60)

    engines = open_sqlite(database_file)
    tables = engines.tables
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    with engines.reader.begin() as connection:
        for table in (tables.alerts, tables.incidents, tables.executions, tables.events):
            assert connection.scalar(sa.select(sa.func.count()).select_from(table)) == 0
    engines.dispose()
