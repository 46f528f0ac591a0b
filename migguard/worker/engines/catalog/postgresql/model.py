"""PostgreSQL's catalog as objects: what a DDL statement makes, referred to by identity, so that renames are free."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Optional, Union

if TYPE_CHECKING:
    from .expressions import Node, Text


@dataclass(eq=False)
class Enum:
    schema: str
    name: str
    labels: list[str]
    comment: Optional[str] = None


@dataclass(eq=False)
class Domain:
    """default_text: of the default as it was printed when it was set, which no rename changes (pg_type.typdefault)."""

    schema: str
    name: str
    type: TypeRef
    collation: Optional[str] = None
    default: Optional[Node] = None
    default_text: Optional[Text] = None
    notnull: bool = False
    checks: list[Constraint] = field(default_factory=list)
    comment: Optional[str] = None


@dataclass(eq=False)
class Composite:
    """`CREATE TYPE … AS (…)`, a range type, or a base type of an extension: kept by name.

    kind: composite, range or base.
    """

    schema: str
    name: str
    kind: str = "composite"
    attributes: list[tuple[str, TypeRef]] = field(default_factory=list)
    extension: Optional[str] = None
    comment: Optional[str] = None


UserType = Union[Enum, Domain, Composite]


@dataclass(eq=False)
class TypeRef:
    """A use of a type. name: PostgreSQL's own long name ("character varying"); modifiers: the text in parentheses,
    "" or "(20)"; dimensions: 0, or 1 for an array of whatever depth (PostgreSQL keeps no more); user: the type object
    where it is not built in."""

    name: str
    modifiers: str = ""
    dimensions: int = 0
    user: Optional[UserType] = None


@dataclass(eq=False)
class Sequence:
    """owner: the column it goes with (serial, identity, OWNED BY). options: start, increment, minvalue, maxvalue, cache
    (integers), cycle (bool), always all of them, as pg_sequence has them. data_type: smallint, integer or bigint."""

    schema: str
    name: str
    owner: Optional[Column] = None
    options: dict[str, Any] = field(default_factory=dict)
    data_type: str = "bigint"
    is_identity: bool = False
    is_temporary: bool = False
    comment: Optional[str] = None


@dataclass(eq=False)
class Identity:
    always: bool
    sequence: Sequence


@dataclass(eq=False)
class Column:
    """generated: the expression of a generated column; stored says which kind (virtual from 18). is_local and
    inherited: as attislocal and attinhcount."""

    table: Table
    name: str
    type: TypeRef
    notnull: bool = False
    default: Optional[Node] = None
    identity: Optional[Identity] = None
    generated: Optional[Node] = None
    stored: bool = True
    collation: Optional[str] = None
    comment: Optional[str] = None
    is_local: bool = True
    inherited: int = 0


@dataclass(eq=False)
class Constraint:
    """kind: as contype: p primary key, u unique, f foreign key, c check, x exclude.

    columns: the constrained ones (for a check: those it mentions). Options of a foreign key (`ondelete`, `onupdate`,
    `match`, `deferrable`, `initially`, `not_valid`, `ondelete_columns`) and of a check (`not_valid`, `no_inherit`) are
    in `options`, only where given. `index` belongs to p, u and x. `target`: the constraint a foreign key rests on, None
    where it rests on a plain unique index; `target_index`: the index in both cases. is_local, inherited and parent: as
    conislocal, coninhcount and conparentid.
    """

    kind: str
    name: str
    table: Table
    columns: list[Column] = field(default_factory=list)
    include: list[Column] = field(default_factory=list)
    expression: Optional[Node] = None
    referred: Optional[Table] = None
    referred_columns: list[Column] = field(default_factory=list)
    target: Optional[Constraint] = None
    index: Optional[Index] = None
    options: dict[str, Any] = field(default_factory=dict)
    nulls_not_distinct: bool = False
    inherited: int = 0
    comment: Optional[str] = None
    is_local: bool = True
    target_index: Optional[Index] = None
    parent: Optional[Constraint] = None


@dataclass(eq=False)
class IndexElement:
    """what: a column or an expression. nulls_first: None where not said. operator: of EXCLUDE."""

    what: Union[Column, Node]
    opclass: Optional[str] = None
    opclass_options: Optional[str] = None
    descending: bool = False
    nulls_first: Optional[bool] = None
    collation: Optional[str] = None
    operator: Optional[str] = None


@dataclass(eq=False)
class Index:
    """parent: the index of the partitioned table that this one is a part of. is_valid: False for the index of a
    partitioned table made with ONLY, until each partition has its part. column_names: what its own columns have been
    called since it was made, for the names of copies."""

    schema: str
    name: str
    table: Union[Table, View]
    elements: list[IndexElement] = field(default_factory=list)
    include: list[Column] = field(default_factory=list)
    is_unique: bool = False
    where: Optional[Node] = None
    method: str = "btree"
    storage: list[tuple[str, str]] = field(default_factory=list)
    nulls_not_distinct: bool = False
    constraint: Optional[Constraint] = None
    comment: Optional[str] = None
    parent: Optional[Index] = None
    tablespace: Optional[str] = None
    is_valid: bool = True
    column_names: list[str] = field(default_factory=list)


@dataclass(eq=False)
class Table:
    """kind: as relkind: r ordinary, p partitioned, f foreign. partition_of: the parent; partition_key, bound: SQL text;
    partition_columns: the columns of the key, None for an expression.

    on_commit: "", "delete" or "drop", of a temporary table.
    """

    schema: str
    name: str
    columns: dict[str, Column] = field(default_factory=dict)
    constraints: list[Constraint] = field(default_factory=list)
    comment: Optional[str] = None
    kind: str = "r"
    parents: list[Table] = field(default_factory=list)
    partition_of: Optional[Table] = None
    partition_key: str = ""
    bound: str = ""
    storage: list[tuple[str, str]] = field(default_factory=list)
    tablespace: Optional[str] = None
    is_temporary: bool = False
    is_unlogged: bool = False
    on_commit: str = ""
    partition_columns: list[Optional[Column]] = field(default_factory=list)


@dataclass(eq=False)
class View:
    """Kept by name: what it selects is not followed. tables: the relations it surely reads, for cascades; perhaps:
    those that a word of its text may mean; uses and perhaps_uses: columns likewise; columns: its own, where given
    or known."""

    schema: str
    name: str
    text: str
    is_materialized: bool = False
    is_temporary: bool = False
    tables: list[Union[Table, View]] = field(default_factory=list)
    columns: Optional[list[str]] = None
    comment: Optional[str] = None
    perhaps: list[Union[Table, View]] = field(default_factory=list)
    uses: list[Column] = field(default_factory=list)
    perhaps_uses: list[Column] = field(default_factory=list)


@dataclass(eq=False)
class Trigger:
    """A trigger, rule or policy of a relation: kept by name. kind: trigger, rule or policy; function: what it calls;
    perhaps_uses: the columns that its text may need."""

    kind: str
    name: str
    relation: Union[Table, View]
    function: Optional[str] = None
    perhaps_uses: list[Column] = field(default_factory=list)


Relation = Union[Table, View, Index, Sequence]
