"""What a compiled query is made of: typed expressions that are evaluated at a moment."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple, TypeAlias

from punchingfist.lab.promql.errors import ExecutionError
from punchingfist.lab.promql.labels import Labels, drop_name
from punchingfist.lab.promql.series import Point, SeriesIndex

LOOKBACK_MS: Final = 5 * 60 * 1000
LIMIT_SAMPLES: Final = 5_000_000


class Sample(NamedTuple):
    """One element of an instant vector."""

    labels: Labels
    value: float


Vector: TypeAlias = list[Sample]


class Window(NamedTuple):
    """One element of a range vector: the points from *start* to *end*, never empty."""

    labels: Labels
    points: Sequence[Point]
    start: int
    end: int


class Matrix(NamedTuple):
    """The answer of an instant query for a range vector."""

    windows: list[Window]


class Scope:
    """What is the same for all moments of a query: its interval, the series and a budget."""

    def __init__(self, index: SeriesIndex, *, start: int, end: int, present: int) -> None:
        self.index, self.start, self.end, self.present = index, start, end, present
        self._left = LIMIT_SAMPLES

    def spend(self, samples: int) -> None:
        """Count *samples* read, so that a huge subquery is refused rather than endured."""
        self._left -= samples
        if self._left < 0:
            raise ExecutionError(
                "query processing would load too many samples into memory in query execution; "
                "narrow the range or widen the step"
            )


class Moment(NamedTuple):
    """An instant, in Unix milliseconds, at which a query is evaluated."""

    at: int
    scope: Scope


class Reading(NamedTuple):
    """A stored point a selector found."""

    labels: Labels
    point: Point


@dataclass(frozen=True, slots=True)
class Selector:
    """The series selector behind an expression, for functions that look past the values."""

    readings: Callable[[Moment], list[Reading]]
    equal_labels: Labels


@dataclass(frozen=True, slots=True)
class ScalarExpression:
    """A number at each moment."""

    evaluate: Callable[[Moment], float]


@dataclass(frozen=True, slots=True)
class TextExpression:
    """A string, the same at all moments."""

    text: str


@dataclass(frozen=True, slots=True)
class VectorExpression:
    """An instant vector; *selector* is set when it is a bare one."""

    evaluate: Callable[[Moment], Vector]
    selector: Selector | None = None


@dataclass(frozen=True, slots=True)
class RangeExpression:
    """A range vector; *equal_labels* are what its selector asks for by equality."""

    evaluate: Callable[[Moment], list[Window]]
    span_seconds: float
    equal_labels: Labels = ()


Expression: TypeAlias = ScalarExpression | TextExpression | VectorExpression | RangeExpression


def constant(number: float) -> ScalarExpression:
    return ScalarExpression(lambda _: number)


def nameless(samples: Iterable[Sample]) -> Vector:
    """Drop the metric name, which must leave the label sets different."""
    return distinct(Sample(drop_name(labels), value) for labels, value in samples)


def distinct(samples: Iterable[Sample]) -> Vector:
    vector = list(samples)
    if len({labels for labels, _ in vector}) < len(vector):
        raise ExecutionError("vector cannot contain metrics with the same labelset")
    return vector
