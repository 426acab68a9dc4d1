"""`kubectl events` over the API, and the events part of `describe`."""

from collections.abc import Sequence
from datetime import datetime

from punchingfist.domain.guardrails.kubectl_commands import KubectlCommand
from punchingfist.operations.kubectl.answers import Answer, to_json
from punchingfist.operations.kubectl.client import Api, Manifest
from punchingfist.operations.kubectl.kinds import find_kind
from punchingfist.operations.kubectl.layout import age, columns, to_yaml

_HEADING = ("LAST SEEN", "TYPE", "REASON", "OBJECT", "MESSAGE")


async def run_events(command: KubectlCommand, api: Api, now: datetime) -> Answer:
    """Answer `events`, oldest first."""
    kind = await find_kind(api, "events")
    params = {}
    if "for" in command.flags:
        about, _, name = command.flags["for"].partition("/")
        params["fieldSelector"] = about_object((await find_kind(api, about)).kind, name)
    events = await api.list_all(kind.path(command.namespace), params)
    types = command.flags.get("types", "").lower().split(",")
    chosen = [e for e in events if types == [""] or str(e.get("type")).lower() in types]
    chosen.sort(key=last_seen)
    if output := command.flags.get("output"):
        document = {"apiVersion": "v1", "items": chosen, "kind": "List", "metadata": {}}
        return Answer(to_json(document) if output == "json" else to_yaml(document))
    if not chosen:
        where = f" in {command.namespace} namespace" if command.namespace else ""
        return Answer("", f"No events found{where}.\n")
    everywhere = command.is_set("all-namespaces")
    return Answer(
        _table(chosen, now, everywhere=everywhere, headed=not command.is_set("no-headers")),
        truncated=api.truncated,
    )


def about_object(kind: str, name: str) -> str:
    """Return the field selector for the events of one object."""
    return f"involvedObject.kind={kind},involvedObject.name={name}"


def last_seen(event: Manifest) -> str:
    """Return when an event happened last; RFC 3339 times of one zone sort as text."""
    series = event.get("series") or {}
    return (
        series.get("lastObservedTime")
        or event.get("lastTimestamp")
        or event.get("eventTime")
        or event["metadata"].get("creationTimestamp")
        or ""
    )


def _table(
    events: Sequence[Manifest], now: datetime, *, everywhere: bool, headed: bool = True
) -> str:
    rows = [_row(event, now) for event in events]
    if headed:
        rows.insert(0, _HEADING)
    if everywhere:
        places = [*(["NAMESPACE"] if headed else []), *(e["metadata"]["namespace"] for e in events)]
        return columns([place, *row] for place, row in zip(places, rows, strict=True))
    return columns(rows)


def render_events(events: Sequence[Manifest], now: datetime) -> str:
    """Return *events* of one namespace as a table, oldest first."""
    return _table(sorted(events, key=last_seen), now, everywhere=False)


def _row(event: Manifest, now: datetime) -> tuple[str, ...]:
    about = event.get("involvedObject") or {}
    return (
        _interval(event, now),
        str(event.get("type")),
        str(event.get("reason")),
        f"{about.get('kind')}/{about.get('name')}",
        str(event.get("message", "")).strip(),
    )


def _interval(event: Manifest, now: datetime) -> str:
    first = age(event.get("firstTimestamp") or event.get("eventTime"), now)
    series = event.get("series") or {}
    count = series.get("count") or event.get("count") or 1
    if not series and count <= 1:
        return first
    return f"{age(last_seen(event), now)} (x{count} over {first})"
