"""Answer senders that ask whether we want their messages."""

import structlog

from punchingfist.errors import Unavailable
from punchingfist.ports.http import Http
from punchingfist.ports.source import Subscription

_LARGEST_ANSWER = 64 * 1024

log = structlog.get_logger(__name__)


async def confirm_subscription(
    subscription: Subscription, *, source: str, wanted: bool, http: Http
) -> None:
    """
    Say yes where it is *wanted*; else only tell that somebody asked.

    Raises:
        Unavailable: the yes did not arrive; the sender asks again.
    """
    if not wanted:
        log.warning(
            "subscription not confirmed; set spec.config.confirmSubscription and ask again",
            source=source,
            topic=subscription.topic,
        )
        return
    reply = await http.request("GET", subscription.confirm_url, limit_bytes=_LARGEST_ANSWER)
    if reply.status != 200:
        raise Unavailable(
            f"source {source!r}: HTTP {reply.status} for the confirmation of {subscription.topic!r}"
        )
    log.info("subscription confirmed", source=source, topic=subscription.topic)
