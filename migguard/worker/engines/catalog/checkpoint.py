"""The schema of one database as text, and a catalog that starts from such a text."""

from __future__ import annotations

import pickle
from typing import Any, Optional

from .database import Database
from .flags import TableName
from .rows import Rows
from .shared import World


def dump_text(database: Database) -> str:
    """DDL that builds the database again in an empty one."""
    if type(database).__module__.split(".")[-2] == "postgresql":
        from .postgresql.catalog import Catalog
        from .postgresql.dump import dump_catalog

        assert isinstance(database, Catalog)
        return dump_catalog(database)
    from .mysql.catalog import MysqlDatabase
    from .mysql.dump import dump

    assert isinstance(database, MysqlDatabase)
    return "".join(f"{statement};\n" for statement in dump(database))


def read_text(connection: Any) -> str:
    """The same of a real server, through SQLAlchemy's connection."""
    if connection.dialect.name == "postgresql":
        from .postgresql.server_dump import read_server

        return read_server(connection)
    lines = ["SET FOREIGN_KEY_CHECKS=0"]
    for name, kind in sorted(tuple(row) for row in connection.exec_driver_sql("SHOW FULL TABLES")):
        if kind == "BASE TABLE":
            quoted = "`" + name.replace("`", "``") + "`"
            lines.append(connection.exec_driver_sql(f"SHOW CREATE TABLE {quoted}").fetchone()[1])
    return "".join(f"{line};\n" for line in [*lines, "SET FOREIGN_KEY_CHECKS=1"])


def load_text(session: Any, text: str, version_table: str, schema: Optional[str], revisions: list[str]) -> None:
    """Put a database made from the text in place of the session's own, at these revisions.

    Which of its tables have rows is not known. Raises NotUnderstood and Rejected; LookupError without version table.
    """
    shared = session.shared
    database: Database = shared._make(shared.flags)
    _run(database, text)
    table = database.find_table(schema, version_table)
    if table is None:
        raise LookupError(f"it has no table `{version_table}`")
    written: set[TableName] = database.relation_names() - {table}
    rows = Rows(written, {table: [{"version_num": revision} for revision in revisions]})
    session.commit()
    shared.load(pickle.dumps((World(database), rows), protocol=4))


def _run(database: Database, text: str) -> None:
    if type(database).__module__.split(".")[-2] == "postgresql":
        from .postgresql.catalog import Catalog
        from .postgresql.dump import load_dump

        assert isinstance(database, Catalog)
        load_dump(database, text)
        return
    for statement in database.split(text):
        leftovers = database.run(statement.text_between(0, len(statement.tokens)))
        if any(one.verb not in {"set", "use"} for one in leftovers):
            raise LookupError("it holds more than DDL")
    database.changes.clear()
