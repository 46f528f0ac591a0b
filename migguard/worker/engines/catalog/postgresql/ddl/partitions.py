"""PARTITION BY, bounds, ATTACH and DETACH (partition.c, tablecmds.c, 15)."""

from __future__ import annotations

from typing import Optional

from ...errors import NotUnderstood, Rejected
from ...scanner import Cursor
from ..catalog import Catalog
from ..model import Column, Index, Table
from ..names import quote_identifier
from .inheritance import add_parent, remove_parent, take_from_parent
from .reading import read_dotted


def read_key(cursor: Cursor, table: Table) -> None:
    """`RANGE (a, …)` after PARTITION BY."""
    strategy = cursor.label().lower()
    if strategy not in ("range", "list", "hash"):
        raise Rejected(f'unrecognized partitioning strategy "{strategy}"', "42P17")
    first = cursor.index
    cursor.expect("(")
    columns: list[Optional[Column]] = []
    while True:
        columns.append(_read_key_column(cursor, table))
        if not cursor.accept(","):
            break
    cursor.expect(")")
    if strategy == "list" and len(columns) > 1:
        raise Rejected('cannot use "list" partition strategy with more than one column', "42P17")
    table.kind, table.partition_columns = "p", columns
    table.partition_key = f"{strategy.upper()} {cursor.text_between(first, cursor.index)}"
    write_key(table)


def _read_key_column(cursor: Cursor, table: Table) -> Optional[Column]:
    token = cursor.peek()
    is_call = token is not None and token.kind in ("id", "quoted") and cursor.word(1) in ("(", ".")
    if cursor.at("(") or is_call:
        cursor.skip_item()
        return None
    name = cursor.name()
    column = table.columns.get(name)
    if column is None:
        raise Rejected(f'column "{name}" named in partition key does not exist', "42703")
    if column.generated is not None:
        raise Rejected("cannot use generated column in partition key", "42P17")
    if not cursor.at(",") and not cursor.at(")"):
        cursor.skip_item()
        return column
    return column


def write_key(table: Table) -> None:
    """Write the key anew where it is of columns only: after it was read, or a column was renamed."""
    if table.kind != "p":
        return
    names = [quote_identifier(one.name) for one in table.partition_columns if one is not None]
    strategy = table.partition_key.split(" ")[0]
    is_plain = len(names) == len(table.partition_columns) and not _has_options(table.partition_key)
    if is_plain:
        table.partition_key = f"{strategy} ({', '.join(names)})"


def _has_options(key: str) -> bool:
    """Collations and classes are kept as they were written."""
    return any(" " in part.strip() for part in key.partition("(")[2].split(","))


def key_columns(table: Table) -> list[Optional[str]]:
    """Names of the key's columns, None for an expression."""
    return [one.name if one is not None else None for one in table.partition_columns]


def check_not_in_key(table: Table, column: Column, action: str) -> None:
    """Rejected (42P16): a column of the partition key cannot be dropped or changed."""
    if column in table.partition_columns:
        raise Rejected(f'cannot {action} column "{column.name}" named in partition key', "42P16")
    if table.kind == "p" and None in table.partition_columns and column.name in table.partition_key:
        raise NotUnderstood(f"whether column {column.name} is used in the partition key")


def read_bound(cursor: Cursor) -> str:
    """DEFAULT, or FOR VALUES with what follows."""
    first = cursor.index
    if cursor.accept("default"):
        return "DEFAULT"
    cursor.expect("for", "values")
    if cursor.accept("in"):
        cursor.skip_group()
    elif cursor.accept("from"):
        cursor.skip_group()
        cursor.expect("to")
        cursor.skip_group()
    else:
        cursor.expect("with")
        cursor.skip_group()
    return cursor.text_between(first, cursor.index)


def attach_partition(catalog: Catalog, table: Table, cursor: Cursor) -> None:
    """ATTACH PARTITION, after these words."""
    child: Table = catalog.relation(*_name(cursor), Table)
    bound = read_bound(cursor)
    if table.kind != "p":
        raise Rejected(f'table "{table.name}" is not partitioned', "42809", is_certain=False)
    if child.partition_of is not None:
        raise Rejected(f'"{child.name}" is already a partition', "42809")
    if child.parents or (catalog.children(child) and child.kind != "p"):
        raise Rejected("cannot attach inheritance child or parent as partition", "42809")
    _check_default(catalog, table, bound)
    extra = [name for name in child.columns if name not in table.columns]
    if extra:
        raise Rejected(f'table "{child.name}" contains column "{extra[0]}" not found in parent', "42804")
    add_parent(catalog, child, table, is_partition=True)
    child.partition_of, child.bound = table, bound
    catalog.has_hierarchy = True
    take_from_parent(catalog, child, table)
    catalog.note_altered(child)


def _check_default(catalog: Catalog, table: Table, bound: str) -> None:
    if bound == "DEFAULT" and any(one.partition_of is table and one.bound == bound for one in catalog.children(table)):
        raise Rejected("partition conflicts with existing default partition", "42P17")


def detach_partition(catalog: Catalog, table: Table, cursor: Cursor) -> None:
    """DETACH PARTITION, after these words."""
    child: Table = catalog.relation(*_name(cursor), Table)
    if cursor.accept_one("concurrently", "finalize"):
        raise NotUnderstood("DETACH PARTITION CONCURRENTLY")
    if child.partition_of is not table:
        raise Rejected(f'relation "{child.name}" is not a partition of relation "{table.name}"', "42P01")
    remove_parent(child, table)
    child.partition_of, child.bound = None, ""
    for index in catalog.indexes_of(child):
        index.parent = None
    for constraint in child.constraints:
        constraint.parent = None
        if constraint.kind != "c":
            constraint.is_local, constraint.inherited = True, 0
    if catalog.referrers(table):
        raise NotUnderstood(f"foreign keys to {table.name}, when a partition leaves it")
    catalog.note_altered(child)


def create_partition(catalog: Catalog, table: Table, parent: Table, bound: str) -> None:
    """What a new partition has from its parent, when its columns are there."""
    _check_default(catalog, parent, bound)
    table.partition_of, table.bound = parent, bound
    catalog.has_hierarchy = True
    take_from_parent(catalog, table, parent)


def _name(cursor: Cursor) -> tuple[Optional[str], str]:
    parts = read_dotted(cursor)
    return (parts[0] if len(parts) > 1 else None), parts[-1]


def parts_of(catalog: Catalog, index: Index) -> list[Index]:
    """The indexes of partitions that belong to an index."""
    return [one for one in catalog.relations() if isinstance(one, Index) and one.parent is index]
