"""What all resource models share: camelCase outside, snake_case inside, frozen, no unknown fields."""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    PlainSerializer,
    StringConstraints,
    WithJsonSchema,
)
from pydantic.alias_generators import to_camel

from punchingfist.domain.durations import parse_duration, render_duration
from punchingfist.errors import InvalidInput

_REFERENCE = re.compile(r"([a-z][a-z0-9+.-]*)://(.+)", re.DOTALL)
NAME_PATTERN = r"^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$"
STEP_NAME_PATTERN = r"^\w+(-+\w+)*$"
URL_PATH_PATTERN = r"^/[^\s?#]*$"
_SCHEMES = ("k8s", "vault", "env")
_OURS = "inline"
"""Written by us alone, into snapshots."""


class ResourceModel(BaseModel):
    """A part of a resource in which every field is known."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        populate_by_name=True,
        extra="forbid",
        frozen=True,
        use_attribute_docstrings=True,
    )


class OpenConfig(BaseModel):
    """`spec.config` of one type: known fields are checked, others are kept and reported."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        populate_by_name=True,
        extra="allow",
        frozen=True,
        use_attribute_docstrings=True,
    )


def is_reference(secret: str) -> bool:
    """Tell whether *secret* says where a secret is, rather than being one."""
    found = _REFERENCE.fullmatch(secret)
    return found is not None and found[1] in {*_SCHEMES, _OURS}


def _check_reference(value: str) -> str:
    found = _REFERENCE.fullmatch(value)
    if found is not None and found[1] not in {*_SCHEMES, _OURS}:
        schemes = ", ".join(f"{scheme}://" for scheme in _SCHEMES)
        raise ValueError(f"secret scheme {found[1]!r} is unknown; use a bare name or {schemes}")
    return value


def _to_span(value: Any) -> Any:
    if not isinstance(value, str):
        return value if isinstance(value, timedelta) else _refuse_span(value)
    try:
        return parse_duration(value)
    except InvalidInput as error:
        raise ValueError(str(error)) from error


def _refuse_span(value: Any) -> timedelta:
    raise ValueError(f"duration {value!r} has no unit; write it like '300s' or '1h30m'")


Duration = Annotated[
    timedelta,
    BeforeValidator(_to_span),
    PlainSerializer(render_duration, return_type=str),
    WithJsonSchema({"type": "string", "pattern": r"^(0|([0-9]+(\.[0-9]+)?(h|m|s|ms|us|µs|ns))+)$"}),
]
"""A Go-like span such as `1h30m`."""

SecretRef = Annotated[str, StringConstraints(min_length=1), AfterValidator(_check_reference)]
"""The name of a secret, or `k8s://`, `vault://` or `env://` and where it is."""

NonEmpty = Annotated[str, StringConstraints(min_length=1)]

StepName = Annotated[str, StringConstraints(pattern=STEP_NAME_PATTERN, max_length=63)]
"""A name templates can address: letters, digits, `_`, and `-` in between."""


def named(value: Any) -> Any:
    """Read a bare name as an object of that name."""
    return {"name": value} if isinstance(value, str) else value


def dump(model: BaseModel) -> Mapping[str, Any]:
    """Return what was written, as JSON values under the names of the file."""
    return model.model_dump(mode="json", by_alias=True, exclude_unset=True)
