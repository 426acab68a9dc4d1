import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from punchingfist.adapters.durable.dbos_engine import DbosDurable
from punchingfist.adapters.durable.sqlite import sqlite_engine
from punchingfist.adapters.store.engines import open_postgres, open_sqlite
from punchingfist.domain.json import Json, JsonObject
from punchingfist.ports.durable import Ctx, Ended, Start
from tests.adapters.durable.conftest import nothing, on_postgres, on_sqlite


async def where(ctx: Ctx, payload: JsonObject) -> Json:
    async def body() -> Json:
        return threading.get_ident()

    return [threading.get_ident(), await ctx.step("where", body)]


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Path | str:
    """Return the SQLite file or the PostgreSQL URL that store and engine share."""
    if request.param == "sqlite":
        return tmp_path / "fist.db"
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture
async def durable(database: Path | str) -> AsyncIterator[DbosDurable]:
    durable = on_sqlite(database) if isinstance(database, Path) else on_postgres(database)
    await durable.launch({"flow": nothing, "where": where})
    yield durable
    await durable.close()


@pytest.fixture
def writer(durable: DbosDurable, database: Path | str) -> Iterator[sa.Engine]:
    """Return the engine the store writes with, and one table."""
    engines = open_sqlite(database) if isinstance(database, Path) else open_postgres(database)
    with engines.writer.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE IF NOT EXISTS pf_rows (name TEXT)")
    yield engines.writer
    engines.dispose()


def add_row_and_start(writer: sa.Engine, durable: DbosDurable, name: str, *, fail: bool) -> None:
    with writer.begin() as connection:
        connection.execute(sa.text("INSERT INTO pf_rows VALUES (:name)"), {"name": name})
        durable.start_in(connection, Start(name, "flow", {}))
        if fail:
            raise RuntimeError("the disk is full")


def rows(writer: sa.Engine) -> list[str]:
    with writer.begin() as connection:
        return list(connection.exec_driver_sql("SELECT name FROM pf_rows").scalars())


def workflows(writer: sa.Engine) -> list[str]:
    with writer.begin() as connection:
        schema = "dbos." if connection.dialect.name == "postgresql" else ""
        query = f"SELECT workflow_uuid FROM {schema}workflow_status"
        found = connection.exec_driver_sql(query)
        return list(found.scalars())


async def test_a_start_commits_with_the_rows_of_its_transaction(
    durable: DbosDurable, writer: sa.Engine
) -> None:
    await asyncio.to_thread(add_row_and_start, writer, durable, "kept", fail=False)

    assert await durable.ended("kept") == Ended()
    assert rows(writer) == ["kept"]


async def test_a_start_is_rolled_back_with_the_rows_of_its_transaction(
    durable: DbosDurable, writer: sa.Engine
) -> None:
    with pytest.raises(RuntimeError, match="disk is full"):
        await asyncio.to_thread(add_row_and_start, writer, durable, "lost", fail=True)

    assert rows(writer) == []
    assert workflows(writer) == []


async def test_a_start_in_a_transaction_is_idempotent(
    durable: DbosDurable, writer: sa.Engine
) -> None:
    for _ in range(2):
        await asyncio.to_thread(add_row_and_start, writer, durable, "twice", fail=False)

    assert await durable.ended("twice") == Ended()
    assert workflows(writer) == ["twice"]


async def test_flows_and_bodies_share_a_thread_that_is_not_the_servers(
    durable: DbosDurable,
) -> None:
    await durable.start(Start("f1", "where", {}))
    found = (await durable.ended("f1")).result

    assert isinstance(found, list)
    flow, body = found
    assert flow == body != threading.get_ident()


async def test_the_servers_loop_keeps_its_own_threads(durable: DbosDurable) -> None:
    await durable.start(Start("f1", "flow", {}))
    await durable.ended("f1")
    await durable.close()

    assert await asyncio.to_thread(lambda: "still works") == "still works"


async def test_a_process_has_one_engine(durable: DbosDurable, tmp_path: Path) -> None:
    second = DbosDurable(sqlite_engine(tmp_path / "other.db"))

    with pytest.raises(RuntimeError, match="a process has one"):
        await second.launch({})


def test_the_database_keeps_what_it_confirmed_through_a_power_loss(tmp_path: Path) -> None:
    engine = sqlite_engine(tmp_path / "fist.db")
    with engine.connect() as connection:
        journal = connection.exec_driver_sql("PRAGMA journal_mode").scalar()
        synchronous = connection.exec_driver_sql("PRAGMA synchronous").scalar()
    engine.dispose()

    assert (journal, synchronous) == ("wal", 2)
