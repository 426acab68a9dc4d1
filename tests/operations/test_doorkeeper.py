from datetime import timedelta

import pytest

from punchingfist.adapters.store.memory_door import MemoryAudit, MemoryTokens
from punchingfist.adapters.system import SystemSecrets, UuidIds
from punchingfist.domain.identity import Caller, How, Role, Whence
from punchingfist.errors import (
    Conflict,
    InvalidInput,
    NotFound,
    Refused,
    Throttled,
    Unauthenticated,
)
from punchingfist.operations.attempts import MOST, WINDOW
from punchingfist.operations.doorkeeper import SESSION_LIFETIME, Doorkeeper
from punchingfist.operations.issue_token import TokenOffice
from tests.arrivals import NOW

HERE = Whence("10.0.0.7", "r-1")
ANA = Caller("ana", Role.ADMIN, How.OWNER)
DAY = timedelta(days=1)


class Clock:
    def __init__(self) -> None:
        self.at = NOW

    def now(self):  # type: ignore[no-untyped-def]
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def office(clock: Clock) -> TokenOffice:
    return TokenOffice(MemoryTokens(), MemoryAudit(), clock, UuidIds(), SystemSecrets())


@pytest.fixture
def keeper(office: TokenOffice) -> Doorkeeper:
    fresh = SystemSecrets()
    return Doorkeeper(office, owner=fresh.new(), link=fresh.new())


async def deeds(office: TokenOffice) -> list[str]:
    return [f"{row.what} {row.object} by {row.who}" for row in await office.audit.newest()][::-1]


async def test_a_token_names_its_caller(office: TokenOffice, keeper: Doorkeeper) -> None:
    issued = await office.issue("ci", Role.RESPONDER, teams=["web", "db"], by=ANA)

    caller = await keeper.by_token(issued.secret, HERE)

    assert caller == Caller("ci", Role.RESPONDER, How.TOKEN, frozenset({"web", "db"}), HERE)


async def test_a_secret_is_kept_nowhere(office: TokenOffice) -> None:
    issued = await office.issue("ci", Role.RESPONDER, by=ANA)

    kept = [*await office.tokens.all(), *await office.audit.newest(), issued]
    assert issued.secret not in repr(kept)
    assert len(issued.secret) == 46


async def test_an_expired_token_opens_nothing(
    office: TokenOffice, keeper: Doorkeeper, clock: Clock
) -> None:
    issued = await office.issue("ci", Role.ADMIN, lifetime=DAY, by=ANA)
    clock.at = NOW + DAY

    with pytest.raises(Unauthenticated, match="'ci' has expired"):
        await keeper.by_token(issued.secret, HERE)


async def test_a_revoked_token_opens_nothing_and_neither_does_its_session(
    office: TokenOffice, keeper: Doorkeeper
) -> None:
    issued = await office.issue("ci", Role.ADMIN, by=ANA)
    session = await keeper.log_in(issued.secret, HERE)
    await office.revoke("ci", by=ANA)

    with pytest.raises(Unauthenticated, match="'ci' was revoked"):
        await keeper.by_token(issued.secret, HERE)
    with pytest.raises(Unauthenticated, match="was revoked"):
        await keeper.by_session(session, HERE)


async def test_revoking_twice_is_not_found(office: TokenOffice) -> None:
    await office.issue("ci", Role.ADMIN, by=ANA)
    await office.revoke("ci", by=ANA)

    with pytest.raises(NotFound, match="'ci'"):
        await office.revoke("ci", by=ANA)


@pytest.mark.parametrize("made_up", ["", "pf_", "admin", "pf_" + "A" * 43, "pf_" + "A" * 44, "é\0"])
async def test_a_made_up_token_is_nobody(keeper: Doorkeeper, made_up: str) -> None:
    with pytest.raises(Unauthenticated):
        await keeper.by_token(made_up, HERE)


async def test_a_token_is_no_session_and_a_session_no_token(
    office: TokenOffice, keeper: Doorkeeper
) -> None:
    token = (await office.issue("ci", Role.ADMIN, by=ANA)).secret
    session = await keeper.log_in(token, HERE)

    with pytest.raises(Unauthenticated):
        await keeper.by_session(token, HERE)
    with pytest.raises(Unauthenticated):
        await keeper.by_token(session, HERE)


