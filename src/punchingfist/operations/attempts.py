"""How often somebody may be wrong about a secret."""

from collections import OrderedDict, deque
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network
from typing import Final

from punchingfist.errors import Throttled

MOST: Final = 10
WINDOW: Final = timedelta(minutes=1)
_ADDRESSES = 10_000


class Attempts:
    """
    Counts wrong secrets by the address they came from.

    An address that was wrong too often is not listened to until its oldest
    failure is a window away, so that a right guess would not be noticed
    either. An IPv6 caller owns a /64, and is counted as that.
    """

    def __init__(self) -> None:
        self._failures: OrderedDict[str, deque[tuple[datetime, str]]] = OrderedDict()

    def check(self, address: str, now: datetime) -> None:
        """
        Return when the address may still try.

        Raises:
            Throttled: it was wrong too often; says when to come back.
        """
        failures = self._recent(_place(address), now)
        if len(failures) >= MOST:
            wait = failures[0][0] + WINDOW - now
            raise Throttled(
                f"too many wrong secrets from {address or 'this address'}; "
                f"try again in {wait.total_seconds():.0f} s",
                retry_after_seconds=wait.total_seconds(),
            )

    def failed(self, address: str, now: datetime, *, mark: str = "") -> None:
        """Count a failure; one with a *mark* counts once, however often it is repeated."""
        place = _place(address)
        failures = self._recent(place, now)
        if mark and any(known == mark for _, known in failures):
            return
        failures.append((now, mark))
        self._failures[place] = failures
        self._failures.move_to_end(place)
        if len(self._failures) > _ADDRESSES:
            self._failures.popitem(last=False)

    def _recent(self, place: str, now: datetime) -> deque[tuple[datetime, str]]:
        failures = self._failures.get(place, deque(maxlen=MOST))
        while failures and now - failures[0][0] >= WINDOW:
            failures.popleft()
        return failures


def _place(address: str) -> str:
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return ""
    return address if parsed.version == 4 else str(ip_network((parsed, 64), strict=False))
