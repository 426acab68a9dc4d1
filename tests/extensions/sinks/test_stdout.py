import pytest

from punchingfist.domain.resources.sinks import StdoutConfig
from punchingfist.extensions.sinks.stdout import SINK
from punchingfist.ports.world import World
from tests.extensions.sinks.conftest import Paper
from tests.incidents import message, report


@pytest.fixture
def paper(world: World) -> Paper:
    assert isinstance(world.console, Paper)
    return world.console


async def test_an_outcome_is_written_at_once_and_indented(world: World, paper: Paper) -> None:
    said = message(report(), body="**Evidence:**\n- `e1`: a\\_b")
    await SINK.build(StdoutConfig(), world).deliver(said, key="k", receipt=None, repeat=False)

    assert paper.written == [
        (
            "[k] CRIT INC-1042 checkout down: OOMKilled, limit 256Mi (0.93)\n"
            "    Evidence:\n"
            "    - e1: a_b\n"
            "    https://fist.example/incidents/INC-1042\n"
        )
    ]


async def test_a_line_that_may_be_the_second_says_so(world: World, paper: Paper) -> None:
    said = message(link="")
    await SINK.build(StdoutConfig(), world).deliver(said, key="k", receipt=None, repeat=True)

    assert paper.written == ["[k] (may be a repeat) CRIT INC-1042 checkout down: investigating\n"]


async def test_outside_text_does_not_drive_the_terminal(world: World, paper: Paper) -> None:
    said = message(report(), headline="\x1b[2Jgone", body="a\x1b]0;title\x07b")
    await SINK.build(StdoutConfig(), world).deliver(said, key="k", receipt=None, repeat=False)

    assert "\x1b" not in paper.written[0]
    assert "\x07" not in paper.written[0]
