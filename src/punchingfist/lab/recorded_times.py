"""Times in recordings: relative ones made absolute, all of them moved to another present."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from punchingfist.lab.kubernetes.logs import LoggedLine

_SPAN = re.compile(r"-(?=\d)(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?")
_TIME_KEY = re.compile(r"(time|timestamp|at|^now)$", re.IGNORECASE)
_MICRO_KEYS = ("acquireTime", "eventTime", "lastObservedTime", "renewTime")
_RFC3339 = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)")
_ZERO_YEAR = "0001-"
_PREFIX_BYTES = 72
_RELATIVE_PREFIX = re.compile(rb"(-(?:\d+[dhms])+|now)(?= |$)")


class _LogStamp(NamedTuple):
    """One way programs write the time at the head of a line."""

    pattern: re.Pattern[bytes]
    layout: str


_LOG_STAMPS = (
    _LogStamp(
        re.compile(
            rb"(?P<at>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?P<fraction>[.,]\d+)?"
            rb"(?P<zone>[+-]\d\d:?\d\d)?"
        ),
        "%Y-%m-%dT%H:%M:%S",
    ),
    _LogStamp(
        re.compile(
            rb"(?P<at>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)(?P<fraction>[.,]\d+)?"
            rb"(?P<zone> ?[+-]\d\d:?\d\d)?"
        ),
        "%Y-%m-%d %H:%M:%S",
    ),
    _LogStamp(
        re.compile(
            rb"(?P<at>\d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d)(?P<fraction>\.\d+)?(?P<zone>)"
        ),
        "%d %b %Y %H:%M:%S",
    ),
    _LogStamp(
        re.compile(
            rb"(?P<at>\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d)(?P<fraction>)(?P<zone> [+-]\d{4})?"
        ),
        "%d/%b/%Y:%H:%M:%S",
    ),
)


def parse_span(text: str) -> timedelta | None:
    """Return what `-1h30m` or `now` means, None for any other text."""
    if text == "now":
        return timedelta()
    found = _SPAN.fullmatch(text)
    if found is None:
        return None
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return -timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)


def resolve(value: Any, now: datetime) -> Any:
    """Make every relative time under a key that names a time absolute."""
    return _map_strings(value, lambda text, key: _resolved(text, key, now))


def shift(value: Any, by: timedelta) -> Any:
    """Move every RFC 3339 time in *value*; the zero time stays."""
    return _map_strings(value, lambda text, _key: _shifted(text, by))


def _map_strings(value: Any, change: Callable[[str, str], str], key: str = "") -> Any:
    if isinstance(value, dict):
        return {k: _map_strings(v, change, str(k)) for k, v in value.items()}
    if isinstance(value, list):
        return [_map_strings(item, change, key) for item in value]
    return change(value, key) if isinstance(value, str) else value


def _resolved(text: str, key: str, now: datetime) -> str:
    if not _TIME_KEY.search(key):
        return text
    span = parse_span(text)
    if span is None:
        return text
    fraction = ".000000" if key in _MICRO_KEYS else ""
    return f"{(now + span).strftime('%Y-%m-%dT%H:%M:%S')}{fraction}Z"


def _shifted(text: str, by: timedelta) -> str:
    found = _RFC3339.fullmatch(text)
    if found is None or text.startswith(_ZERO_YEAR):
        return text
    moved = datetime.fromisoformat(found[1]) + by
    return f"{moved.isoformat(timespec='seconds')}{found[2] or ''}{found[3]}"


def resolve_log(log: bytes, now: datetime) -> bytes:
    """Make a relative time at the head of a line absolute."""
    return _map_lines(log, lambda line: _resolved_line(line, now))


def shift_log(log: bytes, by: timedelta) -> bytes:
    """Move the time at the head of each line, in the notation the line has."""
    return _map_lines(log, lambda line: _shifted_line(line, by))


def _map_lines(log: bytes, change: Callable[[bytes], bytes]) -> bytes:
    return b"\n".join(change(line) for line in log.split(b"\n"))


def _resolved_line(line: bytes, now: datetime) -> bytes:
    found = _RELATIVE_PREFIX.match(line)
    span = parse_span(found[1].decode()) if found else None
    if found is None or span is None:
        return line
    return (now + span).strftime("%Y-%m-%dT%H:%M:%SZ").encode() + line[found.end() :]


def _shifted_line(line: bytes, by: timedelta) -> bytes:
    stamp, found = _find_stamp(line)
    if stamp is None or found is None:
        return line
    moved = (_parsed(stamp, found) + by).strftime(stamp.layout).encode()
    return line[: found.start("at")] + moved + line[found.end("at") :]


def _find_stamp(line: bytes) -> tuple[_LogStamp | None, re.Match[bytes] | None]:
    for stamp in _LOG_STAMPS:
        found = stamp.pattern.search(line, 0, _PREFIX_BYTES)
        if found and _is_time(stamp, found):
            return stamp, found
    return None, None


def _is_time(stamp: _LogStamp, found: re.Match[bytes]) -> bool:
    try:
        _parsed(stamp, found)
    except ValueError:
        return False
    return True


def _parsed(stamp: _LogStamp, found: re.Match[bytes]) -> datetime:
    return datetime.strptime(found["at"].decode(), stamp.layout).replace(tzinfo=UTC)


def logged_lines(log: bytes) -> tuple[LoggedLine, ...]:
    """Split a log into lines that know their time; one without takes that of the line before."""
    lines, at = [], None
    for text in log.removesuffix(b"\n").split(b"\n") if log else ():
        stamp, found = _find_stamp(text)
        if stamp is not None and found is not None:
            at = _instant(stamp, found)
        lines.append(LoggedLine(at, text))
    return tuple(lines)


def _instant(stamp: _LogStamp, found: re.Match[bytes]) -> datetime:
    fraction = float(b"0." + found["fraction"][1:]) if found["fraction"] else 0.0
    at = _parsed(stamp, found) + timedelta(seconds=fraction)
    if not found["zone"]:
        return at
    zone = found["zone"].strip().replace(b":", b"").decode()
    offset = timedelta(hours=int(zone[1:3]), minutes=int(zone[3:5]))
    return at - offset if zone[0] == "+" else at + offset
