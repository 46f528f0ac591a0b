"""Columns, checks, indexes and keys that a table has from another: INHERITS, PARTITION OF, ATTACH (tablecmds.c, 15)."""

from __future__ import annotations

from ...errors import NotUnderstood, Rejected
from ..catalog import Catalog
from ..expressions import show
from ..model import Column, Constraint, Index, IndexElement, Table
from ..pickling import copy_onto
from ..types import format_type, is_same_type
from .constraints import check_single_primary_key, set_notnull
from .foreign_keys import copy_to_partition
from .indexes import choose_copied_name, choose_index_name, is_like


def inherit_columns(catalog: Catalog, table: Table, parent: Table) -> None:
    """Give a new table its parent's columns (MergeAttributes)."""
    for column in parent.columns.values():
        present = table.columns.get(column.name)
        if present is None:
            copy_column(table, column, is_local=False).inherited = 1
            continue
        check_same_type(catalog, present, column)
        if str(_shown(catalog, present)) != str(_shown(catalog, column)):
            raise NotUnderstood(f"defaults of column {column.name} from several parents")
        present.inherited += 1
        present.notnull = present.notnull or column.notnull


def _shown(catalog: Catalog, column: Column) -> str:
    node = column.default or column.generated
    return "" if node is None else str(show(node, catalog))


def copy_column(table: Table, column: Column, *, is_local: bool) -> Column:
    """A column of the same name, type, NOT NULL, default and generation expression; the latter when `finish_generated`
    is called."""
    copy = Column(table, column.name, column.type, column.notnull, column.default, collation=column.collation)
    copy.is_local, copy.stored = is_local, column.stored
    table.columns[column.name] = copy
    return copy


def finish_generated(table: Table, parent: Table) -> None:
    """Generation expressions from a parent, when all columns are there."""
    for column in parent.columns.values():
        own = table.columns[column.name]
        if column.generated is not None and own.generated is None:
            own.generated = copy_onto(column.generated, table)


def check_same_type(catalog: Catalog, child: Column, parent: Column) -> None:
    """A column that both have must have one type and collation (42804, 42P21)."""
    if not is_same_type(child.type, parent.type):
        raise Rejected(
            f'column "{child.name}" has a type conflict:'
            f" {format_type(parent.type, catalog)} versus {format_type(child.type, catalog)}",
            "42804",
        )
    if child.collation != parent.collation:
        raise Rejected(f'column "{child.name}" has a collation conflict', "42P21")


def inherit_checks(table: Table, parent: Table) -> None:
    """Give a new table its parent's checks."""
    for check in parent.constraints:
        if check.kind != "c" or check.options.get("no_inherit") or check.expression is None:
            continue
        if any(one.name == check.name for one in table.constraints):
            raise NotUnderstood(f"two checks {check.name}")
        copy = copy_check(table, check)
        copy.is_local, copy.inherited = False, 1
        copy.options.pop("not_valid", None)


def copy_check(table: Table, check: Constraint) -> Constraint:
    """A check of another table, over this table's columns."""
    if check.expression is None:
        raise NotUnderstood(f"check {check.name}")
    columns = [table.columns[one.name] for one in check.columns]
    copy = Constraint("c", check.name, table, columns, expression=copy_onto(check.expression, table))
    copy.options = dict(check.options)
    table.constraints.append(copy)
    return copy


def copy_index(catalog: Catalog, table: Table, index: Index, parent: Index | None) -> Index:
    """An index of another table, on this one, under an automatic name (generateClonedIndexStmt)."""
    elements = [
        IndexElement(
            table.columns[one.what.name] if isinstance(one.what, Column) else copy_onto(one.what, table),
            one.opclass,
            one.opclass_options,
            one.descending,
            one.nulls_first,
            one.collation,
            one.operator,
        )
        for one in index.elements
    ]
    include = [table.columns[one.name] for one in index.include]
    label = {"p": "pkey", "u": "key", "x": "excl"}[index.constraint.kind] if index.constraint else "idx"
    name = choose_copied_name(catalog, table, index, label)
    name = name or choose_index_name(catalog, table, elements, include, label)
    where = copy_onto(index.where, table) if index.where is not None else None
    copy = Index(table.schema, name, table, elements, include, index.is_unique, where, index.method)
    copy.storage, copy.nulls_not_distinct, copy.parent = list(index.storage), index.nulls_not_distinct, parent
    copy.column_names = list(index.column_names)
    catalog.put(copy)
    if index.constraint is not None:
        _copy_constraint(catalog, table, copy, index.constraint, is_part=parent is not None)
    for partition in (one for one in catalog.children(table) if one.partition_of is table):
        take_index(catalog, partition, copy)
    return copy


