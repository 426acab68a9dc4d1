"""What holds for every sink: a new one is judged here as soon as its file is there."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import pytest

import punchingfist.extensions.sinks as folder
from punchingfist.adapters.secrets import EnvironmentSecrets
from punchingfist.adapters.system import SystemClock
from punchingfist.domain.json import Json
from punchingfist.domain.messages import Moment
from punchingfist.domain.resources.sinks import SINK_CONFIGS
from punchingfist.errors import DeliveryFailed, Unavailable
from punchingfist.ports.http import HttpReply
from punchingfist.ports.sink import Sink, SinkType
from punchingfist.ports.world import World
from tests.extensions.sinks.conftest import Paper
from tests.incidents import message, report

SECRET = "s3cret-4711"
SINKS: dict[str, SinkType] = {
    module.name: import_module(f"{folder.__name__}.{module.name}").SINK
    for module in iter_modules(folder.__path__)
}


@dataclass(frozen=True)
class Sample:
    """A config that holds the secret, and what the receiver says when it takes a message."""

    config: Mapping[str, Any]
    taken: Mapping[str, Any] | None = None

    @property
    def is_remote(self) -> bool:
        return self.taken is not None


SAMPLES = {
    "slack": Sample(
        {"channel": "#ops", "botToken": SECRET}, {"ok": True, "channel": "C0", "ts": "1.0001"}
    ),
    "stdout": Sample({}),
}
EVERY = pytest.mark.parametrize("name", sorted(SINKS))
REMOTE = pytest.mark.parametrize("name", sorted(name for name in SINKS if SAMPLES[name].is_remote))


@dataclass
class OneAnswer:
    """An `Http` that gives one answer to everything; status 0 is none at all."""

    status: int
    body: bytes
    sent: list[str] = field(default_factory=list)

    async def request(self, method: str, url: str, *, json: Json = None, **more: Any) -> HttpReply:
        self.sent.append(f"{json} {more.get('form')}")
        if not self.status:
            raise Unavailable("receiver.example:443: connection refused")
        return HttpReply(self.status, {"Retry-After": "7"}, self.body)


def built(name: str, http: OneAnswer) -> tuple[Sink, Paper]:
    paper = Paper()
    world = World(SystemClock(), http, EnvironmentSecrets({}), paper)
    config = SINKS[name].config.model_validate(SAMPLES[name].config)
    return SINKS[name].build(config, world), paper


def taking(name: str) -> OneAnswer:
    return OneAnswer(200, json.dumps(SAMPLES[name].taken).encode())


async def refusal(name: str, http: OneAnswer) -> DeliveryFailed:
    sink, _ = built(name, http)
    with pytest.raises(DeliveryFailed) as refused:
        await sink.deliver(message(report()), key="INC-1/1/x", receipt=None, repeat=False)
    return refused.value


@EVERY
def test_a_sink_is_named_after_its_file_and_has_a_sample(name: str) -> None:
    assert SINKS[name].name == name
    assert name in SAMPLES


@EVERY
def test_a_sinks_config_is_the_one_files_are_checked_against(name: str) -> None:
    assert SINKS[name].config is SINK_CONFIGS[name]


@EVERY
def test_a_sink_speaks_at_the_end(name: str) -> None:
    assert {Moment.COMPLETED, Moment.RESOLVED} <= SINKS[name].moments


@REMOTE
@pytest.mark.parametrize(
    ("status", "retryable"), [(403, False), (404, False), (429, True), (500, True), (503, True)]
)
async def test_a_refusal_says_whether_to_retry(name: str, status: int, retryable: bool) -> None:
    assert (await refusal(name, OneAnswer(status, b"no"))).retryable is retryable


@REMOTE
async def test_a_receiver_that_is_away_is_asked_again(name: str) -> None:
    failed = await refusal(name, OneAnswer(0, b""))

    assert (failed.retryable, failed.unseen) == (True, True)


@REMOTE
async def test_a_receiver_says_how_long_to_wait(name: str) -> None:
    assert (await refusal(name, OneAnswer(429, b""))).retry_after_seconds == 7


@REMOTE
@pytest.mark.parametrize("status", [0, 200, 403, 429, 503])
@pytest.mark.parametrize("body", [SECRET, json.dumps({"ok": False, "error": SECRET}), "[]", "\xff"])
async def test_an_error_tells_no_secret(name: str, status: int, body: str) -> None:
    failed = await refusal(name, OneAnswer(status, body.encode("latin-1")))

    assert SECRET not in f"{failed} {failed!r} {failed.receipt}"
    assert failed.__cause__ is None or SECRET not in repr(failed.__cause__)


@EVERY
async def test_a_receipt_is_json_without_secrets(name: str) -> None:
    sink, _ = built(name, taking(name))
    receipt = await sink.deliver(message(report()), key="INC-1/1/x", receipt=None, repeat=False)

    assert SECRET not in json.dumps(receipt)


@EVERY
async def test_the_words_of_a_template_reach_the_receiver(name: str) -> None:
    http = taking(name)
    sink, paper = built(name, http)
    said = message(report(), body="**Duration:** 12s")
    await sink.deliver(said, key="INC-1/1/x", receipt=None, repeat=False)

    told = "\n".join([*http.sent, *paper.written])
    assert all(words in told for words in ("Duration:", "12s", said.headline))


def hostile() -> Iterator[str]:
    yield "<!channel> {{ .env.SECRET }} $(reboot) `x`\n\x00\x1b[31m"
    yield "\u202e\ud800"
    yield "a" * 300_000


@EVERY
@pytest.mark.parametrize("text", list(hostile()), ids=["marks", "odd-characters", "long"])
async def test_odd_text_stops_no_message(name: str, text: str) -> None:
    sink, _ = built(name, taking(name))
    said = message(report(), headline=text[:200], answer=text, body=text)

    assert await sink.deliver(said, key="INC-1/1/x", receipt=None, repeat=False)
