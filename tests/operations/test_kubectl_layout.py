from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from punchingfist.operations.kubectl.layout import (
    age,
    columns,
    dig,
    mebibytes,
    millicores,
    quantity,
    sort_key,
    to_yaml,
)

NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0s"),
        (119, "119s"),
        (120, "2m"),
        (150, "2m30s"),
        (600, "10m"),
        (179 * 60, "179m"),
        (180 * 60, "3h"),
        (190 * 60, "3h10m"),
        (9 * 3600, "9h"),
        (47 * 3600, "47h"),
        (49 * 3600, "2d1h"),
        (8 * 86400, "8d"),
        (729 * 86400, "729d"),
        (800 * 86400, "2y70d"),
        (3000 * 86400, "8y"),
        (-5, "0s"),
    ],
)
def test_an_age_is_said_as_kubectl_says_it(seconds: int, said: str) -> None:
    assert age((NOW - timedelta(seconds=seconds)).isoformat(), NOW) == said


def test_an_unknown_age_is_unknown() -> None:
    assert age(None, NOW) == "<unknown>"


@pytest.mark.parametrize(
    ("text", "number"),
    [("250m", 0.25), ("2", 2), ("1500n", 1.5e-6), ("64Mi", 64 * 2**20), ("1e3", 1000), ("?", 0)],
)
def test_a_quantity_is_a_number(text: str, number: float) -> None:
    assert quantity(text) == pytest.approx(number)


def test_usage_is_rounded_as_kubectl_rounds_it() -> None:
    assert (millicores(0.0121), millicores(0.25), mebibytes(2**20 * 3.9)) == ("13m", "250m", "3Mi")


def test_columns_are_as_wide_as_their_longest_cell() -> None:
    rows = [("NAME", "A"), ("cart-1-longer", None), ("b", True)]

    assert columns(rows) == "NAME            A\ncart-1-longer   <none>\nb               true\n"
    assert columns([]) == ""


@pytest.mark.parametrize(
    ("path", "found"),
    [(".a.b[0].c", 1), ("{.a.b[0].c}", 1), ("a.b[3].c", None), (".a.x.c", None), (".a[0]", None)],
)
def test_a_path_leads_to_a_value_or_nowhere(path: str, found: Any) -> None:
    assert dig({"a": {"b": [{"c": 1}]}}, path) == found


def test_values_of_any_kind_can_be_sorted() -> None:
    assert sorted(["b", 10, None, 9, "a"], key=sort_key) == [None, 9, 10, "a", "b"]


def test_text_of_several_lines_is_a_block_in_yaml() -> None:
    assert to_yaml({"b": "one\ntwo\n", "a": [1]}) == "a:\n- 1\nb: |\n  one\n  two\n"