async def test_a_session_may_do_what_its_token_may_and_ends_with_it(
    office: TokenOffice, keeper: Doorkeeper, clock: Clock
) -> None:
    hour = timedelta(hours=1)
    issued = await office.issue("ci", Role.APPROVER, teams=["db"], lifetime=hour, by=ANA)
    session = await keeper.log_in(issued.secret, HERE)

    caller = await keeper.by_session(session, HERE)
    assert caller == Caller("ci", Role.APPROVER, How.SESSION, frozenset({"db"}), HERE)
    clock.at = NOW + hour
    with pytest.raises(Unauthenticated, match="expired"):
        await keeper.by_session(session, HERE)


async def test_the_link_works_once_and_makes_an_administrator_for_a_while(
    keeper: Doorkeeper, clock: Clock
) -> None:
    link = keeper.link or ""
    session = await keeper.follow_link(link, HERE)

    assert (await keeper.by_session(session, HERE)).role is Role.ADMIN
    with pytest.raises(Unauthenticated, match="was used"):
        await keeper.follow_link(link, HERE)
    clock.at = NOW + SESSION_LIFETIME
    with pytest.raises(Unauthenticated, match="expired"):
        await keeper.by_session(session, HERE)


async def test_after_logging_out_a_session_opens_nothing(
    keeper: Doorkeeper, office: TokenOffice
) -> None:
    session = await keeper.follow_link(keeper.link or "", HERE)
    await keeper.log_out(session, by=await keeper.by_session(session, HERE))

    with pytest.raises(Unauthenticated, match="was revoked"):
        await keeper.by_session(session, HERE)
    assert await deeds(office) == [
        "session.open token owner by owner",
        "session.close token owner by owner",
    ]


async def test_the_owner_of_the_data_directory_is_an_administrator(keeper: Doorkeeper) -> None:
    caller = await keeper.by_token(keeper.owner, HERE)

    assert (caller.role, caller.how) == (Role.ADMIN, How.OWNER)


async def test_after_too_many_wrong_tokens_not_even_the_right_one_is_looked_at(
    office: TokenOffice, keeper: Doorkeeper, clock: Clock
) -> None:
    right = (await office.issue("ci", Role.ADMIN, by=ANA)).secret
    for _ in range(MOST):
        with pytest.raises(Unauthenticated):
            await keeper.by_token(SystemSecrets().new(), HERE)

    with pytest.raises(Throttled):
        await keeper.by_token(right, HERE)
    with pytest.raises(Throttled):
        await keeper.follow_link(keeper.link or "", HERE)
    assert (await keeper.by_token(right, Whence("10.0.0.8"))).name == "ci"
    clock.at = NOW + WINDOW
    assert (await keeper.by_token(right, HERE)).name == "ci"


async def test_a_use_is_noted_once_a_minute(
    office: TokenOffice, keeper: Doorkeeper, clock: Clock
) -> None:
    secret = (await office.issue("ci", Role.ADMIN, by=ANA)).secret
    await keeper.by_token(secret, HERE)
    clock.at = NOW + timedelta(seconds=59)
    await keeper.by_token(secret, HERE)
    assert (await office.tokens.named("ci")).last_used_at == NOW

    clock.at = NOW + timedelta(seconds=60)
    await keeper.by_token(secret, HERE)
    assert (await office.tokens.named("ci")).last_used_at == clock.at


async def test_what_is_issued_and_revoked_is_on_record(office: TokenOffice) -> None:
    await office.issue("ci", Role.RESPONDER, by=ANA)
    with pytest.raises(Conflict):
        await office.issue("ci", Role.RESPONDER, by=ANA)
    await office.revoke("ci", by=ANA)

    assert await deeds(office) == ["token.create token ci by ana", "token.revoke token ci by ana"]


async def test_a_hostile_name_gets_no_token_and_no_row(office: TokenOffice) -> None:
    with pytest.raises(InvalidInput):
        await office.issue("x\n\x1b[31m", Role.ADMIN, by=ANA)

    assert await office.tokens.all() == []
    assert await office.audit.newest() == []


@pytest.mark.parametrize("teams", [[], ["web"], ["db", "web"]])
async def test_an_administrator_of_a_team_makes_no_token_for_others(
    office: TokenOffice, teams: list[str]
) -> None:
    ben = Caller("ben", Role.ADMIN, How.TOKEN, frozenset({"db"}))
    await office.issue("everybody", Role.ADMIN, by=ANA)

    with pytest.raises(Refused):
        await office.issue("more", Role.ADMIN, teams=teams, by=ben)
    with pytest.raises(Refused):
        await office.revoke("everybody", by=ben)
    mine = await office.issue("mine", Role.ADMIN, teams=["db"], by=ben)
    assert mine.token.teams == ("db",)
