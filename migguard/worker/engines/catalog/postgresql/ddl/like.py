"""LIKE in CREATE TABLE (parse_utilcmd.c, transformTableLikeClause and expandTableLikeClause, 15)."""

from __future__ import annotations

from ...errors import NotUnderstood, Rejected
from ..catalog import Catalog
from ..model import Column, Identity, Table
from ..naming import choose_relation_name
from ..pickling import copy_onto
from .inheritance import copy_check, copy_index
from .sequences import make_sequence
from .specs import LikeSpec

#: What INCLUDING may name besides ALL.
LIKE_OPTIONS = (
    "comments",
    "compression",
    "constraints",
    "defaults",
    "identity",
    "generated",
    "indexes",
    "statistics",
    "storage",
)


def copy_like_columns(catalog: Catalog, table: Table, like: LikeSpec) -> None:
    """The columns, at the place of the clause: name, type, collation, NOT NULL, and identity where it is included."""
    for column in _source(catalog, like).columns.values():
        if column.name in table.columns:
            raise Rejected(f'column "{column.name}" specified more than once', "42701")
        copy = Column(table, column.name, column.type, column.notnull, collation=column.collation)
        table.columns[column.name] = copy
        if "comments" in like.options:
            copy.comment = column.comment
        if "identity" in like.options and column.identity is not None:
            _copy_identity(catalog, copy, column.identity)


def _source(catalog: Catalog, like: LikeSpec) -> Table:
    relation = catalog.relation(*like.source)
    if not isinstance(relation, Table):
        raise NotUnderstood(f"LIKE {relation.name}, which is no table")
    return relation


def _copy_identity(catalog: Catalog, column: Column, identity: Identity) -> None:
    """The options are copied (sequence_options), the sequence's type is not: it is bigint."""
    table = column.table
    name = choose_relation_name(catalog, table.schema, table.name, column.name, "seq")
    sequence = make_sequence(table.schema, name, identity.sequence.options)
    sequence.is_identity, sequence.owner, sequence.is_temporary = True, column, table.is_temporary
    catalog.put(sequence)
    column.identity = Identity(identity.always, sequence)


def expand_like(catalog: Catalog, table: Table, like: LikeSpec) -> None:
    """What needs the table: defaults, generation expressions, checks, indexes, comments."""
    source = _source(catalog, like)
    for column in source.columns.values():
        if column.default is not None and "defaults" in like.options:
            table.columns[column.name].default = column.default
        if column.generated is not None and "generated" in like.options:
            table.columns[column.name].generated = copy_onto(column.generated, table)
            table.columns[column.name].stored = column.stored
    if "constraints" in like.options:
        for check in [one for one in source.constraints if one.kind == "c"]:
            if any(one.name == check.name for one in table.constraints):
                raise Rejected(f'constraint "{check.name}" for relation "{table.name}" already exists', "42710")
            copy = copy_check(table, check)
            copy.options.pop("not_valid", None)
            copy.comment = check.comment if "comments" in like.options else None
    if "indexes" in like.options:
        for index in catalog.indexes_of(source):
            clone = copy_index(catalog, table, index, None)
            if "comments" in like.options:
                clone.comment = index.comment
                if clone.constraint is not None and index.constraint is not None:
                    clone.constraint.comment = index.constraint.comment
