"""Random expressions as PostgreSQL prints them and as the catalog does: many thousands in a minute.

`python -m tests.worker.differential.postgresql_fuzz_expressions --number N --seed S`
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from random import Random

import sqlalchemy as sa

from migguard.worker.engines.catalog.errors import NotUnderstood, Rejected
from migguard.worker.engines.catalog.flags import FlagLog
from migguard.worker.engines.catalog.postgresql import expressions
from migguard.worker.engines.catalog.postgresql.catalog import Catalog
from migguard.worker.engines.catalog.postgresql.model import Column, Enum, Table
from migguard.worker.engines.catalog.postgresql.scanner import open_cursor
from migguard.worker.engines.catalog.postgresql.types import read_type
from migguard.worker.ledger import ProjectPaths
from tests.servers import POSTGRES

from .postgresql_defaults import DEFAULTS
from .postgresql_expressions import Expressions, family_of
from .postgresql_pair import open_real
from .postgresql_world import World, WorldColumn, WorldType
from .templates import Filler

_COLUMN_TYPES = [
    *(
        "integer",
        "bigint",
        "smallint",
        "numeric(10,2)",
        "numeric",
        "real",
        "double precision",
        "varchar(20)",
        "varchar",
    ),
    *("text", "char(3)", "char", "boolean", "timestamp", "timestamptz", "timestamp(3)", "date", "time", "timetz"),
    *("interval", "uuid", "jsonb", "json", "bytea", "inet", "text[]", "varchar(10)[]", "integer[]", "tsvector"),
    *("int4range", "tstzrange", "mood", '"char"', "name", "money", "bit(3)", "xml", "numeric(5,1)[]", "citext"),
]
#: kind of use → what makes it, and what the server prints then: pretty, and plain.
_USES = {
    "check": (
        "ALTER TABLE t ADD CONSTRAINT probe CHECK (<it>)",
        "SELECT pg_get_expr(conbin, conrelid, true), pg_get_expr(conbin, conrelid)"
        " FROM pg_constraint WHERE conname = 'probe'",
    ),
    "value": (
        "CREATE INDEX probe ON t ((<it>))",
        "SELECT pg_get_indexdef('probe'::regclass, 1, true), pg_get_indexdef('probe'::regclass, 1, false)",
    ),
}
_FUNCTION = """
CREATE FUNCTION probe(templates text[], queries text[], texts text[])
RETURNS TABLE (number integer, pretty text, plain text, error text) LANGUAGE plpgsql AS $body$
BEGIN
  FOR step IN 1 .. array_length(texts, 1) LOOP
    number := step; pretty := NULL; plain := NULL; error := NULL;
    BEGIN
      EXECUTE replace(templates[number], '<it>', texts[number]);
      EXECUTE queries[number] INTO pretty, plain;
      RAISE EXCEPTION USING MESSAGE = 'taken back', ERRCODE = 'P0001';
    EXCEPTION
      WHEN raise_exception THEN NULL;
      WHEN others THEN error := SQLERRM;
    END;
    RETURN NEXT;
  END LOOP;
