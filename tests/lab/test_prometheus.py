from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest

from punchingfist.errors import InvalidInput
from punchingfist.lab.prometheus import LabPrometheus

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
RULE = {"alert": "Down", "expr": "up == 0", "for": "1m", "labels": {"severity": "critical"}}
METRICS: dict[str, Any] = {
    "interval": "30s",
    "series": [
        {"labels": {"__name__": "up", "job": "web", "instance": "a:80"}, "values": "1x10"},
        {"labels": {"__name__": "up", "job": "web", "instance": "b:80"}, "values": "1x5 0x5"},
        {
            "labels": {"__name__": "errors_total", "job": "web", "instance": "a:80"},
            "values": "0..90x10",
        },
        {"labels": {"__name__": "wait_seconds_bucket", "le": "+Inf"}, "values": "1x10"},
        {"labels": {"__name__": "wait_seconds_sum"}, "values": "1x10"},
        {"labels": {"__name__": "gone"}, "values": "7x5 stale _x4"},
    ],
    "rules": [RULE, {"alert": "Slow", "expr": "wait_seconds_sum > 5"}],
}


class MovingClock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def now(self) -> datetime:
        return NOW + self.ahead


@pytest.fixture
def clock() -> MovingClock:
    return MovingClock()


@pytest.fixture
async def client(clock: MovingClock) -> AsyncIterator[httpx2.AsyncClient]:
    lab = LabPrometheus(METRICS, NOW, clock=clock, alertmanagers=["http://127.0.0.1:9093/api"])
    async with _client(lab) as client:
        yield client


def _client(lab: LabPrometheus) -> httpx2.AsyncClient:
    return httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app=lab.app), base_url="http://prometheus"
    )


async def _data(client: httpx2.AsyncClient, path: str, **parameters: Any) -> Any:
    reply = await client.get(f"/api/v1/{path}", params=parameters)
    answer = reply.json()
    assert (reply.status_code, answer["status"]) == (200, "success"), answer
    return answer["data"]


async def _value(client: httpx2.AsyncClient, query: str) -> Any:
    (found,) = (await _data(client, "query", query=query))["result"]
    return found["value"][1]


async def test_a_vector_is_answered_in_the_envelope(client: httpx2.AsyncClient) -> None:
    data = await _data(client, "query", query="up == 0")

    assert data == {
        "resultType": "vector",
        "result": [
            {
                "metric": {"__name__": "up", "instance": "b:80", "job": "web"},
                "value": [NOW.timestamp(), "0"],
            }
        ],
    }


async def test_an_empty_range_is_still_a_matrix(client: httpx2.AsyncClient) -> None:
    data = await _data(client, "query", query="nothing[5m]")

    assert data == {"resultType": "matrix", "result": []}


async def test_a_form_is_as_good_as_a_query_string(client: httpx2.AsyncClient) -> None:
    form = {
        "query": "sum(up)",
        "start": "2026-03-02T09:29:30Z",
        "end": NOW.timestamp(),
        "step": "30s",
    }
    reply = await client.post("/api/v1/query_range", data=form)

    (series,) = reply.json()["data"]["result"]
    assert [value for _, value in series["values"]] == ["1", "1"]


@pytest.mark.parametrize(
    ("query", "status", "kind", "says"),
    [
        ("sum(", 400, "bad_data", "parse error"),
        ("sqrt(up)", 422, "bad_data", "function 'sqrt' is not supported"),
        ("topk(NaN, up)", 422, "execution", "overflows int64"),
    ],
)
async def test_a_refusal_tells_whose_fault_it_is(
    client: httpx2.AsyncClient, query: str, status: int, kind: str, says: str
) -> None:
    reply = await client.get("/api/v1/query", params={"query": query})

    assert reply.status_code == status
    assert (reply.json()["status"], reply.json()["errorType"]) == ("error", kind)
    assert says in reply.json()["error"]


async def test_more_points_than_prometheus_gives_are_refused(client: httpx2.AsyncClient) -> None:
    asked: dict[str, Any] = {"query": "up", "start": 0, "end": 11_001, "step": 1}
    reply = await client.get("/api/v1/query_range", params=asked)

    assert reply.status_code == 400
    assert "exceeded maximum resolution of 11,000 points" in reply.json()["error"]


async def test_an_hour_later_the_failure_is_still_there(
    client: httpx2.AsyncClient, clock: MovingClock
) -> None:
    before = await _value(client, "rate(errors_total[2m])")
    clock.ahead = timedelta(hours=1)

    assert await _value(client, 'up{instance="b:80"}') == "0"
    assert float(await _value(client, "rate(errors_total[2m])")) == pytest.approx(float(before))
    assert (await _data(client, "query", query="gone"))["result"] == []


