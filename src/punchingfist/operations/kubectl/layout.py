"""Text as kubectl lays it out: columns, ages, quantities, YAML."""

import math
import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import yaml

_MINIMUM, _PADDING = 6, 3
_DECIMAL = {"n": 1e-9, "u": 1e-6, "m": 1e-3, "": 1, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12}
_BINARY = {"Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40, "Pi": 2**50}
_SCALES = {**_DECIMAL, **_BINARY, "P": 1e15, "E": 1e18, "Ei": 2**60}
_QUANTITY = re.compile(r"(?P<number>[+-]?[\d.]+(?:[eE][+-]?\d+)?)(?P<unit>[A-Za-z]{0,2})")
_MINUTE, _HOUR, _DAY, _YEAR = 60, 3600, 86400, 365 * 86400
# An age below the first figure is said in the first unit and, if any, the rest in the second.
_AGES = (
    (2 * _MINUTE, (1, "s"), (0, "")),
    (10 * _MINUTE, (_MINUTE, "m"), (1, "s")),
    (3 * _HOUR, (_MINUTE, "m"), (0, "")),
    (8 * _HOUR, (_HOUR, "h"), (_MINUTE, "m")),
    (2 * _DAY, (_HOUR, "h"), (0, "")),
    (8 * _DAY, (_DAY, "d"), (_HOUR, "h")),
    (2 * _YEAR, (_DAY, "d"), (0, "")),
    (8 * _YEAR, (_YEAR, "y"), (_DAY, "d")),
)
_STEP = re.compile(r"\.?([^.\[\]]+)|\[(\d+)\]")


def columns(rows: Iterable[Sequence[object]]) -> str:
    """Return *rows* in columns; the last one is not padded."""
    texts = [[_cell(cell) for cell in row] for row in rows]
    if not texts:
        return ""
    widths = [
        max(_MINIMUM, max(map(len, column)) + _PADDING) for column in zip(*texts, strict=True)
    ]
    padded = ([*map(str.ljust, row[:-1], widths), row[-1]] for row in texts)
    return "".join("".join(row).rstrip() + "\n" for row in padded)


def _cell(cell: object) -> str:
    if cell is None:
        return "<none>"
    if isinstance(cell, bool):
        return str(cell).lower()
    return str(cell).replace("\n", " ")


def age(since: str | None, now: datetime) -> str:
    """Return how long ago *since* was, as short as kubectl says it."""
    if not since:
        return "<unknown>"
    seconds = max(0, int((now - datetime.fromisoformat(since)).total_seconds()))
    for below, unit, smaller in _AGES:
        if seconds < below:
            (size, name), (small, small_name) = unit, smaller
            rest = seconds % size // small if small else 0
            return f"{seconds // size}{name}" + (f"{rest}{small_name}" if rest else "")
    return f"{seconds // _YEAR}y"


def quantity(text: object) -> float:
    """Return a Kubernetes quantity, `250m` or `64Mi`, in cores or bytes; what is none counts 0."""
    found = _QUANTITY.fullmatch(str(text))
    if found is None or found["unit"] not in _SCALES:
        return 0.0
    return float(found["number"]) * _SCALES[found["unit"]]


def millicores(cores: float) -> str:
    return f"{math.ceil(round(cores * 1000, 6))}m"


def mebibytes(size: float) -> str:
    return f"{int(size // 2**20)}Mi"


def dig(value: Any, path: str) -> Any:
    """Return what stands at *path*, `.status.containerStatuses[0].restartCount`, or None."""
    for key, index in _STEP.findall(path.strip("{}")):
        if key and isinstance(value, dict):
            value = value.get(key)
        elif index and isinstance(value, list):
            value = value[int(index)] if int(index) < len(value) else None
        else:
            return None
    return value


def sort_key(value: Any) -> tuple[int, float, str]:
    """Order anything: what is missing first, numbers by size, all else as text."""
    if value is None:
        return 0, 0.0, ""
    if isinstance(value, (int, float)):
        return 1, float(value), ""
    return 2, 0.0, str(value)


class _Dumper(yaml.SafeDumper):
    """Writes text of several lines as a block, which is how people can read it."""


def _write_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _write_text)


def to_yaml(document: object) -> str:
    """Return *document* as kubectl prints it: keys sorted, nothing folded."""
    return yaml.dump(
        document,
        Dumper=_Dumper,
        sort_keys=True,
        allow_unicode=True,
        width=10**9,
        default_flow_style=False,
    )
