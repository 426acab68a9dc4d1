"""Alembic's way in: migrate inside the transaction the caller holds."""

from alembic import context

from punchingfist.adapters.store.tables import Tables

tables: Tables = context.config.attributes["tables"]


def is_ours(name: str | None, kind: str, parents: object) -> bool:
    """Leave the durable engine's tables, which share the file, alone."""
    return kind != "table" or (name or "") in tables.metadata.tables


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=tables.metadata,
    version_table=f"{tables.prefix}alembic_version",
    include_name=is_ours,
    compare_type=True,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
