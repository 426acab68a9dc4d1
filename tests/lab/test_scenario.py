"""Scenarios: the shipped ones, folders of one's own, and their move to the present."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from punchingfist.errors import InvalidInput, NotFound
from punchingfist.lab.kubernetes.access import Denial
from punchingfist.lab.kubernetes.logs import LogKey
from punchingfist.lab.promql.series import parse_series
from punchingfist.lab.scenario import Verdict, list_scenarios, load_scenario
from punchingfist.lab.usage import usages_of

SHIPPED = (
    "crash-loop-memory",
    "healthy",
    "shared-redis",
    "slow-api-database",
    "too-little-to-see",
    "unreachable-service-port",
)
SUMMARY = """
title: A test
now: 2025-06-12T14:30:00Z
question: What is wrong?
namespace: shop
unknown: true
"""


def _write(folder: Path, **files: str) -> Path:
    written = {"scenario.yaml": SUMMARY} | {name.replace("__", "."): t for name, t in files.items()}
    for name, text in written.items():
        (folder / name).write_text(text)
    return folder


def test_the_shipped_scenarios_are_listed_by_name() -> None:
    assert list_scenarios() == SHIPPED


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_scenario_is_whole(name: str) -> None:
    scenario = load_scenario(name)

    assert scenario.alert is not None
    assert scenario.alert["labels"]["namespace"] == scenario.namespace
    assert (scenario.expected is not None) is (scenario.verdict is Verdict.CAUSE)
    assert parse_series(scenario.metrics, round(scenario.now.timestamp() * 1000)) is not None


@pytest.mark.parametrize("name", SHIPPED)
def test_what_a_shipped_scenario_owns_and_logs_is_there(name: str) -> None:
    scenario = load_scenario(name)
    uids = {obj["metadata"]["uid"] for obj in scenario.objects}
    pods = {
        (obj["metadata"]["namespace"], obj["metadata"]["name"]): obj
        for obj in scenario.objects
        if obj["kind"] == "Pod"
    }

    for obj in scenario.objects:
        owners = obj["metadata"].get("ownerReferences", [])
        assert {owner["uid"] for owner in owners} <= uids
        if obj["kind"] == "Event":
            assert obj["involvedObject"]["uid"] in uids
    for key in scenario.logs:
        containers = pods[key.namespace, key.pod]["spec"]["containers"]
        assert key.container in [container["name"] for container in containers]


@pytest.mark.parametrize("name", SHIPPED)
def test_the_present_usage_is_of_pods_that_are_there(name: str) -> None:
    scenario = load_scenario(name)
    pods = {
        (obj["metadata"]["namespace"], obj["metadata"]["name"], container["name"])
        for obj in scenario.objects
        if obj["kind"] == "Pod"
        for container in obj["spec"]["containers"]
    }

    assert usages_of(scenario).containers.keys() <= pods


def test_the_crash_loop_sits_at_its_memory_limit() -> None:
    usages = usages_of(load_scenario("crash-loop-memory"))
    used = [u.memory_bytes for (_, pod, _), u in usages.containers.items() if "my-app" in pod]

    assert used == [512 * 1024**2] * 2


def test_moving_a_scenario_moves_objects_alert_and_logs_alike() -> None:
    scenario = load_scenario("crash-loop-memory")
    by = timedelta(days=400, hours=5)

    moved = scenario.shifted(scenario.now + by)

    assert moved.now == scenario.now + by
    assert scenario.alert is not None
    assert moved.alert is not None
    starts = [datetime.fromisoformat(alert["startsAt"]) for alert in (scenario.alert, moved.alert)]
    assert starts[1] - starts[0] == by
    assert moved.alert["endsAt"] == "0001-01-01T00:00:00Z"
    assert "2025-06-12" not in json.dumps(moved.objects)
    assert not any(b"2025-06-12" in log for log in moved.logs.values())
    assert moved.shifted(scenario.now) == scenario


def test_relative_times_count_from_the_present_of_the_scenario(tmp_path: Path) -> None:
    (tmp_path / "logs/shop/web-1").mkdir(parents=True)
    (tmp_path / "logs/shop/web-1/app.previous.log").write_bytes(b"-1m30s up\n\xff\n")
    objects = """
