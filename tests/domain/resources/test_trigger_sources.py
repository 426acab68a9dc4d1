from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from punchingfist.domain.resources.trigger_sources import (
    ApiConfig,
    FileConfig,
    KubernetesConfig,
    ScheduleConfig,
)


@pytest.mark.parametrize(
    ("model", "config", "said"),
    [
        pytest.param(ScheduleConfig, {"cron": "0 25 * * *"}, "'25' is no hour", id="cron"),
        pytest.param(
            ScheduleConfig,
            {"cron": "@daily", "timezone": "Berlin"},
            "use an IANA name like 'Europe/Berlin'",
            id="zone",
        ),
        pytest.param(
            ScheduleConfig,
            {"cron": "@daily", "timezone": "../../etc/passwd"},
            "is unknown",
            id="zone-that-is-a-path",
        ),
        pytest.param(ApiConfig, {"endpoint": "trigger"}, "endpoint", id="endpoint"),
        pytest.param(ApiConfig, {"endpoint": "/t", "method": "GET"}, "'POST'", id="method"),
        pytest.param(FileConfig, {"path": "/x", "every": "0s"}, "greater than", id="every"),
        pytest.param(
            KubernetesConfig, {"resource": "secrets"}, "secrets are not watched", id="secrets"
        ),
        pytest.param(
            KubernetesConfig, {"resource": "Secret.v1"}, "secrets are not watched", id="a-secret"
        ),
        pytest.param(
            KubernetesConfig,
            {"resource": "pods", "labelSelector": "app = = x"},
            "label selector",
            id="selector",
        ),
        pytest.param(KubernetesConfig, {"resource": "pods", "event": "a,b=c"}, "event", id="event"),
    ],
)
def test_what_cannot_work_is_refused_with_the_reason(
    model: type[BaseModel], config: dict[str, Any], said: str
) -> None:
    with pytest.raises(ValidationError, match=said):
        model.model_validate(config)


@pytest.mark.parametrize(
    "selector",
    ["app=x", "app==x,tier!=db", "app in (a, b),!legacy", "env notin (dev)", "example.com/team"],
)
def test_label_selectors_are_those_of_kubectl(selector: str) -> None:
    config = KubernetesConfig.model_validate({"resource": "pods", "labelSelector": selector})

    assert config.label_selector == selector
