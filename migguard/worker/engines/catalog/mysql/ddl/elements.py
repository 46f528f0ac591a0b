"""What CREATE TABLE and ALTER TABLE are made of, as written: columns, keys, foreign keys, checks."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Optional, Union

from ...errors import Rejected
from .. import model
from ..defaults import Literal
from ..expressions import Node, parse
from ..model import KeyPart
from ..scanner import MysqlCursor
from ..server import Server
from ..types import TypeText, read_type

_ACTIONS = ("cascade", "set null", "no action", "restrict", "set default")
_NOW = frozenset({"current_timestamp", "now", "localtime", "localtimestamp"})


@dataclass
class DefaultText:
    """null: DEFAULT NULL was said. One of the others otherwise."""

    is_null: bool = False
    literal: Optional[Literal] = None
    is_parenthesised: bool = False
    is_now: bool = False
    now_digits: int = 0
    expression: Optional[Node] = None


@dataclass
class KeyText:
    kind: str
    name: str
    parts: list[KeyPart]
    is_generated: bool = False
    using: str = ""
    comment: str = ""
    is_ignored: bool = False
    if_not_exists: bool = False


@dataclass
class ForeignKeyText:
    name: str
    index_name: str
    columns: list[str]
    schema: Optional[str]
    table: str
    referred: list[str]
    on_delete: str = ""
    on_update: str = ""
    if_not_exists: bool = False


@dataclass
class CheckText:
    name: str
    expression: Node
    if_not_exists: bool = False


ItemText = Union[KeyText, ForeignKeyText, CheckText]


@dataclass
class ColumnText:
    """replaces: the column that MODIFY or CHANGE speaks of. after: "" for FIRST."""

    name: str
    type: TypeText
    is_nullable: Optional[bool] = None
    default: Optional[DefaultText] = None
    is_on_update_now: bool = False
    is_auto_increment: bool = False
    comment: str = ""
    generated: Optional[Node] = None
    is_stored: bool = False
    check: Optional[Node] = None
    is_invisible: bool = False
    replaces: Optional[str] = None
    after: Optional[str] = None
    if_not_exists: bool = False
    items: list[ItemText] = field(default_factory=list)


def read_column(cursor: MysqlCursor, server: Server) -> ColumnText:
    """A column's definition; its UNIQUE, PRIMARY KEY and REFERENCES become `items`."""
    name = read_identifier(cursor)
    column = ColumnText(name, read_type(cursor, server))
    if column.type.is_serial:
        column.is_nullable, column.is_auto_increment = False, True
        column.items.append(KeyText(model.UNIQUE, "", [KeyPart(name)]))
    while not cursor.at_end and not cursor.at(",") and not cursor.at(")"):
        if not _read_option(cursor, column, server):
            break
    if column.is_auto_increment and column.is_nullable is None:
        column.is_nullable = False
    return column


def read_identifier(cursor: MysqlCursor) -> str:
    """A name of a column, key or constraint. Rejected: 1059 (too long), 1166 (ends in a blank)."""
    name = cursor.name()
    if len(name) > 64:
        raise Rejected(f"Identifier name '{name}' is too long", "1059")
    if not name or name.endswith(" "):
        raise Rejected(f"Incorrect column name '{name}'", "1166")
    return name


def _read_option(cursor: MysqlCursor, column: ColumnText, server: Server) -> bool:
    if cursor.accept("not", "null"):
        column.is_nullable = False
    elif cursor.accept("null"):
        column.is_nullable = True
    elif cursor.accept("default"):
        column.default = read_default(cursor)
    elif cursor.accept("on", "update"):
        _read_now(cursor)
        column.is_on_update_now = True
    elif cursor.accept("auto_increment"):
        column.is_auto_increment = True
    elif cursor.accept("comment"):
        column.comment = cursor.string()
    elif cursor.accept("collate"):
        column.type.collation = cursor.string() if cursor.at_string() else cursor.label()
    elif cursor.accept("invisible"):
        server.only_mariadb("INVISIBLE")
        column.is_invisible = True
    elif cursor.accept_one("generated always as", "as"):
        _read_generated(cursor, column)
    elif cursor.accept("first"):
        column.after = ""
    elif cursor.accept("after"):
        column.after = cursor.name()
    else:
        return _read_constraint_option(cursor, column, server)
    return True


