"""ALTER TABLE: all clauses are read first, and then make one new table (sql_table.cc, mysql_prepare_alter_table)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Optional

from ...errors import NotUnderstood, Rejected
from ..model import Table, same_name
from ..scanner import MysqlCursor
from .elements import (
    CheckText,
    ColumnText,
    DefaultText,
    ForeignKeyText,
    ItemText,
    KeyText,
    read_column,
    read_default,
    read_identifier,
    read_item,
)
from .options import Options, read_option

if TYPE_CHECKING:
    from ..catalog import MysqlDatabase

COLUMN, KEY, FOREIGN_KEY, CONSTRAINT = "column", "key", "foreign key", "constraint"


@dataclass
class Drop:
    kind: str
    name: str
    if_exists: bool = False


@dataclass
class ColumnDefault:
    """default: None for DROP DEFAULT."""

    column: str
    default: Optional[DefaultText]
    if_exists: bool = False


@dataclass
class Renaming:
    old: str
    new: str
    if_exists: bool = False


@dataclass
class Plan:
    """The clauses of one statement."""

    drops: list[Drop] = field(default_factory=list)
    columns: list[ColumnText] = field(default_factory=list)
    items: list[ItemText] = field(default_factory=list)
    defaults: list[ColumnDefault] = field(default_factory=list)
    column_names: list[Renaming] = field(default_factory=list)
    key_names: list[Renaming] = field(default_factory=list)
    ignored: dict[str, bool] = field(default_factory=dict)
    options: Options = field(default_factory=Options)
    convert: Optional[Options] = None
    rename_to: Optional[tuple[Optional[str], str]] = None
    #: ALGORITHM or LOCK was given.
    is_copied: bool = False


def read_plan(cursor: MysqlCursor, database: MysqlDatabase) -> Plan:
    """The clauses after the table's name."""
    plan = Plan()
    is_first = True
    while not _is_done(cursor):
        if not is_first and not cursor.accept(","):
            # options may follow one another without a comma
            if not read_option(cursor, plan.options):
                cursor.fail("a clause of ALTER TABLE")
            continue
        is_first = False
        _read_clause(cursor, database, plan)
    return plan


def _is_done(cursor: MysqlCursor) -> bool:
    return cursor.at_end


def _read_clause(cursor: MysqlCursor, database: MysqlDatabase, plan: Plan) -> None:
    if cursor.accept("add"):
        _read_add(cursor, database, plan)
    elif cursor.accept("drop"):
        _read_drop(cursor, plan)
    elif cursor.accept("modify"):
        cursor.accept("column")
        if_exists = cursor.accept("if", "exists")
        _add_column(plan, read_column(cursor, database.server), "", if_exists)
    elif cursor.accept("change"):
        cursor.accept("column")
        if_exists = cursor.accept("if", "exists")
        old = read_identifier(cursor)
        _add_column(plan, read_column(cursor, database.server), old, if_exists)
    elif cursor.accept("alter"):
        _read_alter(cursor, plan)
    elif cursor.accept("rename"):
        _read_rename(cursor, plan)
    elif cursor.accept_one("convert to character set", "convert to charset"):
        if plan.convert is not None:
            raise NotUnderstood("CONVERT TO CHARACTER SET twice")
        plan.convert = Options(charset=cursor.string() if cursor.at_string() else cursor.label())
        if cursor.accept("collate"):
            cursor.equals()
            plan.convert.collation = cursor.string() if cursor.at_string() else cursor.label()
    elif cursor.accept_one("algorithm", "lock"):
        cursor.equals()
        plan.is_copied = True
        if cursor.take().word not in ("default", "copy", "exclusive"):
            raise NotUnderstood("an ALGORITHM that the server may refuse")
    elif cursor.accept_one("force", "enable keys", "disable keys"):
        pass
    elif not read_option(cursor, plan.options):
        cursor.fail("a clause of ALTER TABLE")


def _add_column(plan: Plan, text: ColumnText, old: str, if_exists: bool) -> None:
    if any(isinstance(one, ForeignKeyText) for one in text.items):
        raise Rejected("You have an error in your SQL syntax near 'references'", "1064", is_certain=False)
    text.replaces = old or text.name
    text.if_not_exists = if_exists
    plan.columns.append(text)
    plan.items += text.items


def _read_add(cursor: MysqlCursor, database: MysqlDatabase, plan: Plan) -> None:
    is_column = cursor.accept("column")
    if not is_column:
        if cursor.at("period") or cursor.at("system") or cursor.at("partition"):
            cursor.fail("ADD of something else")
        item = read_item(cursor, database.server)
        if item is not None:
            plan.items.append(item)
            return
    if_not_exists = cursor.accept("if", "not", "exists")
    is_group = cursor.accept("(")
    while True:
        column = read_column(cursor, database.server)
        column.if_not_exists = if_not_exists
        plan.columns.append(column)
        plan.items += column.items
        if not (is_group and cursor.accept(",")):
            break
    if is_group:
        cursor.expect(")")


