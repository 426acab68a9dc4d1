"""From what a source asks for to what lets its senders in."""

from punchingfist.domain.resources.authentication import Authentication
from punchingfist.operations.authentication import signatures, sns
from punchingfist.operations.authentication.authenticator import (
    ANYBODY,
    UNGUARDED,
    Authenticator,
    Locked,
)
from punchingfist.operations.authentication.signatures import Scheme, Signed
from punchingfist.operations.authentication.sns import SnsSigned
from punchingfist.operations.authentication.tokens import ApiKey, Basic, Bearer
from punchingfist.ports.clock import Clock
from punchingfist.ports.http import Http
from punchingfist.ports.secrets import Secrets

_API_KEY_HEADER = "x-api-key"


async def build_authenticator(
    source: str, asked: Authentication | None, *, secrets: Secrets, clock: Clock, http: Http
) -> Authenticator:
    """
    Return what lets the senders of *source* in.

    Raises:
        NotFound: its secret is not there.
    """
    if asked is None:
        return UNGUARDED
    if asked.type == "none":
        return ANYBODY
    if asked.type == "sns":
        tolerance = asked.tolerance or sns.TOLERANCE
        return SnsSigned(source, asked.topic_arn or (), http=http, clock=clock, tolerance=tolerance)
    if asked.secret_ref is None:
        return Locked(source)
    return _with_secret(source, asked, await secrets.resolve(asked.secret_ref), clock)


def _with_secret(source: str, asked: Authentication, secret: str, clock: Clock) -> Authenticator:
    match asked.type:
        case "bearer":
            return Bearer(source, secret)
        case "apikey":
            return ApiKey(source, secret, (asked.header or _API_KEY_HEADER).lower())
        case "basic":
            return Basic(source, asked.username or "", secret)
        case "pagerduty":
            scheme = Scheme(signatures.PAGERDUTY_HEADER, prefix=signatures.PAGERDUTY_PREFIX)
            return Signed(source, secret, scheme, clock)
        case "hmac":
            return Signed(source, secret, _scheme(asked), clock)
        case _:
            raise AssertionError(f"{asked.type!r} needs no secret")


def _scheme(asked: Authentication) -> Scheme:
    return Scheme(
        header=(asked.header or "").lower(),
        algorithm=asked.algorithm,
        encoding=asked.encoding,
        prefix=asked.prefix,
        timestamp_header=asked.timestamp_header.lower() if asked.timestamp_header else None,
        tolerance=asked.tolerance or signatures.TOLERANCE,
    )
