import threading
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy import exc

from punchingfist.adapters.store.engines import Engines, open_sqlite


@pytest.mark.parametrize("owners", [1, 2], ids=["one-process", "two-processes"])
def test_four_threads_count_without_losing_one(database_file: Path, owners: int) -> None:
    opened = [open_sqlite(database_file) for _ in range(owners)]

    def count_up(engines: Engines) -> None:
        counters = engines.tables.counters
        for _ in range(50):
            with engines.writer.begin() as connection:
                query = sa.select(counters.c.value).filter_by(name="alert")
                value = connection.scalars(query).one()
                raised = sa.update(counters).filter_by(name="alert").values(value=value + 1)
                connection.execute(raised)

    threads = [threading.Thread(target=count_up, args=(opened[at % owners],)) for at in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    counters = opened[0].tables.counters
    with opened[0].reader.begin() as connection:
        assert connection.scalar(sa.select(counters.c.value).filter_by(name="alert")) == 200
    for engines in opened:
        engines.dispose()


@pytest.mark.parametrize(
    ("pragma", "value"),
    [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("busy_timeout", 30000)],
)
def test_every_connection_is_as_safe_as_sqlite_can_be(
    database_file: Path, pragma: str, value: object
) -> None:
    engines = open_sqlite(database_file)

    for engine in (engines.writer, engines.reader):
        with engine.connect() as connection:
            assert connection.exec_driver_sql(f"PRAGMA {pragma}").scalar() == value
    engines.dispose()


def test_a_reader_cannot_write(database_file: Path) -> None:
    engines = open_sqlite(database_file)

    with (
        pytest.raises(exc.OperationalError, match="readonly"),
        engines.reader.begin() as connection,
    ):
        connection.execute(sa.delete(engines.tables.counters))
    engines.dispose()


def test_a_new_database_is_for_its_owner_alone(tmp_path: Path) -> None:
    open_sqlite(tmp_path / "new.db").dispose()

    assert (tmp_path / "new.db").stat().st_mode & 0o777 == 0o600
