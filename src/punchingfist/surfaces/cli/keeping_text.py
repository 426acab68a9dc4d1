"""Tokens and audit rows for a terminal."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from punchingfist.bootstrap.edges import system_clock


def is_live(token: Mapping[str, Any]) -> bool:
    """Whether *token* still opens something."""
    return not _why_over(token)


def print_tokens(tokens: Iterable[Mapping[str, Any]]) -> None:
    """Print a table, or say that there is none."""
    columns = ("NAME", "KIND", "ROLE", "TEAMS", "BEGINS", "EXPIRES", "LAST USED", "STATE")
    table = Table(*columns, box=None, pad_edge=False)
    for one in tokens:
        table.add_row(
            Text(one["name"]),
            one["kind"],
            one["role"],
            Text(", ".join(one["teams"]) or "all"),
            f"{one['prefix']}…",
            _when(one["expires_at"]) or "never",
            _when(one["last_used_at"]) or "never",
            _why_over(one) or "good",
        )
    _print(table, "no tokens")


def print_audit(rows: Iterable[Mapping[str, Any]]) -> None:
    """Print a table, or say that there is none."""
    table = Table("SEQ", "WHEN", "WHO", "AS", "WHAT", "OBJECT", "FROM", box=None, pad_edge=False)
    for row in rows:
        table.add_row(
            str(row["seq"]),
            _when(row["at"]),
            Text(row["who"]),
            f"{row['role']} ({row['how']})",
            row["what"],
            Text(row["object"]),
            Text(row["address"] or "here"),
        )
    _print(table, "nothing was done yet")


def _print(table: Table, nothing: str) -> None:
    Console(highlight=False).print(table if table.row_count else nothing)


def _why_over(token: Mapping[str, Any]) -> str:
    if token["revoked_at"]:
        return "revoked"
    expires = token["expires_at"]
    over = expires and datetime.fromisoformat(expires) <= system_clock().now()
    return "expired" if over else ""


def _when(at: str | None) -> str:
    return at[:16].replace("T", " ") if at else ""
