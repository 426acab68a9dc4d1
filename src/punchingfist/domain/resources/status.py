"""What is known about a resource that loaded."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Condition:
    """
    One thing worth telling about the resource *kind*/*name*, as Kubernetes tells it.

    *status* is `True` or `False`, in words; which of them is good depends on *type*.
    """

    kind: str
    name: str
    type: str
    status: str
    reason: str
    message: str

    def __str__(self) -> str:
        return f"{self.kind} {self.name!r}: {self.message}"


AVAILABLE = "Available"
NOT_AVAILABLE_YET = "NotAvailableYet"
