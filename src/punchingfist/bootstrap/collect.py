"""Finding extensions: typed constants in the folders of ours and in entry points of others."""

import importlib
import pkgutil
from collections.abc import Iterator
from importlib.metadata import entry_points
from typing import Protocol, TypeVar

from punchingfist.errors import Conflict


class Named(Protocol):
    """Whatever is registered under its own name."""

    @property
    def name(self) -> str:
        """The name people write in YAML."""
        ...


T = TypeVar("T", bound=Named)


def collect(kind: str, constant: str, of: type[T], *, group: str = "") -> dict[str, T]:
    """
    Return the extensions of *kind* (`sinks`) by name.

    Ours are the *constant* (`SINK`) of each module in `extensions/<kind>/`;
    others publish the same object through the entry-point group
    `punchingfist.<kind>`, or `punchingfist.<group>` where one folder holds two kinds.

    Raises:
        Conflict: two extensions have one name; names both.
    """
    found: dict[str, tuple[str, T]] = {}
    for place, extension in (*_ours(kind, constant, of), *_others(group or kind, of)):
        if extension.name in found:
            other = found[extension.name][0]
            raise Conflict(
                f"{kind} {extension.name!r} is defined twice, by {other} and {place}; rename one"
            )
        found[extension.name] = (place, extension)
    return {name: extension for name, (_, extension) in sorted(found.items())}


def _ours(kind: str, constant: str, of: type[T]) -> Iterator[tuple[str, T]]:
    package = importlib.import_module(f"punchingfist.extensions.{kind}")
    for module in sorted(pkgutil.iter_modules(package.__path__), key=lambda one: one.name):
        if module.name.startswith("_"):
            continue
        place = f"{package.__name__}.{module.name}"
        extension = getattr(importlib.import_module(place), constant, None)
        if isinstance(extension, of):
            yield place, extension


def _others(kind: str, of: type[T]) -> Iterator[tuple[str, T]]:
    for entry in sorted(entry_points(group=f"punchingfist.{kind}"), key=lambda one: one.value):
        extension = entry.load()
        if not isinstance(extension, of):
            raise Conflict(f"entry point {entry.value!r} is no {of.__name__}; publish the constant")
        yield entry.value, extension
