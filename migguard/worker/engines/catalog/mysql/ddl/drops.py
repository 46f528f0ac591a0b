"""DROP of everything."""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional

from ...errors import NotUnderstood, Rejected
from ..scanner import MysqlCursor
from .alter_table import KEY, Drop, Plan
from .apply_plan import alter

if TYPE_CHECKING:
    from ..catalog import MysqlDatabase

ROUTINES = ("procedure", "function", "trigger", "event")


def drop(cursor: MysqlCursor, database: MysqlDatabase) -> None:
    is_temporary = cursor.accept("temporary")
    kind = cursor.expect_one(
        "table", "tables", "index", "database", "schema", "view", "sequence", "user", "role", *ROUTINES
    )
    if kind in ("table", "tables"):
        _drop_tables(cursor, database, is_temporary=is_temporary)
    elif kind == "index":
        _drop_index(cursor, database)
    elif kind in ("database", "schema"):
        is_tolerant = cursor.accept("if", "exists")
        name = cursor.name()
        if database.find_schema(name) is not None:
            drop_schema(database, name)
        elif not is_tolerant:
            raise Rejected(f"Can't drop database '{name}'; database doesn't exist", "1008")
    elif kind == "view":
        _drop_views(cursor, database)
    elif kind == "sequence":
        _drop_sequences(cursor, database)
    elif kind in ROUTINES:
        _drop_routine(cursor, database, kind)


def drop_schema(database: MysqlDatabase, name: str) -> None:
    schema = database.schema(name)
    for table in list(schema.tables.values()):
        if any(other.schema != name for other, _ in database.referring(table)) and database.foreign_key_checks:
            raise Rejected("Cannot delete or update a parent row: a foreign key constraint fails", "1451")
    for table_name in list(schema.tables):
        database.note("dropped", "table", name, table_name)
    database.remove_schema(name)


def _read_names(cursor: MysqlCursor) -> list[tuple[Optional[str], str]]:
    names = [cursor.qualified_name()]
    while cursor.accept(","):
        names.append(cursor.qualified_name())
    cursor.accept_one("restrict", "cascade")
    cursor.expect_end()
    return names


def _drop_tables(cursor: MysqlCursor, database: MysqlDatabase, *, is_temporary: bool) -> None:
    is_tolerant = cursor.accept("if", "exists")
    names = _read_names(cursor)
    missing: list[str] = []
    going = []
    for schema, name in names:
        table = database.find_table_object(schema, name)
        if table is None or (is_temporary and not table.is_temporary):
            missing.append(name)
        else:
            going.append(table)
    for place, table in enumerate(going):
        others = [one for one, _ in database.referring(table) if one is not table and one not in going[:place]]
        if others and database.foreign_key_checks and not table.is_temporary:
            if place or len(names) > 1:
                raise NotUnderstood("a DROP TABLE of which only a part may succeed")
            raise Rejected("Cannot delete or update a parent row: a foreign key constraint fails", "1451")
    if missing and not is_tolerant and going:
        raise NotUnderstood("a DROP TABLE of which only a part may succeed")
    if missing and not is_tolerant:
        raise Rejected(f"Unknown table '{missing[0]}'", "1051")
    for table in going:
        database.drop_table(table)


def _drop_index(cursor: MysqlCursor, database: MysqlDatabase) -> None:
    is_tolerant = cursor.accept("if", "exists")
    name = cursor.label()
    cursor.expect("on")
    schema, table = cursor.qualified_name()
    while cursor.accept_one("algorithm", "lock"):
        cursor.equals()
        cursor.take()
    cursor.expect_end()
    alter(database, schema, table, Plan(drops=[Drop(KEY, name, is_tolerant)]))


def _drop_views(cursor: MysqlCursor, database: MysqlDatabase) -> None:
    is_tolerant = cursor.accept("if", "exists")
    for schema_name, name in _read_names(cursor):
        schema = database.schema(schema_name)
        if schema.views.pop(name, None) is not None:
            database.note("dropped", "view", schema.name, name)
        elif name in schema.tables:
            raise Rejected(f"'{schema.name}.{name}' is not of type 'VIEW'", "1347")
        elif not is_tolerant:
            raise Rejected(f"Unknown VIEW: '{schema.name}.{name}'", "4092" if database.server.is_mariadb else "1051")


def _drop_sequences(cursor: MysqlCursor, database: MysqlDatabase) -> None:
    is_tolerant = cursor.accept("if", "exists")
    for schema_name, name in _read_names(cursor):
        schema = database.schema(schema_name)
        if name in schema.sequences:
            schema.sequences.discard(name)
            database.note("dropped", "sequence", schema.name, name)
        elif not is_tolerant:
            raise Rejected(f"Unknown SEQUENCE: '{schema.name}.{name}'", "4091")


def _drop_routine(cursor: MysqlCursor, database: MysqlDatabase, kind: str) -> None:
    is_tolerant = cursor.accept("if", "exists")
    schema_name, name = cursor.qualified_name()
    schema = database.schema(schema_name)
    if (kind, name.lower()) in schema.routines:
        schema.routines.discard((kind, name.lower()))
        schema.triggers.pop(name.lower(), None)
    elif not is_tolerant:
        code = {"trigger": "1360", "event": "1539"}.get(kind, "1305")
        raise Rejected(f"{kind.upper()} {schema.name}.{name} does not exist", code)
