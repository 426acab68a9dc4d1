import base64
import hashlib
import hmac
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from punchingfist.errors import Unauthenticated
from punchingfist.operations.authentication.signatures import Scheme, Signed
from tests.clocks import NOON, StandingClock

BODY = b'{"event": {}}'
HEADER = "x-signature"


def signed(**scheme: Any) -> Signed:
    return Signed("pd", "s3cret", Scheme(HEADER, **scheme), StandingClock())


def digest(body: bytes = BODY, *, key: bytes = b"s3cret", name: str = "sha256") -> bytes:
    return hmac.new(key, body, getattr(hashlib, name)).digest()


async def let_in(authenticator: Signed, body: bytes = BODY, **headers: str) -> bool:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        authenticator.admit(named)
        await authenticator.check(named, body)
    except Unauthenticated:
        return False
    return True


@pytest.mark.parametrize(
    ("scheme", "value"),
    [
        pytest.param({}, digest().hex(), id="hex"),
        pytest.param({}, digest().hex().upper(), id="hex-in-capitals"),
        pytest.param({"prefix": "sha256="}, f"sha256={digest().hex()}", id="with-a-prefix"),
        pytest.param({"encoding": "base64"}, base64.b64encode(digest()).decode(), id="base64"),
        pytest.param({"algorithm": "sha512"}, digest(name="sha512").hex(), id="another-hash"),
        pytest.param(
            {"prefix": "v1="},
            f"v1={digest(key=b'old').hex()}, v1={digest().hex()}",
            id="one-of-several-while-the-key-is-changed",
        ),
    ],
)
async def test_a_body_signed_with_the_key_is_let_in(scheme: dict[str, Any], value: str) -> None:
    assert await let_in(signed(**scheme), x_signature=value)


@pytest.mark.parametrize(
    ("scheme", "value"),
    [
        pytest.param({}, "", id="nothing"),
        pytest.param({}, digest(key=b"other").hex(), id="another-key"),
        pytest.param({}, digest(b"{}").hex(), id="another-body"),
        pytest.param({}, digest().hex()[:-1], id="a-part-of-it"),
        pytest.param({}, "\u00e9", id="letters-beyond-ascii"),
        pytest.param({"prefix": "v1="}, digest().hex(), id="without-the-prefix"),
        pytest.param({"prefix": "v1="}, f"v0={digest().hex()}", id="another-version"),
        pytest.param({"encoding": "base64"}, digest().hex(), id="another-encoding"),
    ],
)
async def test_any_other_signature_is_refused(scheme: dict[str, Any], value: str) -> None:
    assert not await let_in(signed(**scheme), x_signature=value)


async def test_a_published_vector_is_let_in() -> None:
    """Test case 2 of RFC 4231."""
    published = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    known = Signed("pd", "Jefe", Scheme(HEADER, prefix="v1="), StandingClock())

    assert await let_in(known, b"what do ya want for nothing?", x_signature=f"v1={published}")


async def test_a_refusal_tells_neither_the_key_nor_the_signature_it_waited_for() -> None:
    authenticator = signed()

    with pytest.raises(Unauthenticated) as refusal:
        await authenticator.check({HEADER: "00"}, BODY)

    assert "s3cret" not in str(refusal.value) + repr(authenticator)
    assert digest().hex() not in str(refusal.value)


def timed(seconds: float) -> tuple[str, str]:
    """Return a time and the signature of a body sent at it, as Grafana makes them."""
    at = str(int((NOON + timedelta(seconds=seconds)).timestamp()))
    return at, digest(at.encode() + b":" + BODY).hex()


@pytest.mark.parametrize(
    ("seconds", "fine"),
    [
        pytest.param(0, True, id="now"),
        pytest.param(-300, True, id="just-within"),
        pytest.param(-301, False, id="replayed-later"),
        pytest.param(301, False, id="from-the-future"),
    ],
)
async def test_a_signed_time_must_be_near(seconds: float, fine: bool) -> None:
    at, signature = timed(seconds)

    found = await let_in(signed(timestamp_header="x-time"), x_signature=signature, x_time=at)

    assert found is fine


async def test_another_time_beside_an_old_signature_does_not_help() -> None:
    _, signature = timed(-3600)
    at, _ = timed(0)

    assert not await let_in(signed(timestamp_header="x-time"), x_signature=signature, x_time=at)


@given(st.text(st.characters()))
async def test_whatever_stands_for_a_time_is_refused(text: str) -> None:
    assert not await let_in(signed(timestamp_header="x-time"), x_signature="00", x_time=text)
