from datetime import UTC, datetime, timedelta

import pytest

from punchingfist.errors import Throttled
from punchingfist.operations.attempts import MOST, WINDOW, Attempts

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def failing(address: str = "10.0.0.7", times: int = MOST) -> Attempts:
    attempts = Attempts()
    for number in range(times):
        attempts.failed(address, NOW + number * SECOND)
    return attempts


def test_a_few_mistakes_are_nothing() -> None:
    failing(times=MOST - 1).check("10.0.0.7", NOW + MOST * SECOND)


def test_too_many_are_told_when_to_come_back() -> None:
    with pytest.raises(Throttled) as refused:
        failing().check("10.0.0.7", NOW + MOST * SECOND)

    assert refused.value.retry_after_seconds == (WINDOW - MOST * SECOND).total_seconds()


def test_it_ends_by_itself() -> None:
    failing().check("10.0.0.7", NOW + WINDOW)


def test_others_are_not_held_up() -> None:
    failing().check("10.0.0.8", NOW + MOST * SECOND)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("2001:db8::1", "2001:db8::ffff", id="another-address-of-the-same-64"),
        pytest.param("fe80::1%eth0", "fe80::1%eth1", id="with-a-zone"),
        pytest.param("not an address", "", id="no-address-at-all"),
    ],
)
def test_one_caller_with_many_addresses_is_one_caller(one: str, other: str) -> None:
    with pytest.raises(Throttled):
        failing(one).check(other, NOW + MOST * SECOND)


def test_the_same_stale_cookie_again_and_again_is_one_failure() -> None:
    attempts = Attempts()
    for _ in range(100):
        attempts.failed("10.0.0.7", NOW, mark="stale")

    attempts.check("10.0.0.7", NOW)


def test_many_addresses_do_not_fill_the_memory() -> None:
    attempts = Attempts()
    for number in range(10_050):
        attempts.failed(f"10.0.{number // 256}.{number % 256}", NOW)

    assert len(attempts._failures) == 10_000
