"""Names of types, read and written as the server does."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from migguard.worker.engines.catalog.errors import Rejected
from migguard.worker.engines.catalog.postgresql.catalog import Catalog
from migguard.worker.engines.catalog.postgresql.scanner import open_cursor
from migguard.worker.engines.catalog.postgresql.types import base_name, format_type, read_type

from .asking import Pair, open_pair

SPELLINGS = [
    *("int", "integer", "int4", "int2", "smallint", "bigint", "int8", "INT8", "pg_catalog.int4", "real", "float4"),
    *("float8", "float", "float(24)", "float(25)", "double precision", "decimal", "dec(5)", "numeric", "numeric(10)"),
    *(
        "numeric(10,2)",
        "NUMERIC ( 10 , 2 )",
        "bool",
        "boolean",
        "char",
        "char(3)",
        "character",
        "character(3)",
        "bpchar",
    ),
    *("bpchar(3)", "nchar", "nchar(5)", "national character varying(7)", "varchar", "varchar(20)", "character varying"),
    *(
        "char varying(3)",
        "text",
        '"char"',
        '"text"',
        '"int4"',
        "name",
        "bytea",
        "uuid",
        "json",
        "jsonb",
        "xml",
        "money",
    ),
    *("date", "time", "time(3)", "time without time zone", "time with time zone", "time(2) with time zone", "timetz"),
    *("timetz(2)", "timestamp", "timestamp(0)", "timestamp(3) without time zone", "timestamp with time zone"),
    *("timestamptz", "timestamptz(6)", "timestamp(3) with time zone", "interval", "interval(3)", "interval year"),
    *("interval year to month", "interval day to second", "interval day to second(3)", "interval second(0)", "bit"),
    *(
        "bit(5)",
        "bit varying",
        "bit varying(5)",
        "varbit(5)",
        "inet",
        "cidr",
        "macaddr",
        "macaddr8",
        "tsvector",
        "tsquery",
    ),
    *("point", "line", "lseg", "box", "path", "polygon", "circle", "int4range", "tstzrange", "datemultirange", "oid"),
    *("regclass", "regtype", "int[]", "int[3]", "int[][]", "int[3][4]", "int array", "int array[4]", "varchar(20)[]"),
    *("numeric(10,2)[]", "timestamp(3)[]", "timestamptz[]", "_int4", "_text", "char(3)[]", "interval day to second[]"),
    *(
        "mood",
        "mood[]",
        "dom_text",
        "dom_v[]",
        "public.mood",
        '"public"."mood"[]',
        '"Odd Type"',
        "other.away",
        "citext",
    ),
    *("citext[]", "hstore", "timestamp (3)", "pg_catalog.varchar(5)", "pg_catalog.bpchar", '"timestamp"', '"time"(3)'),
]
MISSING = [
    "serial",
    "intt",
    '"integer"',
    '"INT4"',
    "public.text",
    "nowhere.mood",
    "away",
    "pg_catalog.mood",
    '"double"',
]


@pytest.fixture(scope="module")
def pair(make_postgres_database: Callable[[], str]) -> Iterator[Pair]:
    with open_pair(make_postgres_database(), {"x": "integer"}, ("citext", "hstore")) as pair:
        for statement in (
            """CREATE TYPE "Odd Type" AS ENUM ('a')""",
            "CREATE SCHEMA other",
            "CREATE TYPE other.away AS ENUM ('b')",
        ):
            pair.connection.execute(statement)
            pair.catalog.run(statement)
        yield pair


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_type_is_named_as_on_the_server(pair: Pair, spelling: str) -> None:
    pair.connection.execute(f"CREATE TABLE named (x {spelling})")
    found = pair.connection.execute(
        "SELECT format_type(atttypid, atttypmod), format_type(atttypid, NULL) FROM pg_attribute"
        " WHERE attrelid = 'named'::regclass AND attname = 'x'"
    ).fetchone()
    pair.connection.execute("DROP TABLE named")
    cursor = open_cursor(spelling)
    ref = read_type(cursor, pair.catalog)
    cursor.expect_end()
    assert (format_type(ref, pair.catalog), base_name(ref, pair.catalog)) == found
    again = read_type(open_cursor(format_type(ref, pair.catalog)), pair.catalog)
    assert format_type(again, pair.catalog) == format_type(ref, pair.catalog)


@pytest.mark.parametrize("spelling", MISSING)
def test_a_type_that_is_not_there_is_refused(pair: Pair, spelling: str) -> None:
    with pytest.raises(Rejected) as refusal:
        read_type(open_cursor(spelling), pair.catalog)
    assert refusal.value.code == "42704"


def test_visibility_follows_the_search_path(pair: Pair) -> None:
    ref = read_type(open_cursor("other.away"), pair.catalog)
    path = pair.catalog.search_path
    try:
        pair.catalog.search_path = ["other"]
        assert format_type(ref, pair.catalog) == "away"
        pair.catalog.search_path = ["public"]
        assert format_type(ref, pair.catalog) == "other.away"
    finally:
        pair.catalog.search_path = path


@pytest.mark.parametrize(
    ("spelling", "printed"),
    [
        ("geometry", "geometry"),
        ("geometry(POINT, 4326)", "geometry(Point,4326)"),
        ("geometry(PointZ)", "geometry(PointZ)"),
        ("geography(multipolygon)", "geography(MultiPolygon,4326)"),
        ("vector(3)", "vector(3)"),
        ("halfvec(3)[]", "halfvec(3)[]"),
    ],
)
def test_types_of_extensions_that_the_server_may_lack(pair: Pair, spelling: str, printed: str) -> None:
    catalog: Catalog = pair.catalog
    from migguard.worker.engines.catalog.postgresql.types import extension_types

    added = {(one.schema, one.name): one for name in ("postgis", "vector") for one in extension_types(name, "public")}
    catalog.types.update(added)
    try:
        assert format_type(read_type(open_cursor(spelling), catalog), catalog) == printed
    finally:
        for key in added:
            del catalog.types[key]
