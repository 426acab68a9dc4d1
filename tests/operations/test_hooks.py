from dataclasses import replace
from datetime import timedelta

import pytest

from punchingfist.domain.guardrails.pace import Pace
from punchingfist.errors import Unavailable
from punchingfist.extensions.sources.webhook import parse
from punchingfist.operations.authentication.authenticator import ANYBODY, Locked
from punchingfist.operations.authentication.signatures import Scheme, Signed
from punchingfist.operations.authentication.tokens import Bearer
from punchingfist.operations.hooks import LOOPBACK_LIMIT_BYTES, OPEN_LIMIT_BYTES, Hook
from punchingfist.operations.receive import ActiveSource
from punchingfist.operations.throttle import Throttle
from tests.clocks import StandingClock

OPEN = Hook("/webhook/alerts", ActiveSource("alertmanager"), parse)
BEARER = replace(OPEN, authenticator=Bearer("alertmanager", "s3cret"))
SIGNED = replace(OPEN, authenticator=Signed("a", "s3cret", Scheme("x-signature"), StandingClock()))


@pytest.mark.parametrize(
    ("hook", "loopback", "limit"),
    [
        pytest.param(OPEN, True, LOOPBACK_LIMIT_BYTES, id="loopback"),
        pytest.param(BEARER, False, LOOPBACK_LIMIT_BYTES, id="known-sender"),
        pytest.param(OPEN, False, OPEN_LIMIT_BYTES, id="a-stranger"),
        pytest.param(SIGNED, False, OPEN_LIMIT_BYTES, id="known-only-when-the-body-is-read"),
        pytest.param(replace(OPEN, max_body_bytes=10), True, 10, id="the-source-says-so"),
    ],
)
def test_strangers_may_send_less(hook: Hook, loopback: bool, limit: int) -> None:
    assert hook.limit_bytes(loopback=loopback) == limit


@pytest.mark.parametrize(
    ("hook", "beyond"),
    [
        pytest.param(OPEN, False, id="nothing-asked-for"),
        pytest.param(replace(OPEN, authenticator=ANYBODY), True, id="opened-in-so-many-words"),
        pytest.param(replace(OPEN, authenticator=Locked("a")), True, id="locked"),
        pytest.param(SIGNED, True, id="signed"),
    ],
)
def test_only_what_asks_for_nothing_stays_on_this_machine(hook: Hook, beyond: bool) -> None:
    assert hook.authenticator.serves_strangers is beyond


async def test_too_many_requests_are_asked_to_come_again_when_there_is_room() -> None:
    clock = StandingClock()
    hook = replace(OPEN, throttle=Throttle("am", Pace(per_second=0.25, burst=2), clock))
    await hook.check({}, b"")
    await hook.check({}, b"")

    with pytest.raises(Unavailable, match=r"0\.25 requests a second") as refusal:
        await hook.check({}, b"")

    assert refusal.value.retry_after_seconds == 4
    clock.at += timedelta(seconds=4)
    await hook.check({}, b"")


async def test_being_refused_costs_no_turn() -> None:
    clock = StandingClock()
    hook = replace(OPEN, throttle=Throttle("am", Pace(per_second=1, burst=1), clock))
    await hook.check({}, b"")
    for _ in range(5):
        with pytest.raises(Unavailable):
            await hook.check({}, b"")

    clock.at += timedelta(seconds=1)

    await hook.check({}, b"")
