import asyncio
import shutil
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import exc

from punchingfist.adapters.store.definitions import DefinitionKind
from punchingfist.adapters.store.engines import open_postgres
from punchingfist.adapters.store.migrate import MIGRATIONS, migrate
from punchingfist.adapters.store.store import Store
from punchingfist.adapters.system import SystemClock, UuidIds
from punchingfist.domain.alerts import Alert
from punchingfist.domain.incidents import IncidentStatus
from punchingfist.domain.timeline import Happening, Kind
from punchingfist.errors import NotFound, Unavailable
from tests.adapters.store.test_migrate import add_failing
from tests.arrivals import MINUTE, NOW, Started, arrivals, firing, resolved
from tests.postgres import PASSWORD, Cluster

ONE = "018f3f3e-0000-7000-8000-000000000001"


@pytest.fixture
def stores(postgres_url: str) -> Iterator[tuple[Store, Store]]:
    """Return the stores of two servers on one database."""
    first, second = (Store(open_postgres(postgres_url), SystemClock(), UuidIds()) for _ in range(2))
    yield first, second
    first.close()
    second.close()


async def take(store: Store, started: Started, *alerts: Alert, after: int = 0) -> None:
    await store.intake.take_in(arrivals(*alerts), at=NOW + after * MINUTE, enqueue=started)


async def test_two_servers_open_one_incident_for_a_group_and_start_it_once(
    stores: tuple[Store, Store], started: Started
) -> None:
    batches = [
        [firing(f"{turn}-{group}", group=f"g{group}") for group in range(6)] for turn in range(8)
    ]
    await asyncio.gather(*(take(store, started, *batch) for batch in batches for store in stores))

    incidents = await stores[0].incidents.newest()
    executions = [await stores[1].executions.of_incident(one.id) for one in incidents]
    assert sorted(one.short_id for one in incidents) == [f"INC-{n}" for n in range(1, 7)]
    assert [(one.alerts_count, len(one.alerts)) for one in incidents] == [(8, 8)] * 6
    assert {alert.occurrences for one in incidents for alert in one.alerts} == {2}
    assert [len(of_one) for of_one in executions] == [1] * 6
    assert Counter(started.flow_ids) == {f"inc:{one.id}:triage:1": 1 for one in incidents}


async def test_two_servers_resolve_and_reopen_without_losing_a_turn(
    stores: tuple[Store, Store], started: Started
) -> None:
    names = [f"D{at}" for at in range(4)]
    for turn in range(4):
        begun = NOW + 2 * turn * MINUTE
        fire = [firing(name, group=name, start=begun) for name in names]
        over = [resolved(name, group=name, start=begun, end=begun + MINUTE) for name in names]
        for reports, after in ((fire, 2 * turn), (over, 2 * turn + 1)):
            mirrored = reports[::-1]
            await asyncio.gather(
                take(stores[0], started, *reports, after=after),
                take(stores[1], started, *mirrored, after=after),
            )

    incidents = await stores[0].incidents.newest()
    assert [one.episode for one in incidents] == [4] * 4
    assert {one.status for one in incidents} == {IncidentStatus.RESOLVED}
    assert set(Counter(started.flow_ids).values()) == {1}
    assert len(started) == 16


async def test_an_execution_that_begins_during_an_intake_is_not_written_over(
    stores: tuple[Store, Store], started: Started
) -> None:
    alerts = [firing(f"D{at}") for at in range(12)]
    await take(stores[0], started, *alerts)
    begins = (stores[1].executions.begin(f"EX-{n}", at=NOW) for n in range(1, 13))
    repeats = (take(stores[0], started, *alerts, after=1) for _ in range(4))

    await asyncio.gather(*begins, *repeats)

    incidents = await stores[0].incidents.newest()
    assert {one.status for one in incidents} == {IncidentStatus.INVESTIGATING}
    assert {alert.status for one in incidents for alert in one.alerts} == {"triaging"}


async def test_timelines_written_by_two_servers_have_no_gap(stores: tuple[Store, Store]) -> None:
    await asyncio.gather(
        *(
            store.timeline.append(ONE, Happening(Kind.LOOKED, key, key), at=NOW)
            for key in map(str, range(15))
            for store in stores
        )
    )

    events = await stores[0].timeline.read(ONE)
    assert [event.seq for event in events] == list(range(1, 16))


