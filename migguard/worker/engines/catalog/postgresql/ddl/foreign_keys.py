"""Adding foreign keys (tablecmds.c, ATAddForeignKeyConstraint, 15)."""

from __future__ import annotations

from typing import Optional

from ...errors import NotUnderstood, Rejected
from ..catalog import Catalog
from ..model import Column, Composite, Constraint, Domain, Index, Table, TypeRef
from ..naming import choose_constraint_name, join_names
from ..operator_classes import default_class
from ..types import is_same_base
from .casts import has_cast
from .specs import ConstraintSpec

#: Types that a btree operator family compares with each other (pg_amop).
_FAMILIES = (
    ("smallint", "integer", "bigint"),
    ("real", "double precision"),
    ("text", "name"),
    ("date", "timestamp without time zone", "timestamp with time zone"),
)


def add_foreign_key(catalog: Catalog, table: Table, spec: ConstraintSpec) -> Constraint:
    """Add a foreign key, and its copies to the partitions of its table."""
    if spec.referred is None:
        raise NotUnderstood("a foreign key without a table")
    referred: Table = catalog.relation(*spec.referred)
    if not isinstance(referred, Table):
        raise Rejected(f'referenced relation "{spec.referred[1]}" is not a table', "42809")
    _check_persistence(table, referred)
    if table.kind == "p" and spec.options.get("not_valid") and catalog.version < (18,):
        raise Rejected("cannot add NOT VALID foreign key on partitioned table", "0A000", is_certain=False)
    columns = [_column(table, name, f'column "{name}" referenced in foreign key') for name in spec.columns]
    index = _find_target(catalog, referred, spec)
    names = spec.referred_columns or [one.what.name for one in index.elements if isinstance(one.what, Column)]
    if len(names) != len(columns):
        raise Rejected("number of referencing and referenced columns for foreign key disagree", "42830")
    key = Constraint("f", "", table, columns, referred=referred, options=dict(spec.options))
    key.referred_columns = [referred.columns[name] for name in names]
    key.target, key.target_index = index.constraint, index
    for name in spec.options.get("ondelete_columns", ()):
        if _column(table, name, f'column "{name}" referenced in foreign key') not in columns:
            raise Rejected(f'column "{name}" referenced in ON DELETE SET action must be part of foreign key', "42P10")
    check_types(catalog, key)
    _check_actions(key)
    if referred.kind == "p":
        raise NotUnderstood("a foreign key to a partitioned table")
    key.name = spec.name or _choose_name(catalog, table, spec)
    if any(one.name == key.name for one in table.constraints):
        raise Rejected(f'constraint "{key.name}" for relation "{table.name}" already exists', "42710")
    table.constraints.append(key)
    _copy_to_partitions(catalog, table, key)
    return key


def _choose_name(catalog: Catalog, table: Table, spec: ConstraintSpec) -> str:
    if len(spec.columns) > 1 and catalog.version < (12,):
        raise NotUnderstood("the automatic name of a foreign key before 12")
    return choose_constraint_name(catalog, table.schema, table.name, join_names(spec.columns), "fkey")


def _copy_to_partitions(catalog: Catalog, table: Table, key: Constraint) -> None:
    for partition in (one for one in catalog.children(table) if one.partition_of is table):
        copy_to_partition(catalog, partition, key)


def copy_to_partition(catalog: Catalog, partition: Table, key: Constraint) -> Constraint:
    """The part of a partitioned table's foreign key (addFkRecurseReferencing, CloneFkReferencing)."""
    if any(one.kind == "f" and one.parent is None for one in partition.constraints):
        raise NotUnderstood(f"whether a foreign key of {partition.name} becomes a part of {key.name}")
    names = [one.name for one in key.columns]
    name = key.name
    if any(one.name == name for one in partition.constraints):
        name = choose_constraint_name(catalog, partition.schema, partition.name, join_names(names), "fkey")
    copy = Constraint("f", name, partition, [partition.columns[one] for one in names], referred=key.referred)
    copy.referred_columns, copy.target, copy.target_index = key.referred_columns, key.target, key.target_index
    copy.options, copy.parent, copy.is_local, copy.inherited = dict(key.options), key, False, 1
    partition.constraints.append(copy)
    _copy_to_partitions(catalog, partition, copy)
    return copy


