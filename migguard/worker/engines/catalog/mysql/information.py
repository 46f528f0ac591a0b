"""information_schema: tables filled from the catalog in an in-memory SQLite, which runs the query."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Any, Optional

from ..answer import Answer
from ..errors import NotUnderstood
from ..flavour import Query
from ..scanner import Cursor
from .catalog import MysqlDatabase
from .charsets import charset_of
from .model import Column, Table
from .types import BLOBS, TEXTS, show_type

_TABLES = {
    "schemata": "CATALOG_NAME SCHEMA_NAME DEFAULT_CHARACTER_SET_NAME DEFAULT_COLLATION_NAME",
    "tables": "TABLE_CATALOG TABLE_SCHEMA TABLE_NAME TABLE_TYPE ENGINE TABLE_COLLATION TABLE_COMMENT",
    "columns": """TABLE_CATALOG TABLE_SCHEMA TABLE_NAME COLUMN_NAME ORDINAL_POSITION IS_NULLABLE DATA_TYPE COLUMN_TYPE
        COLUMN_KEY CHARACTER_SET_NAME COLLATION_NAME COLUMN_COMMENT CHARACTER_MAXIMUM_LENGTH""",
    "statistics": """TABLE_CATALOG TABLE_SCHEMA TABLE_NAME NON_UNIQUE INDEX_SCHEMA INDEX_NAME SEQ_IN_INDEX COLUMN_NAME
        SUB_PART""",
    "table_constraints": """CONSTRAINT_CATALOG CONSTRAINT_SCHEMA CONSTRAINT_NAME TABLE_SCHEMA TABLE_NAME
        CONSTRAINT_TYPE""",
    "key_column_usage": """CONSTRAINT_CATALOG CONSTRAINT_SCHEMA CONSTRAINT_NAME TABLE_CATALOG TABLE_SCHEMA TABLE_NAME
        COLUMN_NAME ORDINAL_POSITION POSITION_IN_UNIQUE_CONSTRAINT REFERENCED_TABLE_SCHEMA REFERENCED_TABLE_NAME
        REFERENCED_COLUMN_NAME""",
    "referential_constraints": """CONSTRAINT_CATALOG CONSTRAINT_SCHEMA CONSTRAINT_NAME UPDATE_RULE DELETE_RULE
        TABLE_NAME REFERENCED_TABLE_NAME UNIQUE_CONSTRAINT_SCHEMA""",
    "views": "TABLE_CATALOG TABLE_SCHEMA TABLE_NAME",
    "triggers": "TRIGGER_SCHEMA TRIGGER_NAME EVENT_OBJECT_SCHEMA EVENT_OBJECT_TABLE",
}


def answer_information(query: Query, database: MysqlDatabase) -> Answer:
    """Run the query; NotUnderstood where it wants what is not there. Its order is the server's where it says so."""
    words = [token.word for token in query.cursor.tokens]
    if "information_schema" not in [token.value.lower() for token in query.cursor.tokens]:
        raise NotUnderstood("a query to the server's own tables")
    connection = sqlite3.connect(":memory:")
    try:
        connection.execute("ATTACH ':memory:' AS information_schema")
        for name, columns in _TABLES.items():
            shape = ", ".join(f'"{one}" COLLATE NOCASE' for one in columns.split())
            connection.execute(f"CREATE TABLE information_schema.{name} ({shape})")
            marks = ", ".join("?" * len(columns.split()))
            rows = [tuple(row[one] for one in columns.split()) for row in _rows(name, database)]
            connection.executemany(f"INSERT INTO information_schema.{name} VALUES ({marks})", rows)
        for name in ("database", "schema"):
            connection.create_function(name, 0, lambda: database.current)
        connection.create_function("concat", -1, _concat)
        connection.create_function("if", 3, lambda condition, yes, no: yes if condition else no)
        cursor = connection.execute(_rewrite(query))
        found = cursor.fetchall()
        names = _headings(query.cursor, [one[0] for one in cursor.description or ()])
    except sqlite3.Error as error:
        raise NotUnderstood(f"a query to information_schema ({error})") from error
    finally:
        connection.close()
    is_ordered = len(found) < 2 or "order" in words
    return Answer(names, found, len(found), unknown="" if is_ordered else query.text)


