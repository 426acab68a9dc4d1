import pytest

from punchingfist.lab.kubernetes.objects import Manifest
from punchingfist.lab.kubernetes.resources import Catalogue
from punchingfist.lab.kubernetes.selectors import parse_fields, parse_labels
from punchingfist.lab.kubernetes.statuses import ApiError

OBJ: Manifest = {
    "metadata": {"name": "a", "labels": {"app": "web", "tier": "front", "example.com/x": "1"}},
    "status": {"phase": "Running"},
}


@pytest.mark.parametrize(
    ("selector", "chosen"),
    [
        ("", True),
        ("app=web", True),
        ("app==web,tier=front", True),
        ("app = web , tier = back", False),
        ("app!=web", False),
        ("gone!=web", True),
        ("app in (web, api)", True),
        ("app notin (web,api),tier", False),
        ("gone notin (web)", True),
        ("tier,!gone", True),
        ("!tier", False),
        ("example.com/x=1", True),
    ],
)
def test_labels_choose(selector: str, chosen: bool) -> None:
    assert parse_labels(selector)(OBJ) is chosen


@pytest.mark.parametrize("selector", ["app=web;tier", "app in web", "=web", "app=(x)"])
def test_a_label_selector_that_makes_no_sense_is_refused(selector: str) -> None:
    with pytest.raises(ApiError, match="unable to parse requirement"):
        parse_labels(selector)


@pytest.mark.parametrize(
    ("selector", "chosen"),
    [
        ("", True),
        ("metadata.name=a", True),
        ("status.phase!=Running", False),
        ("status.phase==Running,metadata.name!=b", True),
        ("spec.nodeName=", True),
    ],
)
def test_fields_choose(selector: str, chosen: bool) -> None:
    pods = Catalogue().find("", "v1", "pods")

    assert pods is not None
    assert parse_fields(selector, pods)(OBJ) is chosen


@pytest.mark.parametrize(
    ("selector", "why"),
    [
        ("spec.mood=bad", "field label not supported: spec.mood"),
        ("metadata.name", "invalid selector"),
    ],
)
def test_a_field_that_is_not_indexed_is_refused(selector: str, why: str) -> None:
    pods = Catalogue().find("", "v1", "pods")
    assert pods is not None

    with pytest.raises(ApiError, match=why):
        parse_fields(selector, pods)
