"""What a detection rule is."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from punchingfist.domain.investigation.cases import Case
from punchingfist.domain.investigation.findings import Finding


@dataclass(frozen=True, slots=True)
class Rule:
    """
    One kind of trouble and how to recognise it.

    *detect* yields findings without links; where an object hangs together
    with the alert is worked out for all rules alike. A *symptom* rule tells
    what happens to an object; a finding about what the object depends on is
    believed before it. *reversible* means that the first recommendation can
    be taken back without loss.
    """

    name: str
    title: str
    detect: Callable[[Case], Iterator[Finding]]
    symptom: bool = False
    reversible: bool = False
