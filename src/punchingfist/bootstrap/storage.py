"""Where the state is kept: a SQLite file of our own, or a PostgreSQL database shared with others."""

from dataclasses import dataclass
from pathlib import Path

import structlog

from punchingfist.adapters.durable.dbos_engine import DbosDurable
from punchingfist.adapters.durable.postgres import lease_engine, postgres_engine
from punchingfist.adapters.durable.replica import Replica
from punchingfist.adapters.durable.sqlite import sqlite_engine
from punchingfist.adapters.postgres import parse_postgres_url
from punchingfist.adapters.store.engines import open_postgres, open_sqlite
from punchingfist.adapters.store.store import Store
from punchingfist.adapters.system import SystemClock, UuidIds
from punchingfist.domain.resources.collection import Resources
from punchingfist.domain.resources.model import is_reference
from punchingfist.errors import InvalidInput
from punchingfist.ports.secrets import Secrets

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Storage:
    """The store and, not launched yet, the engine on the same database."""

    store: Store
    durable: DbosDurable


async def find_database_url(
    chosen: str | None, resources: Resources, secrets: Secrets
) -> str | None:
    """
    Return *chosen*, else what the OperatorConfig says; None stands for a SQLite file.

    The password in it is known to the redactor from here on.

    Raises:
        InvalidInput: the OperatorConfig asks for PostgreSQL and does not say where.
        NotFound: it refers to a secret that is not there.
    """
    url = chosen or await _configured(resources, secrets)
    if url is not None:
        password = parse_postgres_url(url).password
        if password:
            secrets.keep("database-password", str(password))
    return url


async def _configured(resources: Resources, secrets: Secrets) -> str | None:
    database = resources.config.spec.database if resources.config else None
    if database is None or database.type != "postgres":
        return None
    if not database.connection_string:
        raise InvalidInput(
            "spec.database of the OperatorConfig: type 'postgres' needs a connectionString",
            field="spec.database.connectionString",
        )
    text = database.connection_string
    return await secrets.resolve(text) if is_reference(text) else text


def open_storage(url: str | None, file: Path) -> Storage:
    """
    Open the PostgreSQL database at *url*, or the SQLite *file* when there is none; it blocks.

    Raises:
        Unavailable: the database does not answer, or does not let us in.
    """
    if url is None:
        store = Store(open_sqlite(file), SystemClock(), UuidIds())
        return Storage(store, DbosDurable(sqlite_engine(file)))
    store = Store(open_postgres(url), SystemClock(), UuidIds())
    replica = Replica(lease_engine(url))
    log.info("database", name=store.database.engines.name, replica=replica.name)
    return Storage(store, DbosDurable(postgres_engine(url), replica=replica))
