"""Secrets written where everybody can read them."""

import re
from collections.abc import Iterator
from functools import reduce
from typing import Any

from punchingfist.domain.resources.document import Loaded
from punchingfist.domain.resources.metadata import Document
from punchingfist.domain.resources.model import is_reference
from punchingfist.domain.resources.status import Condition
from punchingfist.domain.resources.validation import field_text
from punchingfist.domain.yaml_tree import Path

_HOLDS_A_SECRET = re.compile(r"(token|apikey|routingkey|password)$", re.IGNORECASE)
_URL_WITH_PASSWORD = re.compile(r"[a-z+]+://[^/@\s:]*:[^/@\s]+@", re.IGNORECASE)


def plaintext_secrets(loaded: Loaded) -> Iterator[Condition]:
    """Report every secret in clear, by its field and never by its value."""
    resource: Document = loaded.resource
    for path in _secrets(resource.snapshot().get("spec"), ("spec",)):
        message = (
            f"{field_text(path)} is a secret in clear; "
            "write env://NAME, k8s://secret/key or vault://path#key instead"
        )
        yield loaded.condition("PlaintextSecret", "True", "InlineSecret", message)


def mask_secrets(resource: Document) -> tuple[dict[str, Any], dict[str, str]]:
    """
    Return the snapshot of *resource* with a reference in place of each secret in clear.

    The references, `inline://Sink/ops/config.botToken`, come with their values, for
    the process to hold: rows outlive a secret's rotation, and are read by many.
    """
    snapshot = resource.snapshot()
    whole: Any = snapshot
    values: dict[str, str] = {}
    for path in list(_secrets(snapshot.get("spec"), ("spec",))):
        parent: Any = reduce(lambda tree, key: tree[key], path[:-1], whole)
        field = ".".join(map(str, path[1:]))
        reference = f"inline://{snapshot['kind']}/{resource.name}/{field}"
        values[reference] = parent[path[-1]]
        parent[path[-1]] = reference
    return snapshot, values


def _secrets(tree: Any, path: Path) -> Iterator[Path]:
    match tree:
        case dict():
            for key, value in tree.items():
                yield from _secrets(value, (*path, key))
        case list():
            for index, value in enumerate(tree):
                yield from _secrets(value, (*path, index))
        case str() if path and _is_secret(str(path[-1]), tree):
            yield path


def _is_secret(field: str, value: str) -> bool:
    if _HOLDS_A_SECRET.search(field):
        return bool(value) and not is_reference(value)
    return _URL_WITH_PASSWORD.match(value) is not None
