from dataclasses import replace

from punchingfist.domain.investigation.cases import Case
from punchingfist.domain.investigation.measures import Measure
from punchingfist.domain.investigation.readings import Readings
from tests.domain.investigation.builders import app, ask, figures, listing, log

BODIES = listing(app("cart"))


def test_the_same_output_is_taken_apart_once() -> None:
    readings = Readings(most_characters=1_000_000)
    later = replace(BODIES, ref=replace(BODIES.ref, why="asked again"))

    assert readings.of(later) is readings.of(BODIES)


def test_another_output_under_the_same_id_is_another_reading() -> None:
    readings = Readings(most_characters=1_000_000)
    other = listing(app("checkout"))

    assert {seen.name for seen in readings.of(BODIES).objects} & {"cart"}
    assert not {seen.name for seen in readings.of(other).objects} & {"cart"}


def test_the_same_text_is_quoted_from_where_it_stands() -> None:
    readings = Readings(most_characters=1_000_000)

    assert [readings.of(listing(app("cart"), number=n)).page.evidence_id for n in (1, 2)] == [
        "E1",
        "E2",
    ]


def test_what_was_not_asked_for_lately_is_let_go() -> None:
    readings = Readings(most_characters=len(BODIES.output) + 10)
    first = readings.of(BODIES)

    readings.of(log("cart-aaa-p0", "a line that is longer than ten letters", number=2))

    assert readings.of(BODIES) is not first


def test_a_later_think_finds_the_links_of_the_earlier_one() -> None:
    more = log("cart-aaa-p0", "ready", number=2)

    assert Case(ask(), [BODIES]).graph is Case(ask(), [BODIES, more]).graph


def test_a_figure_is_quoted_with_its_labels() -> None:
    seen = figures(Measure.CPU, {"cart-aaa-p0": 0.4985}, number=2)

    (sample,) = Case(ask(), [seen]).view.samples(Measure.CPU)

    quote = sample.quote()
    assert quote
    assert '"pod": "cart-aaa-p0"' in quote.line
    assert '"0.4985"]}' in quote.line


def test_of_a_very_long_series_the_end_is_quoted_with_its_value() -> None:
    seen = figures(Measure.STORES, {"memo-0": 7.25}, number=2, note="n" * 400)

    (sample,) = Case(ask(), [seen]).view.samples(Measure.STORES)

    quote = sample.quote()
    assert quote
    assert quote.line.endswith('"7.25"]}')
