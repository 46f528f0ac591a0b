"""Random PostgreSQL DDL about what stands in the database now."""

from __future__ import annotations

from random import Random

from .postgresql_defaults import DEFAULTS
from .postgresql_expressions import Expressions, family_of
from .postgresql_templates import STATEMENTS
from .postgresql_types import CHANGES, TYPES
from .postgresql_world import World, WorldColumn, WorldTable, WorldType, quote
from .templates import Filler, Impossible

_NAMES = (
    "id",
    "name",
    "title",
    "created_at",
    "user_id",
    "status",
    "data",
    "value",
    "Order",
    "user",
    "camelCase",
    "with space",
)
_ACTIONS = ("CASCADE", "SET NULL", "SET DEFAULT", "RESTRICT", "NO ACTION")


class Statements(Filler):
    """Makes one statement after another. `world` is renewed by the caller after each that was taken."""

    def __init__(self, random: Random) -> None:
        super().__init__(random)
        self.world = World()
        self._number = 0
        self._table = WorldTable("public", "none", "r")
        self._referred = self._table
        self._pending = WorldColumn("c", "integer")
        self._templates = list(STATEMENTS)
        self._weights = list(STATEMENTS.values())

    def next(self) -> str:
        """A statement; most are such that the server takes them."""
        for _ in range(100):
            few = len(self.world.tables) < 3
            template = "{create_table}" if few else self.random.choices(self._templates, self._weights)[0]
            tables = [t for t in self.world.tables if t.columns]
            if tables:
                self._table = self.random.choice(tables)
            try:
                return self.fill(template)
            except Impossible:
                continue
        return "SELECT 1"

    # names

    def new(self) -> str:
        """A name that is not in use, sometimes long or in need of quotes."""
        self._number += 1
        if self.is_rare(0.05):
            return f"long_{self._number}_" + "name_of_more_than_sixty_three_bytes_" * 2
        if self.is_rare(0.08):
            return quote(
                self.random.choice(
                    [f"Mixed{self._number}", f"with space {self._number}", f"q-{self._number}", f"ü{self._number}"]
                )
            )
        return f"{self.random.choice(['n', 'item_', 'Thing', 'a_b_'])}{self._number}"

    def number(self) -> str:
        self._number += 1
        return str(self._number)

    def column_name(self) -> str:
        """For a new column: usual names meet each other and their implicit names do."""
        taken = {column.name for column in self._table.columns}
        name = self.random.choice(_NAMES)
        if self.is_rare(0.5) or name in taken:
            return self.new()
        return quote(name)

    def schema_name(self) -> str:
        return quote(self._pick([name for name in self.world.schemas if name != "public"] or ["public"]))

    def any_schema(self) -> str:
        return quote(self._pick(self.world.schemas))

    def _pick(self, items: list[str]) -> str:
        if not items:
            raise Impossible
        return self.random.choice(items)

    def prefix(self) -> str:
        """A schema for a new object, mostly none."""
        return quote(self._pick(self.world.schemas)) + "." if self.is_rare(0.12) else ""

    # what there is

    def table(self) -> str:
        return self._table.sql

    def bare_table(self) -> str:
        return quote(self._table.name)

    def _column(self) -> WorldColumn:
        return self.random.choice(self._table.columns)

    def column(self) -> str:
        self._pending = self._column()
        return self._pending.sql

    def same_column(self) -> str:
        return self._pending.sql

    def other_column(self) -> str:
        return self._pick([column.sql for column in self._table.columns if column is not self._pending])

    def parent(self) -> str:
        """Another table, that this one may inherit from."""
        return self._any([table for table in self.world.tables if table is not self._table]).sql

    def columns(self) -> str:
        count = min(len(self._table.columns), self.random.choice([1, 1, 2, 2, 3]))
        return ", ".join(column.sql for column in self.random.sample(self._table.columns, count))

    def constraint(self) -> str:
        return quote(self._pick([name for name, _, _ in self._table.constraints]))

    def foreign_key(self) -> str:
        return quote(self._pick([name for name, kind, _ in self._table.constraints if kind == "f"]))

    def check_or_key(self) -> str:
        return quote(self._pick([name for name, kind, _ in self._table.constraints if kind in "cf"]))

    def index(self) -> str:
        name = self._pick(self._table.indexes)
        return ("" if self._table.schema == "public" else quote(self._table.schema) + ".") + quote(name)

    def bare_index(self) -> str:
        return quote(self._pick(self._table.indexes))

    def trigger(self) -> str:
        return quote(self._pick(self._table.triggers))

    def view(self) -> str:
        return self._pick([view.sql for view in self.world.views if view.kind == "v"])

    def materialized_view(self) -> str:
        view = self._any([view for view in self.world.views if view.kind == "m" and view.columns])
        self._pending = self.random.choice(view.columns)
        return view.sql

    def _any(self, items: list[WorldTable]) -> WorldTable:
        if not items:
            raise Impossible
        return self.random.choice(items)

    def sequence(self) -> str:
        return self._pick(self.world.sequences)

    def function(self) -> str:
        return self._pick(self.world.functions)

    def _type(self, kind: str) -> WorldType:
        found = [item for item in self.world.types if item.kind == kind]
        if not found:
            raise Impossible
        return self.random.choice(found)

    def enum_type(self) -> str:
        return self._type("e").sql

    def enum_label(self) -> str:
        """The name of an enum and one of its labels: `ALTER TYPE {enum_label}` goes on after the label."""
        found = self._type("e")
        if not found.labels:
            raise Impossible
        return found.sql

    def label_of_any(self) -> str:
        labels = [label for found in self.world.enums for label in found.labels]
        return "'" + self._pick(labels).replace("'", "''") + "'"

    def domain_type(self) -> str:
        return self._type("d").sql

    def domain_check(self) -> str:
        """A domain, and a constraint that it has."""
        found = [(domain.sql, name) for domain in self.world.domains for name in domain.checks]
        if not found:
            raise Impossible
        domain, name = self.random.choice(found)
        verb = self.random.choice(["DROP CONSTRAINT", "DROP CONSTRAINT IF EXISTS", "VALIDATE CONSTRAINT"])
        return f"{domain} {verb} {quote(name)}"

    def composite_type(self) -> str:
        return self._type("c").sql

    def range_type(self) -> str:
        return self._type("r").sql

    def any_type(self) -> str:
        return self._pick([found.sql for found in self.world.types])

    def partitioned(self) -> str:
        self._table = self._any([table for table in self.world.tables if table.kind == "p" and table.columns])
        return self._table.sql

    def partition(self) -> str:
        return self._any([table for table in self.world.tables if table.is_partition]).sql

    # types, defaults and expressions

    def type(self) -> str:
        """A type for a column, and what its default and its checks are made for."""
        if self.is_rare(0.12) and self.world.types:
            found = self.random.choice(self.world.types)
            suffix = "[]" if self.is_rare(0.1) else ""
            self._pending = WorldColumn("c", found.sql + suffix)
            return found.sql + suffix
        name = self.random.choices(list(TYPES), list(TYPES.values()))[0]
        self._pending = WorldColumn("c", _canonical_type(name))
        return name

    def changed_type(self) -> str:
        return self.choose(CHANGES)

    def default(self) -> str:
        """A default for the column that was picked or defined last."""
        if self._pending.is_generated:
            raise Impossible
        family = family_of(self._pending.type, self.world)
        return self.choose(DEFAULTS[family if family in DEFAULTS else "other"])

    def label(self) -> str:
        for found in self.world.enums:
            if self._pending.type == found.sql and found.labels:
                return "'" + self.random.choice(found.labels).replace("'", "''") + "'"
        return "'a'"

    def enum(self) -> str:
        return self._pending.type

    def condition(self) -> str:
        return Expressions(self.random, self.world, self._table.columns).condition()

    def value(self) -> str:
        return Expressions(self.random, self.world, self._table.columns).value()

    def condition_on_it(self) -> str:
        """About the column that was picked last."""
        return Expressions(self.random, self.world, [self._pending]).condition()

    def condition_on_materialized(self) -> str:
        return Expressions(self.random, self.world, [self._pending]).condition()

    def condition_on_value(self) -> str:
        """About VALUE, as in a domain over the type that was chosen last."""
        column = WorldColumn("value", self._pending.type)
        return Expressions(self.random, self.world, [column]).condition().replace("value", "VALUE")

    # parts of CREATE TABLE

    def create_table(self) -> str:
        head = self.choose(
            ["CREATE TABLE {prefix}{new}", "CREATE TABLE IF NOT EXISTS {new}", "CREATE UNLOGGED TABLE {new}"]
        )
        self._table = WorldTable("public", "new", "r")
        columns = [self.column_definition(is_first=number == 0) for number in range(self.random.randint(2, 7))]
        parts = columns + [self.table_constraint() for _ in range(self.random.choice([0, 0, 1, 1, 2]))]
        return f"{head} ({', '.join(parts)})"

    def column_definition(self, *, is_first: bool = False) -> str:
        name = self.column_name()
        if is_first and self.is_rare(0.8):
            column = WorldColumn(name.strip('"'), "integer")
            self._table.columns.append(column)
            return f"{name} " + self.choose(_KEYS)
        type_name = self.type()
        column = self._pending = WorldColumn(name.strip('"'), self._pending.type)
        self._table.columns.append(column)
        return " ".join([name, type_name, *self._column_constraints()])

    def _column_constraints(self) -> list[str]:
        found = []
        for share, template in _COLUMN_CONSTRAINTS:
            if self.is_rare(share):
                try:
                    found.append(self.fill(template))
                except Impossible:
                    continue
        self.random.shuffle(found)
        return found

    def table_constraint(self) -> str:
        return self.choose(_TABLE_CONSTRAINTS)

    def constraint_prefix(self) -> str:
        return f"CONSTRAINT {self.new()} " if self.is_rare(0.6) else ""

    def reference(self) -> str:
        """What a foreign key of one column refers to."""
        self._referred = self._any([table for table in self.world.tables if _keys_of(table)])
        key = self.random.choice(_keys_of(self._referred))
        return self._referred.sql + (f" ({', '.join(key)})" if self.is_rare(0.7) else "")

    def reference_options(self) -> str:
        options: list[str] = []
        for share, clause in ((0.1, "MATCH FULL"), (0.05, "MATCH SIMPLE")):
            if self.is_rare(share) and not options:
                options.append(clause)
        for event in self.random.sample(["ON DELETE", "ON UPDATE"], 2):
            if self.is_rare(0.35):
                options.append(f"{event} {self.random.choice(_ACTIONS)}")
        if self.is_rare(0.2):
            options.append(
                self.random.choice(
                    [
                        "DEFERRABLE",
                        "NOT DEFERRABLE",
                        "DEFERRABLE INITIALLY DEFERRED",
                        "INITIALLY DEFERRED",
                        "INITIALLY IMMEDIATE",
                    ]
                )
            )
        return "".join(" " + option for option in options)

    # parts of CREATE INDEX

    def index_elements(self) -> str:
        return ", ".join(self.index_element() for _ in range(self.random.choice([1, 1, 1, 2, 2, 3])))

    def index_element(self) -> str:
        what = self._column().sql if self.is_rare(0.65) else f"({self.value()})"
        if self.is_rare(0.04):
            what = f"({self.condition()})"
        order = self.random.choice(
            [
                "",
                "",
                "",
                "",
                " ASC",
                " DESC",
                " DESC NULLS LAST",
                " NULLS FIRST",
                " ASC NULLS LAST",
                " DESC NULLS FIRST",
            ]
        )
        return (
            what
            + self.random.choice(["", "", "", "", "", ' COLLATE "C"', " text_pattern_ops", " varchar_pattern_ops"])
            * self.is_rare(0.3)
            + order
        )


