"""ALTER TABLE … ALTER COLUMN and DROP COLUMN (tablecmds.c, 15)."""

from __future__ import annotations

from typing import Any, Optional

from ...errors import NotUnderstood, Rejected
from ...scanner import Cursor
from ..catalog import Catalog
from ..dependencies import drop_objects
from ..model import Column, Identity, Table
from ..pickling import copy_onto
from .alter_type import read_type_change
from .columns import add_generated, plan_sequence, set_default
from .constraints import set_notnull
from .partitions import check_not_in_key
from .passes import Pass, Step
from .reading import ExpressionText, read_behavior, read_default, read_group, read_storage
from .sequences import drop_identity, read_options, set_options
from .specs import ColumnSpec, IdentitySpec


def read_drop_column(catalog: Catalog, table: Table, cursor: Cursor) -> Step:
    """DROP [COLUMN], after DROP."""
    cursor.accept("column")
    is_tolerant = cursor.accept("if", "exists")
    name = cursor.name()
    is_cascade = read_behavior(cursor)
    return Step(Pass.DROP, lambda: _drop_column(catalog, table, name, is_tolerant=is_tolerant, is_cascade=is_cascade))


def _drop_column(catalog: Catalog, table: Table, name: str, *, is_tolerant: bool, is_cascade: bool) -> None:
    if is_tolerant and name not in table.columns:
        return
    column = catalog.column(table, name)
    if column.inherited:
        raise Rejected(f'cannot drop inherited column "{name}"', "42P16")
    targets = _inherited_copies(catalog, table, column)
    drop_objects(catalog, targets, is_cascade=is_cascade, subject=f"column {name} of table {table.name}")


def _inherited_copies(catalog: Catalog, table: Table, column: Column) -> list[Column]:
    """The column, and those of children that go with it."""
    check_not_in_key(table, column, "drop")
    found = [column]
    for child in catalog.children(table):
        own = child.columns[column.name]
        if own.inherited == 1 and not own.is_local:
            found += _inherited_copies(catalog, child, own)
        else:
            own.inherited -= 1
    return found


def read_column_action(catalog: Catalog, table: Table, cursor: Cursor) -> Step:
    """ALTER [COLUMN] name …, after ALTER."""
    cursor.accept("column")
    name = cursor.name()
    if cursor.at("type") or cursor.at("set", "data", "type"):
        return read_type_change(catalog, table, name, cursor)
    if cursor.accept("set", "default"):
        text = read_default(cursor, catalog)
        return Step(Pass.ADD_OTHER_CONSTRAINT, lambda: _set_default(catalog, table, name, text))
    if cursor.accept("drop", "default"):
        return Step(Pass.DROP, lambda: _set_default(catalog, table, name, None))
    if cursor.accept("set", "not", "null"):
        return Step(Pass.COLUMN_ATTRIBUTES, lambda: set_notnull(catalog, table, catalog.column(table, name)))
    if cursor.accept("drop", "not", "null"):
        return Step(Pass.DROP, lambda: _drop_notnull(catalog, table, name))
    return _read_generation(catalog, table, name, cursor) or _read_storage_action(catalog, table, name, cursor)


def _set_default(catalog: Catalog, table: Table, name: str, text: Optional[ExpressionText]) -> None:
    column = catalog.column(table, name)
    if column.identity is not None:
        raise Rejected(f'column "{name}" of relation "{table.name}" is an identity column', "42601")
    if column.generated is not None:
        raise Rejected(f'column "{name}" of relation "{table.name}" is a generated column', "42601")
    for one in [table, *catalog.descendants(table)]:
        own = one.columns[name]
        own.default = None
        if text is not None:
            set_default(catalog, own, text)


def _drop_notnull(catalog: Catalog, table: Table, name: str) -> None:
    column = catalog.column(table, name)
    if column.identity is not None:
        raise Rejected(f'column "{name}" of relation "{table.name}" is an identity column', "42601")
    for one in [table, *catalog.descendants(table)]:
        own = one.columns[name]
        if any(key.kind == "p" and own in key.columns for key in one.constraints):
            raise Rejected(f'column "{name}" is in a primary key', "42P16")
    parent = table.partition_of
    if parent is not None and parent.columns[name].notnull:
        raise Rejected(f'column "{name}" is marked NOT NULL in parent table', "42P16")
    if catalog.version >= (18,) and column.inherited:
        raise NotUnderstood("DROP NOT NULL of an inherited column")
    for one in [table, *catalog.descendants(table)]:
        one.columns[name].notnull = False


