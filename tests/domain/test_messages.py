from dataclasses import replace

import pytest

from punchingfist.domain.alerts import Severity
from punchingfist.domain.incidents import Incident, IncidentStatus
from punchingfist.domain.investigation.findings import Report, Verdict
from punchingfist.domain.markdown import PLAIN, render
from punchingfist.domain.messages import (
    answer,
    found_so_far,
    headline,
    links,
    since,
    standard_body,
)
from tests.incidents import NOW, alert, incident, report, unknown


@pytest.mark.parametrize(
    ("about", "known", "line"),
    [
        pytest.param(
            incident(), None, "CRIT INC-1042 checkout down: investigating", id="nothing-known-yet"
        ),
        pytest.param(
            incident(),
            report(),
            "CRIT INC-1042 checkout down: OOMKilled, limit 256Mi (0.93)",
            id="cause",
        ),
        pytest.param(
            incident(severity=Severity.WARNING),
            unknown(),
            "WARN INC-1042 checkout down: unknown, checked 9, could not see 2",
            id="unknown",
        ),
        pytest.param(
            incident(severity=Severity.INFO),
            report(verdict=Verdict.HEALTHY),
            "INFO INC-1042 checkout down: nothing wrong found, checked 9",
            id="healthy",
        ),
        pytest.param(
            incident(status=IncidentStatus.RESOLVED),
            report(),
            "RESOLVED INC-1042 checkout down: OOMKilled, limit 256Mi (0.93)",
            id="over",
        ),
        pytest.param(
            incident(title="two\nlines"),
            report(root_cause="a\r\nb"),
            "CRIT INC-1042 two lines: a b (0.93)",
            id="one-line",
        ),
    ],
)
def test_a_headline_stands_alone(about: Incident, known: Report | None, line: str) -> None:
    assert headline(about, answer(known)) == line


def test_a_headline_says_the_cause_as_a_lock_screen_shows_it() -> None:
    first = replace(report().findings[0], short="OOMKilled, limit 512Mi")
    struck = replace(first, struck="no such line", short="never shown")
    known = report(root_cause="a whole sentence", findings=(struck, first))

    assert headline(incident(), answer(known)) == (
        "CRIT INC-1042 checkout down: OOMKilled, limit 512Mi (0.93)"
    )


def test_a_failed_investigation_says_why() -> None:
    assert answer(None, failure="step 'look': boom") == "investigation failed, step 'look': boom"


def test_a_long_headline_keeps_its_number_and_its_confidence() -> None:
    line = headline(incident(title="t" * 500), answer(report(root_cause="c" * 500)))

    assert line.startswith("CRIT INC-1042 ttt")
    assert line.endswith("… (0.93)")
    assert len(line) < 260


def test_the_body_quotes_proposes_and_admits() -> None:
    body = standard_body(incident(), report())

    assert "**Object:** `Deployment shop/checkout`" in body
    assert "  - `e3`: `Last State: Terminated, Reason: OOMKilled, Exit Code: 137`" in body
    assert "- raise the memory limit (risk: write): `kubectl set resources" in body
    assert "- metrics of shop: Prometheus is not configured" in body
    assert "**Runbook:** https://runbooks.example/checkout" in body


def test_a_struck_claim_is_not_repeated_to_people() -> None:
    known = report()
    struck = replace(known, findings=(replace(known.findings[0], struck="no such line"),))

    assert "ran out of memory" not in standard_body(incident(), struck)


HOSTILE = "[click](https://evil.example) **now** `x` <!channel>\n# big\n- item"


def test_what_others_wrote_stays_text() -> None:
    known = unknown()
    body = standard_body(incident(), report(summary=HOSTILE, findings=(), gaps=known.gaps))

    assert render(body, PLAIN).startswith(HOSTILE)


def test_findings_are_told_as_they_come() -> None:
    assert found_so_far([]) == ""
    assert found_so_far(["a *b*"]) == "**Found so far:**\n- a \\*b\\*"


def test_links_of_the_alerts_are_told_once() -> None:
    about = incident(alerts=(alert(), alert(id="a2", annotations={"dashboard_url": "https://d"})))

    assert list(links(about)) == [
        ("Runbook", "https://runbooks.example/checkout"),
        ("Dashboard", "https://d"),
    ]


def test_trouble_began_when_the_first_source_says() -> None:
    later = alert(id="a2", starts_at=NOW)

    assert since(incident(alerts=(later, alert()))) == alert().starts_at
    assert since(incident(alerts=())) == NOW
