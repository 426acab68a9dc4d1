"""Values nobody may see."""

from typing import Protocol


class Secrets(Protocol):
    """Where secret references lead; every resolved value is known to the redactor."""

    def keep(self, reference: str, value: str) -> None:
        """Hold *value* under *reference* for as long as the process lives."""
        ...

    async def resolve(self, reference: str) -> str:
        """
        Return the value of `env://NAME`, `k8s://…` or a bare name.

        Raises:
            NotFound: there is no such secret; names the reference, never a value.
        """
        ...
