"""The catalog as DDL text that builds it again: the checkpoint."""

from __future__ import annotations

from .catalog import MysqlDatabase
from .model import quote_name


def dump(database: MysqlDatabase) -> list[str]:
    """Statements for an empty database. Foreign keys may wait for their table, so that any order will do."""
    statements = ["SET FOREIGN_KEY_CHECKS=0"]
    for schema in database.schemas.values():
        if schema.name != database.home:
            statements.append(f"CREATE DATABASE {quote_name(schema.name)} COLLATE {schema.collation}")
        statements.append(f"USE {quote_name(schema.name)}")
        statements += [database.show_create_table(schema.name, name).text for name in sorted(schema.tables)]
        statements += [view.text for view in schema.views.values()]
        statements += [f"CREATE SEQUENCE {quote_name(name)}" for name in sorted(schema.sequences)]
    if database.home is not None:
        statements.append(f"USE {quote_name(database.home)}")
    return [*statements, "SET FOREIGN_KEY_CHECKS=1"]
