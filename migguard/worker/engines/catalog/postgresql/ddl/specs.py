"""What a statement says of columns, constraints and indexes, before the catalog has them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Optional

from ..model import Constraint, TypeRef
from .reading import ExpressionText

QualifiedName = tuple[Optional[str], str]


@dataclass
class IdentitySpec:
    always: bool
    options: dict[str, Any] = field(default_factory=dict)


@dataclass
class ElementSpec:
    """A key of an index: a column's name or an expression."""

    column: Optional[str] = None
    expression: Optional[ExpressionText] = None
    collation: Optional[str] = None
    opclass: Optional[str] = None
    opclass_options: Optional[str] = None
    descending: bool = False
    nulls_first: Optional[bool] = None
    operator: Optional[str] = None


@dataclass
class ConstraintSpec:
    """kind: as contype. options: as of `Constraint`. column: of a column constraint, its column's name."""

    kind: str
    name: Optional[str] = None
    columns: list[str] = field(default_factory=list)
    include: list[str] = field(default_factory=list)
    expression: Optional[ExpressionText] = None
    referred: Optional[QualifiedName] = None
    referred_columns: Optional[list[str]] = None
    options: dict[str, Any] = field(default_factory=dict)
    nulls_not_distinct: bool = False
    using_index: Optional[str] = None
    storage: list[tuple[str, str]] = field(default_factory=list)
    tablespace: Optional[str] = None
    elements: list[ElementSpec] = field(default_factory=list)
    method: str = "btree"
    where: Optional[ExpressionText] = None
    like: Optional[Constraint] = None

    def is_same_index(self, other: ConstraintSpec) -> bool:
        """Would both make the same index (parse_utilcmd.c, transformIndexConstraints)?"""
        if self.using_index or other.using_index or "x" in (self.kind, other.kind):
            return False
        names = ("columns", "include", "nulls_not_distinct")
        timing = ("deferrable", "initially")
        return all(getattr(self, one) == getattr(other, one) for one in names) and all(
            self.options.get(one) == other.options.get(one) for one in timing
        )


@dataclass
class ColumnSpec:
    """serial: its pseudo-type. notnull: None where nothing is said."""

    name: str
    type: TypeRef
    serial: Optional[str] = None
    notnull: Optional[bool] = None
    default: Optional[ExpressionText] = None
    generated: Optional[ExpressionText] = None
    stored: bool = True
    identity: Optional[IdentitySpec] = None
    collation: Optional[str] = None


@dataclass
class LikeSpec:
    source: QualifiedName
    options: set[str] = field(default_factory=set)


@dataclass
class IndexSpec:
    name: Optional[str]
    elements: list[ElementSpec]
    method: str = "btree"
    include: list[str] = field(default_factory=list)
    is_unique: bool = False
    where: Optional[ExpressionText] = None
    storage: list[tuple[str, str]] = field(default_factory=list)
    tablespace: Optional[str] = None
    nulls_not_distinct: bool = False
