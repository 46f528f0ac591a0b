"""Expressions as written (syntax) and as PostgreSQL's parse analysis leaves them (tree)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Optional, Union

from ..model import Column, Sequence, TypeRef, UserType


def words(text: str) -> frozenset[str]:
    return frozenset(text.split())


@dataclass(frozen=True)
class Scope:
    """What the meaning of a text depends on, besides the columns: taken when the text is read."""

    version: tuple[int, ...]
    #: Name and schema of each extension.
    extensions: tuple[tuple[str, str], ...]
    #: Names of the user's own functions, operators and casts: what they take is not known.
    functions: frozenset[str]
    #: Schemas in which names without a schema are looked for, as far as extensions live there.
    path: frozenset[str] = frozenset()


# ---- syntax


@dataclass(frozen=True)
class Literal:
    """kind: string integer float boolean null bits; value: of a boolean, true or false."""

    kind: str
    value: str


@dataclass(frozen=True)
class Name:
    """A column, perhaps with its table before it."""

    parts: tuple[str, ...]


@dataclass(frozen=True)
class Call:
    """form: the SQL syntax that it was written in, where that is no plain call: extract, at time zone, substring …"""

    schema: Optional[str]
    name: str
    arguments: tuple[Syntax, ...]
    form: str = ""
    is_variadic: bool = False


@dataclass(frozen=True)
class Operation:
    """left is None for a prefix operator."""

    operator: str
    left: Optional[Syntax]
    right: Syntax
    schema: Optional[str] = None


@dataclass(frozen=True)
class Quantified:
    """left operator ANY|ALL (right)."""

    operator: str
    left: Syntax
    right: Syntax
    is_any: bool
    schema: Optional[str] = None


@dataclass(frozen=True)
class Among:
    """left [NOT] IN (items)."""

    left: Syntax
    items: tuple[Syntax, ...]
    is_negated: bool


@dataclass(frozen=True)
class Logic:
    """word: and or not. is_between: what BETWEEN means, which is never joined with an AND or OR around it."""

    word: str
    operands: tuple[Syntax, ...]
    is_between: bool = False


@dataclass(frozen=True)
class Test:
    """operand IS [NOT] word; word: null true false unknown."""

    operand: Syntax
    word: str
    is_negated: bool


@dataclass(frozen=True)
class Distinct:
    left: Syntax
    right: Syntax
    is_negated: bool


@dataclass(frozen=True)
class Case:
    argument: Optional[Syntax]
    whens: tuple[tuple[Syntax, Syntax], ...]
    otherwise: Optional[Syntax]


@dataclass(frozen=True)
class Cast:
    operand: Syntax
    type: TypeRef


@dataclass(frozen=True)
class ArrayOf:
    items: tuple[Syntax, ...]


@dataclass(frozen=True)
class RowOf:
    """is_explicit: with the word ROW."""

    items: tuple[Syntax, ...]
    is_explicit: bool


@dataclass(frozen=True)
class Choice:
    """word: coalesce greatest least nullif."""

    word: str
    arguments: tuple[Syntax, ...]


@dataclass(frozen=True)
class Special:
    """CURRENT_DATE and its like; modifier: "(3)" where given."""

    word: str
    modifiers: str = ""


@dataclass(frozen=True)
class Collated:
    operand: Syntax
    schema: Optional[str]
    collation: str


@dataclass(frozen=True)
class Subscript:
    """operand[lower:upper], or operand[lower] where it is no slice."""

    operand: Syntax
    lower: Optional[Syntax]
    upper: Optional[Syntax] = None
    is_slice: bool = False


@dataclass(frozen=True)
class Field:
    operand: Syntax
    name: str


@dataclass(frozen=True)
class DomainValue:
    """VALUE in a check of a domain."""


@dataclass(frozen=True)
class SequenceName:
    """A sequence by identity, as a literal of type regclass."""

    sequence: Sequence


Syntax = Union[
    Literal,
    Name,
    Call,
    Operation,
    Quantified,
    Among,
    Logic,
    Test,
    Distinct,
    Case,
    Cast,
    ArrayOf,
    RowOf,
    Choice,
    Special,
    Collated,
    Subscript,
    Field,
    DomainValue,
    SequenceName,
]

# ---- types of the tree


@dataclass(frozen=True)
class Type:
    """name: as in pg_type ("int4"); empty for a type of the user's own. Types of extensions go by their names."""

    name: str
    is_array: bool = False
    user: Optional[UserType] = None

    @property
    def element(self) -> Type:
        return Type(self.name, False, self.user)

    @property
    def array(self) -> Type:
        return Type(self.name, True, self.user)

    @property
    def key(self) -> str:
        """The name in pg_type, for lookups in the facts."""
        return "_" + self.name if self.is_array else self.name


