"""Random expressions over columns of a PostgreSQL table, typed well enough to be taken as a rule."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from .postgresql_conditions import COMBINATIONS, CONDITIONS, VALUES
from .postgresql_world import World, WorldColumn
from .templates import Filler

#: format_type's names, without modifiers, by the family of expressions they take part in.
FAMILIES = {
    "integer": "integer",
    "bigint": "integer",
    "smallint": "integer",
    "numeric": "numeric",
    "real": "float",
    "double precision": "float",
    "text": "text",
    "character varying": "text",
    "character": "text",
    "citext": "text",
    "boolean": "boolean",
    "timestamp without time zone": "timestamp",
    "timestamp with time zone": "timestamptz",
    "date": "date",
    "time without time zone": "time",
    "interval": "interval",
    "uuid": "uuid",
    "jsonb": "jsonb",
    "json": "json",
    "bytea": "bytea",
    "inet": "inet",
    "text[]": "texts",
    "character varying[]": "texts",
    "integer[]": "integers",
    "tsvector": "tsvector",
    "int4range": "range",
    "tstzrange": "timestamp range",
}


def family_of(type_name: str, world: World) -> str:
    """The family of a type by format_type's name of it; an enum's is "enum", a domain's that of its base."""
    name = type_name.replace("timestamp(", "timestamp (")
    bare = name.split("(")[0].strip() + (name.split(")", 1)[1] if ")" in name else "")
    if bare in FAMILIES:
        return FAMILIES[bare]
    for found in world.types:
        if type_name in (found.sql, f"{found.schema}.{found.sql}"):
            if found.kind == "e" and found.labels:
                return "enum"
            if found.kind == "d":
                return family_of(found.base, world)
    return "other"


class Expressions(Filler):
    """Expressions over the columns of one table."""

    def __init__(self, random: Random, world: World, columns: Sequence[WorldColumn]) -> None:
        super().__init__(random)
        self._world = world
        self._columns = list(columns)
        self._current = columns[0]
        self._depth = 0

    def condition(self) -> str:
        """A condition, sometimes put together from others."""
        if self._depth < 2 and self.is_rare(0.25):
            self._depth += 1
            made = self.choose(COMBINATIONS)
            self._depth -= 1
            return made
        return self._about(CONDITIONS)

    def value(self) -> str:
        """An expression as one indexes it, without outer parentheses."""
        return self._about(VALUES)

    def _about(self, templates: dict[str, Sequence[str]]) -> str:
        self._current = self.random.choice(self._columns)
        family = family_of(self._current.type, self._world)
        return self.choose(templates.get(family) or CONDITIONS["other"])

    def nullness(self) -> str:
        return self.random.choice(self._columns).sql + self.random.choice(
            [" IS NULL", " IS NOT NULL", " ISNULL", " NOTNULL"]
        )

    def it(self) -> str:
        return self._current.sql

    def other(self) -> str:
        family = family_of(self._current.type, self._world)
        return self.random.choice([c.sql for c in self._columns if family_of(c.type, self._world) == family])

    def small(self) -> str:
        return str(self.random.randint(0, 12))

    def word(self) -> str:
        return self.random.choice(["'a'", "'x y'", "'it''s'", "'Active'", "'b'", "''", "'%'", "'ü'"])

    def text_to_integer(self) -> str:
        texts = [c.sql for c in self._columns if family_of(c.type, self._world) == "text"]
        return f"length({self.random.choice(texts)})" if texts else "3"

    def _enum_labels(self) -> list[str]:
        return next(
            (e.labels for e in self._world.enums if self._current.type in (e.sql, f"{e.schema}.{e.sql}")), ["a"]
        )

    def label(self) -> str:
        return "'" + self.random.choice(self._enum_labels()).replace("'", "''") + "'"

    def enum(self) -> str:
        return self._current.type
