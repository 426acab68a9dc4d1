"""A row of cells under named columns."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from punchingfist.lab.kubernetes.objects import Manifest, metadata_of
from punchingfist.lab.kubernetes.times import age_of

NONE = "<none>"
Cells = Sequence[object]


@dataclass(frozen=True, slots=True)
class Column:
    """One column; a *wide* one shows with `-o wide` alone."""

    name: str
    type: str = "string"
    wide: bool = False


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of a kind and the function that fills a row at a given moment."""

    columns: tuple[Column, ...]
    row: Callable[[Manifest, datetime], Cells]


def layout(names: str, row: Callable[[Manifest, datetime], Cells]) -> Layout:
    """Build a layout from comma-separated *names*; a leading `+` marks a wide column."""
    columns = tuple(
        Column(name.lstrip("+"), wide=name.startswith("+")) for name in names.split(", ")
    )
    return Layout(columns, row)


def name_of(obj: Manifest) -> str:
    """Return the name of *obj*."""
    return str(metadata_of(obj).get("name", ""))


def age(obj: Manifest, now: datetime) -> str:
    """Return the AGE cell of *obj*."""
    return age_of(metadata_of(obj).get("creationTimestamp"), now)


def pairs(mapping: Manifest | None) -> str:
    """Return `a=1,b=2`, or `<none>`."""
    return ",".join(f"{k}={v}" for k, v in sorted((mapping or {}).items())) or NONE


def listed(values: Sequence[object]) -> str:
    """Return the values with commas between, or `<none>`."""
    return ",".join(str(value) for value in values) or NONE


def selector(value: Manifest | None) -> str:
    """Return a label selector as text."""
    return pairs((value or {}).get("matchLabels"))


def containers(template: Manifest) -> tuple[str, str]:
    """Return the names and the images of the containers of a pod spec."""
    found = template.get("containers") or []
    return listed([c["name"] for c in found]), listed([c.get("image", "") for c in found])
