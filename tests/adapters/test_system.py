from datetime import UTC
from uuid import UUID

from punchingfist.adapters.system import SystemClock, UuidIds


def test_the_present_is_in_utc() -> None:
    assert SystemClock().now().tzinfo is UTC


def test_later_identifiers_sort_after_earlier_ones() -> None:
    ids = UuidIds()
    drawn = [ids.new() for _ in range(1000)]

    assert drawn == sorted(set(drawn))
    assert UUID(drawn[0]).version == 7
