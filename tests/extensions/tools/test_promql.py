import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from punchingfist.adapters.http import HttpClient
from punchingfist.domain.guardrails.risk import Risk
from punchingfist.domain.investigation.evidence import Outcome
from punchingfist.domain.json import Json
from punchingfist.errors import InvalidInput, Unavailable
from punchingfist.extensions.tools.promql import TOOL
from punchingfist.lab.prometheus import LabPrometheus
from punchingfist.ports.http import Endpoint, HttpReply
from punchingfist.ports.tool import Tool, ToolOutput, ToolSpec
from punchingfist.ports.world import World

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
NOWHERE: Any = None
METRICS = {
    "interval": "1m",
    "series": [{"labels": {"__name__": "up", "job": "cart"}, "values": "1 1 1 0"}],
}


class StoppedClock:
    def now(self) -> datetime:
        return NOW


@dataclass
class Canned:
    """An `Http` that answers *body* and remembers what it was asked."""

    body: bytes = b'{"status":"success","data":{"resultType":"vector","result":[]}}'
    status: int = 200
    truncated: bool = False
    url: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] = field(default_factory=dict)

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
        json: Json = None,
        form: Mapping[str, str] | None = None,
        timeout_seconds: float = 10,
        limit_bytes: int = 1 << 20,
    ) -> HttpReply:
        self.url, self.headers, self.form = url, headers or {}, form or {}
        return HttpReply(self.status, {}, self.body, truncated=self.truncated)


TOKEN = {"Authorization": "Bearer abc"}


def tool_on(
    http: Any, url: str | None = "http://prometheus:9090", *, endpoint: str = "", **headers: str
) -> Tool:
    configured = Endpoint(url, headers or TOKEN) if url else None
    world = World(StoppedClock(), http, NOWHERE, NOWHERE, prometheus=configured)
    return TOOL.build(ToolSpec("promql", endpoint=endpoint), world)


async def ask(tool: Tool, **arguments: str) -> ToolOutput:
    return await tool.run(arguments, timeout_seconds=5, limit_bytes=1 << 20)


async def test_a_query_gives_the_data_of_the_api_as_json() -> None:
    with LabPrometheus(METRICS, NOW, frozen=True) as prometheus:
        http = HttpClient()
        output = await ask(tool_on(http, prometheus.url), query='up{job="cart"}')
        await http.aclose()

    assert output.outcome is Outcome.SEEN
    assert output.gap is None
    answer = json.loads(output.text)
    assert answer["resultType"] == "vector"
    assert answer["result"][0]["value"][1] == "0"


async def test_a_series_stands_on_one_line_that_can_be_quoted() -> None:
    sample = {"metric": {"pod": "cart-1"}, "value": [1, "0.5"]}
    body = {"status": "success", "data": {"resultType": "vector", "result": [sample]}}
    output = await ask(tool_on(Canned(json.dumps(body).encode())), query="up")

    assert '    {"metric": {"pod": "cart-1"}, "value": [1, "0.5"]}' in output.text.splitlines()


async def test_each_sample_of_a_range_stands_on_its_line() -> None:
    series = {"metric": {"pod": "cart-1"}, "values": [[1, "0.5"], [2, "NaN"]]}
    body = {"status": "success", "data": {"resultType": "matrix", "result": [series]}}
    output = await ask(tool_on(Canned(json.dumps(body).encode())), query="up", start="-1h")

    assert json.loads(output.text)["result"] == [series]
    assert '      [2, "NaN"]' in output.text.splitlines()


async def test_an_empty_answer_was_seen() -> None:
    output = await ask(tool_on(Canned()), query="absent_metric")

    assert output.outcome is Outcome.SEEN
    assert '"result": []' in output.text


@pytest.mark.parametrize(
    ("data", "line"),
    [
        ({"resultType": "scalar", "result": [1, "2"]}, '  "result": [1, "2"]'),
        ({"resultType": "string", "result": [1, "hi"]}, '  "result": [1, "hi"]'),
    ],
)
async def test_scalars_and_strings_are_shown(data: Json, line: str) -> None:
    body = json.dumps({"status": "success", "data": data}).encode()

    assert line in (await ask(tool_on(Canned(body)), query="1")).text.splitlines()


async def test_warnings_of_the_server_are_shown() -> None:
    data = {"resultType": "vector", "result": []}
    body = {"status": "success", "data": data, "warnings": ["result may be partial"]}
    output = await ask(tool_on(Canned(json.dumps(body).encode())), query="up")

    assert json.loads(output.text)["warnings"] == ["result may be partial"]


async def test_relative_times_become_absolute_ones() -> None:
    http = Canned()
    await ask(tool_on(http), query="up", start="-1h", end="now-30m", step="1m")

    assert http.url == "http://prometheus:9090/api/v1/query_range"
    seconds = int(NOW.timestamp())
    assert http.form == {
        "query": "up",
        "start": str(seconds - 3600),
        "end": str(seconds - 1800),
        "step": "1m",
    }


async def test_an_instant_is_now_unless_said_otherwise() -> None:
    http = Canned()
    await ask(tool_on(http), query="up", time="2026-03-01T11:00:00Z")

    assert http.form["time"] == str(int(NOW.timestamp()) - 3600)


