"""Bring a database to the newest schema, in one transaction, forwards only."""

from pathlib import Path

from punchingfist.adapters.store.engines import Engines
from punchingfist.adapters.store.turns import take_turn, wait_as_long_as_it_takes

MIGRATIONS = Path(__file__).parent / "migrations"


def migrate(engines: Engines, *, scripts: Path = MIGRATIONS) -> None:
    """
    Apply what is missing of *scripts*; when one fails, nothing was done.

    Two processes may call this at once: the second one waits and finds
    nothing left to do.
    """
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(scripts).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["tables"] = engines.tables
    with engines.writer.begin() as connection:
        wait_as_long_as_it_takes(connection)
        take_turn(connection, "migrate")
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
