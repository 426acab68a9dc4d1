"""Named changes: which object, what about it, when."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from punchingfist.domain.investigation.cases import Case
from punchingfist.domain.investigation.containers import Container, containers
from punchingfist.domain.investigation.findings import ChangeSeen, ObjectRef
from punchingfist.domain.investigation.pages import Seen, mappings
from punchingfist.domain.investigation.quantities import parse_time

LOOK_BACK: Final = timedelta(hours=24)
# Clocks differ, and an alert's own start is rounded to its evaluation.
_SLACK: Final = timedelta(minutes=5)
_REVISION: Final = "deployment.kubernetes.io/revision"


def changes(case: Case) -> tuple[ChangeSeen, ...]:
    """Return every change seen in the day before the trouble, latest first."""
    before = (case.question.starts_at or case.question.at) + _SLACK
    found = [*_rollouts(case), *_edits(case)]
    kept = [c for c in found if before - LOOK_BACK <= _at(c) <= before]
    return tuple(sorted(kept, key=lambda c: (_at(c), c.object), reverse=True))


def change_of(case: Case, ref: ObjectRef) -> ChangeSeen | None:
    """Return the latest change of *ref* itself."""
    return next((change for change in changes(case) if change.object == ref), None)


def last_change(case: Case, about: ObjectRef | None) -> ChangeSeen | None:
    """Return the latest change of *about*, else the latest of anything linked to the alert."""
    found = [change for change in changes(case) if change.object in case.routes]
    own = [change for change in found if change.object == about]
    return next(iter(own or found), None)


def _rollouts(case: Case) -> Iterator[ChangeSeen]:
    for deployment in case.inventory.kind("Deployment"):
        sets = [s for s in case.inventory.children(deployment) if s.ref.kind == "ReplicaSet"]
        ordered = sorted(sets, key=_revision)
        created = ordered[-1].at("metadata", "creationTimestamp") if ordered else None
        quote = ordered[-1].quote("creationTimestamp", created) if created else None
        if quote and parse_time(created):
            older = ordered[-2] if len(ordered) > 1 else None
            what = f"revision {_revision(ordered[-1])} rolled out{_difference(older, ordered[-1])}"
            yield ChangeSeen(deployment.ref, what, str(created), quote)


def _edits(case: Case) -> Iterator[ChangeSeen]:
    for seen in case.inventory.kind("Service", "ConfigMap"):
        edits = [e for e in seen.items("metadata", "managedFields") if _is_edit(e)]
        latest = max(edits, key=lambda e: str(e.get("time")), default=None)
        quote = seen.quote("time", latest.get("time")) if latest else None
        if latest and quote:
            fields = ", ".join(sorted(_changed(latest.get("fieldsV1"))))
            what = f"{fields or 'edited'} changed by {latest.get('manager', 'somebody')}"
            yield ChangeSeen(seen.ref, what, str(latest.get("time")), quote)


def _is_edit(entry: Mapping[str, Any]) -> bool:
    return not entry.get("subresource") and parse_time(entry.get("time")) is not None


def _changed(fields: object) -> Iterator[str]:
    for top in ("f:spec", "f:data"):
        inner = fields.get(top) if isinstance(fields, Mapping) else None
        if isinstance(inner, Mapping):
            yield from (key.removeprefix("f:") for key in inner if key.startswith("f:"))


def _difference(old: Seen | None, new: Seen) -> str:
    if old is None:
        return ""
    before = {part.name: part for part in containers(old)}
    notes = [
        note for part in containers(new) if part.name in before
        for note in _notes(before[part.name], part)
    ]  # fmt: skip
    return f": {'; '.join(notes)}" if notes else ""


def _notes(old: Container, new: Container) -> Iterator[str]:
    images = [str(part.spec.get("image", "")).rsplit("/", maxsplit=1)[-1] for part in (old, new)]
    pairs: list[tuple[str, str | None, str | None]] = [("image", images[0], images[1])]
    pairs += [(f"{r} limit", old.limit_text(r), new.limit_text(r)) for r in ("memory", "cpu")]
    env = [{e.get("name"): e for e in mappings(part.spec.get("env"))} for part in (old, new)]
    yield from (f"{what} {was} → {now}" for what, was, now in pairs if was != now)
    names = sorted(str(n) for n in env[0].keys() | env[1].keys() if env[0].get(n) != env[1].get(n))
    yield from (f"env {name}" for name in names)


def _revision(replica_set: Seen) -> int:
    text = str(replica_set.mapping("metadata", "annotations").get(_REVISION, "0"))
    return int(text) if text.isdigit() else 0


def _at(change: ChangeSeen) -> datetime:
    at = parse_time(change.at)
    assert at is not None
    return at
