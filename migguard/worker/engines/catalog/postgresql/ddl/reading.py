"""Parts of statements that several of them have: expressions, storage parameters, names of columns and roles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional, Union

from ...errors import NotUnderstood, Rejected
from ...scanner import Cursor, Token
from ..catalog import Catalog
from ..expressions import Node, bind, parse_expression, verbatim
from ..model import Column, Table, View
from ..scanner import PostgresqlCursor

#: Words that end a DEFAULT's expression (gram.y, ColConstraintElem and ConstraintAttr).
_AFTER_DEFAULT = frozenset(
    {"not", "null", "constraint", "primary", "unique", "references", "check", "collate", "generated", "default"}
    | {"deferrable", "initially"}
)


@dataclass
class ExpressionText:
    """An expression before its columns are known. node: None where its grammar was not followed."""

    node: Optional[Node]
    text: str
    tokens: list[Token]

    def bind_to(self, table: Optional[Table]) -> Node:
        """The expression over a table's columns; as text only where it is not followed."""
        if self.node is not None:
            try:
                return bind(self.node, table)
            except NotUnderstood:
                pass
        return verbatim(self.text, self._columns(table) if table is not None else ())

    def _columns(self, table: Table) -> list[Column]:
        """The columns that its words may name."""
        cursor = PostgresqlCursor(self.text, self.tokens)
        names = dict.fromkeys(cursor.fold(one) for one in self.tokens if one.kind in ("id", "quoted"))
        return [table.columns[name] for name in names if name in table.columns]

    def sure_columns(self, table: Table) -> list[Column]:
        """As what `bind_to` gives has them, where each word is surely a column or surely none."""
        found = self._columns(table)
        cursor = PostgresqlCursor(self.text, self.tokens)
        for place, token in enumerate(self.tokens):
            if token.kind not in ("id", "quoted") or cursor.fold(token) not in table.columns:
                continue
            before = self.tokens[place - 1].word if place else ""
            after = self.tokens[place + 1] if place + 1 < len(self.tokens) else None
            if before in ("::", "as", "collate") or (
                after is not None and (after.word == "(" or after.kind == "string")
            ):
                raise NotUnderstood(f"whether {token.value} is a column in {self.text}")
        return found


def read_group(cursor: Cursor, catalog: Catalog) -> ExpressionText:
    """An expression in parentheses, all of it."""
    first = cursor.index
    text = cursor.skip_group()
    return read_tokens(cursor.sql, list(cursor.tokens[first + 1 : cursor.index - 1]), text, catalog)


def read_tokens(sql: str, tokens: list[Token], text: str, catalog: Catalog) -> ExpressionText:
    """An expression that is exactly these tokens."""
    inner = PostgresqlCursor(sql, tokens)
    try:
        node: Optional[Node] = parse_expression(inner, catalog)
        if not inner.at_end:
            node = None
    except NotUnderstood:
        node = None
    return ExpressionText(node, text, tokens)


def read_default(cursor: Cursor, catalog: Catalog) -> ExpressionText:
    """The expression after DEFAULT."""
    first = cursor.index
    try:
        node: Optional[Node] = parse_expression(cursor, catalog, is_default=True)
        if not cursor.at_end and cursor.word() not in _AFTER_DEFAULT | {",", ")"}:
            node = None
    except NotUnderstood:
        node = None
    if node is None:
        cursor.index = first
        while not cursor.at_end and cursor.word() not in _AFTER_DEFAULT | {",", ")"}:
            if cursor.at("("):
                cursor.skip_group()
            else:
                cursor.index += 1
    if cursor.index == first:
        cursor.fail("expression expected")
    return ExpressionText(node, cursor.text_between(first, cursor.index), list(cursor.tokens[first : cursor.index]))


def read_storage(cursor: Cursor) -> list[tuple[str, str]]:
    """`(name [= value], …)`, as pg_class.reloptions has them."""
    found: list[tuple[str, str]] = []
    cursor.expect("(")
    while True:
        name = cursor.label()
        if cursor.accept("."):
            name += "." + cursor.label()
        found.append((name, _read_value(cursor) if cursor.accept("=") else "true"))
        if not cursor.accept(","):
            break
    cursor.expect(")")
    return found


def _read_value(cursor: Cursor) -> str:
    sign = cursor.accept_one("-", "+") or ""
    token = cursor.take()
    if token.kind not in ("id", "number", "string"):
        cursor.fail("value expected")
    value = token.word if token.kind == "id" else token.value
    return ("-" if sign == "-" else "") + value


def merge_storage(old: list[tuple[str, str]], new: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """SET (…): the others stay (reloptions.c, transformRelOptions)."""
    names = {name for name, _ in new}
    return [one for one in old if one[0] not in names] + new


def read_dotted(cursor: Cursor) -> list[str]:
    """Names with dots between."""
    parts = [cursor.name()]
    while cursor.accept("."):
        parts.append(cursor.label())
    return parts


def read_column(cursor: Cursor, catalog: Catalog) -> tuple[Union[Table, View], str]:
    """`[schema.]relation.column`: the relation and the column's name, which need not exist."""
    parts = read_dotted(cursor)
    if not 2 <= len(parts) <= 3:
        cursor.fail("table and column expected")
    relation = catalog.relation(parts[0] if len(parts) == 3 else None, parts[-2], (Table, View))
    return relation, parts[-1]


def read_role(cursor: Cursor) -> None:
    """A role, which the catalog does not keep."""
    if not cursor.accept_one("current_user", "session_user", "current_role", "public"):
        cursor.name()


def read_behavior(cursor: Cursor) -> bool:
    """[CASCADE | RESTRICT]; is it CASCADE?"""
    return cursor.accept_one("cascade", "restrict") == "cascade"


def duplicate(kind: str, name: str, code: str = "42710") -> Rejected:
    """The refusal of a name that is taken."""
    return Rejected(f'{kind} "{name}" already exists', code)


def missing(kind: str, name: str, code: str = "42704") -> Rejected:
    """The refusal of a name that is not there."""
    return Rejected(f'{kind} "{name}" does not exist', code)
