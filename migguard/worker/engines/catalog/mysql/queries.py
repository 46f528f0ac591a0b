"""Questions about the schema and the server: SHOW, DESCRIBE, `SELECT @@…`, information_schema."""

from __future__ import annotations

import re
import sys
from typing import Any, Optional, cast

from ..answer import Answer
from ..errors import NotUnderstood
from ..flags import INEXACT, TableName
from ..flavour import Query
from .catalog import SYSTEM_SCHEMAS, MysqlDatabase
from .model import Column, Table
from .scanner import MysqlCursor
from .types import show_type

_SQL_MODE = {
    True: "STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_AUTO_CREATE_USER,NO_ENGINE_SUBSTITUTION",
    False: "ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,"
    "NO_ENGINE_SUBSTITUTION",
}


def answer_query(query: Query) -> Optional[Answer]:
    """None where it is another's matter."""
    database = cast(MysqlDatabase, query.database)
    cursor = cast(MysqlCursor, query.cursor)
    cursor.index = 0
    verb = query.verb
    if verb == "show":
        cursor.index = 1
        return _show(query, database, cursor)
    if verb in ("describe", "desc", "explain"):
        return _describe(database, cursor)
    if verb == "select":
        return _select(query, database)
    return None


def server_version(database: MysqlDatabase) -> str:
    """What VERSION() gives."""
    parts = [str(one) for one in database.server.version]
    parts += {1: ["0", "0"], 2: ["36" if not database.server.is_mariadb else "18"]}.get(len(parts), [])
    return ".".join(parts) + ("-MariaDB" if database.server.is_mariadb else "")


def _variables(database: MysqlDatabase) -> dict[str, Any]:
    schema = database.schemas.get(database.current or "")
    collation = schema.collation if schema is not None else database.server.default_collation
    return {
        "sql_mode": _SQL_MODE[database.server.is_mariadb],
        "lower_case_table_names": "0",
        "transaction_isolation": "REPEATABLE-READ",
        "tx_isolation": "REPEATABLE-READ",
        "foreign_key_checks": "ON" if database.foreign_key_checks else "OFF",
        "version": server_version(database),
        "character_set_database": collation.split("_")[0],
        "collation_database": collation,
        "character_set_server": "utf8mb4",
        "collation_server": database.server.default_collation,
        "character_set_client": "utf8mb4",
        "character_set_connection": "utf8mb4",
        "character_set_results": "utf8mb4",
        "default_storage_engine": "InnoDB",
        "storage_engine": "InnoDB",
        "autocommit": "OFF",
    }


def _show(query: Query, database: MysqlDatabase, cursor: MysqlCursor) -> Optional[Answer]:
    cursor.accept_one("session", "global")
    if cursor.accept("create", "table"):
        return _show_create(query, database, cursor)
    if cursor.accept("variables"):
        return _show_variables(database, cursor)
    is_full = cursor.accept("full")
    if cursor.accept("tables"):
        return _show_tables(database, cursor, is_full=is_full)
    if cursor.accept_one("databases", "schemas"):
        return _show_databases(database, cursor)
    if cursor.accept_one("columns", "fields"):
        return _show_columns(database, cursor, is_full=is_full)
    if cursor.accept_one("index", "indexes", "keys"):
        return _show_keys(database, cursor)
    if cursor.accept("warnings") or cursor.accept("errors"):
        return Answer(["Level", "Code", "Message"], [], 0)
    return None


def _show_create(query: Query, database: MysqlDatabase, cursor: MysqlCursor) -> Answer:
    schema, name = cursor.qualified_name()
    home = database.schemas.get(schema or database.current or "")
    if home is not None and name in home.views:
        raise NotUnderstood("the columns of a view")
    shown = database.show_create_table(schema, name)
    table = database.table(schema, name)
    tables = frozenset([TableName(table.schema, table.name)])
    for doubt in shown.doubts:
        text = f"{doubt.detail} of {table.name}.{doubt.subject}"
        query.flags.add(INEXACT, text, tables, detail=doubt.detail, subject=doubt.subject, printed=doubt.printed)
    return Answer(["Table", "Create Table"], [(table.name, shown.text)], 1)


