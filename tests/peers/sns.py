"""Amazon SNS as its receivers meet it: signed messages, and the addresses they name."""

import base64
import datetime as dt
import json
from collections.abc import Mapping
from functools import cache
from typing import Any
from urllib.parse import quote

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID

from punchingfist.domain.json import Json
from punchingfist.errors import Unavailable
from punchingfist.ports.http import HttpReply

TOPIC = "arn:aws:sns:eu-west-1:123456789012:alarms"
HOST = "https://sns.eu-west-1.amazonaws.com"
CERTIFICATE_URL = f"{HOST}/SimpleNotificationService-0123456789abcdef0123456789abcdef.pem"
SUBSCRIBE_URL = f"{HOST}/?Action=ConfirmSubscription&TopicArn={quote(TOPIC)}&Token=2336412f37"
NOW = dt.datetime(2026, 5, 1, 3, 24, tzinfo=dt.UTC)
HEADERS = {"x-amz-sns-message-type": "Notification", "content-type": "text/plain; charset=UTF-8"}


@cache
def key_of(name: str) -> rsa.RSAPrivateKey:
    """Return the private key called *name*; making one takes a while."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def certificate(*, days: tuple[int, int] = (-30, 300)) -> bytes:
    """Return a certificate of SNS, valid for these days around now."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key_of("sns").public_key())
        .serial_number(7)
        .not_valid_before(NOW + dt.timedelta(days=days[0]))
        .not_valid_after(NOW + dt.timedelta(days=days[1]))
        .sign(key_of("sns"), hashes.SHA256())
    )
    return built.public_bytes(serialization.Encoding.PEM)


class SnsPeer:
    """Signs messages, and answers our requests as the `Http` port does; *asked* are their URLs."""

    def __init__(self, pem: bytes | None = None, *, away: bool = False) -> None:
        self.asked: list[str] = []
        self._pem, self.away = pem or certificate(), away

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
        json: Json = None,
        form: Mapping[str, str] | None = None,
        timeout_seconds: float = 10,
        limit_bytes: int = 8 * 1024 * 1024,
    ) -> HttpReply:
        assert method == "GET"
        self.asked.append(url)
        if self.away:
            raise Unavailable("sns.eu-west-1.amazonaws.com: connection refused")
        known = {CERTIFICATE_URL: self._pem, SUBSCRIBE_URL: b"<ConfirmSubscriptionResponse/>"}
        return HttpReply(200 if url in known else 404, {}, known.get(url, b""))


def envelope(message: Any, *, version: str = "1", key: str = "sns", **changed: Any) -> bytes:
    """Return the body of a notification, or of what *changed* makes of it, signed."""
    raw: dict[str, Any] = {
        "Type": "Notification",
        "MessageId": "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324",
        "TopicArn": TOPIC,
        "Subject": 'ALARM: "disk" in EU (Ireland)',
        "Message": message if isinstance(message, str) else json.dumps(message),
        "Timestamp": "2026-05-01T03:23:00.000Z",
        "SignatureVersion": version,
        "SigningCertURL": CERTIFICATE_URL,
        "UnsubscribeURL": f"{HOST}/?Action=Unsubscribe",
        **changed,
    }
    raw["Signature"] = raw.get("Signature") or _signature(raw, version, key)
    return json.dumps(raw).encode()


def confirmation(**changed: Any) -> bytes:
    """Return the body of the question whether we want to be subscribed."""
    asked = {
        "Type": "SubscriptionConfirmation",
        "Subject": None,
        "Token": "2336412f37",
        "SubscribeURL": SUBSCRIBE_URL,
    }
    return envelope("Confirm", **(asked | changed))


def _signature(raw: Mapping[str, Any], version: str, key: str) -> str:
    """Sign as "Verifying the signatures of Amazon SNS messages" describes."""
    if raw["Type"] == "Notification":
        names = ["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"]
    else:
        names = ["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"]
    text = "".join(f"{name}\n{raw[name]}\n" for name in names if raw.get(name) is not None)
    algorithm = hashes.SHA256() if version == "2" else hashes.SHA1()
    signed = key_of(key).sign(text.encode(), padding.PKCS1v15(), algorithm)
    return base64.b64encode(signed).decode()
