from typing import Any

import pytest
from pydantic import ValidationError

from punchingfist.domain.resources.authentication import Authentication
from tests.peers.sns import TOPIC


@pytest.mark.parametrize(
    "fields",
    [
        {"type": "bearer", "secretRef": "token"},
        {"type": "apikey"},
        {"type": "apikey", "secretRef": "key", "header": "X-Own-Key"},
        {"type": "basic", "username": "u", "secretRef": "key"},
        {"type": "hmac", "header": "X-Signature", "secretRef": "key", "encoding": "base64"},
        {"type": "pagerduty", "secretRef": "env://PD"},
        {"type": "sns", "topicArn": TOPIC, "tolerance": "1h"},
        {"type": "sns", "topicArn": [TOPIC, TOPIC]},
        {"type": "none"},
    ],
)
def test_each_type_takes_its_own_fields(fields: dict[str, Any]) -> None:
    assert Authentication.model_validate(fields).type == fields["type"]


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"type": "bearer", "header": "X-Token"}, "header has no meaning for 'bearer'"),
        ({"type": "none", "secretRef": "key"}, "secretRef has no meaning for 'none'"),
        ({"type": "sns"}, "'sns' needs topicArn"),
        ({"type": "hmac", "secretRef": "key"}, "'hmac' needs header"),
        ({"type": "basic", "secretRef": "key"}, "'basic' needs username"),
        ({"type": "hmac", "header": "X", "tolerance": "1m"}, "tolerance needs timestampHeader"),
        ({"type": "sns", "topicArn": "arn:aws:s3:::bucket"}, "pattern"),
        ({"type": "hmac", "header": "X Y"}, "pattern"),
    ],
)
def test_what_a_type_cannot_use_or_misses_is_named(fields: dict[str, Any], why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        Authentication.model_validate(fields)