def _copy_constraint(catalog: Catalog, table: Table, index: Index, original: Constraint, *, is_part: bool) -> None:
    constraint = Constraint(original.kind, index.name, table, [table.columns[one.name] for one in original.columns])
    constraint.include, constraint.index, index.constraint = list(index.include), index, constraint
    constraint.options, constraint.nulls_not_distinct = dict(original.options), original.nulls_not_distinct
    constraint.expression = index.where
    if is_part:
        constraint.parent, constraint.is_local, constraint.inherited = original, False, 1
    if constraint.kind == "p":
        check_single_primary_key(table)
        for column in constraint.columns:
            set_notnull(catalog, table, column)
    table.constraints.append(constraint)


def take_index(catalog: Catalog, partition: Table, index: Index) -> None:
    """Make an index of a partition a part of its parent's, or make one (AttachPartitionEnsureIndexes)."""
    own = [one for one in catalog.indexes_of(partition) if one.parent is None]
    candidates = [one for one in own if is_like(catalog, one, index)]
    for one in candidates:
        if _has_right_constraint(one, index):
            one.parent = index
            if one.constraint is not None and index.constraint is not None:
                one.constraint.parent, one.constraint.is_local = index.constraint, False
                one.constraint.inherited = 1
            return
    copy_index(catalog, partition, index, index)


def _has_right_constraint(one: Index, other: Index) -> bool:
    """The index of a constraint can only be a part of the index of such a constraint."""
    kinds = [index.constraint.kind if index.constraint else "" for index in (one, other)]
    return kinds[0] == kinds[1] or not kinds[1]


def take_from_parent(catalog: Catalog, partition: Table, parent: Table) -> None:
    """Indexes and foreign keys of the partitioned table, for a new partition."""
    for index in catalog.indexes_of(parent):
        take_index(catalog, partition, index)
    for key in [one for one in parent.constraints if one.kind == "f"]:
        copy_to_partition(catalog, partition, key)
    if catalog.referrers(parent):
        raise NotUnderstood(f"foreign keys to {parent.name}, for its new partition")


def add_parent(catalog: Catalog, child: Table, parent: Table, *, is_partition: bool) -> None:
    """INHERIT and ATTACH PARTITION: the child must have all columns and checks (MergeAttributesIntoExisting)."""
    for column in parent.columns.values():
        own = child.columns.get(column.name)
        if own is None:
            raise Rejected(f'child table is missing column "{column.name}"', "42804")
        check_same_type(catalog, own, column)
        if column.notnull and not own.notnull:
            raise Rejected(f'column "{column.name}" in child table must be marked NOT NULL', "42804")
        if (own.generated is None) != (column.generated is None):
            raise Rejected(f'column "{column.name}" in child table must be a generated column', "42804")
        own.inherited += 1
        if is_partition:
            own.is_local = False
    for check in parent.constraints:
        if check.kind == "c" and not check.options.get("no_inherit"):
            _merge_check(catalog, child, check, is_partition=is_partition)


def _merge_check(catalog: Catalog, child: Table, check: Constraint, *, is_partition: bool) -> None:
    own = next((one for one in child.constraints if one.name == check.name and one.kind == "c"), None)
    if own is None or own.expression is None or check.expression is None:
        raise Rejected(f'child table is missing constraint "{check.name}"', "42804")
    mine, parents = show(own.expression, catalog), show(check.expression, catalog)
    if not (mine.exact and parents.exact):
        raise NotUnderstood(f"whether two checks named {check.name} are the same")
    if str(mine) != str(parents):
        raise Rejected(f'child table "{child.name}" has different definition for check "{check.name}"', "42804")
    own.inherited += 1
    if is_partition:
        own.is_local = False


def remove_parent(child: Table, parent: Table) -> None:
    """NO INHERIT and DETACH PARTITION (RemoveInheritance)."""
    for column in parent.columns.values():
        own = child.columns.get(column.name)
        if own is not None and own.inherited:
            own.inherited -= 1
            own.is_local = own.is_local or not own.inherited
    names = {one.name for one in parent.constraints if one.kind == "c"}
    for check in child.constraints:
        if check.kind == "c" and check.name in names and check.inherited:
            check.inherited -= 1
            check.is_local = check.is_local or not check.inherited
