"""Sources nobody posts alerts to: schedules, the API, files and the cluster itself."""

import re
from datetime import timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, Field

from punchingfist.domain.alerts import Severity
from punchingfist.domain.cron import parse_cron
from punchingfist.domain.resources.authentication import Authentication
from punchingfist.domain.resources.model import URL_PATH_PATTERN, Duration, NonEmpty, OpenConfig
from punchingfist.domain.schedules import Schedule
from punchingfist.errors import InvalidInput

_LABEL = r"[A-Za-z0-9_./-]+"
_SELECTOR = re.compile(
    rf"{_LABEL}\s*(={{1,2}}|!=)\s*[\w.-]*|!?\s*{_LABEL}|{_LABEL}\s+(not)?in\s+\([^()]*\)"
)


def _check_cron(text: str) -> str:
    try:
        parse_cron(text)
    except InvalidInput as error:
        raise ValueError(str(error)) from error
    return text


def _check_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(
            f"time zone {name!r} is unknown; use an IANA name like 'Europe/Berlin'"
        ) from None
    return name


def _check_selector(text: str) -> str:
    outside = re.split(r",(?![^()]*\))", text)
    if not all(_SELECTOR.fullmatch(part.strip()) for part in outside):
        raise ValueError(f"label selector {text!r} is not understood; write it like 'app=shop'")
    return text


def _check_resource(name: str) -> str:
    if name.lower().partition(".")[0] in {"secret", "secrets"}:
        raise ValueError("secrets are not watched; name another resource")
    return name


def _upper(value: object) -> object:
    return value.upper() if isinstance(value, str) else value


class ScheduleConfig(OpenConfig):
    """`spec.config` of a schedule source."""

    cron: Annotated[NonEmpty, AfterValidator(_check_cron)]
    """Minute, hour, day of month, month and day of week, or `@daily` and the like."""
    timezone: Annotated[str, AfterValidator(_check_zone)] = "UTC"
    """Whose wall clock is meant: an IANA name such as `Europe/Berlin`."""
    missed: Literal["latest", "skip"] = "latest"
    """What to do about firings missed while nothing ran: start the latest of them once, or none."""

    @property
    def schedule(self) -> Schedule:
        """When it fires."""
        return Schedule(parse_cron(self.cron), ZoneInfo(self.timezone))


class ApiConfig(OpenConfig):
    """`spec.config` of an api source."""

    endpoint: Annotated[str, Field(pattern=URL_PATH_PATTERN)]
    """Where on the server the workflow is started, such as `/api/v1/trigger`."""
    method: Annotated[Literal["POST", "PUT"], BeforeValidator(_upper)] = "POST"
    authentication: Authentication | None = None


class FileConfig(OpenConfig):
    """`spec.config` of a file source."""

    path: NonEmpty
    """A file, or a folder whose `.json`, `.jsonl` and `.ndjson` files are read."""
    every: Annotated[Duration, Field(ge=timedelta(milliseconds=50))] = timedelta(seconds=2)
    """How often to look."""


class KubernetesConfig(OpenConfig):
    """`spec.config` of a kubernetes source."""

    resource: Annotated[NonEmpty, AfterValidator(_check_resource)]
    """What to watch, as kubectl names it: `pods`, `deployments.apps`."""
    event: Annotated[str, Field(pattern=r"^[A-Za-z]+$")] = "created"
    """`created`, `updated` or `deleted`, or the reason of an Event about the resource, such as `BackOff`."""
    label_selector: Annotated[str, AfterValidator(_check_selector)] | None = None
    """Which objects; one that begins to match counts as created, one that stops as deleted."""
    namespace: str = ""
    """Where; all namespaces when empty."""
    severity: Severity = Severity.INFO
    """The severity of its alerts."""
    resolve_after: Annotated[Duration, Field(gt=timedelta(0))] = timedelta(minutes=5)
    """How long after the last event of an object its alert resolves: an event has no end."""
