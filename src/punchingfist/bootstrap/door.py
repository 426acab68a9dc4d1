"""Who may come in: tokens, sessions and the audit trail on one store."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from punchingfist.adapters.secrets import EnvironmentSecrets
from punchingfist.adapters.store.data_dir import DataDir
from punchingfist.adapters.store.engines import open_postgres, open_sqlite
from punchingfist.adapters.store.store import Store
from punchingfist.adapters.system import SystemClock, SystemSecrets, UuidIds, user_name
from punchingfist.domain.audit import Deed
from punchingfist.domain.identity import SERVER, Caller, How, Role
from punchingfist.operations.doorkeeper import Doorkeeper
from punchingfist.operations.issue_token import TokenOffice
from punchingfist.ports.audit import Audit
from punchingfist.settings import Settings


def build_office(store: Store) -> TokenOffice:
    """Return where the tokens of *store* are issued."""
    return TokenOffice(store.tokens, store.audit, SystemClock(), UuidIds(), SystemSecrets())


def build_doorkeeper(store: Store) -> Doorkeeper:
    """Return who knows the tokens of *store*, with new secrets for this start."""
    fresh = SystemSecrets()
    return Doorkeeper(build_office(store), owner=fresh.new(), link=fresh.new())


async def audit_secrets(secrets: EnvironmentSecrets, audit: Audit) -> None:
    """Have every reading of a secret written to the trail: its reference, never its value."""
    clock = SystemClock()

    async def report(reference: str) -> None:
        await audit.append(Deed(clock.now(), SERVER, "secret.read", reference))

    await secrets.report_to(report)


@dataclass(frozen=True, slots=True)
class Offline:
    """Tokens and the audit trail while no server runs; *caller* is who runs this command."""

    office: TokenOffice
    audit: Audit
    caller: Caller


@contextmanager
def offline(data_dir: Path | None) -> Iterator[Offline]:
    """
    Open the database of *data_dir*, by default the user's own, as its only owner.

    Raises:
        Conflict: a server owns it.
        Unavailable: the database does not answer.
    """
    settings = Settings.from_environment()
    folder = DataDir(data_dir or settings.state_dir)
    folder.acquire()
    try:
        url = settings.database_url
        engines = open_postgres(url) if url else open_sqlite(folder.database)
        store = Store(engines, SystemClock(), UuidIds())
        try:
            caller = Caller(user_name(), Role.ADMIN, How.SHELL)
            yield Offline(build_office(store), store.audit, caller)
        finally:
            store.close()
    finally:
        folder.release()
