"""What one output says, taken apart once however often it is thought about."""

import json
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from threading import Lock
from typing import Final

from punchingfist.domain.investigation.evidence import Evidence
from punchingfist.domain.investigation.findings import ObjectRef
from punchingfist.domain.investigation.looks import KUBECTL, PROMQL, Asked, asked_kubectl
from punchingfist.domain.investigation.measures import Sample, parse_samples
from punchingfist.domain.investigation.pages import Page, Seen, parse_objects

_Key = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class Log:
    """The lines of one container, of this run or the *previous* one."""

    pod: ObjectRef
    container: str
    previous: bool
    lines: tuple[str, ...]
    page: Page


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """
    One output as a page and as what stands on it.

    *listed* holds the plurals of which it shows everything, with their
    namespace; *readable* is false for objects that make no sense.
    """

    page: Page
    objects: tuple[Seen, ...] = ()
    listed: frozenset[tuple[str, str]] = frozenset()
    log: Log | None = None
    samples: tuple[Sample, ...] = ()
    readable: bool = True


class Readings:
    """
    The readings last asked for, of at most *most_characters* of output.

    A reading depends on its output alone, so it makes no difference to any
    answer whether one is kept: parsing megabytes again only takes time.
    """

    def __init__(self, most_characters: int) -> None:
        self._most, self._size = most_characters, 0
        self._kept: OrderedDict[_Key, Reading] = OrderedDict()
        self._lock = Lock()

    def of(self, evidence: Evidence) -> Reading:
        """Return what *evidence* says, nothing if it saw nothing."""
        key = _key(evidence)
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        reading = _read(evidence)
        with self._lock:
            self._keep(key, reading)
        return reading

    def _keep(self, key: _Key, reading: Reading) -> None:
        if key not in self._kept:
            self._kept[key] = reading
            self._size += len(reading.page.output)
        while self._size > self._most and self._kept:
            _, oldest = self._kept.popitem(last=False)
            self._size -= len(oldest.page.output)


READINGS: Final = Readings(most_characters=16_000_000)


def _key(evidence: Evidence) -> _Key:
    ref = evidence.ref
    arguments = json.dumps(ref.arguments, sort_keys=True)
    return ref.id, ref.tool, arguments, evidence.output


def _read(evidence: Evidence) -> Reading:
    page, ref = Page(evidence.id, evidence.output), evidence.ref
    if ref.tool == PROMQL:
        samples = parse_samples(page, str(ref.arguments.get("query", "")))
        return Reading(page, samples=tuple(samples))
    asked = asked_kubectl(ref.arguments)
    if ref.tool == KUBECTL and asked.verb == "logs" and asked.words:
        return Reading(page, log=_log(page, asked))
    if ref.tool == KUBECTL and asked.verb == "get" and asked.flags.get("output") == "json":
        objects = parse_objects(page)
        if objects is None:
            return Reading(page, readable=False)
        return Reading(page, tuple(objects), frozenset(_listed(asked)))
    return Reading(page)


def _log(page: Page, asked: Asked) -> Log:
    pod = ObjectRef("Pod", asked.namespace, asked.words[0].removeprefix("pod/"))
    previous = asked.flags.get("previous", "false") != "false"
    container = asked.flags.get("container", "")
    return Log(pod, container, previous, tuple(page.output.split("\n")), page)


def _listed(asked: Asked) -> Iterator[tuple[str, str]]:
    return ((plural, asked.namespace) for plural in asked.lists)
