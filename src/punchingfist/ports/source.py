"""Where alerts enter."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from punchingfist.domain.alerts import Alert


@dataclass(frozen=True, slots=True)
class SourceType:
    """
    A kind of source that is posted to.

    *parse* is pure: the decoded JSON body and the headers (lower-case names)
    in, alerts out; it raises `InvalidInput` naming the field. Authentication,
    size, filters and rate limits are the framework's.
    """

    name: str
    config: type[Any]
    parse: Callable[[Any, Mapping[str, str]], tuple[Alert, ...]]
