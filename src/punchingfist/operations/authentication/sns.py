"""The signature of Amazon SNS: a certificate of theirs, for topics of yours."""

import base64
import json
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from punchingfist.domain.json_fields import time_at
from punchingfist.domain.sns import SnsMessage, is_certificate_url, read_sns
from punchingfist.errors import InvalidInput, Unauthenticated, Unavailable
from punchingfist.ports.clock import Clock
from punchingfist.ports.http import Http

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

TOLERANCE = timedelta(hours=2)
_MOST_CERTIFICATES = 8
_LARGEST_CERTIFICATE = 64 * 1024


class SnsSigned:
    """
    Messages that SNS signed and that belong to one of *topics*.

    SNS signs for every topic of everybody, so the topic is half of the proof.
    The certificate comes over TLS from the SNS of the topic's own region, is
    kept, and must be valid *now*. Its chain is not looked at: where it comes
    from is what says whose it is.
    """

    serves_strangers = True
    knows_by_headers = False

    def __init__(
        self,
        source: str,
        topics: Collection[str],
        *,
        http: Http,
        clock: Clock,
        tolerance: timedelta = TOLERANCE,
    ) -> None:
        self._source, self._topics, self._tolerance = source, frozenset(topics), tolerance
        self._http, self._clock = http, clock
        self._certificates: dict[str, Certificate] = {}

    def admit(self, headers: Mapping[str, str]) -> None:
        """Let a request in that says it comes from SNS; the signature is in the body."""
        if "x-amz-sns-message-type" not in headers:
            raise self._refusal("is no message of SNS; turn raw message delivery off")

    async def check(self, headers: Mapping[str, str], body: bytes) -> None:
        """Let the message in when SNS signed it for one of the topics."""
        try:
            message = read_sns(json.loads(body))
            sent = time_at(message.raw, "Timestamp")
        except (InvalidInput, ValueError, RecursionError):
            raise self._refusal("is no message of SNS; turn raw message delivery off") from None
        if message.topic_arn not in self._topics:
            raise self._refusal("belongs to another topic; add its ARN to topicArn")
        now = self._clock.now()
        if sent is None or abs(now - sent) > self._tolerance:
            seconds = self._tolerance.total_seconds()
            raise self._refusal(f"is more than {seconds:g} s old; compare the clocks")
        await self._check_signature(message, now)

    async def _check_signature(self, message: SnsMessage, now: datetime) -> None:
        url = str(message.raw.get("SigningCertURL"))
        if not is_certificate_url(url, message.topic_arn):
            raise self._refusal("names a certificate that is not at the SNS of its region")
        certificate = await self._certificate(url)
        if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
            raise self._refusal("is signed with a certificate that is not valid now")
        if not _is_signed_with(certificate, message):
            raise self._refusal("has a signature that is not of it")

    async def _certificate(self, url: str) -> "Certificate":
        if url not in self._certificates:
            reply = await self._http.request("GET", url, limit_bytes=_LARGEST_CERTIFICATE)
            if reply.status != 200:
                raise Unavailable(f"{url}: HTTP {reply.status} for the certificate of SNS")
            if len(self._certificates) >= _MOST_CERTIFICATES:
                self._certificates.clear()
            self._certificates[url] = _read_certificate(url, reply.body)
        return self._certificates[url]

    def _refusal(self, why: str) -> Unauthenticated:
        return Unauthenticated(f"source {self._source!r}: the message {why}")


def _read_certificate(url: str, pem: bytes) -> "Certificate":
    from cryptography.x509 import load_pem_x509_certificate

    try:
        return load_pem_x509_certificate(pem)
    except ValueError as error:
        raise Unavailable(f"{url}: this is no certificate") from error


def _is_signed_with(certificate: "Certificate", message: SnsMessage) -> bool:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.hazmat.primitives.hashes import SHA1, SHA256, HashAlgorithm

    # Version 1 is what a topic has unless somebody chose 2.
    hashes: dict[str, HashAlgorithm] = {"1": SHA1(), "2": SHA256()}  # noqa: S303  # theirs to choose
    chosen = hashes.get(str(message.raw.get("SignatureVersion")))
    key = certificate.public_key()
    if chosen is None or not isinstance(key, RSAPublicKey):
        return False
    try:
        signature = base64.b64decode(str(message.raw.get("Signature")), validate=True)
        signed = message.signed_text.encode(errors="surrogatepass")
        key.verify(signature, signed, PKCS1v15(), chosen)
    except (InvalidSignature, ValueError):
        return False
    return True
