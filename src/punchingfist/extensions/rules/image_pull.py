"""An image cannot be pulled."""

import re
from collections.abc import Iterator
from typing import Final

from punchingfist.domain.investigation.advice import inspect, roll_back
from punchingfist.domain.investigation.cases import Case
from punchingfist.domain.investigation.certainty import certainty
from punchingfist.domain.investigation.changes import change_of
from punchingfist.domain.investigation.containers import Container
from punchingfist.domain.investigation.findings import Finding, ObjectRef
from punchingfist.domain.investigation.inventory import Event
from punchingfist.domain.investigation.pages import Seen, present
from punchingfist.domain.investigation.phrases import sentence, short
from punchingfist.domain.investigation.rules import Rule

_WAITING: Final = frozenset(
    {"ErrImagePull", "ImagePullBackOff", "ErrImageNeverPull", "InvalidImageName"}
)
_WHY: Final = (
    (r"unauthorized|denied|forbidden|authentication|no basic auth", "the registry refuses access"),
    (r"not found|manifest unknown|does not exist", "image or tag not found"),
    (r"toomanyrequests|rate limit", "the registry's rate limit is reached"),
    (r"no such host|timeout|timed out|connection refused|x509|i/o", "the registry is unreachable"),
    (r"couldn't parse|invalid reference", "the image's name is malformed"),
)


def detect(case: Case) -> Iterator[Finding]:
    told: set[tuple[ObjectRef, str]] = set()
    for workload, container in case.pod_containers():
        key = (workload.ref, container.name)
        if container.waiting in _WAITING and key not in told:
            told.add(key)
            yield _finding(case, workload, container)


def _finding(case: Case, workload: Seen, container: Container) -> Finding:
    image = str(container.spec.get("image", ""))
    event = _event(case, container, image)
    text = event.message if event else container.waiting_message
    why = next((why for words, why in _WHY if re.search(words, text, re.IGNORECASE)), None)
    change = change_of(case, workload.ref)
    back = roll_back(workload, "the previous revision had an image") if change else None
    look = inspect(container.owner.ref, "check the image's name, tag and pull secret")
    return Finding(
        "image_pull",
        sentence(
            f"the image of {workload.name} cannot be pulled{f': {why}' if why else ''}",
            said=f" ({image})",
        ),
        workload.ref,
        present(
            event.quote() if event else None,
            container.owner.quote("message", container.waiting_message),
            container.owner.quote("reason", container.waiting),
            change.quote if change else None,
        ),
        certainty(0.75, 0.4 * bool(event), 0.3 * bool(why)),
        recommendations=tuple(one for one in (back, look) if one),
        short=short(f"{container.waiting}: {why or image}"),
    )


def _event(case: Case, container: Container, image: str) -> Event | None:
    events = case.inventory.events_about([container.owner.ref], "Failed", "InspectFailed")
    return next((event for event in events if image and image in event.message), None)


RULE = Rule("image_pull", "Image cannot be pulled", detect)