def _headings(cursor: Cursor, given: list[str]) -> list[str]:
    """Columns are called as they were written; SQLite calls them by the tables' own names."""
    items: list[list[int]] = [[]]
    depth = 0
    for index, token in enumerate(cursor.tokens[1:], 1):
        depth += {"(": 1, ")": -1}.get(token.word, 0)
        if depth == 0 and token.word == "from":
            break
        if depth == 0 and token.word == ",":
            items.append([])
        elif token.word != "distinct":
            items[-1].append(index)
    if len(items) != len(given) or any(cursor.tokens[item[-1]].word == "*" for item in items if item):
        return given
    return [_heading(cursor, item, name) for item, name in zip(items, given)]  # noqa: B905


def _heading(cursor: Cursor, item: list[int], given: str) -> str:
    tokens = [cursor.tokens[index] for index in item]
    if len(tokens) == 1 or (len(tokens) % 2 and all(one.word == "." for one in tokens[1::2])):
        return tokens[-1].value
    if tokens[-1].word == ")":
        return cursor.text_between(item[0], item[-1] + 1)
    return given


def _rewrite(query: Query) -> str:
    """MySQL's text in SQLite's words: names are compared without case there too."""
    parts = []
    for token in query.cursor.tokens:
        if token.kind == "string":
            parts.append("'" + token.value.replace("'", "''") + "'")
        elif token.kind == "quoted":
            parts.append('"' + token.value.replace('"', '""') + '"')
        elif token.kind == "parameter":
            raise NotUnderstood("a variable in a query to information_schema")
        elif token.word in ("binary", "regexp", "rlike", "group_concat", "limit"):
            raise NotUnderstood(f"{token.word} in a query to information_schema")
        else:
            parts.append(token.value)
    return " ".join(parts)


def _concat(*values: Any) -> Optional[str]:
    return None if None in values else "".join(str(one) for one in values)


def _rows(name: str, database: MysqlDatabase) -> Iterator[dict[str, Any]]:
    for schema in database.schemas.values():
        base: dict[str, Any] = {"TABLE_CATALOG": "def", "CATALOG_NAME": "def", "CONSTRAINT_CATALOG": "def"}
        base.update(TABLE_SCHEMA=schema.name, SCHEMA_NAME=schema.name, CONSTRAINT_SCHEMA=schema.name)
        base.update(INDEX_SCHEMA=schema.name, TRIGGER_SCHEMA=schema.name, EVENT_OBJECT_SCHEMA=schema.name)
        if name == "schemata":
            yield {
                **base,
                "DEFAULT_CHARACTER_SET_NAME": charset_of(schema.collation),
                "DEFAULT_COLLATION_NAME": schema.collation,
            }
        if name == "triggers":
            for trigger, owner in schema.triggers.items():
                yield {**base, "TRIGGER_NAME": trigger, "EVENT_OBJECT_TABLE": owner}
        if name in ("tables", "views"):
            kinds = [(one, "VIEW") for one in schema.views] + [(one, "SEQUENCE") for one in schema.sequences]
            for one, kind in kinds:
                if name == "tables" or kind == "VIEW":
                    yield {**base, "TABLE_NAME": one, "TABLE_TYPE": kind, "ENGINE": None, "TABLE_COLLATION": None,
                           "TABLE_COMMENT": "VIEW" if kind == "VIEW" else ""}  # fmt: skip
        for table in schema.tables.values():
            for row in _table_rows(name, table):
                yield {**base, "TABLE_NAME": table.name, **row}


