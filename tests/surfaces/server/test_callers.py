"""Who gets in, from where, with what."""

import asyncio
import re
from typing import Any

import httpx2
import pytest
from starlette.routing import Route

from punchingfist.domain.identity import Caller, How, Role
from punchingfist.operations.attempts import MOST
from punchingfist.operations.doorkeeper import Doorkeeper
from punchingfist.operations.hooks import Hook
from punchingfist.operations.receive import ActiveSource
from punchingfist.surfaces.server.app import build_app
from punchingfist.surfaces.server.doors import Door
from punchingfist.surfaces.server.guard import OPEN_PATHS
from punchingfist.surfaces.server.networks import parse_networks
from tests.surfaces.an_app import a_doorkeeper, an_app

OPERATOR = Caller("operator", Role.ADMIN, How.SHELL)
STRANGER, PROXY = "203.0.113.9", "10.1.2.3"
OPEN_DOOR = Door(loopback=False, external_url="https://fist.example.com")
PROXIED = Door(loopback=False, trusted_proxies=parse_networks(["10.0.0.0/8"]))


class House:
    """A server behind a door, and people who knock."""

    def __init__(self, door: Door) -> None:
        self.keeper: Doorkeeper = a_doorkeeper()
        self.server = build_app(an_app(doorkeeper=self.keeper), door=door)

    def knock(self, address: str = "127.0.0.1", **options: Any) -> httpx2.AsyncClient:
        transport = httpx2.ASGITransport(app=self.server, client=(address, 4711))
        return httpx2.AsyncClient(
            transport=transport, base_url=options.pop("url", "http://127.0.0.1:8080"), **options
        )

    async def token(self, role: Role, *teams: str) -> dict[str, str]:
        office = self.keeper.office
        issued = await office.issue(f"{role.value}-token", role, teams=teams, by=OPERATOR)
        return {"authorization": f"Bearer {issued.secret}"}


@pytest.fixture
def here() -> House:
    return House(Door())


@pytest.fixture
def beyond() -> House:
    return House(OPEN_DOOR)


def whole_map(server: Any) -> list[tuple[str, str]]:
    """Return every path of the server with a method it takes."""
    pages = [("GET", route.path) for route in server.routes if isinstance(route, Route)]
    api = [
        (method.upper(), path)
        for path, methods in server.openapi()["paths"].items()
        for method in methods
    ]
    return [(method, re.sub(r"\{[^}]*\}", "x", path)) for method, path in (*pages, *api)]


async def test_no_path_is_served_to_a_stranger_but_those_meant_for_them(beyond: House) -> None:
    paths = [*whole_map(beyond.server), ("GET", "/nowhere"), ("POST", "/api/v1/nowhere")]
    async with beyond.knock(STRANGER) as client:
        answers = {
            (method, path): (await client.request(method, path)).status_code
            for method, path in paths
            if path not in OPEN_PATHS and not path.startswith("/static")
        }

    assert len(answers) > 10
    assert set(answers.values()) == {401}


async def test_a_source_cannot_open_a_path_of_ours(beyond: House) -> None:
    hook = Hook("/api/v1/incidents", ActiveSource("sly"), lambda _body, _headers: ())
    server = build_app(an_app(hooks={hook.path: hook}), door=OPEN_DOOR)
    transport = httpx2.ASGITransport(app=server, client=(STRANGER, 4711))
    async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        assert (await client.get("/api/v1/incidents")).status_code == 401
        assert (await client.post("/api/v1/incidents", json={})).status_code == 401


@pytest.mark.parametrize(
    ("role", "statuses"),
    [
        (None, (401, 401)),
        (Role.VIEWER, (200, 403)),
        (Role.RESPONDER, (200, 403)),
        (Role.APPROVER, (200, 403)),
        (Role.ADMIN, (200, 201)),
    ],
)
async def test_a_token_does_what_its_role_may(
    beyond: House, role: Role | None, statuses: tuple[int, int]
) -> None:
    headers = await beyond.token(role) if role else {}
    async with beyond.knock(STRANGER, headers=headers) as client:
        read = await client.get("/api/v1/incidents")
        made = await client.post("/api/v1/tokens", json={"name": "new", "role": "viewer"})

    assert (read.status_code, made.status_code) == statuses


