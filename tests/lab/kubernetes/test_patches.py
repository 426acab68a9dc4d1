import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from punchingfist.lab.kubernetes.patches import apply_operations, merge, merge_strategic
from punchingfist.lab.kubernetes.statuses import ApiError

LEAVES = st.none() | st.booleans() | st.integers() | st.text(max_size=3)
DOCUMENTS = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["a", "b", "env", "ports"]), inner, max_size=3)
    ),
    max_leaves=8,
)
MAPPINGS = st.dictionaries(st.sampled_from(["a", "b", "env"]), DOCUMENTS, max_size=3)


@given(MAPPINGS, MAPPINGS)
def test_merging_twice_is_merging_once(old: dict[str, Any], patch: dict[str, Any]) -> None:
    once = merge(old, patch)

    assert merge(once, patch) == once


@given(MAPPINGS, MAPPINGS)
def test_what_is_patched_is_never_changed_in_place(
    old: dict[str, Any], patch: dict[str, Any]
) -> None:
    before = copy.deepcopy(old)

    merge(old, patch)
    merge_strategic(old, patch)

    assert old == before


def _pod(*containers: dict[str, Any]) -> dict[str, Any]:
    return {"spec": {"containers": list(containers)}}


@pytest.mark.parametrize(
    ("old", "patch", "new"),
    [
        pytest.param(
            _pod({"name": "a", "image": "a:1"}, {"name": "b", "image": "b:1"}),
            _pod({"name": "b", "image": "b:2"}),
            _pod({"name": "a", "image": "a:1"}, {"name": "b", "image": "b:2"}),
            id="lists-merge-by-name",
        ),
        pytest.param(
            _pod({"name": "a"}, {"name": "b"}),
            _pod({"name": "a", "$patch": "delete"}),
            _pod({"name": "b"}),
            id="an-item-is-deleted",
        ),
        pytest.param(
            _pod({"name": "a"}),
            {"spec": {"containers": [{"name": "c"}, {"$patch": "replace"}]}},
            _pod({"name": "c"}),
            id="a-list-is-replaced",
        ),
        pytest.param(
            {"ports": [{"port": 80, "targetPort": 1}]},
            {"ports": [{"port": 80, "targetPort": 2}]},
            {"ports": [{"port": 80, "targetPort": 2}]},
            id="service-ports-merge-by-port",
        ),
        pytest.param(
            {"command": ["a", "b"]}, {"command": ["c"]}, {"command": ["c"]}, id="plain-lists-do-not"
        ),
        pytest.param(
            {"finalizers": ["a", "b"]},
            {"$deleteFromPrimitiveList/finalizers": ["a"]},
            {"finalizers": ["b"]},
            id="a-word-is-deleted",
        ),
        pytest.param(
            {"strategy": {"type": "RollingUpdate", "rollingUpdate": {}}},
            {"strategy": {"type": "Recreate", "$retainKeys": ["type"]}},
            {"strategy": {"type": "Recreate"}},
            id="only-some-keys-are-kept",
        ),
        pytest.param({"a": {"b": 1}}, {"a": {"b": None}}, {"a": {}}, id="null-removes"),
    ],
)
def test_strategic_merge(old: dict[str, Any], patch: dict[str, Any], new: dict[str, Any]) -> None:
    assert merge_strategic(old, patch) == new


@pytest.mark.parametrize(
    ("operation", "new"),
    [
        ({"op": "add", "path": "/list/-", "value": 3}, {"list": [1, 2, 3], "a/b": 0}),
        ({"op": "add", "path": "/list/0", "value": 0}, {"list": [0, 1, 2], "a/b": 0}),
        ({"op": "replace", "path": "/a~1b", "value": 9}, {"list": [1, 2], "a/b": 9}),
        ({"op": "remove", "path": "/list/1"}, {"list": [1], "a/b": 0}),
        ({"op": "test", "path": "/list/0", "value": 1}, {"list": [1, 2], "a/b": 0}),
        ({"op": "replace", "path": "", "value": {"x": 1}}, {"x": 1}),
    ],
)
def test_json_patch(operation: dict[str, Any], new: dict[str, Any]) -> None:
    assert apply_operations({"list": [1, 2], "a/b": 0}, [operation]) == new


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "replace", "path": "/nowhere", "value": 1},
        {"op": "remove", "path": "/list/7"},
        {"op": "test", "path": "/list/0", "value": 5},
        {"op": "shuffle", "path": "/list", "value": 1},
        {"op": "add", "path": "/list/x", "value": 1},
    ],
)
def test_a_json_patch_that_does_not_fit_is_refused(operation: dict[str, Any]) -> None:
    with pytest.raises(ApiError) as refusal:
        apply_operations({"list": [1, 2]}, [operation])

    assert refusal.value.code == 422
