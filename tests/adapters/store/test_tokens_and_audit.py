"""What tokens and the audit trail promise, on each database and in memory."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import exc

from punchingfist.adapters.store.engines import open_postgres, open_sqlite
from punchingfist.adapters.store.memory_door import MemoryAudit, MemoryTokens
from punchingfist.adapters.store.store import Store
from punchingfist.adapters.system import SystemClock, SystemSecrets, UuidIds
from punchingfist.domain.audit import Deed, Head
from punchingfist.domain.identity import Caller, How, Role, Whence
from punchingfist.domain.tokens import Token, TokenKind, digest_secret, prefix_of
from punchingfist.errors import Conflict, NotFound
from punchingfist.operations.audited import audited
from punchingfist.ports.audit import Audit
from punchingfist.ports.tokens import Tokens
from tests.adapters.store.conftest import Open
from tests.arrivals import MINUTE, NOW

ANA = Caller("ana", Role.ADMIN, How.TOKEN, whence=Whence("10.0.0.7", "r-1"))


@pytest.fixture(params=["sqlite", "postgres", "memory"])
def door(request: pytest.FixtureRequest) -> Iterator[tuple[Tokens, Audit]]:
    if request.param == "memory":
        yield MemoryTokens(), MemoryAudit()
        return
    place = "database_file" if request.param == "sqlite" else "postgres_url"
    opened = open_sqlite if request.param == "sqlite" else open_postgres
    store = Store(opened(request.getfixturevalue(place)), SystemClock(), UuidIds())
    yield store.tokens, store.audit
    store.close()


@pytest.fixture
def tokens(door: tuple[Tokens, Audit]) -> Tokens:
    return door[0]


@pytest.fixture
def audit(door: tuple[Tokens, Audit]) -> Audit:
    return door[1]


def a_token(name: str = "ci", **changed: Any) -> Token:
    secret = SystemSecrets().new()
    token = Token(
        id=UuidIds().new(),
        kind=TokenKind.TOKEN,
        name=name,
        role=Role.ADMIN,
        teams=("db", "web"),
        prefix=prefix_of(secret) or "",
        digest=digest_secret(secret),
        created_at=NOW,
        created_by="ana",
    )
    return replace(token, **changed)


def a_deed(number: int = 0) -> Deed:
    at = NOW + number * MINUTE
    return Deed(at, ANA, "token.create", f"token t{number}", None, {"n": [number, 1.5, "Grüße\0"]})


async def test_a_token_is_found_by_its_beginning_as_it_was_kept(tokens: Tokens) -> None:
    token = a_token(expires_at=NOW + MINUTE)
    await tokens.add(token)

    assert await tokens.find(token.prefix) == [token]
    assert await tokens.find("pf_nobody00") == []
    assert await tokens.named("ci") == await tokens.named(token.id) == token


async def test_two_live_tokens_do_not_have_one_name(tokens: Tokens) -> None:
    token = a_token()
    await tokens.add(token)
    with pytest.raises(Conflict, match="'ci'"):
        await tokens.add(a_token())

    await tokens.revoke(token.id, at=NOW)
    await tokens.add(a_token())


async def test_sessions_may_share_a_name_and_are_not_called_by_it(tokens: Tokens) -> None:
    await tokens.add(a_token(kind=TokenKind.SESSION))
    await tokens.add(a_token(kind=TokenKind.SESSION))

    with pytest.raises(NotFound, match="'ci'"):
        await tokens.named("ci")


async def test_revoking_a_token_ends_the_sessions_opened_with_it(tokens: Tokens) -> None:
    token, other = a_token(), a_token("other")
    session = a_token(kind=TokenKind.SESSION, parent=token.id)
    for one in (token, other, session):
        await tokens.add(one)

    await tokens.revoke(token.id, at=NOW)

    ended = {one.id: one.revoked_at for one in await tokens.all()}
    assert ended == {token.id: NOW, session.id: NOW, other.id: None}


async def test_its_last_use_is_noted(tokens: Tokens) -> None:
    token = a_token()
    await tokens.add(token)
    await tokens.used(token.id, at=NOW + MINUTE)

    assert (await tokens.named("ci")).last_used_at == NOW + MINUTE


@pytest.mark.parametrize(
    ("changed", "has"),
    [
        pytest.param({}, True, id="a-live-one"),
        pytest.param({"role": Role.APPROVER}, False, id="one-of-a-smaller-role"),
        pytest.param({"revoked_at": NOW}, False, id="a-revoked-one"),
        pytest.param({"expires_at": NOW}, False, id="an-expired-one"),
        pytest.param({"kind": TokenKind.SESSION}, False, id="a-session"),
    ],
)
async def test_an_admin_is_somebody_with_a_token_that_opens(
    tokens: Tokens, changed: dict[str, Any], has: bool
) -> None:
    await tokens.add(a_token(**changed))

    assert await tokens.has(Role.ADMIN, at=NOW) is has


async def test_deeds_are_read_back_newest_first_and_the_chain_holds(audit: Audit) -> None:
    written = [await audit.append(a_deed(number)) for number in range(5)]

    assert list(await audit.newest(limit=2)) == [written[4], written[3]]
    assert list(await audit.newest(limit=2, before=3)) == [written[1], written[0]]
    verified = await audit.verify()
    assert (verified.rows, verified.flaws) == (5, [])
    assert verified.head == Head(5, written[4].digest)


async def test_an_empty_trail_is_whole(audit: Audit) -> None:
    assert (await audit.verify()).flaws == []


async def test_what_is_pruned_leaves_a_chain_that_still_holds(audit: Audit) -> None:
    for number in range(5):
        await audit.append(a_deed(number))

    first = await audit.prune(before=NOW + 2 * MINUTE, caller=ANA, at=NOW + 10 * MINUTE)
    again = await audit.prune(before=NOW + 4 * MINUTE, caller=ANA, at=NOW + 11 * MINUTE)
    nothing = await audit.prune(before=NOW, caller=ANA, at=NOW + 12 * MINUTE)

    assert (first, again, nothing) == (2, 2, 0)
    assert [row.seq for row in await audit.newest()] == [7, 6, 5]
    assert (await audit.verify()).flaws == []


async def test_pruning_everything_leaves_the_checkpoint(audit: Audit) -> None:
    await audit.append(a_deed())
    await audit.prune(before=NOW + timedelta(days=1), caller=ANA, at=NOW + timedelta(days=2))

    assert [row.what for row in await audit.newest()] == ["audit.prune"]
    assert (await audit.verify()).flaws == []


@pytest.mark.parametrize(
    ("statement", "flaw"),
    [
        ("UPDATE {audit} SET who = 'mallory' WHERE seq = 2", "row 2 was changed"),
        ("UPDATE {audit} SET after = '{{}}' WHERE seq = 3", "row 3 was changed"),
        ("DELETE FROM {audit} WHERE seq = 2", "row 2 is missing"),
        ("DELETE FROM {audit} WHERE seq = 4", "row 4 is missing at the end"),
        (
            "DELETE FROM {audit} WHERE seq < 3",
            "rows 1 to 2 are missing, and no checkpoint says why",
        ),
        ("DELETE FROM {audit}", "rows 1 to 4 are missing at the end"),
    ],
)
async def test_what_is_done_to_the_database_itself_is_found(
    store: Store, statement: str, flaw: str
) -> None:
    for number in range(4):
        await store.audit.append(a_deed(number))
    text = sa.text(statement.format(audit=store.database.tables.audit.name))
    await store.database.write(lambda to: to.execute(text))

    assert flaw in (await store.audit.verify()).flaws


async def test_deeds_written_at_once_make_one_chain(open_database: Open, store: Store) -> None:
    other = Store(open_database(), SystemClock(), UuidIds())
    try:
        await asyncio.gather(
            *((store, other)[number % 2].audit.append(a_deed(number)) for number in range(20))
        )
    finally:
        other.close()

    verified = await store.audit.verify()
    assert (verified.rows, verified.flaws) == (20, [])


async def test_a_deed_is_written_with_what_it_did(store: Store) -> None:
    async with audited(store.audit, a_deed()):
        await store.tokens.add(a_token())
        await store.tokens.add(a_token("other"))

    assert len(await store.audit.newest()) == 1


async def test_what_failed_leaves_no_deed_and_what_was_undone_neither(store: Store) -> None:
    await store.tokens.add(a_token())

    with pytest.raises(Conflict):
        async with audited(store.audit, a_deed()):
            await store.tokens.add(a_token())

    assert await store.audit.newest() == []


async def test_a_deed_that_cannot_be_written_undoes_what_it_did(store: Store) -> None:
    await store.audit.append(a_deed())
    heads = store.database.tables.audit_heads
    await store.database.write(lambda to: to.execute(sa.delete(heads)))

    with pytest.raises(exc.IntegrityError):
        async with audited(store.audit, a_deed()):
            await store.tokens.add(a_token())

    assert await store.tokens.all() == []


async def test_a_deed_without_a_write_gets_a_row_of_its_own(store: Store) -> None:
    async with audited(store.audit, a_deed()):
        pass

    assert len(await store.audit.newest()) == 1


async def test_noting_a_use_is_nobodys_deed(store: Store) -> None:
    token = a_token()
    await store.tokens.add(token)
    async with audited(store.audit, a_deed()):
        await store.tokens.used(token.id, at=NOW)
        assert await store.audit.newest() == []
