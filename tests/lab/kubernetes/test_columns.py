from datetime import timedelta

import pytest

from punchingfist.lab.kubernetes.columns.pods import pod_status
from punchingfist.lab.kubernetes.objects import Manifest
from punchingfist.lab.kubernetes.times import span


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0, "0s"),
        (119, "119s"),
        (120, "2m"),
        (185, "3m5s"),
        (600, "10m"),
        (3 * 3600, "3h"),
        (7 * 3600 + 720, "7h12m"),
        (8 * 3600 + 60, "8h"),
        (47 * 3600, "47h"),
        (2 * 86400 + 3600, "2d1h"),
        (9 * 86400, "9d"),
        (3 * 365 * 86400, "3y"),
        (9 * 365 * 86400, "9y"),
        (-60, "<invalid>"),
    ],
)
def test_a_span_reads_as_kubectl_prints_it(seconds: int, shown: str) -> None:
    assert span(timedelta(seconds=seconds)) == shown


def _status(**fields: object) -> Manifest:
    spec = {"containers": [{"name": "app"}], "initContainers": [{"name": "a"}, {"name": "b"}]}
    return {"metadata": {}, "spec": spec, "status": {"phase": "Running", **fields}}


def _state(**state: object) -> list[Manifest]:
    return [{"name": "app", "state": state}]


@pytest.mark.parametrize(
    ("pod", "shown"),
    [
        (_status(), "Running"),
        (_status(phase="Failed", reason="Evicted"), "Evicted"),
        (
            _status(containerStatuses=_state(waiting={"reason": "ImagePullBackOff"})),
            "ImagePullBackOff",
        ),
        (_status(containerStatuses=_state(terminated={"reason": "OOMKilled"})), "OOMKilled"),
        (_status(containerStatuses=_state(terminated={"exitCode": 3})), "ExitCode:3"),
        (_status(containerStatuses=_state(terminated={"signal": 9})), "Signal:9"),
        (_status(initContainerStatuses=_state(running={})), "Init:0/2"),
        (_status(initContainerStatuses=_state(terminated={"exitCode": 1})), "Init:ExitCode:1"),
        (
            _status(initContainerStatuses=_state(waiting={"reason": "CrashLoopBackOff"})),
            "Init:CrashLoopBackOff",
        ),
        ({**_status(), "metadata": {"deletionTimestamp": "x"}}, "Terminating"),
    ],
)
def test_the_status_of_a_pod_is_worked_out_from_its_containers(pod: Manifest, shown: str) -> None:
    assert pod_status(pod) == shown


def test_a_completed_container_beside_a_running_one_is_not_ready() -> None:
    states = [*_state(terminated={"reason": "Completed"}), *_state(running={})]

    assert pod_status(_status(containerStatuses=states)) == "NotReady"