def _matches(pattern: Optional[str], value: str) -> bool:
    if pattern is None:
        return True
    parts = ["." if one == "_" else ".*" if one == "%" else re.escape(one[-1]) for one in re.findall(r"\\.|.", pattern)]
    return re.fullmatch("".join(parts), value, re.IGNORECASE | re.DOTALL) is not None


def _like(cursor: MysqlCursor) -> Optional[str]:
    pattern = cursor.string() if cursor.accept("like") else None
    cursor.expect_end()
    return pattern


def _show_variables(database: MysqlDatabase, cursor: MysqlCursor) -> Optional[Answer]:
    if not cursor.at("like"):
        return None
    pattern = _like(cursor)
    rows = [(name, value) for name, value in sorted(_variables(database).items()) if _matches(pattern, name)]
    asked = re.sub(r"\\(.)", r"\1", pattern or "")
    if not rows and asked not in ("innodb_file_format", "innodb_large_prefix"):
        return None
    return Answer(["Variable_name", "Value"], rows, len(rows))


def _from(database: MysqlDatabase, cursor: MysqlCursor) -> str:
    name = cursor.name() if cursor.accept_one("from", "in") else None
    return database.schema(name).name


def _show_tables(database: MysqlDatabase, cursor: MysqlCursor, *, is_full: bool) -> Answer:
    schema = database.schemas[_from(database, cursor)]
    pattern = _like(cursor)
    kinds = dict.fromkeys(schema.tables, "BASE TABLE")
    kinds.update(dict.fromkeys(schema.views, "VIEW"))
    kinds.update(dict.fromkeys(schema.sequences, "SEQUENCE"))
    rows: list[tuple[Any, ...]] = [
        (name, kind) if is_full else (name,) for name, kind in sorted(kinds.items()) if _matches(pattern, name)
    ]
    heading = f"Tables_in_{schema.name}" + (f" ({pattern})" if pattern is not None else "")
    return Answer([heading, "Table_type"] if is_full else [heading], rows, len(rows))


def _show_databases(database: MysqlDatabase, cursor: MysqlCursor) -> Answer:
    pattern = _like(cursor)
    names = sorted({*database.schemas, *SYSTEM_SCHEMAS})
    rows: list[tuple[Any, ...]] = [(name,) for name in names if _matches(pattern, name)]
    return Answer(["Database"], rows, len(rows))


def _describe(database: MysqlDatabase, cursor: MysqlCursor) -> Optional[Answer]:
    cursor.index = 1
    if not cursor.at_name():
        return None
    schema, name = cursor.qualified_name()
    if not cursor.at_end:
        return None
    return _columns_answer(database, schema, name, None)


def _show_columns(database: MysqlDatabase, cursor: MysqlCursor, *, is_full: bool) -> Optional[Answer]:
    if is_full:
        return None
    cursor.expect_one("from", "in")
    schema, name = cursor.qualified_name()
    if cursor.accept_one("from", "in"):
        schema = cursor.name()
    if cursor.at("where"):
        return None
    return _columns_answer(database, schema, name, _like(cursor))


def _columns_answer(database: MysqlDatabase, schema: Optional[str], name: str, pattern: Optional[str]) -> Answer:
    home = database.schemas.get(schema or database.current or "")
    headings = ["Field", "Type", "Null", "Key", "Default", "Extra"]
    if home is not None and name in home.views:
        # that it exists is known: what it shows is not
        unknown = "" if _asks_for_existence() else f"the columns of the view {name}"
        return Answer(headings, [("?", "?", "YES", "", None, "")], 1, unknown=unknown)
    table = database.table(schema, name)
    rows = [_column_row(database, table, column) for column in table.columns if _matches(pattern, column.name)]
    is_known = all(row is not None for row in rows) or _asks_for_existence()
    found = [row or (column.name, "", "", "", None, "") for row, column in zip(rows, table.columns)]  # noqa: B905
    return Answer(headings, found, len(found), unknown="" if is_known else f"DESCRIBE {name}")


def _asks_for_existence() -> bool:
    """SQLAlchemy's has_table runs DESCRIBE and looks at nothing but whether there is a row."""
    frame: Any = sys._getframe(1)
    while frame is not None:
        if frame.f_code.co_name == "has_table" and str(frame.f_globals.get("__name__", "")).startswith("sqlalchemy."):
            return True
        frame = frame.f_back
    return False


