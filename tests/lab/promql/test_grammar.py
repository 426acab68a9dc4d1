import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from punchingfist.errors import InvalidInput
from punchingfist.lab.promql.grammar import STALE, parse_values

FINITE = st.floats(allow_nan=False, allow_infinity=False, width=32)
COUNTS = st.integers(1, 50)
GAPS = st.sampled_from([" ", "  ", "\n"])


@st.composite
def tokens(draw: st.DrawFn) -> tuple[str, list[float | None]]:
    """Return a token as it may be written, and the points it stands for."""
    value = draw(FINITE)
    count = draw(COUNTS)
    written: list[tuple[str, list[float | None]]] = [
        (f"{value!r}", [value]),
        (f"{value!r}x{count}", [value] * count),
        (f"{value!r} x{count}", [value] * count),
        ("_", [None]),
        (f"_x{count}", [None] * count),
        ("+Inf", [math.inf]),
        (f"-Inf x{count}", [-math.inf] * count),
    ]
    return draw(st.sampled_from(written))


@given(st.lists(tokens(), min_size=1, max_size=20), GAPS)
def test_what_is_written_is_what_is_read(
    written: list[tuple[str, list[float | None]]], gap: str
) -> None:
    text = gap.join(token for token, _ in written)

    assert parse_values(text) == [point for _, points in written for point in points]


@given(st.integers(-1000, 1000), st.integers(-1000, 1000), st.integers(2, 100))
def test_a_ramp_has_its_ends_and_equal_steps(first: int, last: int, count: int) -> None:
    points = [point for point in parse_values(f"{first}..{last}x{count}") if point is not None]

    assert (points[0], points[-1], len(points)) == (first, last, count)
    step = (last - first) / (count - 1)
    assert points == pytest.approx([first + step * index for index in range(count)])


@pytest.mark.parametrize(
    ("text", "points"),
    [
        ("300Mi", [300 * 2**20]),
        ("1.5Ki 2Gi", [1536, 2**31]),
        ("2k 3M 1G", [2e3, 3e6, 1e9]),
        ("-.5e-1", [-0.05]),
        ("1Ki..3Kix3", [1024, 2048, 3072]),
        ("0..1 x2 _x1 4", [0, 1, None, 4]),
    ],
)
def test_numbers_carry_units(text: str, points: list[float | None]) -> None:
    assert parse_values(text) == points


def test_nan_is_a_value_and_stale_is_not() -> None:
    nan, stale = parse_values("NaN stale")

    assert nan is not None
    assert math.isnan(nan)
    assert nan is not STALE
    assert stale is STALE


@pytest.mark.parametrize(
    "text",
    ["", "  ", "x5", "5x0", "1..2", "1..2x1", "_..2x3", "1..+Infx4", "5Zi", "five", "1x100001",
     "60000x60000 1x60000", "5x", "5 x", "1x2x3"],
)  # fmt: skip
def test_what_cannot_be_drawn_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        parse_values(text)
