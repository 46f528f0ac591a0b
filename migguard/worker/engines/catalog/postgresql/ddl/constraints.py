"""Adding checks, primary keys, unique and exclusion constraints to tables (heap.c, indexcmds.c, 15)."""

from __future__ import annotations

import re
from typing import Any, Optional

from ...errors import NotUnderstood, Rejected
from ..catalog import Catalog
from ..dependencies import element_columns
from ..expressions import columns_of, show
from ..model import Column, Constraint, Index, Table
from ..naming import choose_constraint_name
from .foreign_keys import add_foreign_key
from .indexes import define_index, rename_index
from .labels import refuse_fresh_labels
from .reading import duplicate
from .specs import ConstraintSpec, ElementSpec, IndexSpec

_LABELS = {"p": "pkey", "u": "key", "x": "excl"}


def add_constraint(catalog: Catalog, table: Table, spec: ConstraintSpec) -> Constraint:
    """Add one constraint of whatever kind."""
    if spec.kind == "c":
        return add_check(catalog, table, spec)
    if spec.kind == "f":
        return add_foreign_key(catalog, table, spec)
    if spec.using_index is not None:
        return _take_index(catalog, table, spec)
    return _add_key(catalog, table, spec)


def check_name_free(table: Table, name: str) -> None:
    """Rejected (42710): the table has a constraint of that name."""
    if any(one.name == name for one in table.constraints):
        raise Rejected(f'constraint "{name}" for relation "{table.name}" already exists', "42710")


def add_check(catalog: Catalog, table: Table, spec: ConstraintSpec, *, is_inherited: bool = False) -> Constraint:
    """Add a check to a table and its children."""
    if spec.expression is None:
        raise NotUnderstood("a check without an expression")
    node = spec.expression.bind_to(table)
    refuse_fresh_labels(catalog, node)
    columns = list(dict.fromkeys(columns_of(node)))
    name = spec.name or _choose_check_name(catalog, table, spec, columns)
    for one in table.constraints:
        if one.name == name:
            return _merge_check(catalog, one, spec, table, is_inherited=is_inherited)
    if is_notnull_name(catalog, name):
        raise NotUnderstood(f"whether {name} is the name of a NOT NULL constraint")
    if table.kind == "p" and spec.options.get("no_inherit"):
        raise Rejected(f'cannot add NO INHERIT constraint to partitioned table "{table.name}"', "42P16")
    check = Constraint("c", name, table, columns, expression=node, options=dict(spec.options))
    check.is_local, check.inherited = not is_inherited, int(is_inherited)
    table.constraints.append(check)
    if not spec.options.get("no_inherit"):
        named = ConstraintSpec(**{**spec.__dict__, "name": name})
        for child in catalog.children(table):
            add_check(catalog, child, named, is_inherited=True)
    return check


def _choose_check_name(catalog: Catalog, table: Table, spec: ConstraintSpec, columns: list[Column]) -> str:
    if spec.expression is not None and spec.expression.node is None:
        columns = list(dict.fromkeys(spec.expression.sure_columns(table)))
    second = columns[0].name if len(columns) == 1 else ""
    return choose_constraint_name(catalog, table.schema, table.name, second, "check")


def _merge_check(
    catalog: Catalog, present: Constraint, spec: ConstraintSpec, table: Table, *, is_inherited: bool
) -> Constraint:
    """A child may have its parent's check already (MergeWithExistingConstraint)."""
    if not is_inherited or present.kind != "c" or present.expression is None or spec.expression is None:
        raise Rejected(f'constraint "{present.name}" for relation "{table.name}" already exists', "42710")
    mine, parents = show(present.expression, catalog), show(spec.expression.bind_to(table), catalog)
    if not (mine.exact and parents.exact):
        raise NotUnderstood(f"whether two checks named {present.name} are the same")
    if str(mine) != str(parents):
        raise Rejected(f'constraint "{present.name}" for relation "{table.name}" already exists', "42710")
    present.inherited += 1
    return present


def _add_key(catalog: Catalog, table: Table, spec: ConstraintSpec) -> Constraint:
    if spec.kind == "p":
        check_single_primary_key(table)
    if spec.name is not None:
        check_name_free(table, spec.name)
    for name in _key_columns(spec):
        if name not in table.columns:
            raise Rejected(f'column "{name}" named in key does not exist', "42703")
    if len(set(spec.columns)) != len(spec.columns):
        kind = "primary key" if spec.kind == "p" else "unique"
        raise Rejected(f"column appears twice in {kind} constraint", "42701")
    if table.kind == "p" and spec.kind == "x":
        raise Rejected("exclusion constraints are not supported on partitioned tables", "0A000")
    elements = spec.elements or [ElementSpec(column=name) for name in spec.columns]
    wanted = IndexSpec(spec.name, elements, spec.method, spec.include, spec.kind != "x", spec.where)
    wanted.storage, wanted.tablespace = spec.storage, spec.tablespace
    wanted.nulls_not_distinct = spec.nulls_not_distinct
    index = define_index(catalog, table, wanted, label=_LABELS[spec.kind])
    return _constrain(catalog, index, table, spec.kind, spec.options, None)


