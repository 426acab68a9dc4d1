"""Write every outcome, as text, to the server's own output."""

import re

from punchingfist.domain.json import JsonObject
from punchingfist.domain.markdown import PLAIN, render
from punchingfist.domain.messages import Message, Moment
from punchingfist.domain.resources.sinks import StdoutConfig
from punchingfist.ports.sink import SinkType
from punchingfist.ports.world import Console, World

_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")  # outside text must not drive a terminal


class StdoutSink:
    """Prints; so a crash may print twice, and the delivery key in front tells."""

    def __init__(self, console: Console) -> None:
        self._console = console

    async def deliver(
        self, message: Message, *, key: str, receipt: JsonObject | None, repeat: bool
    ) -> JsonObject:
        """Print headline and body in one write."""
        mark = " (may be a repeat)" if repeat else ""
        lines = [f"[{key}]{mark} {message.headline}", *render(message.body, PLAIN).splitlines()]
        if message.link:
            lines.append(message.link)
        self._console.write(_CONTROLS.sub("�", "\n    ".join(lines)) + "\n")
        return {"key": key}


def _build(config: StdoutConfig, world: World) -> StdoutSink:
    return StdoutSink(world.console)


SINK = SinkType(
    "stdout",
    config=StdoutConfig,
    build=_build,
    moments=frozenset({Moment.COMPLETED, Moment.RESOLVED}),
)
