"""The identity of an alert: Alertmanager's own digest of its labels."""

from collections.abc import Mapping
from typing import Final

_OFFSET: Final = 0xCBF29CE484222325
_PRIME: Final = 0x100000001B3
_MASK: Final = 0xFFFFFFFFFFFFFFFF


def fingerprint(labels: Mapping[str, str]) -> str:
    """
    Return the 16 hex digits Alertmanager gives this label set.

    64-bit FNV-1a over ``name 0xFF value 0xFF`` in name order, as
    `prometheus/common` computes `LabelSet.Fingerprint`.
    """
    digest = _OFFSET
    for name in sorted(labels):
        for part in (name, labels[name]):
            for byte in part.encode() + b"\xff":
                digest = ((digest ^ byte) * _PRIME) & _MASK
    return f"{digest:016x}"
