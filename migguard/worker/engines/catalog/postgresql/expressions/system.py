"""What the server knows of itself: built-in types, casts, operators and functions, and those of its extensions.

The facts are PostgreSQL 15's own catalogs (facts/*.txt, one file for pg_catalog and one for each extension); a test
holds them against a server.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Generic, Optional, TypeVar

from ..model import Composite, Domain, Enum, TypeRef
from ..types import LONG_NAMES, SHORT_NAMES
from .nodes import Type

Row = TypeVar("Row")
_FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "facts")

UNKNOWN = Type("unknown")
BOOLEAN = Type("bool")
TEXT = Type("text")
INTEGER = Type("int4")
RECORD = Type("record")

#: Array types that are no arrays of an element type of the same name.
_ODD_ARRAYS = frozenset(["int2vector", "oidvector"])


@dataclass(frozen=True)
class Kind:
    """A row of pg_type. subtype: of a range, or the range of a multirange; sort: b p r m, as typtype."""

    name: str
    long_name: str
    category: str
    is_preferred: bool
    sort: str
    is_collatable: bool
    subtype: str


@dataclass(frozen=True)
class Cast:
    """A row of pg_cast. context: e(xplicit) a(ssignment) i(mplicit); method: f(unction) b(inary) i(/o)."""

    context: str
    method: str
    arguments: int


@dataclass(frozen=True)
class Operator:
    """left is None for a prefix operator. schema: of the extension, or "" for pg_catalog."""

    name: str
    left: Optional[Type]
    right: Type
    result: Type
    schema: str

    @property
    def arguments(self) -> tuple[Type, ...]:
        return (self.right,) if self.left is None else (self.left, self.right)


@dataclass(frozen=True)
class Function:
    """kind: as prokind. schema: of the extension, or "" for pg_catalog."""

    name: str
    arguments: tuple[Type, ...]
    result: Type
    defaults: int
    is_variadic: bool
    kind: str
    returns_set: bool
    volatility: str
    schema: str


class Rows(Generic[Row]):
    """Rows of one catalog by name, each read when it is first asked for: a run needs few of the thousands."""

    def __init__(self, read: Callable[[list[str], str], Row]) -> None:
        self._read = read
        self._raw: dict[str, list[tuple[list[str], str]]] = {}
        self._rows: dict[str, list[Row]] = {}

    def add(self, values: list[str], schema: str) -> None:
        self._raw.setdefault(values[0], []).append((values, schema))

    def get(self, name: str) -> list[Row]:
        found = self._rows.get(name)
        if found is None:
            found = self._rows[name] = [self._read(values, schema) for values, schema in self._raw.get(name, ())]
        return found

    def items(self) -> Iterator[tuple[str, list[Row]]]:
        return ((name, self.get(name)) for name in self._raw)


@dataclass
class System:
    """All facts of one set of extensions."""

    kinds: dict[str, Kind] = field(default_factory=dict)
    casts: dict[tuple[str, str], Cast] = field(default_factory=dict)
    operators: Rows[Operator] = field(default_factory=lambda: Rows(_read_operator))
    functions: Rows[Function] = field(default_factory=lambda: Rows(_read_function))
    #: Schema of each type that an extension brought.
    homes: dict[str, str] = field(default_factory=dict)
    #: Extensions of which nothing is known.
    unknown: tuple[str, ...] = ()

    @staticmethod
    def has_facts(extension: str) -> bool:
        return os.path.exists(os.path.join(_FOLDER, extension + ".txt"))

    def category(self, type_: Type) -> str:
        """typcategory."""
        if type_.is_array:
            return "A"
        if isinstance(type_.user, Domain):
            return self.category(self.base(type_))
        if isinstance(type_.user, Enum):
            return "E"
        if isinstance(type_.user, Composite):
            return {"composite": "C", "range": "R", "multirange": "R"}.get(type_.user.kind, "U")
        kind = self.kinds.get(type_.name)
        return kind.category if kind is not None else "U"

    def is_preferred(self, category: str, type_: Type) -> bool:
        """IsPreferredType: a preferred member of the category."""
        kind = self.kinds.get(type_.name)
        return kind is not None and not type_.is_array and kind.category == category and kind.is_preferred

    def is_collatable(self, type_: Type) -> bool:
        base = self.base(type_)
        kind = self.kinds.get(base.name)
        return kind is not None and kind.is_collatable

    def base(self, type_: Type) -> Type:
        """getBaseType: what a domain rests on in the end."""
        while isinstance(type_.user, Domain) and not type_.is_array:
            type_ = type_of(type_.user.type)
        return type_

    def base_modifiers(self, type_: Type) -> str:
        """getBaseTypeAndTypmod: the modifier that a domain gives its base type."""
        modifiers = ""
        while isinstance(type_.user, Domain) and not type_.is_array:
            modifiers = type_.user.type.modifiers or modifiers
            type_ = type_of(type_.user.type)
        return modifiers

    def is_range(self, type_: Type) -> bool:
        return self._is_sort(type_, "r", "range")

    def is_multirange(self, type_: Type) -> bool:
        return self._is_sort(type_, "m", "multirange")

    def _is_sort(self, type_: Type, sort: str, kind: str) -> bool:
        if type_.is_array:
            return False
        if isinstance(type_.user, Composite):
            return type_.user.kind == kind
        found = self.kinds.get(type_.name)
        return found is not None and found.sort == sort

    def subtype(self, type_: Type) -> Optional[Type]:
        """The element type of a range, the range of a multirange; None where it is not known."""
        found = self.kinds.get(type_.name) if type_.user is None else None
        return Type(found.subtype) if found is not None and found.subtype else None

    def multirange(self, range_type: Type) -> Optional[Type]:
        for kind in self.kinds.values():
            if kind.sort == "m" and kind.subtype == range_type.name:
                return Type(kind.name)
        return None


def type_of(ref: TypeRef) -> Type:
    """The type of a column without its modifier."""
    if ref.user is None:
        return Type(SHORT_NAMES.get(ref.name, ref.name), bool(ref.dimensions))
    if isinstance(ref.user, Composite) and ref.user.kind == "base":
        return Type(ref.user.name, bool(ref.dimensions))
    return Type("", bool(ref.dimensions), ref.user)


def ref_of(type_: Type, modifiers: str = "") -> TypeRef:
    """The other way round; types of extensions stay without their object."""
    name = LONG_NAMES.get(type_.name, type_.name) if type_.user is None else type_.user.name
    return TypeRef(name, modifiers, 1 if type_.is_array else 0, type_.user)


@lru_cache(maxsize=None)
def type_by_key(key: str) -> Type:
    """A type by its name in pg_type ("_int4")."""
    if key.startswith("_") and key not in _ODD_ARRAYS:
        return Type(key[1:], True)
    return Type(key)


@lru_cache(maxsize=8)
def system_for(extensions: tuple[tuple[str, str], ...]) -> System:
    """The facts of pg_catalog and of these extensions (name, schema)."""
    system = System()
    _load(system, "pg_catalog", "")
    unknown = []
    for extension, schema in extensions:
        if os.path.exists(os.path.join(_FOLDER, extension + ".txt")):
            _load(system, extension, schema)
        elif extension not in _WITHOUT_OBJECTS:
            unknown.append(extension)
    system.unknown = tuple(unknown)
    return system


#: Extensions that bring no operator, function or cast that an expression of a table may use by accident.
_WITHOUT_OBJECTS = frozenset(
    ["plpgsql", "pg_stat_statements", "postgres_fdw", "file_fdw", "dblink", "pg_cron", "pgaudit"]
)


def _load(system: System, source: str, schema: str) -> None:
    with open(os.path.join(_FOLDER, source + ".txt"), encoding="utf-8") as file:
        for line in file:
            letter, *values = line.rstrip("\n").split("\t")
            _READERS[letter](system, values, schema)


def _read_kind(system: System, values: list[str], schema: str) -> None:
    name, long_name, category, preferred, sort, collatable, subtype = values
    system.kinds[name] = Kind(name, long_name, category, preferred == "1", sort, collatable == "1", subtype)
    if schema:
        system.homes[name] = schema


def _read_cast(system: System, values: list[str], schema: str) -> None:
    source, target, context, method, arguments = values
    system.casts[source, target] = Cast(context, method, int(arguments))


def _read_operator(values: list[str], schema: str) -> Operator:
    name, left, right, result = values
    return Operator(name, None if left == "-" else type_by_key(left), type_by_key(right), type_by_key(result), schema)


def _read_function(values: list[str], schema: str) -> Function:
    name, arguments, result, defaults, variadic, kind, returns_set, volatility = values
    types = tuple(map(type_by_key, arguments.split()))
    return Function(
        name, types, type_by_key(result), int(defaults), variadic == "1", kind, returns_set == "1", volatility, schema
    )


def _add_operator(system: System, values: list[str], schema: str) -> None:
    system.operators.add(values, schema)


def _add_function(system: System, values: list[str], schema: str) -> None:
    system.functions.add(values, schema)


_READERS = {"t": _read_kind, "c": _read_cast, "o": _add_operator, "f": _add_function}
