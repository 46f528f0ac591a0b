"""CREATE TABLE AS and SELECT INTO, where the columns are plain ones of one table."""

from __future__ import annotations

from typing import Optional

from ...errors import NotUnderstood, Rejected
from ...scanner import Cursor
from ..catalog import Catalog
from ..model import Column, Table
from ..types import read_type
from .reading import read_storage

_AFTER_FROM = ("where", "order", "limit", "offset", "with", "fetch", "for")


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
    parentheses = 0
    while cursor.accept("("):
        parentheses += 1
    columns = _read_query(catalog, cursor)
    if len(names) > len(columns):
        raise Rejected("too many column names were specified", "42601")
    for place, (name, source) in enumerate(columns):
        own = names[place] if place < len(names) else name
        if own in table.columns:
            raise Rejected(f'column "{own}" specified more than once', "42701")
        table.columns[own] = Column(table, own, source.type, collation=source.collation)
    catalog.put(table)


def _read_query(catalog: Catalog, cursor: Cursor) -> list[tuple[str, Column]]:
    """The columns of `TABLE t` or `SELECT column, … FROM t …`."""
    if cursor.accept("table"):
        return list(_source(catalog, cursor).columns.items())
    cursor.expect("select")
    items = _read_items(cursor, catalog)
    cursor.expect("from")
    source = _source(catalog, cursor)
    alias = source.name
    if cursor.accept("as") or (cursor.at_name() and cursor.word() not in _AFTER_FROM):
        alias = cursor.name()
    if not cursor.at_end and cursor.word() not in (*_AFTER_FROM, ")"):
        cursor.fail("a query of one table expected")
    _refuse_set_operations(cursor)
    found: list[tuple[str, Column]] = []
    for item in items:
        found += _expand(item, source, alias)
    return found


def _source(catalog: Catalog, cursor: Cursor) -> Table:
    relation = catalog.relation(*cursor.qualified_name())
    if not isinstance(relation, Table):
        raise NotUnderstood(f"the columns of {relation.name}")
    return relation


def _refuse_set_operations(cursor: Cursor) -> None:
    for token in cursor.tokens[cursor.index :]:
        if token.word in ("union", "intersect", "except"):
            raise NotUnderstood("a query with UNION, INTERSECT or EXCEPT")
    cursor.rest()


class _Item:
    """qualifier and column (None for *), and the name and type that it gets."""

    def __init__(self, qualifier: Optional[str], column: Optional[str]) -> None:
        self.qualifier = qualifier
        self.column = column
        self.label = column
        self.cast: Optional[Column] = None


def _read_items(cursor: Cursor, catalog: Catalog) -> list[_Item]:
    items = [_read_item(cursor, catalog)]
    while cursor.accept(","):
        items.append(_read_item(cursor, catalog))
    return items


def _read_item(cursor: Cursor, catalog: Catalog) -> _Item:
    if cursor.accept("*"):
        return _Item(None, None)
    first = cursor.name()
    item = _Item(None, first)
    if cursor.accept("."):
        item = _Item(first, None if cursor.accept("*") else cursor.label())
    if item.column is not None and cursor.accept("::"):
        item.cast = Column(Table("", ""), item.column, read_type(cursor, catalog))
    if cursor.accept("as"):
        item.label = cursor.label()
    if not cursor.at(",") and not cursor.at("from"):
        cursor.fail("a plain column expected")
    return item


def _expand(item: _Item, source: Table, alias: str) -> list[tuple[str, Column]]:
    if item.qualifier is not None and item.qualifier != alias:
        raise NotUnderstood(f"the relation {item.qualifier} in a query")
    if item.column is None:
        return list(source.columns.items())
    if item.column not in source.columns:
        raise Rejected(f'column "{item.column}" does not exist', "42703")
    return [(item.label or item.column, item.cast or source.columns[item.column])]


def select_into(catalog: Catalog, cursor: Cursor) -> bool:
    """SELECT … INTO [TEMPORARY | UNLOGGED] [TABLE] name FROM …: was it that?"""
    places = _places_of_into(cursor)
    if not places:
        return False
    cursor.expect("select")
    items = _read_into_items(cursor, catalog)
    cursor.expect("into")
    if cursor.accept_one("temporary", "temp", "local temporary", "local temp"):
        raise NotUnderstood("SELECT INTO of a temporary table")
    is_unlogged = cursor.accept("unlogged")
    cursor.accept("table")
    schema_name, name = cursor.qualified_name()
    table = Table(catalog.creation_schema(schema_name), name, is_unlogged=is_unlogged)
    cursor.expect("from")
    source = _source(catalog, cursor)
    alias = source.name
    if cursor.accept("as") or (cursor.at_name() and cursor.word() not in _AFTER_FROM):
        alias = cursor.name()
    if not cursor.at_end and cursor.word() not in _AFTER_FROM:
        cursor.fail("a query of one table expected")
    _refuse_set_operations(cursor)
    for item in items:
        for label, column in _expand(item, source, alias):
            table.columns[label] = Column(table, label, column.type, collation=column.collation)
    catalog.put(table)
    return True


def _places_of_into(cursor: Cursor) -> list[int]:
    depth = 0
    found: list[int] = []
    for place, token in enumerate(cursor.tokens):
        depth += {"(": 1, ")": -1}.get(token.word, 0)
        if token.word == "into" and depth == 0 and cursor.tokens[place - 1].word not in ("insert", "merge"):
            found.append(place)
    return found


def _read_into_items(cursor: Cursor, catalog: Catalog) -> list[_Item]:
    items: list[_Item] = []
    while True:
        if cursor.accept("*"):
            items.append(_Item(None, None))
        else:
            first = cursor.name()
            item = _Item(None, first)
            if cursor.accept("."):
                item = _Item(first, None if cursor.accept("*") else cursor.label())
            if cursor.accept("as"):
                item.label = cursor.label()
            items.append(item)
        if not cursor.accept(","):
            return items
