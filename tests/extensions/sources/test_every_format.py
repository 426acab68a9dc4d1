"""What holds for every shape of body, whatever is posted."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from punchingfist.adapters.resource_files import load_folder
from punchingfist.bootstrap.extensions import collect_extensions
from punchingfist.domain.json import Json
from punchingfist.domain.resources.sources import WebhookConfig
from punchingfist.domain.storable import storable_object
from punchingfist.errors import InvalidInput
from punchingfist.ports.source import Parse
from tests.extensions.sources.bodies import (
    ALARM,
    ANY_SHAPE,
    DATADOG,
    GRAFANA,
    OPSGENIE,
    PAGERDUTY,
)
from tests.extensions.sources.test_json import MAPPING
from tests.extensions.sources.test_webhook import BODY
from tests.peers.sns import confirmation, envelope

FORMATS = collect_extensions().formats
RECORDED: dict[str, list[Any]] = {
    "alertmanager": [BODY],
    "cloudwatch": [
        ALARM,
        json.loads(envelope(ALARM, Signature="x")),
        json.loads(confirmation(Signature="x")),
    ],
    "datadog": [DATADOG],
    "grafana": [GRAFANA],
    "json": [ANY_SHAPE],
    "opsgenie": [OPSGENIE],
    "pagerduty": [PAGERDUTY],
}
TEXT = st.text(st.characters(), max_size=20) | st.sampled_from(["firing", "1e400", "-1", "9" * 30])
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=4),
)


def config_of(name: str) -> WebhookConfig:
    mapping = {"mapping": MAPPING} if name == "json" else {}
    return WebhookConfig.model_validate({"path": "/hook", "format": name, **mapping})


def parse_of(name: str) -> Parse:
    return FORMATS[name].parser(config_of(name))


def paths(tree: Json, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inside: list[tuple[Any, Any]] = []
    if isinstance(tree, dict):
        inside = list(tree.items())
    elif isinstance(tree, list):
        inside = list(enumerate(tree))
    return [at, *(path for key, value in inside for path in paths(value, (*at, key)))]


def replaced(tree: Any, path: tuple[Any, ...], value: Any) -> Any:
    if not path:
        return value
    fresh = tree.copy()
    fresh[path[0]] = replaced(tree[path[0]], path[1:], value)
    return fresh


def nearly(name: str) -> st.SearchStrategy[Any]:
    """Draw recorded bodies with up to three of their parts replaced."""

    @st.composite
    def draw_one(draw: Callable[[st.SearchStrategy[Any]], Any]) -> Any:
        body = draw(st.sampled_from(RECORDED[name]))
        for _ in range(draw(st.integers(0, 3))):
            body = replaced(body, draw(st.sampled_from(paths(body))), draw(ANY_JSON))
        return body

    return draw_one()


def test_every_other_format_has_an_example_that_loads_without_a_word() -> None:
    examples = Path(__file__).parents[3] / "examples" / "webhooks"
    found = load_folder(examples, known=collect_extensions().known)

    assert found.conditions == ()
    shown = {source.spec.config["format"] for source in found.sources.values()}
    assert shown == set(FORMATS) - {"alertmanager"}


def test_every_format_has_recorded_bodies() -> None:
    assert set(RECORDED) == set(FORMATS)


@pytest.mark.parametrize("name", sorted(FORMATS))
@given(st.data())
def test_any_json_is_read_or_refused(name: str, data: st.DataObject) -> None:
    body = data.draw(ANY_JSON | nearly(name))
    try:
        alerts = parse_of(name)(body, {})
    except InvalidInput:
        return

    assert all(alert.labels and alert.fingerprint and alert.group_key for alert in alerts)
    assert all(storable_object(alert.payload) == alert.payload for alert in alerts)


@pytest.mark.parametrize("name", [name for name, one in FORMATS.items() if one.subscription])
@given(st.data())
def test_any_json_asks_something_or_nothing_or_is_refused(name: str, data: st.DataObject) -> None:
    asks = FORMATS[name].subscription
    assert asks is not None
    try:
        found = asks(data.draw(ANY_JSON | nearly(name)))
    except InvalidInput:
        return

    assert found is None or found.confirm_url.startswith("https://sns.")