def _read_generation(catalog: Catalog, table: Table, name: str, cursor: Cursor) -> Optional[Step]:
    """Identity and generation expressions."""
    if cursor.accept("add", "generated"):
        spec = IdentitySpec(cursor.expect_one("always as identity", "by default as identity").startswith("always"))
        if cursor.accept("("):
            spec.options = read_options(cursor, catalog)
            cursor.expect(")")
        return Step(Pass.ADD_OTHER_CONSTRAINT, lambda: _add_identity(catalog, table, name, spec))
    if cursor.accept("drop", "identity"):
        is_tolerant = cursor.accept("if", "exists")
        return Step(Pass.DROP, lambda: _drop_identity(catalog, table, name, is_tolerant=is_tolerant))
    if cursor.accept("drop", "expression"):
        is_tolerant = cursor.accept("if", "exists")
        return Step(Pass.DROP, lambda: _drop_expression(catalog, table, name, is_tolerant=is_tolerant))
    if cursor.at("set", "expression"):
        if catalog.version < (17,):
            cursor.fail("SET EXPRESSION")
        cursor.index += 2
        cursor.expect("as")
        text = read_group(cursor, catalog)
        return Step(Pass.ADD_COLUMN, lambda: _set_expression(catalog, table, name, text))
    return _read_identity_options(catalog, table, name, cursor)


def _read_identity_options(catalog: Catalog, table: Table, name: str, cursor: Cursor) -> Optional[Step]:
    words = ("generated", "start", "increment", "minvalue", "maxvalue", "no", "cache", "cycle", "restart")
    is_always: Optional[bool] = None
    given: dict[str, Any] = {}
    while (cursor.at("set") and cursor.word(1) in words) or cursor.at("restart"):
        cursor.accept("set")
        if cursor.accept("generated"):
            is_always = cursor.expect_one("always", "by default") == "always"
        else:
            given.update(read_options(cursor, catalog))
    if is_always is None and not given:
        return None
    return Step(Pass.MISC, lambda: _set_identity(catalog, table, name, is_always, given))


def _add_identity(catalog: Catalog, table: Table, name: str, spec: IdentitySpec) -> None:
    column = catalog.column(table, name)
    label = f'column "{name}" of relation "{table.name}"'
    if table.partition_of is not None or catalog.children(table):
        raise NotUnderstood("ADD IDENTITY of a table with parents or children")
    if not column.notnull:
        raise Rejected(f"{label} must be declared NOT NULL before identity can be added", "55000")
    if column.identity is not None:
        raise Rejected(f"{label} is already an identity column", "55000")
    if column.default is not None or column.generated is not None:
        raise Rejected(f"{label} already has a default value", "55000")
    sequence = plan_sequence(catalog, table.schema, table.name, ColumnSpec(name, column.type, identity=spec))
    if sequence is None:
        raise NotUnderstood("an identity without a sequence")
    sequence.owner, sequence.is_temporary = column, table.is_temporary
    catalog.put(sequence)
    column.identity = Identity(spec.always, sequence)


def _set_identity(catalog: Catalog, table: Table, name: str, is_always: Optional[bool], given: dict[str, Any]) -> None:
    column = catalog.column(table, name)
    if column.identity is None:
        raise Rejected(f'column "{name}" of relation "{table.name}" is not an identity column', "55000")
    if is_always is not None:
        column.identity.always = is_always
    set_options(column.identity.sequence, given, is_new=False)


def _drop_identity(catalog: Catalog, table: Table, name: str, *, is_tolerant: bool) -> None:
    column = catalog.column(table, name)
    if column.identity is None:
        if is_tolerant:
            return
        raise Rejected(f'column "{name}" of relation "{table.name}" is not an identity column', "55000")
    drop_identity(catalog, column)


def _drop_expression(catalog: Catalog, table: Table, name: str, *, is_tolerant: bool) -> None:
    column = catalog.column(table, name)
    if column.generated is None:
        if is_tolerant:
            return
        raise Rejected(f'column "{name}" of relation "{table.name}" is not a stored generated column', "55000")
    if not column.stored:
        raise Rejected("ALTER TABLE / DROP EXPRESSION is not supported for virtual generated columns", "0A000")
    if column.inherited:
        raise Rejected("cannot drop generation expression from inherited column", "42P16")
    for one in [table, *catalog.descendants(table)]:
        one.columns[name].generated = None


def _set_expression(catalog: Catalog, table: Table, name: str, text: ExpressionText) -> None:
    column = catalog.column(table, name)
    if column.generated is None:
        raise Rejected(f'column "{name}" of relation "{table.name}" is not a generated column', "55000")
    add_generated(catalog, column, text)
    for child in catalog.descendants(table):
        if column.generated is not None:
            child.columns[name].generated = copy_onto(column.generated, child)


def _read_storage_action(catalog: Catalog, table: Table, name: str, cursor: Cursor) -> Step:
    """What is not compared: it only must be well-formed."""
    if cursor.accept("set", "statistics"):
        if not cursor.accept("default"):
            cursor.integer()
    elif cursor.accept_one("set storage", "set compression"):
        cursor.label()
    elif cursor.accept_one("set", "reset"):
        read_storage(cursor)
    else:
        cursor.fail("ALTER COLUMN")
    return Step(Pass.MISC, lambda: _check_column(catalog, table, name))


def _check_column(catalog: Catalog, table: Table, name: str) -> None:
    catalog.column(table, name)
