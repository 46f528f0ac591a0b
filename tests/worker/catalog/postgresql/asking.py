"""Asks a PostgreSQL server, and the catalog, how an expression is printed; both in the place of a table's check."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Optional

import psycopg

from migguard.worker.engines.catalog.errors import NotUnderstood, Rejected
from migguard.worker.engines.catalog.postgresql.catalog import Catalog
from migguard.worker.engines.catalog.postgresql.expressions import bind, parse_expression, show
from migguard.worker.engines.catalog.postgresql.model import Table
from migguard.worker.engines.catalog.postgresql.scanner import open_cursor

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

    plain: Optional[str]
    pretty: Optional[str]
    code: Optional[str] = None
    exact: bool = True


def prepare(connection: psycopg.Connection[Any]) -> None:
    connection.execute(_ASK)


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