def _read_constraint_option(cursor: MysqlCursor, column: ColumnText, server: Server) -> bool:
    if cursor.accept("unique"):
        cursor.accept("key")
        column.items.append(KeyText(model.UNIQUE, "", [KeyPart(column.name)]))
    elif cursor.accept_one("primary key", "key", "primary"):
        column.items.append(KeyText(model.PRIMARY, "PRIMARY", [KeyPart(column.name)]))
        column.is_nullable = False
    elif cursor.accept("check"):
        column.check = read_parenthesised(cursor)
        server.only_mariadb("CHECK of a column")
        following = cursor.word()
        if following not in ("", ",", ")", "first", "after", "references"):
            raise Rejected(f"You have an error in your SQL syntax near '{following}'", "1064", is_certain=False)
    elif cursor.at("references"):
        found = _read_references(cursor, ForeignKeyText("", "", [column.name], None, "", []))
        # MySQL reads REFERENCES of a column and forgets it
        column.items += [found] if server.is_mariadb else []
    else:
        cursor.fail("an option of a column")
    return True


def _read_generated(cursor: MysqlCursor, column: ColumnText) -> None:
    column.generated = read_parenthesised(cursor)
    column.is_stored = cursor.accept_one("stored", "persistent", "virtual") in ("stored", "persistent")


def read_parenthesised(cursor: MysqlCursor) -> Node:
    cursor.expect("(")
    node = parse(cursor)
    cursor.expect(")")
    return node


def _read_now(cursor: MysqlCursor) -> int:
    if cursor.word() not in _NOW:
        cursor.fail("CURRENT_TIMESTAMP expected")
    cursor.index += 1
    digits = 0
    if cursor.accept("("):
        if not cursor.at(")"):
            digits = cursor.integer()
        cursor.expect(")")
    return digits


def read_default(cursor: MysqlCursor) -> DefaultText:
    """What follows DEFAULT: a literal, the current time, or an expression."""
    first = cursor.index
    if cursor.accept("("):
        depth = 1
        while cursor.accept("("):
            depth += 1
        simple = _simple_default(cursor)
        closed = simple is not None and all(cursor.accept(")") for _ in range(depth))
        if simple is not None and closed:
            simple.is_parenthesised = True
            return simple
        cursor.index = first
        return DefaultText(expression=read_parenthesised(cursor))
    simple = _simple_default(cursor)
    if simple is not None:
        return simple
    return DefaultText(expression=_bare_expression(cursor))


def _bare_expression(cursor: MysqlCursor) -> Node:
    """Without parentheses only a call or a keyword may stand here."""
    from ..expressions.parse import read_atom

    return read_atom(cursor)


def _simple_default(cursor: MysqlCursor) -> Optional[DefaultText]:
    if cursor.accept("null"):
        return DefaultText(is_null=True)
    word = cursor.accept_one("true", "false")
    if word is not None:
        return DefaultText(literal=Literal("number", "1" if word == "true" else "0"))
    if cursor.word() in _NOW:
        return DefaultText(is_now=True, now_digits=_read_now(cursor))
    start = cursor.index
    sign = cursor.accept_one("-", "+")
    token = cursor.peek()
    if token is not None and token.kind == "number":
        cursor.index += 1
        return DefaultText(literal=Literal("number", ("-" if sign == "-" else "") + token.value))
    if sign is None and token is not None and token.kind == "string":
        return DefaultText(literal=Literal("string", cursor.string()))
    if sign is None and token is not None and token.kind == "bits":
        cursor.index += 1
        return DefaultText(literal=Literal("bits", token.value))
    cursor.index = start
    return None