async def test_on_this_machine_one_responds_without_a_token_and_administers_with_one(
    here: House,
) -> None:
    async with here.knock() as client:
        who = (await client.get("/api/v1/whoami")).json()
        refused = await client.get("/api/v1/tokens")
        admitted = await client.get("/api/v1/tokens", headers=await here.token(Role.ADMIN))

    assert who == {"name": "local", "role": "responder", "teams": [], "how": "loopback"}
    assert refused.status_code == 403
    assert "needs admin" in refused.json()["detail"]
    assert admitted.status_code == 200


@pytest.mark.parametrize(
    ("door", "address", "headers"),
    [
        pytest.param(Door(anonymous=False), "127.0.0.1", {}, id="a-token-is-required"),
        pytest.param(Door(), STRANGER, {}, id="from-elsewhere"),
        pytest.param(Door(), "127.0.0.1", {"x-forwarded-for": "127.0.0.1"}, id="passed-on"),
        pytest.param(Door(), "127.0.0.1", {"forwarded": "for=1.2.3.4"}, id="passed-on-by-rfc"),
        pytest.param(Door(), "127.0.0.1", {"via": "1.1 front"}, id="through-a-gateway"),
        pytest.param(OPEN_DOOR, "127.0.0.1", {}, id="others-reach-this-listener"),
        pytest.param(PROXIED, PROXY, {"x-forwarded-for": "127.0.0.1"}, id="a-proxy-says-loopback"),
    ],
)
async def test_everybody_else_needs_a_token(
    door: Door, address: str, headers: dict[str, str]
) -> None:
    async with House(door).knock(address, headers=headers) as client:
        answer = await client.get("/api/v1/incidents")

    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert "Bearer TOKEN" in answer.json()["detail"]


@pytest.mark.parametrize(
    "authorization",
    ["Bearer", "Bearer ", "Basic YWRtaW46YWRtaW4=", "Bearer pf_" + "A" * 43, "pf_x", "", "\x01"],
)
async def test_a_wrong_token_is_refused_even_on_this_machine(
    here: House, authorization: str
) -> None:
    async with here.knock() as client:
        answer = await client.get("/api/v1/incidents", headers={"authorization": authorization})

    assert answer.status_code == 401


async def test_a_session_cookie_cannot_be_made_up(beyond: House) -> None:
    token = (await beyond.token(Role.ADMIN))["authorization"].removeprefix("Bearer ")
    for forged in ("admin", "pf_" + "A" * 43, token):
        async with beyond.knock(STRANGER, cookies={"fist_session_8080": forged}) as client:
            assert (await client.get("/api/v1/incidents")).status_code == 401


async def test_too_many_wrong_tokens_are_answered_429_and_when_to_come_back(beyond: House) -> None:
    wrong = {"authorization": "Bearer pf_" + "A" * 43}
    right = await beyond.token(Role.ADMIN)
    async with beyond.knock(STRANGER) as client:
        seen = [
            (await client.get("/api/v1/incidents", headers=wrong)).status_code for _ in "x" * MOST
        ]
        limited = await client.get("/api/v1/incidents", headers=wrong)
        not_even = await client.get("/api/v1/incidents", headers=right)
    async with beyond.knock("203.0.113.10") as other:
        another = await other.get("/api/v1/incidents", headers=right)

    assert set(seen) == {401}
    assert (limited.status_code, not_even.status_code, another.status_code) == (429, 429, 200)
    assert 0 < int(limited.headers["retry-after"]) <= 60


async def test_a_trusted_proxy_is_believed_about_its_callers_and_nobody_else_is() -> None:
    house = House(PROXIED)
    admin = await house.token(Role.ADMIN)
    for address, chain in ((PROXY, f"6.6.6.6, {STRANGER}, 10.9.9.9"), (STRANGER, "6.6.6.6")):
        headers = admin | {"x-forwarded-for": chain}
        async with house.knock(address, headers=headers) as client:
            name = f"by-{address.replace('.', '-')}"
            await client.post("/api/v1/tokens", json={"name": name, "role": "viewer"})
    rows = await house.keeper.office.audit.newest(limit=2)

    assert [row.address for row in rows] == [STRANGER, STRANGER]


