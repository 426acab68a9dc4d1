"""The audit trail as a chain: each row carries the hash of the one before it."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from punchingfist.domain.identity import Caller
from punchingfist.domain.json import Json, JsonObject
from punchingfist.domain.storable import storable_text

GENESIS: Final = "0" * 64
"""What stands for the row before the first."""

PRUNED: Final = "audit.prune"
"""The deed of a checkpoint: *after* says which row was the last to go, and its hash."""


@dataclass(frozen=True, slots=True)
class Deed:
    """Who did what to which object when, and how it was *before* and *after*; never a secret."""

    at: datetime
    caller: Caller
    what: str
    object: str
    before: JsonObject | None = None
    after: JsonObject | None = None


@dataclass(frozen=True, slots=True)
class AuditRow:
    """
    One deed as it is stored.

    *before* and *after* are canonical JSON text, because a database may write
    the same document in another way and the hash covers each letter.
    """

    seq: int
    at: datetime
    who: str
    role: str
    how: str
    what: str
    object: str
    before: str | None
    after: str | None
    address: str
    request_id: str
    previous: str
    digest: str

    def to_json(self) -> dict[str, Json]:
        """Return the row for people and programs."""
        row: dict[str, Json] = {name: getattr(self, name) for name in self.__slots__}
        return row | {
            "at": self.at.isoformat(),
            "before": json.loads(self.before) if self.before else None,
            "after": json.loads(self.after) if self.after else None,
        }


@dataclass(frozen=True, slots=True)
class Head:
    """The last row of the chain; seq 0 when there is none."""

    seq: int = 0
    digest: str = GENESIS


def canonical(value: Any) -> str:
    """Return *value* as the one JSON text that means it, in ASCII."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), default=_plain)


def forge(deed: Deed, head: Head) -> AuditRow:
    """Return the row that follows *head*."""
    fields: dict[str, Any] = {
        "seq": head.seq + 1,
        "at": deed.at.astimezone(UTC),
        "who": storable_text(deed.caller.name)[:255],
        "role": deed.caller.role.value,
        "how": deed.caller.how.value,
        "what": deed.what,
        "object": storable_text(deed.object)[:255],
        "before": canonical(deed.before) if deed.before is not None else None,
        "after": canonical(deed.after) if deed.after is not None else None,
        "address": storable_text(deed.caller.whence.address)[:255],
        "request_id": storable_text(deed.caller.whence.request_id)[:255],
    }
    digest = _digest(head.digest, fields)
    return AuditRow(**fields, previous=head.digest, digest=digest)


def checkpoint(caller: Caller, through: AuditRow, *, at: datetime) -> Deed:
    """Return the deed that lets every row up to *through* go and the chain still hold."""
    after: JsonObject = {"through": through.seq, "digest": through.digest}
    return Deed(at, caller, PRUNED, f"rows up to {through.seq}", after=after)


@dataclass(slots=True)
class ChainCheck:
    """
    Goes over the rows in their order and collects what is wrong.

    A chain may begin in the middle when one of its own checkpoints says so.
    """

    flaws: list[str] = field(default_factory=list)
    rows: int = 0
    _last: Head | None = None
    _begins: Head | None = None
    _checkpoints: set[tuple[int, str]] = field(default_factory=set)

    def take(self, rows: Iterable[AuditRow]) -> None:
        """Look at the next *rows*."""
        for row in rows:
            flaws = list(self._flaws(row))
            self.flaws += flaws
            self._last, self.rows = Head(row.seq, row.digest), self.rows + 1
            if row.what == PRUNED and row.after and not flaws:
                after = json.loads(row.after)
                self._checkpoints.add((after.get("through"), after.get("digest")))

    def finish(self, head: Head) -> Sequence[str]:
        """Compare the end with *head*, which is kept apart, and return all that is wrong."""
        begins, last = self._begins or Head(), self._last or Head()
        if begins.seq and (begins.seq, begins.digest) not in self._checkpoints:
            self.flaws.insert(0, f"{_rows(1, begins.seq)} missing, and no checkpoint says why")
        if last.seq < head.seq:
            self.flaws.append(f"{_rows(last.seq + 1, head.seq)} missing at the end")
        elif last != head:
            self.flaws.append(f"row {last.seq} is not the last one that was written")
        return self.flaws

    def _flaws(self, row: AuditRow) -> Iterator[str]:
        last = self._last
        if last is None:
            self._begins = last = Head(row.seq - 1, row.previous)
        if row.seq > last.seq + 1:
            yield f"{_rows(last.seq + 1, row.seq - 1)} missing"
        elif row.seq <= last.seq:
            yield f"row {row.seq} comes after row {last.seq}"
        elif row.previous != last.digest or (row.seq == 1 and row.previous != GENESIS):
            yield f"row {row.seq} does not follow row {last.seq} as it is"
        if row.digest != digest_row(row):
            yield f"row {row.seq} was changed"


def digest_row(row: AuditRow) -> str:
    """Return the hash *row* should have."""
    names = [name for name in row.__slots__ if name not in {"previous", "digest"}]
    return _digest(row.previous, {name: getattr(row, name) for name in names})


def _digest(previous: str, fields: JsonObject) -> str:
    return hashlib.sha256(f"{previous}\n{canonical(fields)}".encode()).hexdigest()


def _rows(first: int, last: int) -> str:
    return f"row {first} is" if first == last else f"rows {first} to {last} are"


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} is not JSON")