def _read_drop(cursor: MysqlCursor, plan: Plan) -> None:
    if cursor.accept("primary", "key"):
        plan.drops.append(Drop(KEY, "PRIMARY"))
        return
    kinds = {"foreign key": FOREIGN_KEY, "index": KEY, "key": KEY, "constraint": CONSTRAINT, "check": CONSTRAINT}
    found = cursor.accept_one("column", *kinds)
    if found is None and (cursor.at("partition") or cursor.at("system") or cursor.at("period")):
        cursor.fail("DROP of something else")
    if_exists = cursor.accept("if", "exists")
    plan.drops.append(Drop(kinds.get(found or "column", COLUMN), cursor.label(), if_exists))
    cursor.accept_one("restrict", "cascade")


def _read_alter(cursor: MysqlCursor, plan: Plan) -> None:
    if cursor.accept_one("index", "key"):
        if cursor.accept("if", "exists"):
            cursor.fail("ALTER INDEX IF EXISTS")
        name = cursor.name()
        plan.ignored[name.lower()] = cursor.expect_one("ignored", "not ignored", "visible", "invisible") in (
            "ignored",
            "invisible",
        )
        return
    cursor.accept("column")
    if_exists = cursor.accept("if", "exists")
    name = cursor.name()
    if cursor.accept("set", "default"):
        plan.defaults.append(ColumnDefault(name, read_default(cursor), if_exists))
    else:
        cursor.expect("drop", "default")
        plan.defaults.append(ColumnDefault(name, None, if_exists))


def _read_rename(cursor: MysqlCursor, plan: Plan) -> None:
    kind = cursor.accept_one("column", "index", "key")
    if kind is None:
        cursor.accept_one("to", "as", "=")
        plan.rename_to = cursor.qualified_name()
        return
    if_exists = cursor.accept("if", "exists")
    old = cursor.name()
    cursor.expect("to")
    names = plan.column_names if kind == "column" else plan.key_names
    names.append(Renaming(old, read_identifier(cursor), if_exists))


def tolerate(plan: Plan, database: MysqlDatabase, schema: str, name: str) -> None:
    """Leave out what IF EXISTS and IF NOT EXISTS make void (handle_if_exists_options)."""
    table = database.table(schema, name)
    for drop in list(plan.drops):
        found: object = table.find_column(drop.name) if drop.kind == COLUMN else table.find_key(drop.name)
        if drop.kind == FOREIGN_KEY:
            found = table.find_foreign_key(drop.name)
        elif drop.kind == CONSTRAINT:
            found = table.find_check(drop.name) or table.find_foreign_key(drop.name) or table.find_key(drop.name)
        before = plan.drops[: next(place for place, one in enumerate(plan.drops) if one is drop)]
        is_twice = any(one.kind == drop.kind and same_name(one.name, drop.name) for one in before)
        if drop.if_exists and (found is None or is_twice):
            plan.drops = [one for one in plan.drops if one is not drop]
    for column in list(plan.columns):
        exists = table.find_column(column.replaces or column.name) is not None
        if column.if_not_exists and column.items:
            raise NotUnderstood("IF NOT EXISTS of a column with a key")
        if column.replaces is None:
            names = [one.name for one in plan.columns if one.replaces is not None]
            if column.if_not_exists and any(same_name(one, column.name) for one in names):
                raise NotUnderstood("IF NOT EXISTS beside CHANGE to the same name")
            added = plan.columns[: plan.columns.index(column)]
            exists = exists or any(one.replaces is None and same_name(one.name, column.name) for one in added)
        if column.if_not_exists and exists == (column.replaces is None):
            plan.columns.remove(column)
            plan.items = [one for one in plan.items if all(one is not item for item in column.items)]
    plan.defaults = [one for one in plan.defaults if not one.if_exists or table.find_column(one.column)]
    plan.column_names = [one for one in plan.column_names if not one.if_exists or table.find_column(one.old)]
    plan.key_names = [one for one in plan.key_names if not one.if_exists or table.find_key(one.old)]
    gone = {drop.name.lower() for drop in plan.drops}
    for item in list(plan.items):
        if item.if_not_exists and _is_there(item, table, gone):
            plan.items.remove(item)


def _is_there(item: ItemText, table: Table, gone: set[str]) -> bool:
    if isinstance(item, KeyText):
        if not item.name:
            raise NotUnderstood("IF NOT EXISTS for a key without a name")
        return table.find_key(item.name) is not None and item.name.lower() not in gone
    if isinstance(item, ForeignKeyText):
        if not item.name:
            raise NotUnderstood("IF NOT EXISTS for a foreign key without a name")
        return table.find_foreign_key(item.name) is not None
    assert isinstance(item, CheckText)
    return any(same_name(one.name, item.name) for one in table.checks)