async def test_servers_that_start_at_once_define_the_same_things_once(
    stores: tuple[Store, Store],
) -> None:
    defined = {f"w{at}": {"v": 1} for at in range(20)}
    kept = await asyncio.gather(
        *(store.definitions.keep(DefinitionKind.WORKFLOW, defined) for store in stores)
    )

    assert kept == [dict.fromkeys(defined, 1)] * 2


def test_servers_that_start_at_once_migrate_once(postgres_cluster: Cluster) -> None:
    url = postgres_cluster.create_database("migrated_at_once")
    troubles: list[Exception] = []

    def start() -> None:
        engines = open_postgres(url)
        try:
            migrate(engines)
        except Exception as trouble:  # noqa: BLE001  # told below
            troubles.append(trouble)
        engines.dispose()

    threads = [threading.Thread(target=start) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert troubles == []


def test_the_migrations_make_the_tables_the_code_uses_in_postgresql(
    postgres_cluster: Cluster,
) -> None:
    engines = open_postgres(postgres_cluster.create_database("compared"))
    migrate(engines)

    with engines.reader.begin() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, engines.tables.metadata)
    engines.dispose()

    assert differences == []


def test_a_migration_that_fails_leaves_nothing_in_postgresql(
    postgres_cluster: Cluster, tmp_path: Path
) -> None:

    engines = open_postgres(postgres_cluster.create_database("migrated_half_way"))
    scripts = Path(shutil.copytree(MIGRATIONS, tmp_path / "migrations"))
    add_failing(scripts)

    with pytest.raises(exc.ProgrammingError):
        migrate(engines, scripts=scripts)

    with engines.reader.begin() as connection:
        assert sa.inspect(connection).get_table_names() == []
    engines.dispose()


async def test_of_two_transactions_that_wait_for_each_other_both_succeed(
    stores: tuple[Store, Store],
) -> None:
    counters = stores[0].database.tables.counters
    both_hold_one = threading.Barrier(2)
    tries: list[str] = []

    def raise_both(*names: str) -> object:
        def work(to: sa.Connection) -> None:
            for place, name in enumerate(names):
                row = sa.update(counters).filter_by(name=name)
                to.execute(row.values(value=counters.c.value + 1))
                tries.append(name)
                if place == 0 and len(tries) <= 2:
                    both_hold_one.wait(10)

        return work

    await asyncio.gather(
        stores[0].database.write(raise_both("alert", "incident")),  # type: ignore[arg-type]
        stores[1].database.write(raise_both("incident", "alert")),  # type: ignore[arg-type]
    )

    query = sa.select(counters.c.name, counters.c.value).where(counters.c.value > 0)
    found = await stores[0].database.read(lambda of: dict(of.execute(query).all()))
    assert found == {"alert": 2, "incident": 2}
    assert len(tries) > 4, "nobody had to begin again"


async def test_while_postgresql_is_away_nothing_is_acknowledged_and_afterwards_all_of_it_is_there(
    stores: tuple[Store, Store], started: Started, postgres_cluster: Cluster
) -> None:
    acknowledged: list[str] = []
    refused: list[Unavailable] = []
    is_over = asyncio.Event()

    async def send(store: Store, server: int) -> None:
        number = 0
        while not is_over.is_set() or number < 10:
            name, number = f"{server}-{number}", number + 1
            try:
                await take(store, started, firing(name))
            except Unavailable as trouble:
                refused.append(trouble)
                await asyncio.sleep(0.01)
            else:
                acknowledged.append(name)

    sending = [asyncio.create_task(send(store, at)) for at, store in enumerate(stores)]
    while len(acknowledged) < 20:
        await asyncio.sleep(0.01)
    await asyncio.to_thread(postgres_cluster.stop, "immediate")
    while len(refused) < 4:
        await asyncio.sleep(0.01)
    await asyncio.to_thread(postgres_cluster.start)
    before = len(acknowledged)
    while len(acknowledged) < before + 20:
        await asyncio.sleep(0.01)
    is_over.set()
    await asyncio.gather(*sending)

    alerts = stores[0].database.tables.alerts.c
    names = await stores[0].database.read(lambda of: of.scalars(sa.select(alerts.alert_name)).all())
    assert set(acknowledged) <= set(names)
    assert all(trouble.retryable and trouble.status == 503 for trouble in refused)
    assert not any(PASSWORD in str(trouble) for trouble in refused)


