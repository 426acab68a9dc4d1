"""Secret references that lead into the environment of this process."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import TypeAlias

from punchingfist.errors import NotFound

_NOT_YET = frozenset({"k8s", "vault", "aws", "azure", "keyring", "file"})
_PREFIX = "PUNCHINGFIST_SECRET_"

ReadReport: TypeAlias = Callable[[str], Awaitable[None]]


class EnvironmentSecrets:
    """
    The `Secrets` port over *environ*.

    `env://NAME` is the variable NAME; a bare name `slack-bot` is the variable
    `PUNCHINGFIST_SECRET_SLACK_BOT`. *known* values are secret from the start.
    """

    def __init__(self, environ: Mapping[str, str], *, known: Collection[str] = ()) -> None:
        self._environ = environ
        self._known = {value for value in known if value}
        self._held: dict[str, str] = {}
        self._report: ReadReport | None = None
        self._unreported: set[str] = set()

    @property
    def known(self) -> Collection[str]:
        """Every value resolved so far; grows as secrets are resolved."""
        return self._known

    def keep(self, reference: str, value: str) -> None:
        """Hold *value*, a secret somebody wrote into a resource."""
        self._held[reference] = value
        self._known.add(value)

    async def report_to(self, report: ReadReport) -> None:
        """Tell *report* each reference that is read, and now those read before it was there."""
        self._report = report
        for reference in sorted(self._unreported):
            await report(reference)
        self._unreported.clear()

    async def resolve(self, reference: str) -> str:
        """Return the value *reference* leads to, once the reading of it is on record."""
        held = self._held.get(reference)
        value = self._read(reference) if held is None else held
        if self._report is None:
            self._unreported.add(reference)
        else:
            await self._report(reference)
        return value

    def _read(self, reference: str) -> str:
        variable = _variable(reference)
        value = self._environ.get(variable, "")
        if not value:
            raise NotFound(f"secret {reference!r} is not set; set the variable {variable}")
        self._known.add(value)
        return value


def _variable(reference: str) -> str:
    scheme, separator, rest = reference.partition("://")
    if not separator:
        return _PREFIX + reference.upper().replace("-", "_").replace(".", "_")
    if scheme == "env" and rest:
        return rest
    if scheme in _NOT_YET:
        raise NotFound(f"secret {reference!r}: {scheme}:// is not available yet; use env://NAME")
    raise NotFound(f"secret {reference!r} leads nowhere; use env://NAME or a bare name")