@pytest.mark.parametrize(
    ("host", "status"),
    [
        pytest.param("10.0.0.5:8080", 200, id="an-address"),
        pytest.param("[2001:db8::1]:8080", 200, id="an-ipv6-address"),
        pytest.param("fist.example.com", 200, id="the-external-url"),
        pytest.param("rebound.example.net", 403, id="a-name-that-was-made-to-lead-here"),
    ],
)
async def test_beyond_this_machine_names_are_still_checked(
    beyond: House, host: str, status: int
) -> None:
    async with beyond.knock(STRANGER, headers={"host": host}) as client:
        assert (await client.get("/healthz")).status_code == status


async def test_a_request_keeps_the_name_it_came_with_or_gets_one(here: House) -> None:
    async with here.knock() as client:
        kept = await client.get("/healthz", headers={"x-request-id": "abc-1"})
        drawn = await client.get("/healthz", headers={"x-request-id": "a b\t<script>"})

    assert kept.headers["x-request-id"] == "abc-1"
    assert re.fullmatch(r"[0-9a-f-]{36}", drawn.headers["x-request-id"])


async def test_a_stranger_is_turned_away_before_the_body_is_read(beyond: House) -> None:
    async with beyond.knock(STRANGER) as client:
        answer = await client.post("/api/v1/tokens", content=b"{" * 5_000_000)

    assert answer.status_code == 401


async def test_a_body_that_is_too_large_is_not_kept(here: House) -> None:
    async with here.knock(headers=await here.token(Role.ADMIN)) as client:
        answer = await client.post("/api/v1/tokens", content=b" " * 1_100_000)

    assert answer.status_code == 413


async def test_a_token_is_made_listed_and_revoked_over_the_api(beyond: House) -> None:
    admin = await beyond.token(Role.ADMIN)
    wanted = {"name": "ci", "role": "responder", "teams": ["db"], "expires": "90d"}
    async with beyond.knock(STRANGER, headers=admin) as client:
        made = (await client.post("/api/v1/tokens", json=wanted)).json()
        again = await client.post("/api/v1/tokens", json=wanted)
        listed = (await client.get("/api/v1/tokens")).text
        mine = {"authorization": f"Bearer {made['secret']}"}
        who = (await client.get("/api/v1/whoami", headers=mine)).json()
        revoked = await client.delete("/api/v1/tokens/ci")
        after = await client.get("/api/v1/whoami", headers=mine)

    assert who == {"name": "ci", "role": "responder", "teams": ["db"], "how": "token"}
    assert made["secret"] not in listed
    assert made["prefix"] in listed
    assert (again.status_code, revoked.status_code, after.status_code) == (409, 200, 401)
    assert "was revoked" in after.json()["detail"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"name": "x", "role": "god"},
        {"name": "../etc", "role": "viewer"},
        {"name": "x\x00", "role": "viewer"},
        {"name": "x", "role": "viewer", "expires": "soon"},
        {"name": "x", "role": "viewer", "teams": ["a b"]},
        {"name": ["x"], "role": "viewer"},
    ],
)
async def test_a_token_that_cannot_be_is_refused_with_the_reason(
    here: House, body: dict[str, Any]
) -> None:
    async with here.knock(headers=await here.token(Role.ADMIN)) as client:
        assert (await client.post("/api/v1/tokens", json=body)).status_code == 422


async def test_what_is_done_is_on_record_with_who_and_from_where(beyond: House) -> None:
    admin = await beyond.token(Role.ADMIN) | {"x-request-id": "r-7"}
    async with beyond.knock(STRANGER, headers=admin) as client:
        await client.post("/api/v1/tokens", json={"name": "ci", "role": "viewer"})
        row = (await client.get("/api/v1/audit", params={"limit": 1})).json()["items"][0]
        checked = (await client.get("/api/v1/audit/verify")).json()

    assert (row["who"], row["role"], row["how"]) == ("admin-token", "admin", "token")
    assert (row["what"], row["object"]) == ("token.create", "token ci")
    assert (row["address"], row["request_id"]) == (STRANGER, "r-7")
    assert (row["before"], row["after"]["role"]) == (None, "viewer")
    assert (checked["rows"], checked["flaws"]) == (2, [])


# The console


def form_value(page: str, name: str = "csrf") -> str:
    found = re.search(rf'name="{name}" value="([^"]+)"', page)
    assert found
    return found[1]


