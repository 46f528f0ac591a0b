"""The columns of a query over one table: their names, and their types where these can be told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional

from ...errors import NotUnderstood, Rejected
from ...scanner import Cursor, Token
from ..catalog import Catalog
from ..expressions import Node, columns_of, function_name
from ..expressions.coercion import modifiers_of
from ..expressions.nodes import Name
from ..expressions.system import ref_of
from ..model import Table, TypeRef
from ..scanner import RESERVED, PostgresqlCursor
from .reading import read_tokens

_AFTER_FROM = ("where", "group", "having", "order", "limit", "offset", "with", "fetch", "for", "window")


@dataclass
class OutputColumn:
    name: str
    type: TypeRef
    collation: Optional[str] = None


def read_query(catalog: Catalog, cursor: Cursor) -> list[OutputColumn]:
    """The columns of `TABLE t` or `SELECT … FROM t …`; the cursor goes to the end. NotUnderstood: another query, or an
    expression whose type is not known."""
    if cursor.accept("table"):
        return _all_columns(_read_source(catalog, cursor)[0])
    cursor.expect("select")
    items = read_items(cursor)
    if not cursor.accept("from"):
        raise NotUnderstood("a query of no table")
    return finish_query(catalog, cursor, items)


def finish_query(catalog: Catalog, cursor: Cursor, items: list[list[Token]]) -> list[OutputColumn]:
    """The columns of a select list, with the cursor after FROM."""
    source, alias = _read_source(catalog, cursor)
    if not cursor.at_end and cursor.word() not in (*_AFTER_FROM, ")"):
        cursor.fail("a query of one table expected")
    if any(token.word in ("union", "intersect", "except") for token in cursor.tokens[cursor.index :]):
        raise NotUnderstood("a query with UNION, INTERSECT or EXCEPT")
    cursor.rest()
    return [column for item in items for column in _read_item(catalog, cursor.sql, item, source, alias)]


def read_items(cursor: Cursor) -> list[list[Token]]:
    """The tokens of each item of a select list, up to INTO, FROM or the end."""
    if not cursor.accept("distinct"):
        cursor.accept("all")
    if cursor.at("on", "("):
        cursor.index += 1
        cursor.skip_group()
    items: list[list[Token]] = [[]]
    while not cursor.at_end and cursor.word() not in ("from", "into", ")", "where", ";"):
        first = cursor.index
        if cursor.at("("):
            cursor.skip_group()
        else:
            cursor.index += 1
        if cursor.index == first + 1 and cursor.tokens[first].word == ",":
            items.append([])
        else:
            items[-1] += cursor.tokens[first : cursor.index]
    return items


def _read_source(catalog: Catalog, cursor: Cursor) -> tuple[Table, str]:
    cursor.accept("only")
    relation = catalog.relation(*cursor.qualified_name())
    if not isinstance(relation, Table):
        raise NotUnderstood(f"the columns of {relation.name}")
    alias = relation.name
    if cursor.accept("as") or (cursor.at_name() and cursor.word() not in _AFTER_FROM):
        alias = cursor.name()
    return relation, alias


def _all_columns(table: Table) -> list[OutputColumn]:
    return [OutputColumn(one.name, one.type, one.collation) for one in table.columns.values()]


def _read_item(catalog: Catalog, sql: str, item: list[Token], source: Table, alias: str) -> list[OutputColumn]:
    words = [one.word for one in item]
    if words == ["*"]:
        return _all_columns(source)
    cursor = PostgresqlCursor(sql, item)
    if words[1:] == [".", "*"]:
        if cursor.fold(item[0]) != alias:
            raise NotUnderstood("a star of another relation")
        return _all_columns(source)
    tokens, label = split_label(sql, item)
    if [one.word for one in tokens] == ["count", "(", "*", ")"]:
        return [OutputColumn(label or "count", TypeRef("bigint"))]
    _check_qualifiers(sql, tokens, source, alias)
    return [_typed(catalog, sql, tokens, label, source)]


def split_label(sql: str, item: list[Token]) -> tuple[list[Token], Optional[str]]:
    """An item without its label, and the label where there is one."""
    cursor = PostgresqlCursor(sql, item)
    if len(item) > 2 and item[-2].word == "as":
        return item[:-2], cursor.fold(item[-1])
    last, before = item[-1], item[-2] if len(item) > 1 else None
    is_word = last.kind == "quoted" or (last.kind == "id" and last.word not in RESERVED)
    is_value = before is not None and (before.kind in ("id", "quoted", "number", "string") or before.word in (")", "]"))
    if is_word and is_value:
        return item[:-1], cursor.fold(last)
    return item, None


def _check_qualifiers(sql: str, tokens: list[Token], source: Table, alias: str) -> None:
    cursor = PostgresqlCursor(sql, tokens)
    for place, token in enumerate(tokens[:-1]):
        if tokens[place + 1].word == "." and token.kind in ("id", "quoted"):
            name = cursor.fold(token)
            if name not in (alias, source.schema) and tokens[place - 1].word != ".":
                raise NotUnderstood(f"the relation {name} in a query")


def _typed(catalog: Catalog, sql: str, tokens: list[Token], label: Optional[str], source: Table) -> OutputColumn:
    text = sql[tokens[0].start : tokens[-1].end]
    node = read_tokens(sql, tokens, text, catalog).bind_to(source)
    if node.tree is None or node.doubts:
        raise NotUnderstood(f"the type of {text}")
    ref = ref_of(node.tree.type, modifiers_of(node.tree))
    if ref.name == "unknown":
        ref = TypeRef("text")
    elif ref.user is None:
        ref.user = catalog.find_type(None, ref.name)
    columns = columns_of(node)
    collations = {one.collation for one in columns}
    if len(collations) > 1 or (collations != {None} and collations and not isinstance(node.syntax, Name)):
        raise NotUnderstood(f"the collation of {text}")
    return OutputColumn(label or output_name(node), ref, collations.pop() if collations else None)


def output_name(node: Node) -> str:
    """What a column of a query is called where nothing is said (FigureColname)."""
    if isinstance(node.syntax, Name):
        return node.syntax.parts[-1]
    return function_name(node) or "?column?"


def check_duplicates(columns: list[OutputColumn]) -> None:
    """A table cannot have two columns of one name (42701)."""
    names = [one.name for one in columns]
    for name in names:
        if names.count(name) > 1:
            raise Rejected(f'column "{name}" specified more than once', "42701")