async def test_a_range_without_a_step_gets_a_readable_one() -> None:
    http = Canned()
    await ask(tool_on(http), query="up", start="-2h")

    assert http.form["step"] == "60s"


def test_the_command_can_be_typed_by_a_person() -> None:
    arguments = {"query": "rate(x[5m])", "start": "-1h", "end": "now", "step": "30s"}
    plan = tool_on(Canned()).plan(arguments)

    assert plan.command == "promql 'rate(x[5m])' --start -1h --end now --step 30s"
    assert plan.risk is Risk.READ


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({}, "no expression"),
        ({"query": "up{"}, "unexpected end of input"),
        ({"query": "rate(x)"}, "expected type matrix"),
        ({"query": "up", "start": "yesterday"}, "'yesterday' is no time"),
        ({"query": "up", "start": "2026-03-01T11:00:00"}, "has no zone"),
        ({"query": "up", "start": "-1h", "end": "-2h"}, "lies before start"),
        ({"query": "up", "end": "now"}, "needs its start"),
        ({"query": "up", "start": "-1h", "step": "often"}, "is no duration"),
        ({"query": "up", "start": "-1h", "time": "now"}, "time or start, not both"),
        ({"query": "up", "timeout": "1h"}, "'timeout' is unknown"),
        ({"query": ["up"]}, "is no text"),
    ],
)
def test_what_makes_no_sense_is_not_sent(arguments: Mapping[str, Json], said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        tool_on(Canned()).plan(arguments)


async def test_our_token_goes_to_our_prometheus() -> None:
    http = Canned()
    await ask(tool_on(http, endpoint="http://prometheus:9090/"), query="up")

    assert http.url == "http://prometheus:9090/api/v1/query"
    assert http.headers == TOKEN


async def test_our_token_goes_nowhere_else() -> None:
    http = Canned()
    await ask(tool_on(http, endpoint="http://other:9090"), query="up")

    assert http.headers == {}


@pytest.mark.parametrize("endpoint", ["prometheus:9090", "file:///etc/passwd", "http://"])
def test_an_endpoint_is_a_url(endpoint: str) -> None:
    with pytest.raises(InvalidInput, match="is no URL"):
        tool_on(Canned(), endpoint=endpoint)


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://prometheus:9090/api/v1/admin/tsdb/delete_series?match[]=up&x=",
        "http://prometheus:9090/#",
        "http://prometheus:9090/api/../admin",
        "http://prometheus:9090/..",
        "http://prometheus:9090/%2e%2e/admin",
        "http://evil\\@prometheus:9090",
        "http://prometheus:9090\t.evil",
        "http://prometheus:9090/ x",
        "http://prometheuｓ:9090",
    ],
)
def test_an_endpoint_cannot_turn_a_query_into_another_call(endpoint: str) -> None:
    with pytest.raises(InvalidInput, match=r"says more than a place|is no URL"):
        tool_on(Canned(), endpoint=endpoint)


async def test_without_prometheus_there_is_a_gap_with_what_to_do() -> None:
    output = await ask(tool_on(Canned(), None), query="up")

    assert output.outcome is Outcome.FAILED
    assert output.gap == "no Prometheus is configured; set PROMETHEUS_URL or the tool's endpoint"


async def test_an_unreachable_prometheus_is_a_gap_without_its_password(free_port: int) -> None:
    http = HttpClient()
    output = await ask(tool_on(http, f"http://ana:hunter2@127.0.0.1:{free_port}"), query="up")
    await http.aclose()

    assert output.outcome is Outcome.FAILED
    assert output.gap is not None
    assert f"http://127.0.0.1:{free_port} cannot be reached" in output.gap
    assert "hunter2" not in output.gap


async def test_a_refused_query_is_a_gap_with_the_servers_reason() -> None:
    body = b'{"status":"error","errorType":"bad_data","error":"exceeded maximum resolution"}'
    output = await ask(tool_on(Canned(body, 400)), query="up")

    assert output.outcome is Outcome.FAILED
    assert output.gap is not None
    assert "refused the query: bad_data: exceeded maximum resolution" in output.gap


@pytest.mark.parametrize(
    ("status", "hint"),
    [(401, "set PROMETHEUS_TOKEN"), (404, "is this the address"), (502, "HTTP 502")],
)
async def test_a_page_of_somebody_else_is_a_gap(status: int, hint: str) -> None:
    output = await ask(tool_on(Canned(b"<html>", status)), query="up")

    assert output.outcome is Outcome.FAILED
    assert output.gap is not None
    assert hint in output.gap


async def test_too_large_an_answer_is_a_gap() -> None:
    output = await ask(tool_on(Canned(b'{"status":', truncated=True)), query="up")

    assert output.outcome is Outcome.FAILED
    assert output.truncated


async def test_a_slow_prometheus_times_out() -> None:
    class Slow(Canned):
        async def request(self, *args: object, **options: object) -> HttpReply:
            await asyncio.Event().wait()
            raise Unavailable("never")

    output = await tool_on(Slow()).run({"query": "up"}, timeout_seconds=0.01, limit_bytes=10)

    assert output.outcome is Outcome.TIMED_OUT
