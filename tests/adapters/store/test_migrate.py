import shutil
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import exc

from punchingfist.adapters.store.engines import Engines, open_sqlite
from punchingfist.adapters.store.migrate import MIGRATIONS, migrate

FAILS_HALF_WAY = """
from alembic import op

revision = "9999"
down_revision = "{head}"


def upgrade():
    op.execute("CREATE TABLE pf_half (id INTEGER)")
    op.execute("INSERT INTO pf_counters VALUES ('half', 1)")
    op.execute("this is not SQL")
"""


@pytest.fixture
def empty(tmp_path: Path) -> Engines:
    return open_sqlite(tmp_path / "empty.db")


def add_failing(scripts: Path) -> None:
    head = max(one.name for one in (scripts / "versions").glob("[0-9]*.py"))[:4]
    (scripts / "versions" / "9999_fails.py").write_text(FAILS_HALF_WAY.format(head=head))


def schema(engines: Engines) -> list[str]:
    with engines.reader.begin() as connection:
        return sorted(connection.execute(sa.text("SELECT name FROM sqlite_master")).scalars())


def columns(engines: Engines) -> dict[str, list[tuple[object, ...]]]:
    """Return every column as SQLite itself sees it, by table."""
    found = {}
    with engines.reader.begin() as connection:
        for name in engines.tables.metadata.tables:
            rows = connection.exec_driver_sql(f"PRAGMA table_info({name})").all()
            found[name] = sorted(tuple(row)[1:] for row in rows)
    return found


def test_the_migrations_make_the_tables_the_code_uses(empty: Engines, tmp_path: Path) -> None:
    migrate(empty)
    drawn = open_sqlite(tmp_path / "drawn.db")
    with drawn.writer.begin() as connection:
        drawn.tables.metadata.create_all(connection)

    with empty.reader.begin() as connection:
        options = {"compare_type": True, "version_table": "pf_alembic_version"}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, empty.tables.metadata) == []
    assert columns(empty) == columns(drawn)
    made, wanted = set(schema(empty)), set(schema(drawn))
    assert {name for name in made ^ wanted if "alembic" not in name} == set()


def test_migrating_twice_changes_nothing(empty: Engines) -> None:
    migrate(empty)
    before = schema(empty)

    migrate(empty)

    assert schema(empty) == before


def test_a_migration_that_fails_half_way_leaves_nothing(empty: Engines, tmp_path: Path) -> None:
    scripts = Path(shutil.copytree(MIGRATIONS, tmp_path / "migrations"))
    add_failing(scripts)

    with pytest.raises(exc.OperationalError):
        migrate(empty, scripts=scripts)

    assert schema(empty) == []


def test_a_migration_that_fails_leaves_the_older_schema_and_its_rows(
    empty: Engines, tmp_path: Path
) -> None:
    migrate(empty)
    before = schema(empty)
    scripts = Path(shutil.copytree(MIGRATIONS, tmp_path / "migrations"))
    add_failing(scripts)

    with pytest.raises(exc.OperationalError):
        migrate(empty, scripts=scripts)

    assert schema(empty) == before
    with empty.reader.begin() as connection:
        names = connection.scalars(sa.select(empty.tables.counters.c.name)).all()
    assert "half" not in names


def test_tables_of_others_in_the_file_are_left_alone(empty: Engines) -> None:
    with empty.writer.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE workflow_status (id TEXT)")
        connection.exec_driver_sql("INSERT INTO workflow_status VALUES ('theirs')")

    migrate(empty)

    with empty.reader.begin() as connection:
        assert connection.exec_driver_sql("SELECT id FROM workflow_status").scalar() == "theirs"
