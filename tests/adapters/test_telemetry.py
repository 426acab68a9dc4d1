import logging
from collections.abc import Iterator

import pytest
import structlog

from punchingfist.adapters.telemetry import configure_logging

HOSTILE = "shop\n2026-01-01 [error] forged\x1b]0;owned\x07\x9b2J"


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield
    root.handlers, root.level = handlers, level
    structlog.reset_defaults()


@pytest.mark.parametrize("form", ["console", "json"])
def test_outside_text_in_a_log_line_stays_on_it_and_sends_no_control_characters(
    form: str, capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logging(level="info", form=form)

    structlog.get_logger("a").warning("resource", name=HOSTILE)
    logging.getLogger("b").error("no answer from %s", HOSTILE)

    written = capsys.readouterr().err
    assert len(written.splitlines()) == 2
    assert "forged" in written
    assert not any(one in written for one in "\x1b\x07\x9b")


def test_the_lines_of_a_traceback_stay_lines(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(level="info", form="console")

    try:
        int(HOSTILE)
    except ValueError:
        structlog.get_logger("a").exception("stopped by a bug")

    written = capsys.readouterr().err
    assert "Traceback (most recent call last):\n" in written
    assert "\x1b" not in written
