"""Label sets: sorted pairs, so that equal sets are equal, hashable and in Prometheus's order."""

import re
from collections.abc import Collection, Mapping
from typing import Final, TypeAlias

Labels: TypeAlias = tuple[tuple[str, str], ...]

METRIC_NAME: Final = "__name__"
_LABEL_NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")


def labels_of(pairs: Mapping[str, str]) -> Labels:
    """Return the label set of *pairs*; an empty value is the same as no label."""
    return tuple(sorted((name, value) for name, value in pairs.items() if value))


def is_label_name(text: str) -> bool:
    return _LABEL_NAME.fullmatch(text) is not None


def value_of(labels: Labels, name: str) -> str:
    """Return the value of label *name*, empty when there is none."""
    return next((value for label, value in labels if label == name), "")


def keep(labels: Labels, names: Collection[str]) -> Labels:
    return tuple(pair for pair in labels if pair[0] in names)


def drop(labels: Labels, names: Collection[str]) -> Labels:
    return tuple(pair for pair in labels if pair[0] not in names)


def drop_name(labels: Labels) -> Labels:
    return tuple(pair for pair in labels if pair[0] != METRIC_NAME)


def with_label(labels: Labels, name: str, value: str) -> Labels:
    """Return *labels* with *name* set to *value*, or removed when *value* is empty."""
    return labels_of({**dict(labels), name: value})


def render_labels(labels: Labels) -> str:
    """Render the set as PromQL writes it, for error messages."""
    name = value_of(labels, METRIC_NAME)
    pairs = ", ".join(f'{label}="{value}"' for label, value in drop_name(labels))
    return f"{name}{{{pairs}}}" if pairs or not name else name
