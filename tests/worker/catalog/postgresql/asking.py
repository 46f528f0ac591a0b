"""Asks a PostgreSQL server, and the catalog, how an expression is printed; both in the place of a table's check."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg

from migguard.worker.engines.catalog.errors import NotUnderstood, Rejected
from migguard.worker.engines.catalog.flags import FlagLog
from migguard.worker.engines.catalog.postgresql.catalog import Catalog
from migguard.worker.engines.catalog.postgresql.expressions import bind, parse_expression, show
from migguard.worker.engines.catalog.postgresql.model import Table
from migguard.worker.engines.catalog.postgresql.scanner import open_cursor
from migguard.worker.ledger import ProjectPaths

#: Types of the user's own that the tables of types name.
OBJECTS = (
    "CREATE TYPE mood AS ENUM ('sad', 'ok')",
    "CREATE DOMAIN dom_text AS text",
    "CREATE DOMAIN dom_int AS integer",
    "CREATE DOMAIN dom_v AS varchar(10)",
    "CREATE SEQUENCE sq",
)
#: Whole tables take half a minute each; by default a sample is compared.
IS_WHOLE = os.environ.get("MIGGUARD_WHOLE_TABLES") == "1"


def listed(text: str) -> list[str]:
    """The words of a text."""
    return text.split()


_ASK = """
CREATE FUNCTION mg_ask(relation text, expressions text[]) RETURNS SETOF text[] LANGUAGE plpgsql AS $$
DECLARE
    expression text;
BEGIN
    FOREACH expression IN ARRAY expressions LOOP
        BEGIN
            EXECUTE format('ALTER TABLE %s ADD CONSTRAINT mg_check CHECK (%s) NOT VALID', relation, expression);
            RETURN QUERY SELECT ARRAY[pg_get_expr(conbin, conrelid), pg_get_expr(conbin, conrelid, true), NULL]
                FROM pg_constraint WHERE conname = 'mg_check';
            RAISE EXCEPTION USING ERRCODE = 'MG000';
        EXCEPTION
            WHEN SQLSTATE 'MG000' THEN NULL;
            WHEN OTHERS THEN RETURN NEXT ARRAY[NULL, NULL, SQLSTATE];
        END;
    END LOOP;
END $$"""


@dataclass(frozen=True)
class Answer:
    """Plain and pretty text, or the code of the refusal."""

    plain: str | None
    pretty: str | None
    code: str | None = None
    exact: bool = True


@dataclass
class Pair:
    """The same table on a server and in a catalog. Nothing of what is done to the server is committed."""

    connection: psycopg.Connection[Any]
    catalog: Catalog
    table: Table

    def disagreements(self, expressions: Sequence[str]) -> list[str]:
        """Where the catalog vouches for another text than the server's, or refuses what the server takes, or takes
        as exact what it refuses."""
        found = []
        for expression, real in zip(expressions, ask_server(self.connection, "t", expressions), strict=True):
            mine = ask_catalog(self.catalog, self.table, expression)
            is_same = (mine.plain, mine.pretty) == (real.plain, real.pretty) and bool(mine.code) == bool(real.code)
            if mine.exact and not is_same:
                found.append(f"{expression}\n  server  {real}\n  catalog {mine}")
        return found

    def exact_ones(self, expressions: Sequence[str]) -> int:
        """How many the catalog vouches for (texts, not refusals)."""
        answers = [ask_catalog(self.catalog, self.table, expression) for expression in expressions]
        return sum(answer.exact and answer.code is None for answer in answers)


@contextmanager
def open_pair(url: str, columns: Mapping[str, str], extensions: Sequence[str] = ()) -> Iterator[Pair]:
    """A table `t` with these columns on both sides, and OBJECTS."""
    definition = ", ".join(f"{name} {type_}" for name, type_ in columns.items())
    statements = [f'CREATE EXTENSION "{name}"' for name in extensions]
    statements += [*OBJECTS, f"CREATE TABLE t ({definition})"]
    catalog = new_catalog()
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        for statement in statements:
            connection.execute(statement)
            catalog.run(statement)
        connection.execute(_ASK)
        try:
            yield Pair(connection, catalog, catalog.table(None, "t"))
        finally:
            connection.rollback()


def new_catalog() -> Catalog:
    return Catalog(FlagLog(ProjectPaths("/nowhere")))


def sample(expressions: Sequence[str], size: int) -> list[str]:
    """All of them where whole tables are asked for, else so many."""
    if IS_WHOLE or len(expressions) <= size:
        return list(expressions)
    return random.Random(20261121).sample(list(expressions), size)


def ask_server(connection: psycopg.Connection[Any], relation: str, expressions: Sequence[str]) -> list[Answer]:
    """One answer for each condition; the relation is left as it was."""
    rows = connection.execute("SELECT mg_ask(%s, %s)", [relation, list(expressions)])
    return [Answer(*row[0]) for row in rows]


def ask_catalog(catalog: Catalog, table: Table, expression: str) -> Answer:
    try:
        cursor = open_cursor(expression)
        node = parse_expression(cursor, catalog)
        cursor.expect_end()
        node = bind(node, table)
    except NotUnderstood as reason:
        return Answer(str(reason), None, exact=False)
    except Rejected as refusal:
        return Answer(None, None, refusal.code or "?")
    plain, pretty = show(node, catalog), show(node, catalog, is_pretty=True)
    return Answer(str(plain), str(pretty), exact=plain.exact and pretty.exact)
