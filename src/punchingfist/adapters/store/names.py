"""The short names people say, `INC-1042`, and the numbers behind them."""

import re

import sqlalchemy as sa

from punchingfist.adapters.store.tables import Tables
from punchingfist.adapters.store.writing import add_up

INCIDENT, ALERT, EXECUTION = "INC", "A", "EX"

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def short_id(prefix: str, number: int) -> str:
    return f"{prefix}-{number}"


def parse_number(prefix: str, name: str) -> int | None:
    """Return the number of short id *name*, or None when it is no short id of that *prefix*."""
    letters, _, digits = name.upper().partition("-")
    return int(digits) if letters == prefix and digits.isdecimal() and len(digits) < 10 else None


def is_named(table: sa.Table, prefix: str, name: str) -> sa.ColumnElement[bool]:
    """Return the condition that finds the row people or we call *name*."""
    number = parse_number(prefix, name)
    if number is not None:
        return table.c.number == number
    return table.c.id == name if is_identifier(name) else sa.false()


def is_identifier(name: str) -> bool:
    """Whether *name* is written as the ids of rows are; PostgreSQL compares them with nothing else."""
    return _UUID.fullmatch(name) is not None


def draw_number(connection: sa.Connection, tables: Tables, counter: str) -> int:
    """Take the next number of *counter*; it is free again when the transaction fails."""
    return add_up(connection, tables.counters, {counter: 1}, key="name", total="value")[counter]
