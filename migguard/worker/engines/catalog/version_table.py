"""Alembic's version table: its rows are known exactly, so that every step finds what the one before has left."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any, Optional

from .answer import Answer
from .columns import column_names
from .flags import TableName
from .flavour import Query
from .outline import Group, Reader, word_of
from .scanner import Token
from .words import words

_COLUMN = "version_num"
_VERBS = frozenset({"select", "insert", "update", "delete"})


def answer_version_table(query: Query, reader: Reader, tables: frozenset[TableName]) -> Optional[Answer]:
    """Run the statement where its one table has a column `version_num`; None where it is another table's matter.

    SQLite runs it: on plain columns of text, with literals, it means the same everywhere.
    """
    if len(tables) != 1 or query.verb not in _VERBS:
        return None
    table = next(iter(tables))
    columns = query.database.column_names(table)
    if columns is None or _COLUMN not in columns:
        return None
    # a statement that may write any table is flagged; that it writes this one is not assumed, or nothing could go on
    is_known = query.rows.written is None and table in query.rows.exact
    if not is_known and query.rows.may_have([table]):
        return None
    answer = _run(query, reader, table, columns)
    if answer is None and query.verb != "select":
        query.rows.write([table])
        query.rows.exact.pop(table, None)
    return answer


def _run(query: Query, reader: Reader, table: TableName, columns: Sequence[str]) -> Optional[Answer]:
    text = _translate(reader, table)
    if text is None:
        return None
    statement, returning = text
    connection = sqlite3.connect(":memory:")
    try:
        declared = ", ".join(_quote(name) for name in columns)
        connection.execute(f"CREATE TABLE version_table ({declared})")
        marks = ", ".join("?" * len(columns))
        before = [[row.get(name) for name in columns] for row in query.rows.exact.get(table, ())]
        connection.executemany(f"INSERT INTO version_table VALUES ({marks})", before)
        cursor = connection.execute(statement)
        if query.verb == "select":
            rows = cursor.fetchall()
            # what other columns hold by default is not kept
            unknown = "" if _reads_version_only(reader) or len(columns) == 1 else query.text
            names = column_names(query, reader)
            if len(names) != len(cursor.description):
                names = [column[0] for column in cursor.description]
            return Answer(names, rows, len(rows), unknown=unknown)
        count = cursor.rowcount
        after = connection.execute("SELECT * FROM version_table ORDER BY rowid").fetchall()
    except sqlite3.Error:
        return None
    finally:
        connection.close()
    query.rows.exact[table] = [dict(zip(columns, row)) for row in after]  # noqa: B905
    if not returning:
        return Answer(rowcount=count)
    return _returned(query, columns, before, [list(row) for row in after], returning, count)


def _returned(
    query: Query,
    columns: Sequence[str],
    before: list[list[Any]],
    after: list[list[Any]],
    returning: Sequence[str],
    count: int,
) -> Optional[Answer]:
    """RETURNING of plain columns: of the rows that are new, changed, or gone."""
    touched = [row for row in after if row not in before]
    if query.verb == "delete":
        touched = [row for row in before if row not in after]
    wanted = list(columns) if list(returning) == ["*"] else list(returning)
    if not set(wanted) <= set(columns) or len(touched) != count:
        return Answer(wanted, [], count, unknown=query.text)
    rows = [tuple(row[columns.index(name)] for name in wanted) for row in touched]
    return Answer(wanted, rows, count)


def _translate(reader: Reader, table: TableName) -> Optional[tuple[str, list[str]]]:
    """The statement for SQLite, and what it returns; None where it has more than names, literals and a few signs."""
    nodes = list(reader.tree.nodes)
    words = [word_of(node) for node in nodes]
    returning: list[str] = []
    if "returning" in words:
        place = words.index("returning")
        for node in nodes[place + 1 :]:
            if word_of(node) == "*":
                returning.append("*")
            elif isinstance(node, Token) and node.kind in {"id", "quoted"}:
                returning.append(reader.fold(node))
        if "." in words[place:]:
            returning = returning[1::2]
        nodes = nodes[:place]
    if any(word in {"with", "conflict", "duplicate", "union", "except", "intersect"} for word in words):
        return None
    parts = _write(reader, nodes, table)
    return (" ".join(parts), returning) if parts is not None else None


_SIGNS = frozenset({",", "=", "<>", "!=", "*", "."})
_KEYWORDS = words(
    """select insert into update delete from where set values and or not in is null as order by limit count max min
    distinct asc desc exists like"""
)


def _write(reader: Reader, nodes: Sequence[Any], table: TableName) -> Optional[list[str]]:
    parts: list[str] = []
    place = 0
    while place < len(nodes):
        node = nodes[place]
        place += 1
        if isinstance(node, Group):
            inner = _write(reader, node.nodes, table)
            if inner is None:
                return None
            parts.append("(" + " ".join(inner) + ")")
        elif node.word == "::":
            place += 1
            while place < len(nodes) and (isinstance(nodes[place], Group) or word_of(nodes[place]) == "varying"):
                place += 1
        elif node.kind in {"string", "number"}:
            parts.append("'" + node.value.replace("'", "''") + "'" if node.kind == "string" else node.value)
        elif node.word in _SIGNS or node.word in _KEYWORDS:
            parts.append(node.word)
        elif node.kind in {"id", "quoted"}:
            name = reader.fold(node)
            if place < len(nodes) and word_of(nodes[place]) == "." and name == table.schema:
                place += 1
                continue
            parts.append("version_table" if name == table.name else _quote(name))
        else:
            return None
    return parts


def _reads_version_only(reader: Reader) -> bool:
    words = [word_of(node) for node in reader.tree.nodes]
    selected = reader.tree.nodes[1 : words.index("from")] if "from" in words else reader.tree.nodes[1:]
    names = [reader.fold(node) for node in selected if isinstance(node, Token) and node.kind in {"id", "quoted"}]
    return bool(names) and names[-1] == _COLUMN and len(names) <= 3 and "*" not in words


def _quote(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"
