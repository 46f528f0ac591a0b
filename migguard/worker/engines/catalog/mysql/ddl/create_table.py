"""CREATE TABLE."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Optional

from ...errors import NotUnderstood, Rejected
from ..model import Check, Column, ForeignKey, Table, same_name
from ..scanner import MysqlCursor
from ..types import key_length
from .columns import check_expressions, make_column, settle_columns
from .elements import CheckText, ColumnText, ForeignKeyText, ItemText, KeyText, read_column, read_item
from .foreign_keys import add_foreign_key, check_reference, generated_key, highest_number
from .keys import prepare_keys
from .options import Options, apply_options, collation_of, read_option

if TYPE_CHECKING:
    from ..catalog import MysqlDatabase


@dataclass
class TableText:
    columns: list[ColumnText] = field(default_factory=list)
    items: list[ItemText] = field(default_factory=list)
    options: Options = field(default_factory=Options)


def create_table(cursor: MysqlCursor, database: MysqlDatabase, *, is_replace: bool, is_temporary: bool) -> None:
    """From TABLE on."""
    is_tolerant = cursor.accept("if", "not", "exists")
    schema_name, name = cursor.qualified_name()
    schema = database.schema(schema_name)
    _check_table_name(name)
    like = _read_like(cursor)
    if like is not None:
        cursor.expect_end()
        table = copy_table(database, like, Table(schema.name, name, schema.collation))
        table.is_temporary = is_temporary
    else:
        text = _read_body(cursor, database)
        if database.has_relation(schema.name, name, is_temporary=is_temporary) and is_tolerant:
            return
        table = Table(schema.name, name, collation_of(text.options, schema.collation, database.server))
        table.is_temporary = is_temporary
    if database.has_relation(schema.name, name, is_temporary=is_temporary):
        if is_tolerant:
            return
        if not is_replace:
            raise Rejected(f"Table '{name}' already exists", "1050")
        if name in schema.views:
            raise Rejected(f"'{schema.name}.{name}' is not of type 'BASE TABLE'", "1347", is_certain=False)
        database.drop_table(database.table(schema.name, name))
    if like is None:
        build_table(database, table, text)
    database.put_table(table)
    _check_referring(database, table)


def _check_table_name(name: str) -> None:
    if len(name) > 64:
        raise Rejected(f"Identifier name '{name}' is too long", "1059")
    if not name or name.endswith(" "):
        raise Rejected(f"Incorrect table name '{name}'", "1103")


def _read_like(cursor: MysqlCursor) -> Optional[tuple[Optional[str], str]]:
    if cursor.accept("like"):
        return cursor.qualified_name()
    start = cursor.index
    if cursor.accept("(", "like"):
        found = cursor.qualified_name()
        cursor.expect(")")
        return found
    cursor.index = start
    return None


def _read_body(cursor: MysqlCursor, database: MysqlDatabase) -> TableText:
    text = TableText()
    cursor.expect("(")
    while True:
        item = read_item(cursor, database.server)
        if item is not None:
            text.items.append(item)
        else:
            if cursor.at("period") or cursor.at("select"):
                cursor.fail("a column")
            column = read_column(cursor, database.server)
            if column.after is not None:
                raise Rejected("You have an error in your SQL syntax", "1064")
            text.columns.append(column)
            text.items += column.items
        if not cursor.accept(","):
            break
    cursor.expect(")")
    while not cursor.at_end:
        cursor.accept(",")
        if not read_option(cursor, text.options):
            cursor.fail("an option of the table")
    return text


def build_table(database: MysqlDatabase, table: Table, text: TableText) -> None:
    """Columns, keys, checks and foreign keys, in the order in which the server looks at them."""
    server = database.server
    if not text.columns:
        raise Rejected("A table must have at least 1 column", "1113")
    for column_text in text.columns:
        add_column(table, make_column(column_text, table, server))
    apply_options(text.options, table, server)
    if not server.is_mariadb:
        check_primary_nulls(text.columns, text.items)
    keys: list[KeyText] = []
    foreign: list[ForeignKeyText] = []
    for item in text.items:
        if isinstance(item, KeyText):
            keys.append(item)
        elif isinstance(item, ForeignKeyText):
            foreign.append(item)
            keys.append(generated_key(item))
    table.keys = prepare_keys(table, keys, server)
    add_checks(table, [one for one in text.items if isinstance(one, CheckText)], is_mariadb=server.is_mariadb)
    settle_columns(table, is_mariadb=server.is_mariadb)
    check_expressions(table)
    check_row_size(table)
    highest = highest_number(table)
    for one in foreign:
        highest = add_foreign_key(database, table, one, highest)


def check_primary_nulls(columns: list[ColumnText], items: list[ItemText]) -> None:
    """1171: a column said to be NULL in the primary key."""
    for item in items:
        if isinstance(item, KeyText) and item.kind == "primary":
            for part in item.parts:
                for one in columns:
                    if same_name(one.name, part.column) and one.is_nullable is True:
                        raise Rejected("All parts of a PRIMARY KEY must be NOT NULL", "1171")


def add_column(table: Table, column: Column) -> None:
    """Rejected 1060 where the name is taken."""
    if table.find_column(column.name) is not None:
        raise Rejected(f"Duplicate column name '{column.name}'", "1060")
    table.columns.append(column)


def add_checks(table: Table, texts: list[CheckText], *, is_mariadb: bool) -> None:
    """Unnamed ones become CONSTRAINT_1 and so on."""
    for text in texts:
        name = text.name
        _check_constraint_name(table, name)
        taken = {one.name.lower() for one in table.checks} | {one.name.lower() for one in texts if one.name}
        number = 0
        while not name:
            number += 1
            wanted = f"CONSTRAINT_{number}" if is_mariadb else f"{table.name}_chk_{number}"
            name = wanted if wanted.lower() not in taken else ""
        table.checks.append(Check(name, text.expression))


def _check_constraint_name(table: Table, name: str) -> None:
    key = table.find_key(name) if name else None
    if name and (table.find_check(name) is not None or (key is not None and key.is_unique)):
        raise Rejected(f"Duplicate CHECK constraint name '{name}'", "1826")
    if name and (key is not None or table.find_foreign_key(name) is not None):
        raise NotUnderstood("a CHECK with the name of a key")


def check_row_size(table: Table) -> None:
    """1118: more than 65535 bytes in a row, without long columns. Close to the limits of InnoDB: NotUnderstood."""
    total, pages = 0, 0
    for column in table.columns:
        shape = column.type
        if shape.name.endswith(("text", "blob")):
            total += 12
            pages += 20
            continue
        size = key_length(shape)
        total += size + (2 if shape.name.startswith("var") and size > 255 else 1 if shape.name.startswith("var") else 0)
        pages += min(size, 40)
    total += (len(table.columns) + 7) // 8
    if total > 65535:
        raise Rejected("Row size too large. The maximum row size for the used table type is 65535", "1118")
    if total > 65000 or pages > 7500 or len(table.columns) > 1000:
        raise NotUnderstood("a row that may be too large for InnoDB")


def _check_referring(database: MysqlDatabase, table: Table) -> None:
    """Foreign keys that waited for this table."""
    for other, key in database.referring(table):
        if other is not table:
            try:
                check_reference(database, other, key)
            except Rejected as error:
                if not database.foreign_key_checks:
                    raise NotUnderstood("a table that does not fit the foreign keys to it") from error
                raise Rejected(str(error), "1005") from error


def copy_table(database: MysqlDatabase, source: tuple[Optional[str], str], target: Table) -> Table:
    """CREATE TABLE LIKE: everything but the foreign keys."""
    original = database.table(*source)
    made = copy.deepcopy(original)
    made.schema, made.name = target.schema, target.name
    made.foreign_keys = list[ForeignKey]()
    made.auto_increment = 0
    return made