def _column(table: Table, name: str, label: str) -> Column:
    if name not in table.columns:
        raise Rejected(f"{label} does not exist", "42703")
    return table.columns[name]


def _check_persistence(table: Table, referred: Table) -> None:
    if table.is_temporary != referred.is_temporary:
        kind = "temporary" if table.is_temporary else "permanent"
        raise Rejected(f"constraints on {kind} tables may reference only {kind} tables", "42P16")
    if referred.is_unlogged and not table.is_unlogged:
        raise Rejected("constraints on permanent tables may reference only permanent tables", "42P16")


def _find_target(catalog: Catalog, referred: Table, spec: ConstraintSpec) -> Index:
    """The unique index that the key rests on (transformFkeyGetPrimaryKey, transformFkeyCheckAttrs)."""
    if spec.referred_columns is None:
        for one in referred.constraints:
            if one.kind == "p" and one.index is not None:
                if one.options.get("deferrable"):
                    _refuse_deferrable(referred)
                return one.index
        raise Rejected(f'there is no primary key for referenced table "{referred.name}"', "42704")
    for name in spec.referred_columns:
        _column(referred, name, f'column "{name}" referenced in foreign key')
    return _match_index(catalog, referred, spec.referred_columns)


def _match_index(catalog: Catalog, referred: Table, names: list[str]) -> Index:
    is_deferrable = False
    if len(set(names)) != len(names):
        raise Rejected("foreign key referenced-columns list must not contain duplicates", "42830")
    for index in catalog.indexes_of(referred):
        columns = [one.what.name for one in index.elements if isinstance(one.what, Column)]
        if not index.is_unique or not index.is_valid or index.where is not None or len(columns) != len(index.elements):
            continue
        if sorted(columns) == sorted(names):
            if index.constraint is None or not index.constraint.options.get("deferrable"):
                return index
            is_deferrable = True
    if is_deferrable:
        _refuse_deferrable(referred)
    raise Rejected(f'there is no unique constraint matching given keys for referenced table "{referred.name}"', "42830")


def _refuse_deferrable(referred: Table) -> None:
    raise Rejected(f'cannot use a deferrable unique constraint for referenced table "{referred.name}"', "55000")


def _check_actions(key: Constraint) -> None:
    """Actions that would set a generated column (42601)."""
    if not any(one.generated is not None for one in key.columns):
        return
    if key.options.get("onupdate") in ("CASCADE", "SET NULL", "SET DEFAULT"):
        raise Rejected("invalid ON UPDATE action for foreign key constraint containing generated column", "42601")
    if key.options.get("ondelete") in ("SET NULL", "SET DEFAULT"):
        raise Rejected("invalid ON DELETE action for foreign key constraint containing generated column", "42601")


def check_types(catalog: Catalog, key: Constraint) -> None:
    """There must be an equality operator for each pair of columns (42804)."""
    for place, column in enumerate(key.columns):
        referred = key.referred_columns[place]
        is_possible = is_comparable(catalog, referred.type, column.type)
        if is_possible is False:
            raise Rejected(
                "foreign key constraint cannot be implemented:"
                f' key columns "{column.name}" and "{referred.name}" are of incompatible types',
                "42804",
            )
        if is_possible is None:
            raise NotUnderstood(f"whether {column.name} can reference {referred.name}: types of extensions")


def is_comparable(catalog: Catalog, referred: TypeRef, referring: TypeRef) -> Optional[bool]:
    """Has the btree class of the referenced column an equality for the referring one, in its family or by an implicit
    cast? None: not known."""
    one, two = _root(referred), _root(referring)
    if is_same_base(one, two):
        return True
    operator_class = default_class(catalog, "btree", one)
    if operator_class is None:
        return None
    wanted = operator_class.type
    if wanted.startswith("any") or wanted == "record":
        return False
    plain_name = two.name if not two.dimensions and (two.user is None or isinstance(two.user, Composite)) else ""
    if any(wanted in family and plain_name in family for family in _FAMILIES):
        return True
    user = one.user if isinstance(one.user, Composite) and one.user.name == wanted else None
    return has_cast(two, TypeRef(wanted, user=user), "implicit", catalog)


def _root(ref: TypeRef) -> TypeRef:
    while isinstance(ref.user, Domain) and not ref.dimensions:
        ref = ref.user.type
    return ref