def read_item(cursor: MysqlCursor, server: Server) -> Optional[ItemText]:
    """A key or constraint of a table; None where a column stands."""
    start = cursor.index
    name, has_constraint = "", cursor.accept("constraint")
    if_not_exists = cursor.accept("if", "not", "exists")
    if has_constraint and not _at_constraint(cursor):
        name = read_identifier(cursor)
        if_not_exists = cursor.accept("if", "not", "exists") or if_not_exists
    found = _read_constraint(cursor, name, server)
    if found is None and has_constraint:
        cursor.fail("a constraint")
    if found is None:
        cursor.index = start
    else:
        found.if_not_exists = found.if_not_exists or if_not_exists
    return found


def _at_constraint(cursor: MysqlCursor) -> bool:
    return cursor.word() in ("primary", "unique", "foreign", "check")


def _read_constraint(cursor: MysqlCursor, name: str, server: Server) -> Optional[ItemText]:
    if cursor.accept("primary", "key"):
        key = KeyText(model.PRIMARY, "PRIMARY", [])
        if cursor.at_name() and not cursor.at("using"):
            cursor.name()
        return read_key_rest(cursor, key, server)
    if cursor.accept("foreign", "key"):
        return _read_foreign_key(cursor, name)
    if cursor.accept("check"):
        return CheckText(name, read_parenthesised(cursor))
    kind = cursor.accept_one("unique", "fulltext", "spatial")
    if kind is None and not cursor.at("key") and not cursor.at("index"):
        return None
    cursor.accept_one("key", "index")
    key = KeyText(kind or model.INDEX, name, [])
    key.if_not_exists = cursor.accept("if", "not", "exists")
    if cursor.at_name() and not (cursor.at("using") or cursor.at("type")):
        key.name = read_identifier(cursor)
    return read_key_rest(cursor, key, server)


def read_key_rest(cursor: MysqlCursor, key: KeyText, server: Server) -> KeyText:
    """From USING or the parenthesis on."""
    _read_using(cursor, key)
    cursor.expect("(")
    while True:
        key.parts.append(_read_part(cursor, server))
        if not cursor.accept(","):
            break
    cursor.expect(")")
    read_key_options(cursor, key, server)
    return key


def _read_part(cursor: MysqlCursor, server: Server) -> KeyPart:
    if cursor.at("("):
        if server.is_mariadb:
            raise Rejected("You have an error in your SQL syntax", "1064")
        cursor.fail("a functional key part")
    name, length = cursor.name(), None
    if cursor.accept("("):
        length = cursor.integer()
        cursor.expect(")")
    is_descending = cursor.accept_one("asc", "desc") == "desc"
    return KeyPart(name, length, is_descending)


def _read_using(cursor: MysqlCursor, key: KeyText) -> bool:
    if cursor.accept_one("using", "type"):
        key.using = cursor.expect_one("btree", "hash").upper()
        return True
    return False


def read_key_options(cursor: MysqlCursor, key: KeyText, server: Server) -> None:
    while True:
        if _read_using(cursor, key):
            continue
        if cursor.accept("comment"):
            cursor.equals()
            key.comment = cursor.string()
        elif cursor.accept_one("ignored", "invisible"):
            server.only_mariadb("IGNORED")
            key.is_ignored = True
        elif not cursor.accept_one("not ignored", "visible"):
            break
    if cursor.at("with") or cursor.at("key_block_size") or cursor.at("clustering"):
        cursor.fail("an option of a key")


def _read_foreign_key(cursor: MysqlCursor, name: str) -> ForeignKeyText:
    if_not_exists = cursor.accept("if", "not", "exists")
    index_name = "" if cursor.at("(") else read_identifier(cursor)
    found = ForeignKeyText(name, index_name, cursor.names(), None, "", [], if_not_exists=if_not_exists)
    return _read_references(cursor, found)


def _read_references(cursor: MysqlCursor, found: ForeignKeyText) -> ForeignKeyText:
    cursor.expect("references")
    found.schema, found.table = cursor.qualified_name()
    found.referred = cursor.names() if cursor.at("(") else []
    if cursor.accept("match"):
        cursor.expect_one("full", "partial", "simple")
    while cursor.accept("on"):
        event = cursor.expect_one("delete", "update")
        action = cursor.expect_one(*_ACTIONS).upper()
        if event == "delete":
            found.on_delete = action
        else:
            found.on_update = action
    return found