async def test_there_is_nothing_beyond_the_present(
    client: httpx2.AsyncClient, clock: MovingClock
) -> None:
    clock.ahead = timedelta(minutes=1)
    asked = {"query": "count_over_time(up[10m])", "time": NOW.timestamp() + 300}

    counts = {one["value"][1] for one in (await _data(client, "query", **asked))["result"]}

    assert counts == {"12"}


async def test_a_frozen_lab_stays_at_its_now(clock: MovingClock) -> None:
    clock.ahead = timedelta(hours=1)
    async with _client(LabPrometheus(METRICS, NOW, frozen=True, clock=clock)) as client:
        assert (await _data(client, "query", query="time()"))["result"][1] == str(
            int(NOW.timestamp())
        )


async def test_alerts_are_those_of_the_rules(
    client: httpx2.AsyncClient, clock: MovingClock
) -> None:
    (alert,) = (await _data(client, "alerts"))["alerts"]

    assert alert == {
        "labels": {
            "alertname": "Down", "instance": "b:80", "job": "web", "severity": "critical",
        },
        "annotations": {},
        "state": "firing",
        "activeAt": "2026-03-02T09:28:00Z",
        "value": "0e+00",
    }  # fmt: skip


async def test_rules_tell_their_state(client: httpx2.AsyncClient) -> None:
    (group,) = (await _data(client, "rules", type="alert"))["groups"]

    assert [(rule["name"], rule["state"], rule["health"]) for rule in group["rules"]] == [
        ("Down", "firing", "ok"),
        ("Slow", "inactive", "ok"),
    ]
    assert await _data(client, "rules", type="record") == {"groups": []}


async def test_each_job_and_instance_is_a_target(client: httpx2.AsyncClient) -> None:
    targets = (await _data(client, "targets"))["activeTargets"]

    assert [(target["labels"]["instance"], target["health"]) for target in targets] == [
        ("a:80", "up"),
        ("b:80", "down"),
    ]
    assert (await _data(client, "targets", state="dropped"))["activeTargets"] == []


async def test_metadata_tells_the_types(client: httpx2.AsyncClient) -> None:
    found = await _data(client, "metadata")

    assert {name: entries[0]["type"] for name, entries in found.items()} == {
        "errors_total": "counter",
        "gone": "gauge",
        "up": "gauge",
        "wait_seconds": "histogram",
    }
    assert list(await _data(client, "metadata", metric="up")) == ["up"]
    assert list(await _data(client, "metadata", limit="1")) == ["errors_total"]


async def test_the_build_and_the_alertmanagers_are_told(client: httpx2.AsyncClient) -> None:
    assert (await _data(client, "status/buildinfo"))["version"] == "2.42.0"
    assert (await _data(client, "alertmanagers"))["activeAlertmanagers"] == [
        {"url": "http://127.0.0.1:9093/api"}
    ]


async def test_labels_are_found_within_an_interval(client: httpx2.AsyncClient) -> None:
    late = {"start": NOW.timestamp() - 60}

    assert "gone" in await _data(client, "label/__name__/values")
    assert "gone" not in await _data(client, "label/__name__/values", **late)
    assert await _data(client, "labels", **{"match[]": "errors_total"}) == [
        "__name__", "instance", "job",
    ]  # fmt: skip
    assert await _data(client, "series", **{"match[]": ["gone", "wait_seconds_sum"]}) == [
        {"__name__": "gone"},
        {"__name__": "wait_seconds_sum"},
    ]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"Authorization": "Bearer wrong"}, 401),
        ({"Authorization": "Bearer s3cret"}, 200),
    ],
)
async def test_a_token_is_asked_for_when_there_is_one(headers: dict[str, str], status: int) -> None:
    async with _client(LabPrometheus(METRICS, NOW, frozen=True, token="s3cret")) as client:
        reply = await client.get("/api/v1/query?query=up", headers=headers)

    assert reply.status_code == status


def test_it_listens_on_a_loopback_port_until_it_is_stopped() -> None:
    with LabPrometheus(METRICS, NOW) as lab:
        url = lab.url
        answers = [httpx2.get(f"{url}/-/{name}") for name in ("ready", "healthy")]
    lab.stop()

    assert url.startswith("http://127.0.0.1:")
    assert [answer.status_code for answer in answers] == [200, 200]
    with pytest.raises(RuntimeError):
        _ = lab.url
    with pytest.raises(httpx2.ConnectError):
        httpx2.get(f"{url}/-/ready")


def test_a_document_that_is_wrong_is_refused_at_once() -> None:
    with pytest.raises(InvalidInput, match="no __name__"):
        LabPrometheus({"series": [{"labels": {"job": "web"}, "values": "1"}]}, NOW)
