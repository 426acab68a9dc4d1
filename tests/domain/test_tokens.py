from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from punchingfist.domain.identity import Role
from punchingfist.domain.tokens import (
    Token,
    TokenKind,
    check_name,
    check_teams,
    digest_secret,
    parse_lifetime,
    prefix_of,
)
from punchingfist.errors import InvalidInput

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
SECRET = "pf_" + "a1B2c3D4" + "x" * 35
TOKEN = Token(
    id="0190",
    kind=TokenKind.TOKEN,
    name="ci",
    role=Role.RESPONDER,
    teams=(),
    prefix="pf_a1B2c3D4",
    digest=digest_secret(SECRET),
    created_at=NOW,
    created_by="ana",
)


def test_a_token_opens_to_its_secret_and_to_no_other() -> None:
    assert TOKEN.opens_to(SECRET)
    assert not TOKEN.opens_to(SECRET[:-1] + "y")
    assert not TOKEN.opens_to(TOKEN.digest)


def test_what_people_see_of_a_token_does_not_open_it() -> None:
    shown = str(TOKEN.to_json()) + repr(TOKEN)

    assert SECRET not in shown
    assert TOKEN.digest not in shown


@pytest.mark.parametrize(
    ("changed", "after", "why"),
    [
        pytest.param({}, timedelta(days=9999), "", id="one-without-an-end-never-ends"),
        pytest.param({"expires_at": NOW}, timedelta(seconds=-1), "", id="it-opens-until-its-end"),
        pytest.param({"expires_at": NOW}, timedelta(), "has expired", id="the-end-is-outside"),
        pytest.param({"revoked_at": NOW}, timedelta(), "was revoked", id="revoked-at-once"),
    ],
)
def test_a_token_ends(changed: dict[str, datetime], after: timedelta, why: str) -> None:
    assert replace(TOKEN, **changed).why_over(NOW + after) == why  # type: ignore[arg-type]


def test_a_secret_is_found_by_its_beginning() -> None:
    assert prefix_of(SECRET) == TOKEN.prefix


@given(
    st.text() | st.from_regex(r"pf_[A-Za-z0-9_-]*", fullmatch=True).filter(lambda s: len(s) != 46)
)
def test_what_is_no_secret_of_ours_is_not_looked_up(text: str) -> None:
    assert prefix_of(text) is None


@pytest.mark.parametrize(
    "name",
    [
        "", " ", "-rf", ".", "a b", "a\nb", "a\x00b", "a/b", "a;b", "<b>", "a" * 64, "Ω", "'--",
        "{{ .x }}", "$(id)", "\x1b[31m",
    ],
)  # fmt: skip
def test_a_hostile_name_is_refused(name: str) -> None:
    with pytest.raises(InvalidInput, match="token name"):
        check_name(name)


@pytest.mark.parametrize("name", ["ci", "ana@example.com", "on-call_2", "A" * 63])
def test_a_name_people_use_is_taken(name: str) -> None:
    assert check_name(name) == name


def test_teams_are_kept_once_and_in_order() -> None:
    assert check_teams(("web", "db", "web")) == ("db", "web")
    with pytest.raises(InvalidInput, match="'a b'"):
        check_teams(("a b",))


@pytest.mark.parametrize(
    ("text", "lifetime"),
    [("90d", timedelta(days=90)), ("12h", timedelta(hours=12)), ("1h30m", timedelta(hours=1.5))],
)
def test_a_lifetime_is_read(text: str, lifetime: timedelta) -> None:
    assert parse_lifetime(text) == lifetime


@pytest.mark.parametrize("text", ["0", "0d", "9999d", "-1d", "soon", "", "1.5d"])
def test_no_lifetime_at_all_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        parse_lifetime(text)