_KEYS = (
    "SERIAL PRIMARY KEY",
    "SERIAL NOT NULL PRIMARY KEY",
    "BIGSERIAL PRIMARY KEY",
    "smallserial PRIMARY KEY",
    "integer PRIMARY KEY",
    "INTEGER NOT NULL",
    "uuid DEFAULT gen_random_uuid() PRIMARY KEY",
    "varchar(30) NOT NULL PRIMARY KEY",
    "integer GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY",
    "bigint GENERATED ALWAYS AS IDENTITY (START WITH 5 INCREMENT BY 2 MAXVALUE 1000 CACHE 3 CYCLE) PRIMARY KEY",
    "integer CONSTRAINT {new} PRIMARY KEY",
    "SERIAL UNIQUE",
    "SERIAL",
    "bigint GENERATED ALWAYS AS IDENTITY",
)
_COLUMN_CONSTRAINTS = (
    (0.35, "DEFAULT {default}"),
    (0.3, "NOT NULL"),
    (0.05, "NULL"),
    (0.08, "{constraint_prefix}UNIQUE"),
    (0.1, "{constraint_prefix}CHECK ({condition_on_it})"),
    (0.06, "{constraint_prefix}REFERENCES {reference}{reference_options}"),
    (0.02, "GENERATED ALWAYS AS ({value}) STORED"),
    (0.02, 'COLLATE "{:C|POSIX|ucs_basic}"'),
)
_TABLE_CONSTRAINTS = (
    "{constraint_prefix}UNIQUE ({columns})",
    "{constraint_prefix}UNIQUE NULLS NOT DISTINCT ({columns})",
    "{constraint_prefix}CHECK ({condition})",
    "{constraint_prefix}CHECK ({condition}) NO INHERIT",
    "{constraint_prefix}PRIMARY KEY ({columns})",
    "{constraint_prefix}UNIQUE ({columns}) {:DEFERRABLE|DEFERRABLE INITIALLY DEFERRED|NOT DEFERRABLE}",
    "{constraint_prefix}UNIQUE ({column}) INCLUDE ({column})",
    "{constraint_prefix}FOREIGN KEY ({column}) REFERENCES {reference}{reference_options}",
    "{constraint_prefix}EXCLUDE USING {:btree|gist|hash} ({column} WITH {:=|&&|<>})",
    "{constraint_prefix}EXCLUDE USING gist ({column} WITH &&) WHERE ({condition})",
    "CHECK ({condition}), CHECK ({condition})",
)


