from datetime import UTC, datetime, timedelta

import pytest

from punchingfist.lab.kubernetes.logs import LoggedLine, LogKey, read_log
from punchingfist.lab.kubernetes.objects import Manifest
from punchingfist.lab.kubernetes.statuses import ApiError

NOW = datetime(2025, 6, 12, 14, 30, tzinfo=UTC)
LINES = (
    LoggedLine(NOW - timedelta(minutes=10), b"first"),
    LoggedLine(NOW - timedelta(minutes=1), b"\xff\xfe not text"),
    LoggedLine(NOW, b"last"),
)


def _logs(key: LogKey) -> tuple[LoggedLine, ...] | None:
    return LINES if key == LogKey("default", "web-1", "app") else None


def _read(pod: Manifest, **query: str) -> bytes:
    return read_log(pod, {"container": "app", **query}, _logs, now=NOW)


@pytest.mark.parametrize(
    ("query", "text"),
    [
        pytest.param({}, b"first\n\xff\xfe not text\nlast\n", id="whole-and-byte-for-byte"),
        pytest.param({"tailLines": "1"}, b"last\n", id="tail"),
        pytest.param({"tailLines": "0"}, b"", id="tail-of-nothing"),
        pytest.param({"sinceSeconds": "60"}, b"\xff\xfe not text\nlast\n", id="since-a-span"),
        pytest.param({"sinceTime": "2025-06-12T14:30:00Z"}, b"last\n", id="since-a-time"),
        pytest.param({"limitBytes": "7"}, b"first\n\xff", id="limited"),
        pytest.param(
            {"tailLines": "1", "timestamps": "true"},
            b"2025-06-12T14:30:00.000000000Z last\n",
            id="timestamped",
        ),
    ],
)
def test_a_log_is_served_as_asked(pod: Manifest, query: dict[str, str], text: bytes) -> None:
    assert _read(pod, **query) == text


@pytest.mark.parametrize(
    ("query", "why"),
    [
        pytest.param({"container": ""}, "choose one of: [app proxy]", id="which-container"),
        pytest.param({"container": "db"}, "container db is not valid for pod web-1", id="no-such"),
        pytest.param({"previous": "true"}, "previous terminated container", id="no-previous-run"),
        pytest.param({"tailLines": "-1"}, 'tailLines: Invalid value: "-1"', id="negative"),
        pytest.param({"limitBytes": "x"}, 'limitBytes: Invalid value: "x"', id="no-number"),
    ],
)
def test_a_log_that_cannot_be_served_says_why(
    pod: Manifest, query: dict[str, str], why: str
) -> None:
    with pytest.raises(ApiError) as refusal:
        _read(pod, **query)

    assert why in refusal.value.message


def test_a_container_that_never_started_has_no_log(pod: Manifest) -> None:
    waiting = {"name": "proxy", "state": {"waiting": {"reason": "ImagePullBackOff"}}}
    stuck = {**pod, "status": {"containerStatuses": [waiting]}}

    with pytest.raises(ApiError, match="is waiting to start: ImagePullBackOff"):
        _read(stuck, container="proxy")


def test_a_container_that_wrote_nothing_has_an_empty_log(pod: Manifest) -> None:
    running = {"name": "proxy", "state": {"running": {}}}

    assert _read({**pod, "status": {"containerStatuses": [running]}}, container="proxy") == b""