END $body$
"""


@dataclass(frozen=True)
class Probe:
    """One expression in one use. column: of a default."""

    use: str
    text: str
    column: str = ""

    @property
    def template(self) -> str:
        if self.use == "default":
            return f"ALTER TABLE t ALTER COLUMN {self.column} SET DEFAULT <it>"
        return _USES[self.use][0]

    @property
    def query(self) -> str:
        if self.use == "default":
            return (
                "SELECT pg_get_expr(d.adbin, d.adrelid, true), pg_get_expr(d.adbin, d.adrelid) FROM pg_attrdef d"
                " JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum"
                f" WHERE a.attrelid = 't'::regclass AND a.attname = '{self.column}'"
            )
        return _USES[self.use][1]


@dataclass
class Tally:
    """exact: same text, said to be exact. humble: same text, not said so."""

    rejected: int = 0
    exact: int = 0
    humble: Counter[str] = field(default_factory=Counter)
    flagged: int = 0
    errors: Counter[str] = field(default_factory=Counter)
    silent: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    crashed: list[str] = field(default_factory=list)

    def describe(self) -> str:
        accepted = self.exact + sum(self.humble.values()) + self.flagged + len(self.silent) + len(self.refused)
        return (
            f"{accepted} expressions accepted by the server ({self.rejected} not): {self.exact} exact, "
            f"{sum(self.humble.values())} right but not vouched for, {self.flagged} not followed or flagged, "
            f"{len(self.silent)} SILENT, {len(self.refused)} refused by the catalog only, {len(self.crashed)} crashes"
        )


class _Defaults(Filler):
    """Fills the templates of defaults."""

    def label(self) -> str:
        return "'sad'"

    def enum(self) -> str:
        return "mood"


class ExpressionFuzz:
    """A table with two columns of each type, on the server and in a catalog."""

    def __init__(self, connection: sa.engine.Connection, random: Random) -> None:
        self._connection = connection
        self._random = random
        self._world = World(types=[WorldType("public", "mood", "e", ["sad", "it's"], "-")])
        self._columns = self._make_real()
        self._catalog, self._table = self._make_catalog()

    def _make_real(self) -> list[WorldColumn]:
        run = self._connection.exec_driver_sql
        for statement in ("CREATE EXTENSION citext", "CREATE TYPE mood AS ENUM ('sad', 'it''s')", _FUNCTION):
            run(statement)
        self._names = {f"c{number}": kind for number, kind in enumerate([*_COLUMN_TYPES, *_COLUMN_TYPES])}
        run("CREATE TABLE t (" + ", ".join(f"{name} {kind}" for name, kind in self._names.items()) + ")")
        rows = run(
            "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute"
            " WHERE attrelid = 't'::regclass AND attnum > 0 ORDER BY attnum"
        )
        columns = [WorldColumn(name, kind) for name, kind in rows]
        self._connection.commit()
        return columns

    def _make_catalog(self) -> tuple[Catalog, Table]:
        catalog = Catalog(FlagLog(ProjectPaths("/nowhere")), (15,))
        catalog.run("CREATE EXTENSION citext") if _can_run(catalog) else catalog.extensions.add("citext")
        catalog.types["public", "mood"] = Enum("public", "mood", ["sad", "it's"])
        table = Table("public", "t")
        for name, kind in self._names.items():
            try:
                table.columns[name] = Column(table, name, read_type(open_cursor(kind), catalog))
            except (Rejected, NotUnderstood):
                continue
        catalog.schemas["public"]["t"] = table
        return catalog, table

    def probes(self, number: int) -> Iterator[Probe]:
        """Random ones."""
        known = [column for column in self._columns if column.name in self._table.columns]
        for _ in range(number):
            choice = self._random.random()
            columns = self._random.sample(known, 7)
            maker = Expressions(self._random, self._world, columns)
            if choice < 0.6:
                yield Probe("check", maker.condition())
            elif choice < 0.8:
                yield Probe("value", maker.value())
            else:
                column = self._random.choice(known)
                family = family_of(column.type, self._world)
                text = _Defaults(self._random).choose(DEFAULTS.get(family, DEFAULTS["other"]))
                yield Probe("default", text, column.name)

    def run(self, number: int, tally: Tally) -> None:
        """So many, in one call of the server."""
        probes = list(self.probes(number))
        parameters = {
            "templates": [probe.template for probe in probes],
            "queries": [probe.query for probe in probes],
            "texts": [probe.text for probe in probes],
        }
        sql = sa.text("SELECT * FROM probe(:templates, :queries, :texts) ORDER BY number")
        rows = self._connection.execute(sql, parameters).fetchall()
        self._connection.rollback()
        for probe, (_, pretty, plain, error) in zip(probes, rows, strict=True):
            if error is not None:
                tally.rejected += 1
                tally.errors[str(error)[:60]] += 1
            else:
                self._judge(probe, {True: pretty, False: plain}, tally)

    def _judge(self, probe: Probe, expected: dict[bool, str | None], tally: Tally) -> None:
        kind = self._names.get(probe.column, "")
        title = f"{probe.use} {kind}: {probe.text}"
        try:
            shown = {is_pretty: self._show(probe, is_pretty=is_pretty) for is_pretty in (True, False)}
        except NotUnderstood:
            tally.flagged += 1
            return
        except Rejected as refusal:
            if refusal.is_certain:
                tally.refused.append(f"{title}\n    {refusal} {self._types(probe)}")
            else:
                tally.flagged += 1
            return
        except Exception as error:  # noqa: BLE001 (a finding)
            tally.crashed.append(f"{title}\n    {type(error).__name__}: {error}")
            return
        wrong = [is_pretty for is_pretty in (True, False) if shown[is_pretty][0] != expected[is_pretty]]
        silent = [is_pretty for is_pretty in wrong if shown[is_pretty][1]]
        if silent:
            texts = "".join(f"\n    real    {expected[p]}\n    catalog {shown[p][0]}" for p in silent)
            tally.silent.append(f"{title} {self._types(probe)}{texts}")
        elif wrong:
            tally.flagged += 1
        elif all(exact for _, exact in shown.values()):
            tally.exact += 1
        else:
            tally.humble[f"{probe.use}: {probe.text}"] += 1

    def _types(self, probe: Probe) -> str:
        words = set(probe.text.replace("(", " ").replace(")", " ").replace(":", " ").replace(",", " ").split())
        return str({word: self._names[word] for word in sorted(words) if word in self._names})

    def _show(self, probe: Probe, *, is_pretty: bool) -> tuple[str | None, bool]:
        catalog = self._catalog
        cursor = open_cursor(probe.text)
        node = expressions.parse_expression(cursor, catalog, is_default=probe.use == "default")
        if not cursor.at_end:
            raise NotUnderstood("text after the expression")
        if probe.use == "default":
            stored = expressions.coerce_default(node, self._table.columns[probe.column].type, catalog)
            if stored is None:
                return None, True
            text = expressions.show(stored, catalog, is_pretty=is_pretty)
        elif probe.use == "check":
            text = expressions.show(expressions.bind_condition(node, self._table), catalog, is_pretty=is_pretty)
        else:
            text = expressions.show_index_element(expressions.bind(node, self._table), catalog, is_pretty=is_pretty)
        return str(text), text.exact


def _can_run(catalog: Catalog) -> bool:
    try:
        catalog.run("CREATE SCHEMA s")
    except ImportError:
        return False
    return True


def main(arguments: Sequence[str] | None = None) -> int:
    """1 where there was a silent difference, a wrong refusal or a crash."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--number", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", type=int, default=25)
    options = parser.parse_args(arguments)
    tally = Tally()
    with POSTGRES.fresh_database() as url, open_real(url).connect() as connection:
        fuzz = ExpressionFuzz(connection, Random(options.seed))
        for _ in range(0, options.number, 250):
            fuzz.run(250, tally)
    sys.stdout.write(tally.describe() + "\n")
    for title, items in (("SILENT", tally.silent), ("refused", tally.refused), ("crashed", tally.crashed)):
        for text in sorted(set(items), key=len)[: options.show]:
            sys.stdout.write(f"{title}: {text}\n")
    for text, count in tally.humble.most_common(10):
        sys.stdout.write(f"right but not vouched for: {count} {text}\n")
    for text, count in tally.errors.most_common(10):
        sys.stdout.write(f"the server refuses: {count} {text}\n")
    return 1 if tally.silent or tally.refused or tally.crashed else 0


if __name__ == "__main__":
    sys.exit(main())
