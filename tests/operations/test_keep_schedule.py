from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from punchingfist.domain.resources.trigger_sources import ScheduleConfig
from punchingfist.operations.keep_schedule import ScheduleKeeper
from punchingfist.operations.receive import ActiveSource
from punchingfist.operations.start_execution import Starter
from punchingfist.testing.store import MemoryExecutions, MemoryIncidents
from punchingfist.testing.triggers import MemoryPlaces, MemoryStarts
from tests.arrivals import TRIAGE, Started

MIDNIGHT = datetime(2024, 5, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


class SetClock:
    def __init__(self) -> None:
        self.at = MIDNIGHT

    def now(self) -> datetime:
        return self.at


@dataclass
class Shared:
    """What the replicas of one installation have in common."""

    clock: SetClock = field(default_factory=SetClock)
    places: MemoryPlaces = field(default_factory=MemoryPlaces)
    started: Started = field(default_factory=Started)
    starts: MemoryStarts = field(
        default_factory=lambda: MemoryStarts(MemoryExecutions(MemoryIncidents()))
    )
    config: dict[str, Any] = field(default_factory=lambda: {"cron": "0 2 * * *"})


class Replica:
    """One server's keeper, on a store it may share with others."""

    def __init__(self, other: "Replica | None" = None, **config: Any) -> None:
        self.shared: Shared = other.shared if other else Shared()
        self.shared.config = config or self.shared.config
        self.clock = self.shared.clock
        self.keeper = ScheduleKeeper(
            ActiveSource("nightly", trigger=TRIAGE),
            ScheduleConfig.model_validate(self.shared.config),
            places=self.shared.places,
            clock=self.clock,
            starter=Starter(self.shared.starts, self.clock, self.shared.started),
        )

    async def at(self, hours: float) -> list[str]:
        self.clock.at = MIDNIGHT + hours * HOUR
        await self.keeper.turn()
        return self.shared.started.flow_ids


async def test_it_fires_at_its_time_under_the_wall_clocks_name() -> None:
    replica = Replica()

    assert await replica.at(0) == []
    assert await replica.at(1.9) == []
    assert await replica.at(2) == ["sched:nightly:2024-05-01T02:00"]
    assert await replica.at(2.1) == ["sched:nightly:2024-05-01T02:00"]


async def test_it_sleeps_until_the_next_firing_but_never_long() -> None:
    replica = Replica(cron="* * * * *")
    assert await replica.keeper.turn() == 30

    replica.clock.at += timedelta(seconds=50)
    assert await replica.keeper.turn() == 10


async def test_two_replicas_start_one_execution() -> None:
    one = Replica()
    two = Replica(one)
    await one.at(0)
    await two.at(0)

    await one.at(2)
    assert len(await two.at(2)) == 1


async def test_the_first_start_has_missed_nothing() -> None:
    assert await Replica().at(3) == []


async def test_after_an_absence_the_latest_missed_firing_is_made_up_for_once() -> None:
    before = Replica()
    await before.at(0)

    after = Replica(before)
    assert await after.at(75) == ["sched:nightly:2024-05-04T02:00"]
    assert len(await after.at(76)) == 1


async def test_after_a_year_away_a_job_of_every_minute_starts_once() -> None:
    before = Replica(cron="* * * * *")
    await before.at(0)

    assert await Replica(before).at(8760) == ["sched:nightly:2025-05-01T00:00"]


async def test_missed_firings_are_skipped_when_the_source_says_so() -> None:
    before = Replica(cron="0 2 * * *", missed="skip")
    await before.at(0)

    after = Replica(before)
    assert await after.at(75) == []
    assert await after.at(98) == ["sched:nightly:2024-05-05T02:00"]


async def test_a_firing_that_is_only_a_little_late_is_not_skipped() -> None:
    replica = Replica(cron="0 2 * * *", missed="skip")
    await replica.at(0)

    assert len(await replica.at(2 + 30 / 3600)) == 1


async def test_a_changed_schedule_has_missed_nothing() -> None:
    before = Replica(cron="0 20 * * *")
    await before.at(10)

    after = Replica(before, cron="0 9 * * *")
    assert await after.at(11) == []
    assert await after.at(33) == ["sched:nightly:2024-05-02T09:00"]


async def test_the_workflow_is_told_when_it_was_to_run() -> None:
    replica = Replica(cron="30 2 * * *", timezone="Europe/Berlin")
    await replica.at(0)
    await replica.at(1)
    row = await replica.shared.starts._executions.get("EX-1")

    assert row.event["scheduled_at"] == "2024-05-01T02:30:00+02:00"
    assert (row.source, row.incident_id, row.context) == ("nightly", None, {"team": "shop"})
