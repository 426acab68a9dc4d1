"""What containers wrote, served byte for byte as it was recorded."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from punchingfist.lab.kubernetes.objects import Manifest, dig, key_of
from punchingfist.lab.kubernetes.statuses import ApiError, bad_request
from punchingfist.lab.kubernetes.times import parse_stamp

Query = Mapping[str, str]


class LogKey(NamedTuple):
    """One container's output; *previous* is the run before the present one."""

    namespace: str
    pod: str
    container: str
    previous: bool = False


class LoggedLine(NamedTuple):
    """One line without its newline; *at* is None until a line has told a time."""

    at: datetime | None
    text: bytes


Logs = Callable[[LogKey], "tuple[LoggedLine, ...] | None"]


def read_log(pod: Manifest, query: Query, logs: Logs, *, now: datetime) -> bytes:
    """Return what the query asks of one container of *pod*."""
    container = _container(pod, query.get("container", ""))
    previous = query.get("previous") == "true"
    namespace, name = key_of(pod)
    lines = logs(LogKey(namespace, name, container, previous))
    if lines is None:
        lines = _unrecorded(pod, container, previous=previous)
    chosen = _tail(_since(lines, query, now), query)
    stamped = query.get("timestamps") == "true"
    text = b"".join(_printed(line, stamped=stamped, now=now) for line in chosen)
    return text[: _number(query, "limitBytes")] if "limitBytes" in query else text


def _container(pod: Manifest, asked: str) -> str:
    names = [
        c["name"]
        for group in ("containers", "initContainers", "ephemeralContainers")
        for c in dig(pod, f"spec.{group}") or ()
    ]
    _, name = key_of(pod)
    if asked:
        if asked not in names:
            raise bad_request(f"container {asked} is not valid for pod {name}")
        return asked
    main = [c["name"] for c in dig(pod, "spec.containers") or ()]
    if len(main) != 1:
        choice = f"choose one of: [{' '.join(main)}]"
        raise bad_request(f"a container name must be specified for pod {name}, {choice}")
    return str(main[0])


def _unrecorded(pod: Manifest, container: str, *, previous: bool) -> tuple[LoggedLine, ...]:
    """Say why there is no log, as a kubelet does; a container that runs has an empty one."""
    _, name = key_of(pod)
    if previous:
        raise bad_request(f'previous terminated container "{container}" in pod "{name}" not found')
    statuses = [
        status
        for group in ("containerStatuses", "initContainerStatuses")
        for status in dig(pod, f"status.{group}") or ()
        if status.get("name") == container
    ]
    waiting = dig(statuses[0], "state.waiting.reason") if statuses else "PodInitializing"
    if waiting not in (None, "CrashLoopBackOff"):
        raise bad_request(f'container "{container}" in pod "{name}" is waiting to start: {waiting}')
    return ()


def _since(lines: tuple[LoggedLine, ...], query: Query, now: datetime) -> list[LoggedLine]:
    if "sinceSeconds" in query:
        start = now - timedelta(seconds=_number(query, "sinceSeconds"))
    elif "sinceTime" in query:
        start = parse_stamp(query["sinceTime"])
    else:
        return list(lines)
    return [line for line in lines if line.at is None or line.at >= start]


def _tail(lines: list[LoggedLine], query: Query) -> list[LoggedLine]:
    if "tailLines" not in query:
        return lines
    count = _number(query, "tailLines")
    return lines[-count:] if count else []


def _printed(line: LoggedLine, *, stamped: bool, now: datetime) -> bytes:
    if not stamped:
        return line.text + b"\n"
    at = (line.at or now).astimezone(UTC).isoformat(timespec="microseconds")
    return at.replace("+00:00", "000Z").encode() + b" " + line.text + b"\n"


def _number(query: Query, name: str) -> int:
    try:
        number = int(query[name])
    except ValueError:
        number = -1
    if number < 0:
        raise ApiError(
            422, "Invalid", f'PodLogOptions "" is invalid: {name}: Invalid value: "{query[name]}"'
        )
    return number


def no_logs(_key: LogKey) -> tuple[LoggedLine, ...] | None:
    """Nothing was recorded."""
    return None