def _key_columns(spec: ConstraintSpec) -> list[str]:
    return [*spec.columns, *spec.include, *(one.column for one in spec.elements if one.column is not None)]


def check_single_primary_key(table: Table) -> None:
    """Rejected (42P16): the table has one."""
    if any(one.kind == "p" for one in table.constraints):
        raise Rejected(f'multiple primary keys for table "{table.name}" are not allowed', "42P16")


def _constrain(
    catalog: Catalog, index: Index, table: Table, kind: str, options: dict[str, Any], parent: Optional[Constraint]
) -> Constraint:
    """Make the constraint of an index, and those of its parts."""
    constraint = Constraint(kind, index.name, table, element_columns(index.elements), list(index.include))
    constraint.options, constraint.nulls_not_distinct = dict(options), index.nulls_not_distinct
    constraint.expression = index.where
    constraint.index, constraint.parent, index.constraint = index, parent, constraint
    constraint.is_local, constraint.inherited = parent is None, int(parent is not None)
    table.constraints.append(constraint)
    if kind == "p":
        for column in constraint.columns:
            set_notnull(catalog, table, column)
    if table.kind == "p":
        for part in list(catalog.relations()):
            if isinstance(part, Index) and part.parent is index and isinstance(part.table, Table):
                if kind == "p":
                    check_single_primary_key(part.table)
                _constrain(catalog, part, part.table, kind, options, constraint)
    return constraint


def set_notnull(catalog: Catalog, table: Table, column: Column) -> None:
    """Set NOT NULL on a column and its children's."""
    column.notnull = True
    for child in catalog.descendants(table):
        if column.name in child.columns:
            child.columns[column.name].notnull = True


def _take_index(catalog: Catalog, table: Table, spec: ConstraintSpec) -> Constraint:
    """UNIQUE or PRIMARY KEY USING INDEX (transformIndexConstraint)."""
    name = spec.using_index or ""
    index = catalog.schemas[table.schema].get(name)
    if not isinstance(index, Index):
        raise Rejected(f'index "{name}" does not exist', "42704")
    if table.kind == "p":
        raise Rejected("ALTER TABLE / ADD CONSTRAINT USING INDEX is not supported on partitioned tables", "0A000")
    if spec.kind == "p":
        check_single_primary_key(table)
    _check_usable(index, table)
    for one in index.elements:
        if one.descending or one.nulls_first is not None or one.opclass is not None or one.collation is not None:
            raise Rejected(f'index "{name}" does not have default sorting behavior', "42809")
    if spec.name is not None and spec.name != index.name:
        check_name_free(table, spec.name)
        rename_index(catalog, index, spec.name)
    return _constrain(catalog, index, table, spec.kind, spec.options, None)


def _check_usable(index: Index, table: Table) -> None:
    if index.constraint is not None:
        raise Rejected(f'index "{index.name}" is already associated with a constraint', "55000")
    if index.table is not table:
        raise Rejected(f'index "{index.name}" does not belong to table "{table.name}"', "55000")
    if not index.is_unique:
        raise Rejected(f'"{index.name}" is not a unique index', "42809")
    if any(not isinstance(one.what, Column) for one in index.elements):
        raise Rejected(f'index "{index.name}" contains expressions', "42809")
    if index.where is not None:
        raise Rejected(f'"{index.name}" is a partial index', "42809")


def is_notnull_name(catalog: Catalog, name: str) -> bool:
    """May it be the automatic name of a NOT NULL constraint? These have names since 18; the catalog keeps none."""
    return catalog.version >= (18,) and re.search(r"_not_null\d*$", name) is not None


def find_constraint(catalog: Catalog, table: Table, name: str) -> Constraint:
    """A constraint by its name; Rejected (42704) where there is none."""
    for one in table.constraints:
        if one.name == name:
            return one
    if is_notnull_name(catalog, name):
        raise NotUnderstood(f"whether {name} is the name of a NOT NULL constraint")
    raise Rejected(f'constraint "{name}" of relation "{table.name}" does not exist', "42704")


def rename_constraint(catalog: Catalog, constraint: Constraint, name: str) -> None:
    """RENAME CONSTRAINT: its index is renamed, too; children that inherit it follow."""
    if constraint.inherited and constraint.parent is None:
        raise Rejected(f'cannot rename inherited constraint "{constraint.name}"', "42P16")
    if any(one.name == name for one in constraint.table.constraints):
        raise duplicate("constraint", name)
    if is_notnull_name(catalog, name):
        raise NotUnderstood(f"whether {name} is the name of a NOT NULL constraint")
    old = constraint.name
    if constraint.index is not None:
        catalog.rename(constraint.index, name)
    constraint.name = name
    if constraint.kind == "c" and not constraint.options.get("no_inherit"):
        for child in catalog.descendants(constraint.table):
            for one in child.constraints:
                if one.name == old and one.kind == "c" and one.inherited:
                    one.name = name