def _keys_of(table: WorldTable) -> list[list[str]]:
    """The keys of one column (attribute numbers are positions as long as no column was dropped)."""
    return [
        [table.columns[numbers[0] - 1].sql]
        for _, kind, numbers in table.constraints
        if kind in "pu" and len(numbers) == 1 and numbers[0] <= len(table.columns)
    ]


def _canonical_type(name: str) -> str:
    """format_type's name of a type as TYPES spells it, near enough to find its family."""
    spelled = name.lower()
    is_array = spelled.endswith(("]", " array"))
    bare = spelled.split("(")[0].split("[")[0].replace(" array", "").strip()
    full = _SPELLINGS.get(bare, bare)
    if "with time zone" in spelled:
        full = "timestamp with time zone" if bare.startswith("timestamp") else full
    return full + ("[]" if is_array else "")


_SPELLINGS = {
    "int": "integer",
    "int4": "integer",
    "pg_catalog.int4": "integer",
    "int8": "bigint",
    "varchar": "character varying",
    "national character varying": "character varying",
    "nchar": "character",
    "char": "character",
    "bool": "boolean",
    "decimal": "numeric",
    "float": "double precision",
    "float8": "double precision",
    "timestamp": "timestamp without time zone",
    "timestamptz": "timestamp with time zone",
    "time": "time without time zone",
    "interval day to second": "interval",
    "interval year to month": "interval",
}
