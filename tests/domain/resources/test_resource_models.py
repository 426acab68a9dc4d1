from typing import Any

import pytest

from punchingfist.domain.resources.sources import WebhookConfig
from punchingfist.domain.resources.workflows import Workflow


def workflow(**spec: Any) -> Workflow:
    return Workflow.model_validate(
        {"metadata": {"name": "w", "generation": 3}, "spec": {"steps": [], **spec}}
    )


@pytest.mark.parametrize(
    ("filters", "labels", "taken"),
    [
        pytest.param({}, {}, True, id="no-filter-takes-everything"),
        pytest.param(
            {"severity": ["critical", "warning"]}, {"severity": "warning"}, True, id="one"
        ),
        pytest.param({"severity": "critical"}, {"severity": "info"}, False, id="none"),
        pytest.param({"a": "1", "b": "2"}, {"a": "1"}, False, id="every-label-counts"),
        pytest.param({"ns": "=~shop-.*"}, {"ns": "shop-eu"}, True, id="regular-expression"),
        pytest.param({"ns": "=~shop"}, {"ns": "shop-eu"}, False, id="whole-value-only"),
        pytest.param({"team": ""}, {}, True, id="absent-is-empty"),
        pytest.param({"ns": "shop.*"}, {"ns": "shop-eu"}, False, id="plain-text-is-exact"),
    ],
)
def test_filters_decide_which_alerts_are_taken(
    filters: dict[str, Any], labels: dict[str, str], taken: bool
) -> None:
    config = WebhookConfig.model_validate({"path": "/x", "filters": filters})

    assert config.accepts(labels) is taken


def test_bare_names_of_tools_and_sinks_read_as_objects() -> None:
    spec = workflow(
        steps=[{"name": "a", "type": "agent", "goal": "g", "tools": ["kubectl", {"name": "curl"}]}],
        sinks=["x", {"name": "y", "condition": "true"}],
    ).spec

    assert [tool.name for tool in spec.steps[0].tools] == ["kubectl", "curl"]
    assert [(sink.name, sink.condition) for sink in spec.sinks] == [("x", None), ("y", "true")]


def test_a_snapshot_reads_back_as_the_same_workflow() -> None:
    original = workflow(
        steps=[{"name": "a", "type": "cli", "command": "true", "timeoutMinutes": 1}],
        runtime={"environment": {"A": "b"}},
    )

    snapshot = original.snapshot()

    assert snapshot["metadata"] == {"name": "w", "generation": 3}
    assert snapshot["spec"]["steps"] == [
        {"name": "a", "type": "cli", "command": "true", "timeoutMinutes": 1}
    ]
    assert Workflow.from_snapshot(snapshot) == original


def test_what_the_server_adds_to_metadata_is_not_kept() -> None:
    read = Workflow.model_validate(
        {
            "metadata": {"name": "w", "resourceVersion": "7", "managedFields": [{}], "uid": "u"},
            "spec": {"steps": [{"name": "a", "type": "cli", "command": "true"}]},
            "status": {"conditions": []},
        }
    )

    assert read.metadata.uid == "u"
    assert "status" not in read.snapshot()