def _column_row(database: MysqlDatabase, table: Table, column: Column) -> Optional[tuple[Any, ...]]:
    """One row of DESCRIBE; None where it is not certain."""
    if not database.server.is_mariadb or (column.default is not None and column.default.expression is not None):
        return None
    digits = column.type.arguments[0] if column.type.arguments else ""
    default: Any = None
    if column.default is not None and column.default.literal is not None:
        if not column.default.literal.exact:
            return None
        default = column.default.literal
        if default.startswith("'"):
            default = default[1:-1].replace("''", "'").replace("\\\\", "\\")
    elif column.default is not None:
        default = f"current_timestamp({digits})"
    extra = ["auto_increment"] if column.is_auto_increment else []
    extra += [f"on update current_timestamp({digits})"] if column.is_on_update_now else []
    if column.generated is not None:
        extra.append("STORED GENERATED" if column.generated.is_stored else "VIRTUAL GENERATED")
    extra += ["INVISIBLE"] if column.is_invisible else []
    return (column.name, show_type(column.type, column.type.collation or ""), "YES" if column.is_nullable else "NO",
            key_mark(table, column), default, ", ".join(extra))  # fmt: skip


def key_mark(table: Table, column: Column) -> str:
    """PRI, UNI, MUL or nothing (sql_show.cc)."""
    for key in table.keys:
        if key.kind == "primary" and any(part.column == column.name for part in key.parts):
            return "PRI"
    firsts = [key for key in table.keys if key.parts[0].column == column.name]
    if any(key.kind == "unique" and len(key.parts) == 1 and key.parts[0].length is None for key in firsts):
        return "UNI"
    return "MUL" if firsts else ""


def _show_keys(database: MysqlDatabase, cursor: MysqlCursor) -> Optional[Answer]:
    cursor.expect_one("from", "in")
    schema, name = cursor.qualified_name()
    if cursor.accept_one("from", "in"):
        schema = cursor.name()
    wanted = None
    if cursor.accept("where"):
        if cursor.word() not in ("key_name",):
            return None
        cursor.index += 1
        cursor.expect("=")
        wanted = cursor.string().lower()
    if not cursor.at_end:
        return None
    table = database.table(schema, name)
    rows: list[tuple[Any, ...]] = []
    for key in table.keys:
        for number, part in enumerate(key.parts, 1):
            if wanted is None or key.name.lower() == wanted:
                column = table.column(part.column)
                kind = {"fulltext": "FULLTEXT", "spatial": "SPATIAL"}.get(key.kind, "BTREE")
                order = None if kind == "FULLTEXT" else "D" if part.is_descending else "A"
                rows.append((table.name, int(not key.is_unique), key.name, number, column.name, order, 0, part.length,
                             None, "YES" if column.is_nullable else "", kind, "", key.comment,
                             "YES" if key.is_ignored else "NO"))  # fmt: skip
    headings = (
        "Table Non_unique Key_name Seq_in_index Column_name Collation Cardinality Sub_part Packed Null Index_type"
    )
    return Answer([*headings.split(), "Comment", "Index_comment", "Ignored"], rows, len(rows))


def _select(query: Query, database: MysqlDatabase) -> Optional[Answer]:
    text = " ".join(query.text.split()).rstrip(";")
    low = text.lower()
    single = {
        "select version()": ("VERSION()", server_version(database)),
        "select database()": ("DATABASE()", database.current),
        "select schema()": ("SCHEMA()", database.current),
        "select 1": ("1", 1),
    }
    if low in single:
        name, value = single[low]
        return Answer([name], [(value,)], 1)
    match = re.fullmatch(r"select (@@(?:session\.|global\.)?(\w+))", low)
    if match:
        value = _variables(database).get(match[2])
        if value is None:
            return None
        if match[2] == "foreign_key_checks":
            value = int(database.foreign_key_checks)
        if match[2] in ("autocommit", "lower_case_table_names"):
            value = 0
        return Answer([match[1]], [(value,)], 1)
    if re.search(r"\b(information_schema|mysql|performance_schema|sys)\W{1,3}\w", low):
        from .information import answer_information

        return answer_information(query, database)
    return None