# ---- the tree: names as in primnodes.h. cast: explicit, implicit, or "" (a call)


@dataclass(frozen=True)
class Var:
    column: Column
    type: Type
    modifiers: str


@dataclass(frozen=True)
class Const:
    """value: as the type's output function prints it; None: NULL. is_exact: False where that is not known."""

    type: Type
    value: Union[str, Sequence, None]
    modifiers: str = ""
    is_exact: bool = True


@dataclass(frozen=True)
class Func:
    """schema: "" for pg_catalog, "?" where it is not known. form: an SQL syntax. modifiers: of a length coercion."""

    name: str
    schema: str
    arguments: tuple[Tree, ...]
    type: Type
    cast: str = ""
    modifiers: str = ""
    form: str = ""
    is_variadic: bool = False


@dataclass(frozen=True)
class Op:
    operator: str
    schema: str
    arguments: tuple[Tree, ...]
    type: Type


@dataclass(frozen=True)
class ArrayOp:
    operator: str
    schema: str
    left: Tree
    right: Tree
    is_any: bool
    type: Type


@dataclass(frozen=True)
class BoolOp:
    word: str
    arguments: tuple[Tree, ...]
    type: Type


@dataclass(frozen=True)
class IsTest:
    word: str
    is_negated: bool
    argument: Tree
    type: Type


@dataclass(frozen=True)
class DistinctOp:
    left: Tree
    right: Tree
    type: Type


@dataclass(frozen=True)
class Coercion:
    """RelabelType, CoerceViaIO, ArrayCoerceExpr, CoerceToDomain: they are printed alike.

    kind: relabel io array domain row."""

    kind: str
    argument: Tree
    type: Type
    modifiers: str
    cast: str


@dataclass(frozen=True)
class CaseOp:
    argument: Optional[Tree]
    whens: tuple[tuple[Tree, Tree], ...]
    otherwise: Optional[Tree]
    type: Type


@dataclass(frozen=True)
class CaseTest:
    """Stands for the argument of CASE in the comparisons with it."""

    type: Type
    modifiers: str


@dataclass(frozen=True)
class ArrayTree:
    elements: tuple[Tree, ...]
    type: Type


@dataclass(frozen=True)
class RowTree:
    elements: tuple[Tree, ...]
    is_explicit: bool
    type: Type


@dataclass(frozen=True)
class ChoiceOp:
    word: str
    arguments: tuple[Tree, ...]
    type: Type


@dataclass(frozen=True)
class SpecialValue:
    word: str
    modifiers: str
    type: Type


@dataclass(frozen=True)
class CollateOp:
    argument: Tree
    collation: str
    type: Type


@dataclass(frozen=True)
class SubscriptOp:
    argument: Tree
    lower: Optional[Tree]
    upper: Optional[Tree]
    is_slice: bool
    type: Type


@dataclass(frozen=True)
class DomainValueOf:
    type: Type
    modifiers: str


Tree = Union[
    Var,
    Const,
    Func,
    Op,
    ArrayOp,
    BoolOp,
    IsTest,
    DistinctOp,
    Coercion,
    CaseOp,
    CaseTest,
    ArrayTree,
    RowTree,
    ChoiceOp,
    SpecialValue,
    CollateOp,
    SubscriptOp,
    DomainValueOf,
]


class Text(str):
    """SQL text. exact: False where the server may print it otherwise."""

    exact: bool

    def __new__(cls, text: str, exact: bool = True) -> Text:
        made = super().__new__(cls, text)
        made.exact = exact
        return made

    def __getnewargs__(self) -> tuple[str, bool]:  # type: ignore[override]
        return str(self), self.exact


@dataclass(eq=False)
class Node:
    """An expression. The columns are by identity, so that it prints their names of now.

    syntax: what was read; None where the text was not parsed (`text` has it). tree: what the analysis made of it, None
    before it, or where something in it is not known (then it prints as written, never exact). is_default: for messages.
    """

    syntax: Optional[Syntax]
    scope: Optional[Scope] = None
    tree: Optional[Tree] = None
    text: str = ""
    columns: dict[str, Column] = field(default_factory=dict)
    #: Reasons why the text may differ; empty where each construct is in the whitelist.
    doubts: list[str] = field(default_factory=list)
    #: `text` is as the server printed it.
    is_canonical: bool = False
    #: The tree prints the canonical text just so: the doubts do not count.
    is_settled: bool = False
    #: Names and types of the columns when canonical text was made.
    snapshot: dict[str, tuple[str, TypeRef]] = field(default_factory=dict)
    #: The target that the tree was coerced to (a default, a generated column).
    target: Optional[TypeRef] = None
