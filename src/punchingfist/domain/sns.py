"""Messages of Amazon SNS: their envelope, what of it is signed, and which addresses are theirs."""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

from punchingfist.domain.json import JsonObject
from punchingfist.domain.json_fields import needed_text_at, object_of, text_at
from punchingfist.errors import InvalidInput

NOTIFICATION = "Notification"
CONFIRMATION = "SubscriptionConfirmation"
_FAREWELL = "UnsubscribeConfirmation"
_SIGNED_OF_A_NOTIFICATION = ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type")
_SIGNED_OF_THE_OTHERS = (
    "Message",
    "MessageId",
    "SubscribeURL",
    "Timestamp",
    "Token",
    "TopicArn",
    "Type",
)
TOPIC_ARN_PATTERN = r"^arn:aws(-[a-z]+)*:sns:[a-z]{2}(-[a-z]+)+-[0-9]+:[0-9]{12}:[A-Za-z0-9_.-]+$"
_TOPIC = re.compile(
    r"arn:(aws(?:-[a-z]+)*):sns:([a-z]{2}(?:-[a-z]+)+-[0-9]+):[0-9]{12}:[A-Za-z0-9_.-]+"
)
_CERTIFICATE = re.compile(r"/SimpleNotificationService-[0-9a-zA-Z]+\.pem")


@dataclass(frozen=True, slots=True)
class SnsMessage:
    """One message as SNS posts it; *raw* is the whole envelope."""

    type: str
    topic_arn: str
    message: str
    raw: JsonObject

    @property
    def signed_text(self) -> str:
        """What the signature covers: the names and values of some fields, a line each."""
        names = _SIGNED_OF_A_NOTIFICATION if self.type == NOTIFICATION else _SIGNED_OF_THE_OTHERS
        return "".join(
            f"{name}\n{self.raw[name]}\n" for name in names if self.raw.get(name) is not None
        )


def read_sns(body: Any) -> SnsMessage:
    """
    Return *body* as a message of SNS.

    Raises:
        InvalidInput: it is none; names the field.
    """
    raw = object_of(body, "body")
    kind = needed_text_at(raw, "Type")
    if kind not in {NOTIFICATION, CONFIRMATION, _FAREWELL}:
        raise InvalidInput(f"Type: {kind!r} is no message of SNS", field="Type", value=kind)
    return SnsMessage(kind, needed_text_at(raw, "TopicArn"), text_at(raw, "Message"), raw)


def is_certificate_url(url: str, topic_arn: str) -> bool:
    """Tell whether *url* is where SNS keeps the certificates for the region of *topic_arn*."""
    found = _path_and_query(url, topic_arn)
    return found is not None and _CERTIFICATE.fullmatch(found[0]) is not None and not found[1]


def is_confirmation_url(url: str, topic_arn: str) -> bool:
    """Tell whether *url* confirms a subscription to *topic_arn*, and does nothing else."""
    found = _path_and_query(url, topic_arn)
    if found is None or found[0] not in {"", "/"}:
        return False
    asked = parse_qs(found[1])
    return asked.get("Action") == ["ConfirmSubscription"] and asked.get("TopicArn") == [topic_arn]


def _path_and_query(url: str, topic_arn: str) -> tuple[str, str] | None:
    """Return them where *url* leads to SNS itself, in the region of the topic."""
    topic = _TOPIC.fullmatch(topic_arn)
    if topic is None or not url.isprintable():
        return None
    partition, region = topic.groups()
    domain = "amazonaws.com.cn" if partition == "aws-cn" else "amazonaws.com"
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    if (parts.scheme, parts.netloc, parts.fragment) != ("https", f"sns.{region}.{domain}", ""):
        return None
    return parts.path, parts.query
