"""The server's tables as `kubectl get` prints them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from punchingfist.domain.guardrails.kubectl_commands import KubectlCommand
from punchingfist.operations.kubectl.client import Manifest
from punchingfist.operations.kubectl.kinds import Kind
from punchingfist.operations.kubectl.layout import age, columns, dig, sort_key


def render_tables(
    command: KubectlCommand, pages: Sequence[tuple[Kind, Manifest]], now: datetime
) -> str:
    """Return one table for each kind; kinds without a row are left out."""
    several = len({kind for kind, _ in pages}) > 1 or "all" in command.resources
    texts = []
    for kind, of_kind in groupby(pages, key=lambda pair: pair[0]):
        view = _View(command, kind, prefixed=several or command.is_set("show-kind"))
        heading, *rows = view.rows([_as_table(page, now) for _, page in of_kind])
        if rows:
            texts.append(columns(rows if command.is_set("no-headers") else [heading, *rows]))
    return "\n".join(texts)


@dataclass(frozen=True, slots=True)
class _View:
    """How one kind is shown; *prefixed* names get their kind, `pod/cart-1`."""

    command: KubectlCommand
    kind: Kind
    prefixed: bool

    @property
    def _everywhere(self) -> bool:
        return self.command.is_set("all-namespaces") and self.kind.namespaced

    @property
    def _label_keys(self) -> list[str]:
        return [key for key in self.command.flags.get("label-columns", "").split(",") if key]

    def rows(self, tables: Sequence[Manifest]) -> list[list[object]]:
        """Return the heading, then the rows."""
        shown = [
            (at, column["name"].upper())
            for at, column in enumerate(tables[0]["columnDefinitions"])
            if not column.get("priority") or self.command.flags.get("output") == "wide"
        ]
        rows = [row for table in tables for row in table.get("rows") or ()]
        if path := self.command.flags.get("sort-by"):
            rows.sort(key=lambda row: sort_key(dig(row.get("object"), path)))
        heading = [
            *(["NAMESPACE"] if self._everywhere else []),
            *(name for _, name in shown),
            *(key.rpartition("/")[2].upper() for key in self._label_keys),
            *(["LABELS"] if self.command.is_set("show-labels") else []),
        ]
        return [list(heading), *(self._row(row, [at for at, _ in shown]) for row in rows)]

    def _row(self, row: Manifest, shown: Sequence[int]) -> list[object]:
        metadata = (row.get("object") or {}).get("metadata") or {}
        labels = metadata.get("labels") or {}
        cells = [row["cells"][at] for at in shown]
        if self.prefixed:
            cells[0] = f"{self.kind.prefix}/{cells[0]}"
        if self._everywhere:
            cells.insert(0, metadata.get("namespace", ""))
        cells += [labels.get(key, "") for key in self._label_keys]
        if self.command.is_set("show-labels"):
            cells.append(
                ",".join(f"{key}={value}" for key, value in sorted(labels.items())) or None
            )
        return cells


def _as_table(page: Manifest, now: datetime) -> Manifest:
    """Return *page* as a table; an aggregated API may answer with plain objects."""
    if "columnDefinitions" in page:
        return page
    rows = [
        {
            "cells": [
                item["metadata"]["name"],
                age(item["metadata"].get("creationTimestamp"), now),
            ],
            "object": item,
        }
        for item in page.get("items", [page])
    ]
    return {"columnDefinitions": [{"name": "Name"}, {"name": "Age"}], "rows": rows}
