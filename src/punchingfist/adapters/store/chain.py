"""The end of the audit trail: one locked row, after which one deed at a time is written."""

from typing import Final

import sqlalchemy as sa

from punchingfist.adapters.store.tables import Tables
from punchingfist.adapters.store.writing import add_up, insert_rows
from punchingfist.domain.audit import GENESIS, AuditRow, Deed, Head, forge

CHAIN: Final = "audit"
"""The one chain there is, by the name of its head's row."""


def append_deed(connection: sa.Connection, tables: Tables, deed: Deed) -> AuditRow:
    """Write *deed* at the end of the chain; until the transaction ends nobody else can."""
    heads = tables.audit_heads
    here = heads.c.name == CHAIN
    seq = add_up(connection, heads, {CHAIN: 1}, key="name", total="seq")[CHAIN]
    digest = connection.scalar(sa.select(heads.c.digest).where(here))
    row = forge(deed, Head(seq - 1, digest or GENESIS))
    insert_rows(connection, tables.audit, [{name: getattr(row, name) for name in row.__slots__}])
    connection.execute(sa.update(heads).where(here).values(digest=row.digest))
    return row
