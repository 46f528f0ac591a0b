"""ALTER COLUMN … TYPE: the column, and what is built again for it (tablecmds.c, ATExecAlterColumnType, 15)."""

from __future__ import annotations

from typing import Optional

from ...errors import NotUnderstood, Rejected
from ...scanner import Cursor
from ..catalog import Catalog
from ..dependencies import index_columns
from ..expressions import coerce_default, columns_of, plain_column, retype, verbatim
from ..model import Column, Domain, Index, Table, TypeRef, View
from ..operator_classes import check_default, resolve
from ..types import format_type, read_type
from .casts import has_cast
from .columns import check_column, plain_collation
from .foreign_keys import check_types
from .indexes import choose_copied_name, renew_column_names
from .partitions import check_not_in_key
from .passes import Pass, Step
from .reading import ExpressionText, read_tokens
from .sequences import set_options
from .specs import ColumnSpec


def read_type_change(catalog: Catalog, table: Table, name: str, cursor: Cursor) -> Step:
    """[SET DATA] TYPE type [COLLATE …] [USING …]."""
    cursor.accept("set", "data")
    cursor.expect("type")
    spec = ColumnSpec(name, read_type(cursor, catalog))
    if cursor.accept("collate"):
        spec.collation = cursor.qualified_name()[1]
    using: Optional[ExpressionText] = None
    if cursor.accept("using"):
        first = cursor.index
        text = cursor.skip_item()
        using = read_tokens(cursor.sql, list(cursor.tokens[first : cursor.index]), text, catalog)
    return Step(Pass.ALTER_TYPE, lambda: _change_type(catalog, table, spec, using))


def _change_type(catalog: Catalog, table: Table, spec: ColumnSpec, using: Optional[ExpressionText]) -> list[Step]:
    column = catalog.column(table, spec.name)
    check_column(table.name, spec)
    if column.inherited:
        raise Rejected(f'cannot alter inherited column "{spec.name}"', "42P16")
    if using is not None:
        if column.generated is not None:
            raise Rejected("cannot specify USING when altering type of generated column", "42611", is_certain=False)
        using.bind_to(table)
    steps: list[Step] = []
    for one in [table, *catalog.descendants(table)]:
        own = one.columns[spec.name]
        if own.inherited > 1:
            raise NotUnderstood("the type of a column with several parents")
        _check_conversion(catalog, own, spec.type, using)
        _check_users(catalog, own)
        steps.append(_rebuild_step(catalog, own))
        _set_type(catalog, own, spec)
    return steps


def _check_conversion(catalog: Catalog, column: Column, new: TypeRef, using: Optional[ExpressionText]) -> None:
    check_not_in_key(column.table, column, "alter")
    if using is not None or column.generated is not None:
        return
    is_possible = has_cast(column.type, new, "assignment", catalog)
    if is_possible is None:
        raise NotUnderstood(f"whether {column.type.name} is cast to {new.name} for assignment")
    if not is_possible:
        raise Rejected(
            f'column "{column.name}" cannot be cast automatically to type {format_type(new, catalog)}', "42804"
        )


def _check_users(catalog: Catalog, column: Column) -> None:
    """Views, generated columns, triggers and policies that use the column (0A000)."""
    for other in column.table.columns.values():
        if other is not column and other.generated is not None and column in columns_of(other.generated):
            raise Rejected("cannot alter type of a column used by a generated column", "0A000")
    for view in (one for one in catalog.relations() if isinstance(one, View)):
        if column in view.uses:
            raise Rejected("cannot alter type of a column used by a view or rule", "0A000")
        if column in view.perhaps_uses:
            raise NotUnderstood(f"whether view {view.name} uses column {column.name}")
    for trigger in catalog.triggers:
        if column in trigger.perhaps_uses:
            raise NotUnderstood(f"whether {trigger.kind} {trigger.name} uses column {column.name}")


def _set_type(catalog: Catalog, column: Column, spec: ColumnSpec) -> None:
    new = spec.type
    if column.identity is not None:
        base = new
        while isinstance(base.user, Domain):
            base = base.user.type
        set_options(column.identity.sequence, {"as": base.name}, is_new=False)
    if column.default is not None:
        column.default = coerce_default(column.default, new, catalog)
    column.type = new
    column.collation = plain_collation(spec.collation, new)
    node = column.generated
    if node is not None:
        try:
            column.generated = coerce_default(node, new, catalog)
        except NotUnderstood:
            column.generated = verbatim(node.text, columns_of(node))


def _rebuild_step(catalog: Catalog, column: Column) -> Step:
    """Checks, indexes and foreign keys are made again when all types of the statement are set."""
    table = column.table
    checks = [one for one in table.constraints if one.kind == "c" and column in one.columns]
    nodes = [(check, check.expression) for check in checks]
    indexes = [one for one in catalog.indexes_of(table) if column in index_columns(one)]
    keys = [one for one in table.constraints if one.kind == "f" and column in one.columns]
    keys += [one for one in catalog.referrers(table) if column in one.referred_columns]

    def rebuild() -> None:
        for check, node in nodes:
            if check.expression is node and node is not None:
                check.expression = retype(node, table, catalog)
            if check.inherited and any(_is_not_valid(parent, check.name) for parent in table.parents):
                check.options["not_valid"] = True
        for index in indexes:
            _rebuild_index(catalog, table, index, column)
        for key in keys:
            check_types(catalog, key)

    return Step(Pass.REBUILD, rebuild)


def _is_not_valid(table: Table, name: str) -> bool:
    """The parent's check is made again as it is, with all that inherit it."""
    return any(one.name == name and "not_valid" in one.options for one in table.constraints)


def _check_automatic_name(catalog: Catalog, table: Table, index: Index) -> None:
    """A partition's index is made anew under an automatic name: is that the name that it has?"""
    if index.parent is None:
        return
    label = {"p": "pkey", "u": "key", "x": "excl"}[index.constraint.kind] if index.constraint else "idx"
    # its own name is taken, so that the next one would be numbered
    if choose_copied_name(catalog, table, index, label) != index.name + "1":
        raise NotUnderstood(f"the name that index {index.name} of a partition gets when it is made anew")


def _rebuild_index(catalog: Catalog, table: Table, index: Index, column: Column) -> None:
    for element in index.elements:
        if not isinstance(element.what, Column):
            if column in columns_of(element.what):
                element.what = retype(element.what, table, catalog)
                element.what = (plain_column(element.what) or (element.what,))[0]
        elif element.what is column and element.opclass is None:
            check_default(catalog, index.method, column.type)
        elif element.what is column and element.opclass is not None:
            element.opclass = resolve(catalog, index.method, element.opclass, column.type)
    if index.where is not None and column in columns_of(index.where):
        index.where = retype(index.where, table, catalog)
        if index.constraint is not None:
            index.constraint.expression = index.where
    renew_column_names(index)
    _check_automatic_name(catalog, table, index)
