"""A console others can reach: not without a token, and with one from another address."""

from pathlib import Path

import httpx2

from tests.journeys.served import a_lab, served
from tests.surfaces.cli.fist import fist


async def test_beyond_loopback_it_starts_with_a_token_and_serves_who_has_one(
    tmp_path: Path, free_port: int
) -> None:
    async with a_lab(tmp_path) as lab:
        place = ["--data-dir", str(lab.data_dir)]
        listen = ["--listen", f"0.0.0.0:{free_port}"]
        serve = lab.arguments(*listen)[1:]
        without = fist(*serve, home=tmp_path)
        remedy = without.stderr.partition("make one first: ")[2].partition(";")[0]
        made = fist(*remedy.replace("NAME", "ana").split()[1:], home=tmp_path)
        mine = {"Authorization": f"Bearer {made.stdout.strip()}"}
        async with (
            served(lab, *listen),
            httpx2.AsyncClient(base_url=f"http://127.0.0.2:{free_port}") as stranger,
        ):
            anonymous = await stranger.get("/api/v1/incidents")
            rebound = await stranger.get("/api/v1/incidents", headers=mine | {"host": "evil.test"})
            known = await stranger.get("/api/v1/incidents", headers=mine)
            fist("token", "revoke", "ana", *place, home=tmp_path)
            revoked = await stranger.get("/api/v1/incidents", headers=mine)

    assert without.returncode == 6
    assert made.returncode == 0
    assert (anonymous.status_code, rebound.status_code) == (401, 403)
    assert (known.status_code, revoked.status_code) == (200, 401)


async def test_the_link_printed_at_start_makes_an_administrator(tmp_path: Path) -> None:
    async with a_lab(tmp_path) as lab, served(lab) as server:
        said = (tmp_path / "server.log").read_text()
        link = next(word for word in said.split() if "/login?token=" in word)
        before = await server.http.get("/api/v1/audit")
        entered = await server.http.get(link)
        after = await server.http.get("/api/v1/audit")

    assert (before.status_code, entered.status_code, after.status_code) == (403, 303, 200)
    assert after.json()["items"][0]["what"] == "session.open"
