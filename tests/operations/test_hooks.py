from dataclasses import replace

import pytest

from punchingfist.errors import Unauthenticated
from punchingfist.extensions.sources.webhook import SOURCE
from punchingfist.operations.hooks import LOOPBACK_LIMIT_BYTES, OPEN_LIMIT_BYTES, Hook
from punchingfist.operations.receive import ActiveSource

OPEN = Hook("/webhook/alerts", ActiveSource("alertmanager"), SOURCE)
BEARER = replace(OPEN, token="s3cret")
API_KEY = replace(OPEN, token="s3cret", header="x-api-key")


@pytest.mark.parametrize(
    ("hook", "headers"),
    [
        pytest.param(OPEN, {}, id="no-authentication-asked-for"),
        pytest.param(BEARER, {"authorization": "Bearer s3cret"}, id="bearer"),
        pytest.param(BEARER, {"authorization": "bearer s3cret"}, id="scheme-in-any-case"),
        pytest.param(API_KEY, {"x-api-key": "s3cret"}, id="api-key"),
    ],
)
def test_who_has_the_token_is_let_in(hook: Hook, headers: dict[str, str]) -> None:
    hook.check(headers)


@pytest.mark.parametrize(
    ("hook", "headers"),
    [
        pytest.param(BEARER, {}, id="no-token"),
        pytest.param(BEARER, {"authorization": "Bearer other"}, id="another-token"),
        pytest.param(BEARER, {"authorization": "Basic s3cret"}, id="another-scheme"),
        pytest.param(BEARER, {"authorization": "Bearer s3cre\u017f"}, id="letters-beyond-ascii"),
        pytest.param(BEARER, {"authorization": "Bearer "}, id="an-empty-token"),
        pytest.param(API_KEY, {"authorization": "Bearer s3cret"}, id="in-the-wrong-header"),
        pytest.param(replace(OPEN, locked=True), {}, id="no-secret-is-configured"),
    ],
)
def test_everybody_else_is_not_and_no_token_is_told(hook: Hook, headers: dict[str, str]) -> None:
    with pytest.raises(Unauthenticated) as refusal:
        hook.check(headers)

    assert "s3cret" not in str(refusal.value)
    assert "s3cret" not in repr(hook)


@pytest.mark.parametrize(
    ("hook", "loopback", "limit"),
    [
        pytest.param(OPEN, True, LOOPBACK_LIMIT_BYTES, id="loopback"),
        pytest.param(BEARER, False, LOOPBACK_LIMIT_BYTES, id="known-sender"),
        pytest.param(OPEN, False, OPEN_LIMIT_BYTES, id="a-stranger"),
        pytest.param(replace(OPEN, max_body_bytes=10), True, 10, id="the-source-says-so"),
    ],
)
def test_strangers_may_send_less(hook: Hook, loopback: bool, limit: int) -> None:
    assert hook.limit_bytes(loopback=loopback) == limit
