"""From a column's definition to the column."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Optional

from ...errors import NotUnderstood, Rejected
from ..defaults import Literal, store_literal
from ..expressions import TEXT_FUNCTIONS, VOLATILE, Node, columns_of, functions_of
from ..expressions.nodes import COLUMN, NUMBER, STRING
from ..model import Column, Default, Generated, Table, Text, same_name
from ..server import Server
from ..types import BLOBS, FLOATS, INTEGERS, MARIADB_TYPES, SPATIAL, TEXTS, is_large, resolve_type
from .elements import ColumnText, DefaultText

_MOMENTS = ("datetime", "timestamp")


def make_column(text: ColumnText, table: Table, server: Server) -> Column:
    """The column as it is stored; PRIMARY KEY may still make it NOT NULL."""
    shape = resolve_type(text.type, text.name, table.collation, server)
    column = Column(text.name, shape, is_nullable=text.is_nullable is not False, comment=text.comment)
    column.is_auto_increment = text.is_auto_increment
    column.is_invisible = text.is_invisible
    column.check = text.check
    if text.type.is_json and column.check is None:
        column.check = Node("function", "json_valid", (Node(COLUMN, text.name),))
    if len(text.comment) > 1024:
        raise Rejected(f"Comment for field '{text.name}' is too long (max = 1024)", "1629")
    if text.generated is not None:
        return _make_generated(text, column, server)
    if text.is_on_update_now:
        if shape.name not in _MOMENTS:
            raise Rejected(f"Invalid ON UPDATE clause for '{text.name}' column", "1294")
        column.is_on_update_now = True
    if text.default is not None:
        column.default = make_default(text.default, column, server)
    if text.is_auto_increment and (text.default is not None or shape.name not in (*INTEGERS, "float", "double")):
        raise Rejected(f"Invalid default value for '{text.name}'", "1067" if text.default else "1063")
    if text.is_auto_increment and text.is_nullable:
        raise NotUnderstood("NULL AUTO_INCREMENT")
    return column


def settle_columns(table: Table, *, is_mariadb: bool) -> None:
    """What depends on NOT NULL, which the primary key may have brought."""
    if all(one.is_invisible for one in table.columns):
        raise Rejected("A table must have at least 1 column", "1113")
    for column in table.columns:
        if column.is_nullable or column.default is not None or column.generated is not None:
            continue
        if column.is_on_update_now and is_mariadb:
            column.default = _zero_moment(column)
        elif column.is_invisible and not column.is_auto_increment:
            raise Rejected(f"Invisible column `{column.name}` must have a default value", "4108")


def _zero_moment(column: Column) -> Default:
    """NOT NULL with ON UPDATE and without DEFAULT."""
    digits = column.type.arguments[0] if column.type.arguments else ""
    fraction = f".{'0' * int(digits)}" if digits else ""
    return Default(literal=Text(f"'0000-00-00 00:00:00{fraction}'"))


def _make_generated(text: ColumnText, column: Column, server: Server) -> Column:
    if text.default is not None or text.is_on_update_now or text.is_auto_increment:
        raise Rejected("You have an error in your SQL syntax", "1064")
    if text.is_nullable is not None:
        if server.is_mariadb:
            raise Rejected("You have an error in your SQL syntax", "1064")
        raise NotUnderstood("NOT NULL of a generated column")
    assert text.generated is not None
    if functions_of(text.generated) & VOLATILE and text.is_stored:
        raise Rejected("Function or expression cannot be used in the GENERATED ALWAYS AS clause", "1901")
    column.generated = Generated(text.generated, text.is_stored)
    return column


def make_default(text: DefaultText, column: Column, server: Server, *, is_altered: bool = False) -> Optional[Default]:
    """DEFAULT NULL is nothing. Rejected 1067."""
    if text.is_parenthesised and not server.is_mariadb:
        # MySQL takes it for an expression, whatever it is
        raise NotUnderstood("DEFAULT in parentheses: MySQL differs from MariaDB here")
    if text.is_null:
        if not column.is_nullable:
            raise Rejected(f"Invalid default value for '{column.name}'", "1067")
        return None
    if text.is_now and is_altered and server.is_mariadb and column.type.arguments:
        # ALTER COLUMN keeps the digits as written
        digits = (Node(NUMBER, str(text.now_digits)),) if text.now_digits else ()
        return Default(expression=Node("function", "current_timestamp", digits))
    if text.is_now:
        return _now(column)
    if text.literal is not None and is_large(column.type) and server.is_mariadb:
        return _large_default(text.literal, column)
    if text.literal is not None:
        return Default(literal=store_literal(text.literal, column.type, column.name, server))
    assert text.expression is not None
    if server.is_mariadb:
        _check_constant(text.expression, column, server)
    return Default(expression=text.expression)


def _check_constant(node: Node, column: Column, server: Server) -> None:
    """A constant expression is tried out at once: 1067 where its value does not go into the column."""
    if columns_of(node) or functions_of(node) & VOLATILE or is_large(column.type):
        return
    parts = list(node.walk())
    if column.type.name in ("char", "varchar") and functions_of(node) <= {"concat", "lcase", "ucase"}:
        known = all(one.kind in ("function", STRING) for one in parts)
        length = sum(len(one.value) for one in parts if one.kind == STRING)
        if known and length <= int(column.type.arguments[0]):
            return
        if known and all(one.value == "concat" for one in parts if one.kind == "function"):
            raise Rejected(f"Invalid default value for '{column.name}'", "1067")
    is_sum = all(one.kind == NUMBER or (one.kind == "binary" and one.value in "+-*") for one in parts)
    if is_sum and column.type.name in (*INTEGERS, "decimal", "float", "double"):
        store_literal(Literal("number", str(_value_of(node))), column.type, column.name, server)
        return
    raise NotUnderstood("a constant expression as DEFAULT, which the server tries out")


def _value_of(node: Node) -> Decimal:
    if node.kind == NUMBER:
        return Decimal(node.value)
    left, right = (_value_of(one) for one in node.args)
    return {"+": left + right, "-": left - right, "*": left * right}[node.value]


def _large_default(literal: Literal, column: Column) -> Default:
    """TEXT and BLOB columns keep a literal as an expression."""
    if literal.kind == "bits" or column.type.name in SPATIAL:
        raise NotUnderstood(f"such a DEFAULT of {column.type.name}")
    kind = STRING if literal.kind == "string" else NUMBER
    value = literal.value
    is_exact = value.isascii() and (value.isprintable() or (kind == STRING and value.replace("\n", "").isprintable()))
    if kind == NUMBER and not re.fullmatch(r"-?(0|[1-9]\d{0,17})(\.\d+)?", value):
        is_exact = False
    limit = (TEXTS.get(column.type.name) or BLOBS.get(column.type.name) or 0) // 4
    if kind == STRING and len(value.encode()) > limit:
        raise NotUnderstood("a DEFAULT that may be too long")
    return Default(expression=Node(kind, value, is_exact=is_exact))


def _now(column: Column) -> Default:
    if column.type.name in _MOMENTS:
        return Default(is_now=True)
    return Default(expression=Node("function", "current_timestamp"))


def check_expressions(table: Table) -> None:
    """Every name in an expression must be a column (1054); a CHECK must not depend on the moment (1901)."""
    for column in table.columns:
        if column.check is not None:
            _check_names(column.check, table, "CHECK", is_check=True)
        if column.generated is not None:
            is_stored = column.generated.is_stored
            _check_names(column.generated.expression, table, "GENERATED ALWAYS AS", may_count=not is_stored)
            _check_generated(column, table)
        if column.default is not None and column.default.expression is not None:
            _check_names(column.default.expression, table, "DEFAULT")
    for check in table.checks:
        _check_names(check.expression, table, "CHECK", is_check=True)


def _check_names(node: Node, table: Table, place: str, *, is_check: bool = False, may_count: bool = False) -> None:
    collations: set[Optional[str]] = {None}
    found_collations: set[Optional[str]] = set()
    for name in columns_of(node):
        found = table.column(name, place)
        if found.type.name in (*SPATIAL, *MARIADB_TYPES):
            raise NotUnderstood(f"a column of type {found.type.name} in an expression")
        if found.type.name == "bigint" and not _is_plain(node):
            # constants are made integers, too (convert_const_to_int)
            raise NotUnderstood("a column of type bigint beside other constants in an expression")
        if found.type.name == "year":
            # what it is compared with is made a year, too
            raise NotUnderstood("a column of type year in an expression")
        collations.add(found.type.collation)
        found_collations.add(found.type.collation)
        if counts(found, table) and not may_count:
            raise Rejected(f"Function or expression '{name}' cannot be used in the {place} clause", "1901")
    is_mixed = None in found_collations and len(collations) > 1
    if is_mixed and any(_has_number(one, table) for one in node.walk() if one.value in TEXT_FUNCTIONS):
        raise NotUnderstood("a text function of a number beside columns of text")
    if len(collations) > 2:
        raise NotUnderstood("columns of several collations in an expression")
    if is_check and functions_of(node) & VOLATILE:
        raise Rejected(f"Function or expression cannot be used in the {place} clause", "1901")


def _has_number(node: Node, table: Table) -> bool:
    return any(table.column(name).type.collation is None for name in columns_of(node))


def _is_plain(node: Node) -> bool:
    """Are all constants in it integers that stay as they are?"""
    constants = [one for one in node.walk() if one.kind in (STRING, NUMBER, "bits")]
    return all(one.kind == NUMBER and one.value.isdigit() and len(one.value) < 18 for one in constants)


def counts(column: Column, table: Table) -> bool:
    """Is it AUTO_INCREMENT, or worked out from one that is?"""
    if column.generated is None:
        return column.is_auto_increment
    others = [table.find_column(name) for name in columns_of(column.generated.expression)]
    return any(one is not None and one is not column and counts(one, table) for one in others)


def check_stored(column: Column, table: Table) -> None:
    """What is stored or indexed must not depend on the session (1901): for many types it does."""
    assert column.generated is not None
    for name in columns_of(column.generated.expression):
        found = table.column(name)
        if found.type.name not in (*INTEGERS, *FLOATS, *TEXTS, "varchar", "decimal"):
            raise NotUnderstood(f"a column of type {found.type.name} in a generated column that is stored or indexed")
        if found.generated is not None and found is not column:
            check_stored(found, table)


def _check_generated(column: Column, table: Table) -> None:
    assert column.generated is not None
    if column.generated.is_stored:
        check_stored(column, table)
    names = columns_of(column.generated.expression)
    position = [one.name.lower() for one in table.columns]
    for name in names:
        if same_name(name, column.name):
            raise Rejected(f"Expression for field '{column.name}' is referring to uninitialized field", "4031")
        other = table.column(name)
        if other.generated is not None and position.index(name.lower()) > position.index(column.name.lower()):
            raise Rejected(f"Expression for field '{column.name}' is referring to uninitialized field", "4031")


def show_name(node: Node, table: Table) -> Node:
    """Column names as the table writes them: names are compared without case."""
    from ..expressions import rename_columns

    return rename_columns(node, {one.name.lower(): one.name for one in table.columns})
