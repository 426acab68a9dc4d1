"""
How sure a finding may be: each independent observation takes away part of the doubt.

`certainty(0.7, 0.4)` is 1 - 0.3 * 0.6 = 0.82. The result never exceeds 0.97,
since what was seen is never all there is.
"""

from typing import Final

CEILING: Final = 0.97


def certainty(*weights: float) -> float:
    """Combine the *weights* (0-1) of independent observations; 0 of them is 0."""
    doubt = 1.0
    for weight in weights:
        doubt *= 1 - weight
    return round(min(1 - doubt, CEILING), 2)
