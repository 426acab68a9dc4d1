"""Starting executions that belong to no incident."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from punchingfist.domain.json import JsonObject
from punchingfist.ports.durable import Start
from punchingfist.ports.intake import Trigger


@dataclass(frozen=True, slots=True)
class Wanted:
    """
    One execution that *source* wants.

    *flow_id* is deterministic: whoever wants the same one again, on whatever
    replica, gets the execution there is. *event* is `.source.data`.
    """

    flow_id: str
    source: str
    trigger: Trigger
    event: JsonObject


@dataclass(frozen=True, slots=True)
class Begun:
    """The execution of a flow id; *is_new* says that this call made it."""

    execution_id: str
    short_id: str
    is_new: bool


class Starts(Protocol):
    """The one way executions without an incident enter the store."""

    async def start(
        self, wanted: Wanted, *, at: datetime, enqueue: Callable[[Any, Start], None]
    ) -> Begun:
        """
        Commit the execution and its start together, unless its flow id is there already.

        *enqueue* is `Durable.start_in`.

        Raises:
            Unavailable: nothing was committed; try again.
        """
        ...
