"""A PostgreSQL server of the tests' own, in a temporary folder on a free port."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import psycopg
from psycopg import sql

PASSWORD = "s3cret-of-the-database"
_USER = "fist"
_PATIENCE_SECONDS = 60
_SETTINGS = {
    "fsync": "off",  # a crash of the server loses nothing; only the machine's would
    "listen_addresses": "127.0.0.1",
    "max_connections": "150",
    "shared_buffers": "32MB",
    "max_wal_size": "256MB",
    "timezone": "Asia/Kathmandu",  # a server need not be set to UTC
    "log_min_messages": "fatal",
}

_EVICT = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
_FILLED = """
SELECT schemaname, tablename FROM pg_tables
WHERE schemaname IN ('public', 'dbos')
AND tablename NOT IN ('alembic_version', 'counters', 'dbos_migrations')
"""


@dataclass
class Cluster:
    """A running server; *binaries* is where its programs are."""

    binaries: Path
    folder: Path
    port: int
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def url(self, database: str) -> str:
        return f"postgresql://{_USER}:{PASSWORD}@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        settings = _SETTINGS | {"port": str(self.port), "unix_socket_directories": str(self.folder)}
        chosen = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        log = (self.folder / "log").open("ab")
        self._process = self._popen("postgres", "-D", str(self.folder / "data"), *chosen, log=log)
        log.close()
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while not self._answers():
            assert self._process.poll() is None, (self.folder / "log").read_text()
            assert time.monotonic() < deadline, "PostgreSQL takes too long to start"
            time.sleep(0.02)

    def stop(self, mode: str = "fast") -> None:
        """Stop it as *mode* says; `immediate` is as a crash."""
        assert self._process is not None
        command = ("pg_ctl", "stop", "-D", str(self.folder / "data"), "-m", mode, "-w")
        assert self._popen(*command).wait(_PATIENCE_SECONDS) == 0
        self._process.wait(_PATIENCE_SECONDS)

    def create(self) -> None:
        """Make the files of a new server."""
        password = self.folder / "password"
        password.write_text(PASSWORD)
        made = self._popen(
            *("initdb", "-D", str(self.folder / "data"), "-U", _USER, "--no-sync"),
            *("-A", "scram-sha-256", "--pwfile", str(password), "-E", "UTF8", "--locale=C"),
        )
        assert made.wait(_PATIENCE_SECONDS) == 0

    def create_database(self, name: str) -> str:
        """Make an empty database; return its URL."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return self.url(name)

    def empty_database(self, name: str) -> None:
        """Remove what is in it but its schema, and whoever is still connected to it."""
        with psycopg.connect(self.url(name), autocommit=True) as connection:
            connection.execute(_EVICT)
            connection.execute("SET session_replication_role = replica")  # any order will do
            for place in connection.execute(_FILLED).fetchall():
                connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(*place)))
            connection.execute("UPDATE counters SET value = 0")

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.url("postgres"), connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True

    def _popen(
        self, program: str, *arguments: str, log: BinaryIO | int = subprocess.DEVNULL
    ) -> subprocess.Popen[bytes]:
        """Start one of PostgreSQL's programs, which refuse to run as root."""
        command, user = [str(self.binaries / program), *arguments], _somebody()
        groups: list[str] | None = None if user is None else []
        return subprocess.Popen(
            command, stdout=log, stderr=log, cwd=self.folder, user=user, extra_groups=groups
        )


@contextmanager
def running(binaries: Path) -> Iterator[Cluster]:
    """Run a new server until the block ends."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    # Not below pytest's folder, into which only its owner can look.
    folder = Path(tempfile.mkdtemp(prefix="fist-postgres-"))
    user = _somebody()
    if user is not None:
        os.chown(folder, pwd.getpwnam(user).pw_uid, -1)
    cluster = Cluster(binaries, folder, port)
    try:
        cluster.create()
        cluster.start()
        yield cluster
        cluster.stop("immediate")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _somebody() -> str | None:
    """Return a user PostgreSQL may run as, None when that is ourselves."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"
