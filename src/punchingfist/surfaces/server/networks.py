"""Networks, and whom a chain of proxies speaks for."""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TypeAlias

from punchingfist.errors import InvalidInput

Network: TypeAlias = IPv4Network | IPv6Network


def parse_networks(texts: Sequence[str]) -> tuple[Network, ...]:
    """
    Read `10.0.0.0/8` or a bare address.

    Raises:
        InvalidInput: one is no network.
    """
    networks = []
    for text in texts:
        try:
            networks.append(ip_network(text))
        except ValueError as error:
            raise InvalidInput(
                f"--trusted-proxy {text!r}: {error}; write it like 10.0.0.0/8",
                field="--trusted-proxy",
                value=text,
            ) from error
    return tuple(networks)


def first_stranger(peer: str, forwarded_for: Sequence[str], trusted: Sequence[Network]) -> str:
    """
    Return whom the trusted proxies of a request speak for, *peer* itself when they do not say.

    Each proxy adds who called it at the end, so what stands before the first
    address we do not trust may be made up.
    """
    chain = [hop.strip() for hop in ",".join(forwarded_for).split(",") if hop.strip()]
    for hop in reversed(chain):
        if not is_in(hop, trusted):
            return hop if parse_ip(hop) else peer
    return peer


def is_in(address: str, networks: Sequence[Network]) -> bool:
    """Whether *address* is in one of *networks*; what is no address is in none."""
    parsed = parse_ip(address)
    return parsed is not None and any(parsed in network for network in networks)


def is_loopback(address: str) -> bool:
    parsed = parse_ip(address)
    return parsed is not None and parsed.is_loopback


def parse_ip(text: str) -> IPv4Address | IPv6Address | None:
    """Return the address *text* is, None when it is none."""
    try:
        return ip_address(text)
    except ValueError:
        return None
