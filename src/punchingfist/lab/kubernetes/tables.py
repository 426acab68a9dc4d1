"""Objects as the `Table` kind that `kubectl get` prints."""

import re
from collections.abc import Sequence
from datetime import datetime

from punchingfist.lab.kubernetes.columns import clusters, networking, pods, workloads
from punchingfist.lab.kubernetes.columns.layout import Cells, Column, Layout, age, layout, name_of
from punchingfist.lab.kubernetes.objects import Manifest, dig, metadata_of
from punchingfist.lab.kubernetes.resources import METRICS_GROUP, Resource
from punchingfist.lab.kubernetes.times import age_of

_LAYOUTS = pods.LAYOUTS | workloads.LAYOUTS | networking.LAYOUTS | clusters.LAYOUTS
_PLAIN = layout("Name, Age", lambda obj, now: (name_of(obj), age(obj, now)))
_BY_TYPE = re.compile(
    r"(?P<list>.+)\[\?\(@\.(?P<key>\w+)==[\"'](?P<value>.+)[\"']\)\]\.(?P<field>.+)"
)


def table_of(
    resource: Resource,
    objects: Sequence[Manifest],
    *,
    now: datetime,
    include: str,
    list_metadata: Manifest,
) -> Manifest:
    """
    Return the table of *objects*.

    *include* is the client's `includeObject`: how much of each object goes
    with its row (`Object`, `Metadata` or `None`).
    """
    shown = _custom(resource.printer_columns) if resource.printer_columns else _builtin(resource)
    return {
        "kind": "Table",
        "apiVersion": "meta.k8s.io/v1",
        "metadata": list_metadata,
        "columnDefinitions": [_definition(column) for column in shown.columns],
        "rows": [
            {"cells": list(shown.row(obj, now)), "object": _included(obj, include)}
            for obj in objects
        ],
    }


def _builtin(resource: Resource) -> Layout:
    return _PLAIN if resource.group == METRICS_GROUP else _LAYOUTS.get(resource.plural, _PLAIN)


def _definition(column: Column) -> Manifest:
    return {
        "name": column.name,
        "type": column.type,
        "format": "name" if column.name == "Name" else "",
        "description": "",
        "priority": int(column.wide),
    }


def _included(obj: Manifest, include: str) -> Manifest | None:
    if include == "Object":
        return obj
    if include == "None":
        return None
    partial = {"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1"}
    return {**partial, "metadata": metadata_of(obj)}


def _custom(printer_columns: Sequence[Manifest]) -> Layout:
    """Return the layout that a CustomResourceDefinition asks for."""
    columns = [Column(c["name"], c["type"], c.get("priority", 0) > 0) for c in printer_columns]

    def row(obj: Manifest, now: datetime) -> Cells:
        return (name_of(obj), *(_cell(obj, column, now) for column in printer_columns))

    return Layout((Column("Name"), *columns), row)


def _cell(obj: Manifest, column: Manifest, now: datetime) -> object:
    path = column["jsonPath"].lstrip(".")
    if by_type := _BY_TYPE.fullmatch(path):
        items = dig(obj, by_type["list"]) or ()
        found = (i for i in items if str(i.get(by_type["key"])) == by_type["value"])
        return dig(next(found, {}), by_type["field"])
    if "[*]." in path:
        many, _, field = path.partition("[*].")
        return ",".join(str(dig(item, field)) for item in dig(obj, many) or ())
    value = dig(obj, path)
    return age_of(value, now) if column["type"] == "date" and value else value
