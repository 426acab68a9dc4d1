"""All evidence of one investigation as the rules see it: logs, figures, and what made no sense."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

from punchingfist.domain.investigation.evidence import Evidence
from punchingfist.domain.investigation.measures import Measure, Sample
from punchingfist.domain.investigation.pages import Page, Seen
from punchingfist.domain.investigation.readings import READINGS, Log, Reading


class View:
    """What the evidence shows, whatever the order it came in; the newest look at a thing wins."""

    def __init__(self, evidence: Iterable[Evidence]) -> None:
        self.evidence = tuple(sorted(evidence, key=lambda one: (len(one.id), one.id)))
        self._readings = [(one, READINGS.of(one)) for one in self.evidence if one.seen]

    @property
    def listings(self) -> tuple[Reading, ...]:
        """The outputs that show objects, in the order they were asked for."""
        return tuple(one for _, one in self._readings if one.objects or one.listed)

    @cached_property
    def pages(self) -> Mapping[str, Page]:
        """What may be quoted, by its evidence id."""
        return {one.id: reading.page for one, reading in self._readings}

    @cached_property
    def unreadable(self) -> Sequence[Evidence]:
        return [one for one, reading in self._readings if not reading.readable]

    @cached_property
    def logs(self) -> tuple[Log, ...]:
        found = [reading.log for _, reading in self._readings if reading.log]
        newest = {(log.pod, log.container, log.previous): log for log in found}
        return tuple(newest[key] for key in sorted(newest))

    @cached_property
    def _samples(self) -> Mapping[tuple[Measure, bool], tuple[Sample, ...]]:
        found: dict[tuple[Measure, bool], list[Sample]] = {}
        for sample in (one for _, reading in self._readings for one in reading.samples):
            found.setdefault((sample.measure, sample.before), []).append(sample)
        return {key: tuple(sorted(some, key=_by_labels)) for key, some in found.items()}

    def logs_of(self, pods: Iterable[Seen], container: str = "") -> tuple[Log, ...]:
        """Return the logs of *pods*, the previous run of a container first."""
        wanted = {pod.ref for pod in pods}
        found = [g for g in self.logs if g.pod in wanted and container in {"", g.container}]
        return tuple(sorted(found, key=lambda log: not log.previous))

    def samples(self, measure: Measure, *, before: bool = False) -> tuple[Sample, ...]:
        """Return the figures of *measure*, in a fixed order."""
        return self._samples.get((measure, before), ())


def _by_labels(sample: Sample) -> tuple[list[tuple[str, str]], str]:
    return sorted(sample.labels.items()), sample.row
