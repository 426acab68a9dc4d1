"""How requests prove where they come from."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, StringConstraints, model_validator

from punchingfist.domain.resources.model import Duration, NonEmpty, ResourceModel, SecretRef
from punchingfist.domain.sns import TOPIC_ARN_PATTERN

HeaderName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9!#$%&'*+.^_`|~-]+$")]


def _one_or_more(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


TopicArns = Annotated[
    tuple[Annotated[str, StringConstraints(pattern=TOPIC_ARN_PATTERN)], ...],
    BeforeValidator(_one_or_more, json_schema_input_type=str | list[str]),
    Field(min_length=1),
]

_SIGNATURE = frozenset(
    {"header", "algorithm", "encoding", "prefix", "timestamp_header", "tolerance"}
)
_TAKEN: Mapping[str, frozenset[str]] = {
    "bearer": frozenset({"secret_ref"}),
    "apikey": frozenset({"secret_ref", "header"}),
    "basic": frozenset({"secret_ref", "username"}),
    "hmac": frozenset({"secret_ref"}) | _SIGNATURE,
    "pagerduty": frozenset({"secret_ref"}),
    "sns": frozenset({"topic_arn", "tolerance"}),
    "none": frozenset(),
}
_NEEDED: Mapping[str, str] = {"hmac": "header", "basic": "username", "sns": "topic_arn"}


class Authentication(ResourceModel):
    """How a request proves where it comes from."""

    type: Literal["bearer", "apikey", "basic", "hmac", "pagerduty", "sns", "none"]
    """A token (`bearer`, `apikey`, `basic`), a signature (`hmac`, `pagerduty`, `sns`), or `none`."""
    secret_ref: SecretRef | None = None
    """Where the token, password or signing key is; without one, all but `sns` and `none` let nobody in."""
    header: HeaderName | None = None
    """Which header holds the key of `apikey` (`X-API-Key` when absent) or the signature of `hmac`."""
    username: NonEmpty | None = None
    """The user of `basic`; `secretRef` is the password."""
    algorithm: Literal["sha256", "sha512"] = "sha256"
    """The hash of `hmac`."""
    encoding: Literal["hex", "base64"] = "hex"
    """How the signature of `hmac` is written."""
    prefix: str = ""
    """What stands before the signature of `hmac`, such as `sha256=`."""
    timestamp_header: HeaderName | None = None
    """Which header holds the time of `hmac`, in seconds since 1970; what is signed is then
    the time, a colon and the body."""
    tolerance: Duration | None = None
    """How old a signed request may be: 5m for `hmac` with a time, 2h for `sns`, which repeats
    a message for up to an hour."""
    topic_arn: TopicArns | None = None
    """Whose messages `sns` takes: SNS signs those of every topic of everybody."""

    @model_validator(mode="after")
    def _check_fields(self) -> "Authentication":
        fields = type(self).model_fields
        for name in sorted(self.model_fields_set - _TAKEN[self.type] - {"type"}):
            raise ValueError(f"{fields[name].alias} has no meaning for {self.type!r}; remove it")
        needed = _NEEDED.get(self.type)
        if needed is not None and not getattr(self, needed):
            raise ValueError(f"{self.type!r} needs {fields[needed].alias}; add it")
        if self.type == "hmac" and self.tolerance is not None and not self.timestamp_header:
            raise ValueError("tolerance needs timestampHeader, which says when; add it")
        return self

    @property
    def needs_secret(self) -> bool:
        """Whether it lets nobody in without `secretRef`."""
        return "secret_ref" in _TAKEN[self.type]
