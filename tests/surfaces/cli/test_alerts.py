import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.journeys.served import a_lab, served
from tests.surfaces.cli.fist import fist


async def test_an_alert_is_listed_and_shown_and_says_why(tmp_path: Path) -> None:
    async with a_lab(tmp_path) as lab, served(lab) as server:
        now = datetime.now(UTC)
        silence = {
            "matchers": [{"name": "alertname", "value": "Down", "isRegex": False}],
            "startsAt": now.isoformat(),
            "endsAt": (now + timedelta(hours=1)).isoformat(),
            "createdBy": "ana",
            "comment": "moving the database",
        }
        (await server.post(silence, "/api/v2/silences")).raise_for_status()
        await server.post([{"labels": {"alertname": "Down"}}], "/api/v2/alerts")
        listed = fist("alerts", "list", "--firing", "--server", server.url, home=tmp_path)
        shown = fist("alerts", "show", "A-1", "--server", server.url, home=tmp_path)
        why = fist("alerts", "why", "A-1", "--server", server.url, home=tmp_path)
        as_json = fist("alerts", "why", "A-1", "-o", "json", "--server", server.url, home=tmp_path)
        missing = fist("alerts", "why", "A-9", "--server", server.url, home=tmp_path)

    assert "firing, silenced" in listed.stdout
    assert "alertname=Down" in shown.stdout
    assert "investigated no: silenced until" in " ".join(why.stdout.split())
    assert "moving the database" in why.stdout
    assert json.loads(as_json.stdout)["decisions"][0]["outcome"] == "silenced"
    assert (missing.returncode, missing.stdout) == (4, "")
