"""Which lines of a log say what went wrong."""

import re
from collections.abc import Iterable, Mapping
from typing import Final

from punchingfist.domain.investigation.findings import Quote
from punchingfist.domain.investigation.pages import parse_json
from punchingfist.domain.investigation.readings import Log

HEAP: Final = re.compile(
    r"OutOfMemoryError|out of memory|cannot allocate memory|heap space|heap limit|MemoryError"
    r"|memory allocation of .* failed|bad_alloc",
    re.IGNORECASE,
)
TIMEOUT: Final = re.compile(
    r"tim(?:ed|e)[ -]?out|deadline exceeded|connection (?:refused|reset|timeout)|no route to host"
    r"|too many (?:connections|clients)|(?:could not|unable to|cannot|failed to) (?:connect|reach)"
    r"|pool (?:is )?exhausted|unavailable|upstream .*(?:slow|error)|no such host",
    re.IGNORECASE,
)
SATURATED: Final = re.compile(
    r"OOM command not allowed|maxmemory|too many (?:connections|clients)|slow query|duration: \d{4,}"
    r"|remaining connection slots|evict(?:ed|ing|ion)|out of memory|disk full|no space left",
    re.IGNORECASE,
)
LISTENING: Final = re.compile(
    r"listen|serving|started .* on|bound to|running (?:on|at)", re.IGNORECASE
)
_FATAL: Final = re.compile(
    r"\b(fatal|panic|traceback|critical|unhandled|exception in thread)\b|\b\w*(Error|Exception)\b:"
)
_ERROR: Final = re.compile(
    r"\b(error|fatal|panic|exception|critical|failed|failure|refused|denied|cannot|unable"
    r"|missing|required|not found|undefined|invalid)\b|(Error|Exception)\b",
    re.IGNORECASE,
)
_LEVEL: Final = re.compile(
    r"\b(ERROR|FATAL|CRITICAL|PANIC|SEVERE)\b|level=\"?(error|fatal)|\"level\": ?\"(error|fatal)"
    r"|^\w*(Error|Exception)\b|\bTraceback\b"
)
_FRAME: Final = re.compile(r"^\s*(at |File \"|\.\.\. \d+ more|goroutine |\s+\S+\.go:\d+)")
_STAMP: Final = re.compile(r"^[\[(]?\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d\S*(?: UTC)?[\])]?\s*")
_LONGEST_READ: Final = 2000
_LONGEST_GIST: Final = 140


def gist(line: str) -> str:
    """Return what a person would repeat of *line*: its message, without time and fields."""
    fields = parse_json(line) if line.startswith("{") else None
    keys = ("msg", "message", "error", "err")
    told = [fields.get(key) for key in keys] if isinstance(fields, Mapping) else []
    text = next((one for one in told if isinstance(one, str) and one), _STAMP.sub("", line))
    return text if len(text) <= _LONGEST_GIST else f"{text[:_LONGEST_GIST]}…"


def matching(log: Log, pattern: re.Pattern[str]) -> tuple[str, ...]:
    """Return the lines of *log* that match, oldest first."""
    return tuple(line for line in log.lines if pattern.search(line[:_LONGEST_READ]))


def last_quote(logs: Iterable[Log], pattern: re.Pattern[str]) -> Quote | None:
    """Return the last matching line of the first log that has one."""
    for log in logs:
        lines = matching(log, pattern)
        if lines:
            return log.page.quote(lines[-1])
    return None


def parting_quote(logs: Iterable[Log]) -> Quote | None:
    """Return the line that best tells why a process ended; stack frames tell nothing."""
    for log in logs:
        told = [line for line in log.lines if not _FRAME.match(line)]
        for pattern in (_FATAL, _ERROR):
            lines = [line for line in told if pattern.search(line[:_LONGEST_READ])]
            if lines:
                return log.page.quote(lines[-1])
    return None


def error_lines(log: Log) -> tuple[str, ...]:
    """Return the lines written at an error level or naming an exception."""
    return tuple(
        line for line in log.lines if _LEVEL.search(line[:_LONGEST_READ]) and not _FRAME.match(line)
    )
