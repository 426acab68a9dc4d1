import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa

from punchingfist.adapters.durable.postgres import lease_engine
from punchingfist.adapters.durable.replica import Pace, Replica
from punchingfist.adapters.store.leases import Leases
from tests.postgres import Cluster

HOUR = timedelta(hours=1)
NO_TIME = timedelta()


@pytest.fixture
def engine(postgres_url: str) -> Iterator[sa.Engine]:
    engine = lease_engine(postgres_url)
    yield engine
    engine.dispose()


def living(leases: Leases) -> frozenset[str] | None:
    with leases.reaping() as living:
        return living.names() if living else None


def test_who_has_a_lease_lives_until_it_is_released(engine: sa.Engine) -> None:
    leases = Leases(engine, lease=HOUR)
    leases.take("a")
    leases.take("b")
    assert living(leases) == frozenset({"a", "b"})
    assert leases.renew("a")

    leases.release("a")

    assert living(leases) == frozenset({"b"})


def test_a_lease_that_has_run_out_cannot_be_renewed(engine: sa.Engine) -> None:
    leases = Leases(engine, lease=NO_TIME)
    leases.take("a")

    assert not leases.renew("a")
    assert living(leases) == frozenset()


def test_a_lease_that_others_took_away_cannot_be_renewed(engine: sa.Engine) -> None:
    leases = Leases(engine, lease=HOUR)

    assert not leases.renew("never-taken")


def test_one_process_at_a_time_takes_over(engine: sa.Engine, postgres_url: str) -> None:
    other = lease_engine(postgres_url)
    ours, theirs = Leases(engine, lease=HOUR), Leases(other, lease=HOUR)

    with ours.reaping():
        assert living(theirs) is None

    assert living(theirs) == frozenset()
    theirs.close()


def test_the_dead_are_forgotten(engine: sa.Engine) -> None:
    Leases(engine, lease=HOUR).take("a")
    with Leases(engine, lease=NO_TIME).reaping() as found:
        assert found is not None
        found.forget_the_dead()

    assert living(Leases(engine, lease=HOUR)) == frozenset()


def test_a_replica_whose_lease_was_taken_away_stops_itself(
    postgres_url: str, engine: sa.Engine
) -> None:
    stopped = threading.Event()
    pace = Pace(lease=60, beat=0.05, fence=50)
    replica = Replica(lease_engine(postgres_url), pace=pace, fence=stopped.set)
    replica.begin()

    Leases(engine, lease=HOUR).release(replica.name)

    assert stopped.wait(10)
    replica.end()


def test_a_replica_that_cannot_reach_the_database_stops_itself_before_its_lease_runs_out(
    postgres_url: str, postgres_cluster: Cluster
) -> None:
    stopped = threading.Event()
    pace = Pace(lease=60, beat=0.05, fence=0.5)
    replica = Replica(lease_engine(postgres_url), pace=pace, fence=stopped.set)
    replica.begin()
    assert not stopped.wait(1), "it was beating"

    postgres_cluster.stop("immediate")
    stopped_itself = stopped.wait(10)
    postgres_cluster.start()

    assert stopped_itself
    replica.end()


def test_a_replica_that_ends_gives_its_lease_back(postgres_url: str, engine: sa.Engine) -> None:
    replica = Replica(lease_engine(postgres_url))
    replica.begin()
    before = living(Leases(engine, lease=HOUR))

    replica.end()

    assert before == frozenset({replica.name})
    assert living(Leases(engine, lease=HOUR)) == frozenset()


def test_a_replica_stops_itself_before_anybody_may_act_on_its_lease() -> None:
    pace = Pace()

    assert (pace.lease, pace.beat) == (15, 3)
    assert pace.fence + pace.beat <= pace.lease
