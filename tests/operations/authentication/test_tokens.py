import base64
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from punchingfist.errors import Unauthenticated
from punchingfist.operations.authentication.authenticator import UNGUARDED, Authenticator, Locked
from punchingfist.operations.authentication.tokens import ApiKey, Basic, Bearer

BEARER = Bearer("prod", "s3cret")
API_KEY = ApiKey("prod", "s3cret")
OWN_HEADER = ApiKey("prod", "s3cret", "x-datadog-key")
BASIC = Basic("prod", "aws", "s3cret")


def basic(text: str) -> dict[str, str]:
    return {"authorization": f"Basic {base64.b64encode(text.encode()).decode()}"}


@pytest.mark.parametrize(
    ("authenticator", "headers"),
    [
        pytest.param(UNGUARDED, {}, id="no-authentication-asked-for"),
        pytest.param(BEARER, {"authorization": "Bearer s3cret"}, id="bearer"),
        pytest.param(BEARER, {"authorization": "bearer s3cret"}, id="scheme-in-any-case"),
        pytest.param(API_KEY, {"x-api-key": "s3cret"}, id="api-key"),
        pytest.param(OWN_HEADER, {"x-datadog-key": "s3cret"}, id="api-key-in-a-header-of-choice"),
        pytest.param(BASIC, basic("aws:s3cret"), id="user-and-password"),
    ],
)
def test_who_has_the_secret_is_let_in(
    authenticator: Authenticator, headers: Mapping[str, str]
) -> None:
    authenticator.admit(headers)


@pytest.mark.parametrize(
    ("authenticator", "headers"),
    [
        pytest.param(BEARER, {}, id="no-token"),
        pytest.param(BEARER, {"authorization": "Bearer other"}, id="another-token"),
        pytest.param(BEARER, {"authorization": "Basic s3cret"}, id="another-scheme"),
        pytest.param(BEARER, {"authorization": "Bearer s3cre\u017f"}, id="letters-beyond-ascii"),
        pytest.param(BEARER, {"authorization": "Bearer "}, id="an-empty-token"),
        pytest.param(API_KEY, {"authorization": "Bearer s3cret"}, id="in-the-wrong-header"),
        pytest.param(OWN_HEADER, {"x-api-key": "s3cret"}, id="in-the-usual-header"),
        pytest.param(BASIC, basic("aws:other"), id="another-password"),
        pytest.param(BASIC, basic("other:s3cret"), id="another-user"),
        pytest.param(BASIC, {"authorization": "Basic !"}, id="no-base64"),
        pytest.param(Locked("prod"), {}, id="no-secret-is-configured"),
    ],
)
def test_everybody_else_is_not_and_no_secret_is_told(
    authenticator: Authenticator, headers: Mapping[str, str]
) -> None:
    with pytest.raises(Unauthenticated) as refusal:
        authenticator.admit(headers)

    assert "s3cret" not in str(refusal.value)
    assert "s3cret" not in repr(authenticator)


def test_a_sender_that_waits_to_be_asked_for_a_password_is_asked() -> None:
    with pytest.raises(Unauthenticated) as refusal:
        BASIC.admit({})

    assert refusal.value.challenge.startswith("Basic ")


@given(st.text(st.characters()))
def test_whatever_is_sent_is_let_in_or_refused(text: str) -> None:
    for authenticator in (BEARER, API_KEY, BASIC):
        try:
            authenticator.admit({"authorization": text, "x-api-key": text})
        except Unauthenticated:
            continue
        assert text.strip() == "s3cret"
