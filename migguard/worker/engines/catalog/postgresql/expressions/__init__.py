"""Expressions of PostgreSQL: read, typed as its parse analysis does, and printed as ruleutils.c does (15)."""

from __future__ import annotations

from collections.abc import Sequence as Items
from typing import TYPE_CHECKING, Optional

from ...errors import NotUnderstood
from ...scanner import Cursor
from ..model import Column, Sequence, Table, TypeRef, UserType
from .nodes import Node, Text

if TYPE_CHECKING:
    from ..catalog import Catalog

__all__ = [
    "Node",
    "Text",
    "bind",
    "canonical",
    "coerce_default",
    "columns_of",
    "function_name",
    "functions_of",
    "nextval",
    "parse_expression",
    "retype",
    "sequences_of",
    "show",
    "show_index_element",
    "types_of",
    "verbatim",
]


def parse_expression(cursor: Cursor, catalog: Catalog, *, is_default: bool = False) -> Node:
    """The expression at the cursor, which is left after it. is_default: what stops before NOT NULL, CONSTRAINT …"""
    raise NotUnderstood("expressions are not there yet")


def verbatim(text: str, columns: Items[Column] = ()) -> Node:
    """SQL text that was not parsed: never exact."""
    return Node(None, text=text, columns={column.name: column for column in columns})


def canonical(text: str, columns: Items[Column] = ()) -> Node:
    """Text as the server itself printed it: exact until a column in it is renamed or gets another type."""
    snapshot = {column.name: (column.name, column.type) for column in columns}
    return Node(None, text=text, columns={c.name: c for c in columns}, is_canonical=True, snapshot=snapshot)


def nextval(sequence: Sequence) -> Node:
    """The default of a serial column."""
    raise NotUnderstood("expressions are not there yet")


def bind(node: Node, table: Optional[Table]) -> Node:
    """The node with its columns found and its types resolved. Rejected 42703, 42883 and what else the analysis refuses.

    table None: no columns allowed."""
    return node


def columns_of(node: Node) -> list[Column]:
    return list(node.columns.values())


def sequences_of(node: Node) -> list[Sequence]:
    return []


def functions_of(node: Node) -> set[str]:
    """Names of all functions that it calls."""
    return set()


def types_of(node: Node) -> list[UserType]:
    """The types of the user's own, and of extensions, that it depends on."""
    return []


def function_name(node: Node) -> Optional[str]:
    """The name that FigureIndexColname gives an index on it; None: `expr`."""
    return None


def coerce_default(node: Node, column_type: TypeRef, catalog: Catalog) -> Optional[Node]:
    """What is stored for DEFAULT, or for a generated column (after bind); None where that is nothing.

    Called again on what it gave, for a new type of the column, it does what ALTER COLUMN TYPE does to a default.
    Rejected 42804 where there is no cast for assignment.
    """
    return node


def retype(node: Node, table: Table, catalog: Catalog) -> Node:
    """A check, index or generated expression after ALTER COLUMN TYPE: PostgreSQL prints it and reads that again."""
    return node


def show(node: Node, catalog: Catalog, *, is_pretty: bool = False, wanted: Optional[TypeRef] = None) -> Text:
    """As pg_get_expr prints it. wanted: a type to coerce it to first, where that was not done."""
    return Text(node.text, exact=False)


def show_index_element(node: Node, catalog: Catalog, *, is_pretty: bool = False) -> Text:
    """As pg_get_indexdef prints it: in parentheses unless it looks like a function call."""
    text = show(node, catalog, is_pretty=is_pretty)
    return Text(f"({text})", text.exact)