async def test_what_tools_print_is_kept_as_far_as_postgresql_takes_it(
    stores: tuple[Store, Store],
) -> None:
    store = stores[0]
    happening = Happening(Kind.LOOKED, "a\0b", "k", {"\0": ["\ud800", float("nan"), "\\u0000"]})
    await store.timeline.append(ONE, happening, at=NOW)
    digest = await store.artifacts.put("one\0two")

    (event,) = await store.timeline.read(ONE)
    assert event.text == "a\ufffdb"
    assert event.detail == {"\ufffd": ["\ufffd", "nan", "\\u0000"]}
    assert await store.artifacts.get(digest) == "one\ufffdtwo"


async def test_groups_with_very_long_keys_are_told_apart(
    stores: tuple[Store, Store], started: Started
) -> None:
    long = "".join(f"{at:x}\N{PILE OF POO}" for at in range(5000))
    many = [replace(firing(end, group="g"), group_key=long + end) for end in ("a", "b", "a2")]
    await take(stores[0], started, *many, replace(firing("a3"), group_key=long + "a"))

    assert len(await stores[0].incidents.newest()) == 3


async def test_a_value_beyond_a_limit_of_postgresql_is_refused_alone(
    stores: tuple[Store, Store], started: Started
) -> None:
    bad = replace(firing("Bad"), fingerprint="f" * 300)

    batch = arrivals(firing("Good"), bad)
    taken = await stores[0].intake.take_in(batch, at=NOW, enqueue=started)

    assert [bool(one.refused) for one in taken] == [False, True]


@pytest.mark.parametrize("name", ["first", "INC-", "", "018F3F3E-0000-7000-8000-000000000001"])
async def test_a_name_that_is_no_id_is_not_found(stores: tuple[Store, Store], name: str) -> None:

    with pytest.raises(NotFound):
        await stores[0].incidents.get(name)


async def test_a_reader_may_have_seen_more_than_there_can_be(stores: tuple[Store, Store]) -> None:
    assert await stores[0].timeline.read(ONE, after=10**15) == []


def test_a_reader_cannot_write_to_postgresql(postgres_url: str) -> None:
    engines = open_postgres(postgres_url)

    with pytest.raises(exc.InternalError, match="read-only"), engines.reader.begin() as connection:
        connection.execute(sa.delete(engines.tables.counters))
    engines.dispose()


@pytest.mark.parametrize(
    ("setting", "value"),
    [("TimeZone", "UTC"), ("statement_timeout", "30s"), ("lock_timeout", "15s")],
)
def test_every_session_tells_utc_and_gives_up_in_time(
    postgres_url: str, setting: str, value: str
) -> None:
    engines = open_postgres(postgres_url)

    for engine in (engines.writer, engines.reader):
        with engine.begin() as connection:
            assert connection.exec_driver_sql(f"SHOW {setting}").scalar() == value
    engines.dispose()


def test_a_server_that_does_not_answer_is_unavailable_and_named_without_its_password(
    free_port: int,
) -> None:
    url = f"postgresql://ana:{PASSWORD}@127.0.0.1:{free_port}/fist"

    with pytest.raises(Unavailable) as trouble:
        Store(open_postgres(url), SystemClock(), UuidIds())

    assert f"'postgresql://127.0.0.1:{free_port}/fist'" in str(trouble.value)
    assert PASSWORD not in str(trouble.value)
    assert "\n" not in str(trouble.value)


def test_a_wrong_password_is_unavailable_and_not_repeated(
    postgres_cluster: Cluster,
) -> None:
    url = postgres_cluster.url("postgres").replace(PASSWORD, "guessed")

    with pytest.raises(Unavailable, match="password authentication failed") as trouble:
        Store(open_postgres(url), SystemClock(), UuidIds())

    assert "guessed" not in str(trouble.value)
