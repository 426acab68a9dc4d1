"""Whoever is on call hears of a critical alert whatever the investigation does."""

import asyncio
from pathlib import Path

from punchingfist.lab.kubernetes.faults import Fault
from tests.journeys.served import a_lab, served
from tests.journeys.test_kill_nine_server import RESOURCES
from tests.peers.slack import TOKEN, SlackPeer


async def test_the_first_message_leaves_while_the_investigation_hangs_and_is_edited_later(
    tmp_path: Path,
) -> None:
    resources = tmp_path / "resources"
    resources.mkdir()
    async with a_lab(tmp_path) as lab:
        with SlackPeer() as slack:
            (resources / "all.yaml").write_text(RESOURCES % slack.url)
            arguments = ["--resources", str(resources)]
            lab.cluster.faults.add(Fault(path="/api/v1/*", delay_seconds=8, times=3))
            async with served(lab, *arguments, environ={"SLACK_TOKEN": TOKEN}) as server:
                assert (await server.post(lab.webhook)).status_code == 200
                await server.until("delivered")
                first = slack.channels[0].parents[0].text
                looked = [event for event in await server.timeline() if event["kind"] == "looked"]
                await server.until("execution_finished")
                async with asyncio.timeout(30):
                    while "OOMKilled" not in slack.channels[0].parents[0].text:
                        await asyncio.sleep(0.05)
            parents = slack.channels[0].parents

    assert first.startswith("CRIT INC-1 ")
    assert first.endswith(": investigating")
    assert looked == []
    assert len(parents) == 1
    assert parents[0].edits >= 1