apiVersion: v1
kind: Pod
metadata: {name: web-1, creationTimestamp: -2h15m}
spec: {containers: [{name: app, args: [-5m]}]}
status: {startTime: now}
"""

    scenario = load_scenario(_write(tmp_path, objects__yaml=objects))

    (pod,) = scenario.objects
    assert pod["metadata"]["creationTimestamp"] == "2025-06-12T12:15:00Z"
    assert pod["status"]["startTime"] == "2025-06-12T14:30:00Z"
    assert pod["spec"]["containers"][0]["args"] == ["-5m"]
    assert scenario.logs == {
        LogKey("shop", "web-1", "app", previous=True): b"2025-06-12T14:28:30Z up\n\xff\n"
    }


def test_a_folder_of_ones_own_is_a_scenario(tmp_path: Path) -> None:
    scenario = load_scenario(
        _write(
            tmp_path,
            scenario__yaml=SUMMARY + "forbidden: [{resource: pods, namespace: shop}]\n",
            http__yaml="- {url: 'http://web:80/', error: refused}\n- {url: 'http://db/', status: 500}",
            commands__jsonl='{"argv": ["get", "pods"], "exit_code": 1, "stderr": "no"}\n',
        )
    )

    assert scenario.question == "What is wrong?"
    assert scenario.now == datetime(2025, 6, 12, 14, 30, tzinfo=UTC)
    assert scenario.forbidden == (Denial("pods", "shop"),)
    assert [(a.url, a.status, a.error) for a in scenario.http] == [
        ("http://web:80/", 200, "refused"),
        ("http://db/", 500, ""),
    ]
    assert scenario.commands[0].argv == ("get", "pods")


def test_an_unknown_scenario_names_those_there_are() -> None:
    with pytest.raises(NotFound, match=r"'nope' is unknown; .* crash-loop-memory, healthy"):
        load_scenario("nope")


@pytest.mark.parametrize(
    ("files", "message"),
    [
        pytest.param({"scenario__yaml": "title: x"}, "now: must be text", id="no-present"),
        pytest.param(
            {"scenario__yaml": SUMMARY.replace("14:30:00Z", "14:30:00")},
            "now: '2025-06-12T14:30:00' is no time",
            id="no-zone",
        ),
        pytest.param(
            {"scenario__yaml": SUMMARY + "healthy: true"},
            "expected: say exactly one",
            id="two-verdicts",
        ),
        pytest.param(
            {"scenario__yaml": SUMMARY.replace("question: What is wrong?", "")},
            "alert: give an alert or a question",
            id="nothing-asked",
        ),
        pytest.param(
            {"scenario__yaml": SUMMARY + "alert: {labels: {}}"},
            "alert.labels.alertname: must be text",
            id="a-nameless-alert",
        ),
        pytest.param(
            {"scenario__yaml": SUMMARY + "forbidden: [{namespace: x}]"},
            r"forbidden\[0\].resource: must be text",
            id="a-denial-of-nothing",
        ),
        pytest.param({"objects__yaml": "kind: Pod"}, r"\[0\].apiVersion: must", id="no-version"),
        pytest.param({"objects__yaml": "- 5"}, r"\[0\] must be a mapping", id="no-object"),
        pytest.param({"objects__yaml": "a: b\nc: [\n"}, r"objects.yaml:\d+: not YAML", id="broken"),
        pytest.param({"metrics__yaml": "- a"}, "must be a mapping with series", id="no-series"),
        pytest.param(
            {"http__yaml": "- {url: a, error: sad}"}, "'sad' is unknown; use refused", id="an-error"
        ),
        pytest.param({"commands__jsonl": "{}\n{"}, "commands.jsonl:2: not JSON", id="no-json"),
    ],
)
def test_a_wrong_file_is_named_with_its_field(
    tmp_path: Path, files: dict[str, str], message: str
) -> None:
    with pytest.raises(InvalidInput, match=message) as refusal:
        load_scenario(_write(tmp_path, **files))

    assert str(refusal.value).startswith(str(tmp_path))


def test_a_stray_file_among_the_logs_is_named(tmp_path: Path) -> None:
    (tmp_path / "logs/shop/web-1").mkdir(parents=True)
    (tmp_path / "logs/shop/web-1/app.txt").touch()

    with pytest.raises(InvalidInput, match=r"app\.txt: a log is named <container>\.log"):
        load_scenario(_write(tmp_path))
