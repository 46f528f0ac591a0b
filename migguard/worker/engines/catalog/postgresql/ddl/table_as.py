"""CREATE TABLE AS and SELECT INTO, where the columns can be told."""

from __future__ import annotations

from ...errors import NotUnderstood, Rejected
from ...scanner import Cursor
from ..catalog import Catalog
from ..model import Column, Table
from .queries import OutputColumn, check_duplicates, finish_query, read_items, read_query
from .reading import read_storage


def create_table_as(catalog: Catalog, cursor: Cursor, table: Table) -> None:
    """`[(names)] [options] AS query [WITH [NO] DATA]`."""
    names = cursor.names() if cursor.at("(") else []
    if cursor.accept("using"):
        cursor.name()
    if cursor.accept("with"):
        table.storage = read_storage(cursor)
    if cursor.accept("on", "commit"):
        action = cursor.expect_one("drop", "delete rows", "preserve rows")
        table.on_commit = {"drop": "drop", "delete rows": "delete"}.get(action, "")
    if cursor.accept("tablespace"):
        table.tablespace = cursor.name()
    cursor.expect("as")
    while cursor.accept("("):
        pass
    columns = read_query(catalog, cursor)
    if len(names) > len(columns):
        raise Rejected("too many column names were specified", "42601")
    for place, name in enumerate(names):
        columns[place].name = name
    _fill(catalog, table, columns)


def _fill(catalog: Catalog, table: Table, columns: list[OutputColumn]) -> None:
    check_duplicates(columns)
    for one in columns:
        table.columns[one.name] = Column(table, one.name, one.type, collation=one.collation)
    catalog.put(table)


def select_into(catalog: Catalog, cursor: Cursor) -> bool:
    """SELECT … INTO [UNLOGGED] [TABLE] name FROM …: was it that?"""
    if not _has_into(cursor):
        return False
    cursor.expect("select")
    items = read_items(cursor)
    cursor.expect("into")
    if cursor.accept_one("temporary", "temp", "local temporary", "local temp"):
        raise NotUnderstood("SELECT INTO of a temporary table")
    is_unlogged = cursor.accept("unlogged")
    cursor.accept("table")
    schema_name, name = cursor.qualified_name()
    table = Table(catalog.creation_schema(schema_name), name, is_unlogged=is_unlogged)
    cursor.expect("from")
    _fill(catalog, table, finish_query(catalog, cursor, items))
    return True


def _has_into(cursor: Cursor) -> bool:
    depth = 0
    before = ""
    for token in cursor.tokens:
        depth += {"(": 1, ")": -1}.get(token.word, 0)
        if token.word == "into" and depth == 0 and before not in ("insert", "merge"):
            return True
        before = token.word
    return False
