"""The few ways in which rows are written."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

Row: TypeAlias = dict[str, Any]

_INSERTS = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def insert_rows(
    connection: sa.Connection, table: sa.Table, rows: Sequence[Mapping[str, Any]]
) -> None:
    """Insert *rows*, which all have the same columns, in one statement."""
    if rows:
        connection.execute(sa.insert(table), list(rows))


def update_rows(
    connection: sa.Connection,
    table: sa.Table,
    rows: Sequence[Mapping[str, Any]],
    *,
    columns: Sequence[str],
    by: Sequence[str] = ("id",),
) -> None:
    """Set *columns* of each of *rows*, found by the columns *by*, in one statement."""
    if not rows:
        return
    found = [table.c[name] == sa.bindparam(f"by_{name}") for name in by]
    change = sa.update(table).where(*found).values({name: sa.bindparam(name) for name in columns})
    values = [
        {name: row[name] for name in columns} | {f"by_{name}": row[name] for name in by}
        for row in rows
    ]
    connection.execute(change, values)


def upsert(
    connection: sa.Connection, table: sa.Table, row: Mapping[str, Any], *, by: Sequence[str]
) -> None:
    """Insert *row*, or overwrite the one that has the same columns *by*."""
    statement = _insert(connection, table).values(row)
    changes = {name: statement.excluded[name] for name in row if name not in by}
    connection.execute(statement.on_conflict_do_update(index_elements=list(by), set_=changes))


def insert_once(connection: sa.Connection, table: sa.Table, row: Mapping[str, Any]) -> None:
    """Insert *row* unless its key is there already."""
    connection.execute(_insert(connection, table).values(row).on_conflict_do_nothing())


def add_up(
    connection: sa.Connection, table: sa.Table, amounts: Mapping[str, int], *, key: str, total: str
) -> dict[str, int]:
    """
    Add *amounts* to the *total* of each *key*, from 0 where it is missing.

    Returns the new totals. The rows stay locked until the transaction ends,
    so whoever draws from them later also commits later.
    """
    rows = [{key: name, total: amounts[name]} for name in sorted(amounts)]
    if not rows:
        return {}
    statement = _insert(connection, table).values(rows)
    added = statement.on_conflict_do_update(
        index_elements=[key], set_={total: table.c[total] + statement.excluded[total]}
    ).returning(table.c[key], table.c[total])
    return dict(connection.execute(added).all())


def _insert(connection: sa.Connection, table: sa.Table) -> Any:
    return _INSERTS[connection.dialect.name](table)
