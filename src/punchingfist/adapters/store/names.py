"""The short names people say, `INC-1042`, and the numbers behind them."""

import sqlalchemy as sa

from punchingfist.adapters.store.tables import Tables
from punchingfist.adapters.store.writing import add_up

INCIDENT, ALERT, EXECUTION = "INC", "A", "EX"


def short_id(prefix: str, number: int) -> str:
    return f"{prefix}-{number}"


def parse_number(prefix: str, name: str) -> int | None:
    """Return the number of short id *name*, or None when it is no short id of that *prefix*."""
    letters, _, digits = name.upper().partition("-")
    return int(digits) if letters == prefix and digits.isdecimal() and len(digits) < 10 else None


def is_named(table: sa.Table, prefix: str, name: str) -> sa.ColumnElement[bool]:
    """Return the condition that finds the row people or we call *name*."""
    number = parse_number(prefix, name)
    return table.c.id == name if number is None else table.c.number == number


def draw_number(connection: sa.Connection, tables: Tables, counter: str) -> int:
    """Take the next number of *counter*; it is free again when the transaction fails."""
    return add_up(connection, tables.counters, {counter: 1}, key="name", total="value")[counter]