async def test_the_link_printed_at_start_logs_a_browser_in_once(beyond: House) -> None:
    link = f"/login?token={beyond.keeper.link}"
    async with beyond.knock(STRANGER) as client:
        looked = await client.head(link)
        followed = await client.get(link)
        inside = await client.get("/incidents")
        who = (await client.get("/api/v1/whoami")).json()
    async with beyond.knock(STRANGER) as client:
        again = await client.get(link)

    cookie = followed.headers["set-cookie"].lower()
    assert (looked.status_code, followed.status_code, inside.status_code) == (200, 303, 200)
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert "secure" not in cookie
    assert (who["role"], who["how"]) == ("admin", "session")
    assert again.status_code == 401


async def test_over_tls_the_cookie_stays_on_tls() -> None:
    house = House(PROXIED)
    async with house.knock(PROXY, headers={"x-forwarded-proto": "https"}) as client:
        followed = await client.get(f"/login?token={house.keeper.link}")

    assert "secure" in followed.headers["set-cookie"].lower()


async def test_one_logs_in_with_a_token_and_out_again(beyond: House) -> None:
    secret = (await beyond.token(Role.VIEWER))["authorization"].removeprefix("Bearer ")
    async with beyond.knock(STRANGER) as client:
        form = {"csrf": form_value((await client.get("/login")).text)}
        entered = await client.post("/login", data=form | {"do": "log in", "token": secret})
        page = await client.get("/login")
        out = {"csrf": form_value(page.text), "do": "log out"}
        session = dict(client.cookies)
        left = await client.post("/login", data=out)
        outside = await client.get("/incidents")
    async with beyond.knock(STRANGER, cookies=session) as client:
        kept = await client.get("/incidents")

    assert (entered.status_code, left.status_code) == (303, 303)
    assert "viewer-token" in page.text
    assert (outside.status_code, kept.status_code) == (401, 401)


async def test_a_wrong_token_is_told_on_the_form_and_not_repeated(beyond: House) -> None:
    async with beyond.knock(STRANGER) as client:
        form = {"csrf": form_value((await client.get("/login")).text)}
        answer = await client.post("/login", data=form | {"do": "log in", "token": "hunter2"})

    assert answer.status_code == 401
    assert "not known" in answer.text
    assert "hunter2" not in answer.text


@pytest.mark.parametrize(
    "csrf",
    [
        pytest.param(None, id="none"),
        pytest.param("", id="empty"),
        pytest.param("0" * 64, id="made-up"),
        pytest.param("é", id="not-ascii"),
    ],
)
@pytest.mark.parametrize("with_key", [True, False])
async def test_a_form_that_is_not_ours_is_refused(
    here: House, csrf: str | None, with_key: bool
) -> None:
    form = {"do": "log in", "token": here.keeper.owner} | ({} if csrf is None else {"csrf": csrf})
    async with here.knock() as client:
        if with_key:
            await client.get("/login")
        answer = await client.post("/login", data=form)

    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


async def test_the_form_of_one_browser_does_not_do_for_another(here: House) -> None:
    async with here.knock() as one, here.knock() as other:
        await other.get("/login")
        form = {"csrf": form_value((await one.get("/login")).text), "do": "log in", "token": "x"}
        assert (await other.post("/login", data=form)).status_code == 403
        assert (await one.post("/login", data=form)).status_code == 401


async def test_a_form_in_another_encoding_is_refused(here: House) -> None:
    async with here.knock() as client:
        answer = await client.post("/login", json={"do": "log in"})

    assert answer.status_code == 415


async def test_a_stranger_is_shown_where_to_log_in(beyond: House) -> None:
    async with beyond.knock(STRANGER, headers={"accept": "text/html"}) as client:
        answer = await client.get("/incidents/INC-1")

    assert answer.status_code == 401
    assert 'href="/login"' in answer.text


async def test_a_session_that_is_over_makes_one_anybody_again_on_this_machine(here: House) -> None:
    async with here.knock() as client:
        await client.get(f"/login?token={here.keeper.link}")
        admin = (await client.get("/api/v1/whoami")).json()
        session = next(iter(await here.keeper.office.tokens.all()))
        await here.keeper.office.tokens.revoke(session.id, at=session.created_at)
        anybody = (await client.get("/api/v1/whoami")).json()

    assert (admin["role"], anybody["role"]) == ("admin", "responder")


async def test_a_link_followed_twice_at_once_makes_one_session(here: House) -> None:
    async with here.knock() as one, here.knock() as other:
        link = f"/login?token={here.keeper.link}"
        answers = await asyncio.gather(one.get(link), other.get(link))

    assert sorted(answer.status_code for answer in answers) == [303, 401]