def _table_rows(name: str, table: Table) -> Iterator[dict[str, Any]]:
    if name == "tables":
        yield {"TABLE_TYPE": "BASE TABLE", "ENGINE": table.engine, "TABLE_COLLATION": table.collation,
               "TABLE_COMMENT": table.comment}  # fmt: skip
    elif name == "columns":
        for number, column in enumerate(table.columns, 1):
            yield _column_row(table, column, number)
    elif name == "statistics":
        for key in table.keys:
            for number, part in enumerate(key.parts, 1):
                yield {"NON_UNIQUE": int(not key.is_unique), "INDEX_NAME": key.name, "SEQ_IN_INDEX": number,
                       "COLUMN_NAME": part.column, "SUB_PART": part.length}  # fmt: skip
    elif name == "table_constraints":
        for key in table.keys:
            if key.is_unique:
                kind = "PRIMARY KEY" if key.kind == "primary" else "UNIQUE"
                yield {"CONSTRAINT_NAME": key.name, "CONSTRAINT_TYPE": kind}
        for foreign in table.foreign_keys:
            yield {"CONSTRAINT_NAME": foreign.name, "CONSTRAINT_TYPE": "FOREIGN KEY"}
        for check in table.checks:
            yield {"CONSTRAINT_NAME": check.name, "CONSTRAINT_TYPE": "CHECK"}
        for column in table.columns:
            if column.check is not None:
                yield {"CONSTRAINT_NAME": column.name, "CONSTRAINT_TYPE": "CHECK"}
    elif name == "key_column_usage":
        yield from _usage_rows(table)
    elif name == "referential_constraints":
        for foreign in table.foreign_keys:
            yield {"CONSTRAINT_NAME": foreign.name, "UPDATE_RULE": foreign.on_update or "RESTRICT",
                   "DELETE_RULE": foreign.on_delete or "RESTRICT", "REFERENCED_TABLE_NAME": foreign.table,
                   "UNIQUE_CONSTRAINT_SCHEMA": foreign.schema}  # fmt: skip


def _column_row(table: Table, column: Column, number: int) -> dict[str, Any]:
    from .queries import key_mark

    shape = column.type
    length: Optional[int] = None
    if shape.name in ("char", "varchar", "binary", "varbinary"):
        length = int(shape.arguments[0])
    elif shape.name == "enum":
        length = max(len(one) for one in shape.members)
    elif shape.name == "set":
        length = sum(len(one) + 1 for one in shape.members) - 1
    else:
        length = TEXTS.get(shape.name, BLOBS.get(shape.name))
    return {
        "COLUMN_NAME": column.name,
        "ORDINAL_POSITION": number,
        "IS_NULLABLE": "YES" if column.is_nullable else "NO",
        "DATA_TYPE": shape.name,
        "COLUMN_TYPE": show_type(shape, shape.collation or ""),
        "COLUMN_KEY": key_mark(table, column),
        "CHARACTER_SET_NAME": charset_of(shape.collation) if shape.collation else None,
        "COLLATION_NAME": shape.collation,
        "COLUMN_COMMENT": column.comment,
        "CHARACTER_MAXIMUM_LENGTH": length,
    }


def _usage_rows(table: Table) -> Iterator[dict[str, Any]]:
    nothing: dict[str, Any] = dict.fromkeys(
        ["REFERENCED_TABLE_SCHEMA", "REFERENCED_TABLE_NAME", "REFERENCED_COLUMN_NAME", "POSITION_IN_UNIQUE_CONSTRAINT"]
    )
    for key in table.keys:
        if key.is_unique:
            for number, part in enumerate(key.parts, 1):
                yield {"CONSTRAINT_NAME": key.name, "COLUMN_NAME": part.column, "ORDINAL_POSITION": number, **nothing}
    for foreign in table.foreign_keys:
        for number, (mine, theirs) in enumerate(zip(foreign.columns, foreign.referred), 1):  # noqa: B905
            yield {"CONSTRAINT_NAME": foreign.name, "COLUMN_NAME": mine, "ORDINAL_POSITION": number,
                   "REFERENCED_TABLE_SCHEMA": foreign.schema, "REFERENCED_TABLE_NAME": foreign.table,
                   "REFERENCED_COLUMN_NAME": theirs, "POSITION_IN_UNIQUE_CONSTRAINT": number}  # fmt: skip
