from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field

import pytest

from punchingfist.adapters.http import HttpClient
from punchingfist.adapters.secrets import EnvironmentSecrets
from punchingfist.adapters.system import SystemClock
from punchingfist.ports.world import World
from tests.peers.slack import TOKEN, SlackPeer


@dataclass
class Paper:
    """A console to read again."""

    written: list[str] = field(default_factory=list)

    def write(self, text: str) -> None:
        self.written.append(text)


@pytest.fixture(scope="session")
def workspace() -> Iterator[SlackPeer]:
    with SlackPeer() as peer:
        yield peer


@pytest.fixture
def slack(workspace: SlackPeer) -> SlackPeer:
    workspace.reset()
    return workspace


@pytest.fixture
async def world() -> AsyncIterator[World]:
    http = HttpClient()
    yield World(SystemClock(), http, EnvironmentSecrets({"SLACK_BOT_TOKEN": TOKEN}), Paper())
    await http.aclose()
