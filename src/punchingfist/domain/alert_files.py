"""Alerts in files: whole documents, and logs to which a line is added for each."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Self

from punchingfist.domain.alerts import Alert
from punchingfist.domain.json import JsonObject
from punchingfist.domain.webhook_body import read_body
from punchingfist.errors import InvalidInput

LONGEST_LINE_BYTES = 4 * 1024 * 1024
LARGEST_DOCUMENT_BYTES = 32 * 1024 * 1024
HEAD_BYTES = 256
"""How much of a file's beginning tells it from another of the same name."""


@dataclass(frozen=True, slots=True)
class FilePlace:
    """
    How far one file was read.

    *identity* is the file's own on its disk and *head* the hash of its first
    *head_bytes*: with either changed it is another file. Of a log *offset*
    bytes in *line* whole lines were read, and *skipping* says that the rest of
    an endless line is still to be passed over. Of a document *digest* is the
    hash of what was read last, empty while it may be half written.
    """

    identity: str
    head: str = ""
    head_bytes: int = 0
    offset: int = 0
    line: int = 0
    skipping: bool = False
    digest: str = ""

    def to_json(self) -> JsonObject:
        return asdict(self)

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        return cls(**value)


@dataclass(frozen=True, slots=True)
class Line:
    """One whole line of a log, by its number from 1; *text* is None for one nobody can read."""

    number: int
    text: bytes | None


def split_lines(chunk: bytes, place: FilePlace) -> tuple[list[Line], FilePlace]:
    """
    Return the whole lines of *chunk*, which stands at *place*, and the place behind them.

    A line without its end waits for it, unless it is longer than any alert.
    """
    lines: list[Line] = []
    at, number, skipping = 0, place.line, place.skipping
    while (end := chunk.find(b"\n", at)) >= 0:
        number += 1
        if skipping:
            skipping = False
        elif end - at > LONGEST_LINE_BYTES:
            lines.append(Line(number, None))
        else:
            lines.append(Line(number, chunk[at:end]))
        at = end + 1
    if len(chunk) - at > LONGEST_LINE_BYTES or skipping:
        if not skipping:
            lines.append(Line(number + 1, None))
        at, skipping = len(chunk), True
    return lines, replace(place, offset=place.offset + at, line=number, skipping=skipping)


def read_line(line: Line, file: str) -> tuple[Alert, ...]:
    """
    Return the alerts of one line; a blank line has none.

    Raises:
        InvalidInput: it is no alert; names the file and the line.
    """
    if line.text is None:
        raise InvalidInput(
            f"the line is longer than {LONGEST_LINE_BYTES} bytes", file=file, line=line.number
        )
    if not line.text.strip():
        return ()
    return _read(line.text, file, line.number)


def read_document(text: bytes, file: str) -> tuple[Alert, ...]:
    """
    Return the alerts of a whole file: one, a list of them, or a webhook body.

    Raises:
        InvalidInput: it is none of these; names the file and, where it is no JSON, the line.
    """
    if len(text) > LARGEST_DOCUMENT_BYTES:
        raise InvalidInput(
            f"the file is larger than {LARGEST_DOCUMENT_BYTES} bytes; write lines to a .jsonl",
            file=file,
        )
    return _read(text, file, None)


def _read(text: bytes, file: str, line: int | None) -> tuple[Alert, ...]:
    try:
        body = json.loads(text.decode("utf-8-sig"), parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        place = line or error.lineno
        why = f"this is no JSON: {error.msg} at column {error.colno}"
        raise InvalidInput(why, file=file, line=place) from None
    except (ValueError, RecursionError) as error:
        raise InvalidInput(f"this is no JSON: {error}", file=file, line=line) from None
    try:
        return read_body(_as_posted(body))
    except InvalidInput as error:
        raise InvalidInput(str(error), field=error.field, file=file, line=line) from None


def _as_posted(body: Any) -> Any:
    """Return single alerts, and those of Alertmanager's list, as its webhook posts them."""
    if isinstance(body, dict) and "alerts" not in body:
        body = [body]
    if isinstance(body, list):
        return {"status": "firing", "alerts": [_listed(one) for one in body]}
    return body


def _listed(alert: Any) -> Any:
    if isinstance(alert, dict) and not isinstance(alert.get("status"), str):
        return {**alert, "status": "firing"}
    return alert


def _no_constant(word: str) -> None:
    raise ValueError(f"{word} is not JSON")
