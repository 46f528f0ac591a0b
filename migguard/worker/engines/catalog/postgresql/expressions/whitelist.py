"""What has been compared with a server: exact is only what is named here.

Types and operators are listed; functions and casts are those of the facts, between these types. Each pair of types with
each operator, each function with arguments of these types, each cast and each choice (CASE, IN, COALESCE …) was
printed by a server, too: tests/worker/catalog/postgresql/test_expressions_tables.py, with MIGGUARD_WHOLE_TABLES=1.
Literals are those that literals.py can print; syntaxes those that analysis.py knows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional

from ..model import Composite, Domain, Enum
from .nodes import Type, words

if TYPE_CHECKING:
    from .system import System


#: Types by their names in pg_type; of each its array, too.
TYPES = words(
    """int2 int4 int8 numeric float4 float8 text varchar bpchar bool date time timetz timestamp timestamptz interval
    uuid json jsonb bytea inet cidr tsvector tsquery int4range int8range numrange tsrange tstzrange daterange name
    char bit varbit macaddr money xml point citext hstore ltree unknown oid regclass regconfig"""
)
#: Infix and prefix.
OPERATORS = words(
    """= <> < > <= >= + - * / % ^ || ~ ~* !~ !~* ~~ !~~ ~~* !~~* -> ->> #> #>> @> <@ ? ?| ?& && @@ << >> & | # -|-
    @ !! |/"""
)
#: Extensions with which the tables were compared.
EXTENSIONS = words(
    """plpgsql citext hstore ltree cube pg_trgm unaccent uuid-ossp pgcrypto fuzzystrmatch intarray btree_gist btree_gin
    seg tablefunc earthdistance"""
)
#: Server versions whose printing is that of 15, where the tables were compared whole; on 18.6 samples of them were.
VERSIONS = (14, 18)
#: The server that the facts are those of. Another version has casts and functions that this one lacks (18 has casts
#: between integers and bytea), so that a refusal proves nothing there.
FACTS_VERSION = 15


class Doubts:
    """Collects what in one expression is not in the tables."""

    def __init__(self) -> None:
        self.reasons: list[str] = []

    def add(self, reason: str) -> None:
        if reason not in self.reasons:
            self.reasons.append(reason)

    def check_type(self, type_: Type) -> None:
        """A type that a column, cast or literal has."""
        if isinstance(type_.user, Enum):
            return
        if isinstance(type_.user, Domain):
            from .system import type_of

            self.check_type(type_of(type_.user.type))
        elif isinstance(type_.user, Composite) or type_.name not in TYPES:
            self.add(f"the type {type_.user.name if type_.user else type_.name}")

    def check_cast(self, system: System, source: Type, target: Type, context: str) -> None:
        self.check_type(source)
        self.check_type(target)

    def check_operator(self, system: System, name: str, left: Optional[Type], right: Type) -> None:
        if name not in OPERATORS:
            self.add(f"the operator {name}")
        for one in (left, right):
            if one is not None:
                self.check_type(one)

    def check_function(self, system: System, name: str, arguments: tuple[Type, ...]) -> None:
        for one in arguments:
            self.check_type(one)
