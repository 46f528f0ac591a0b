"""DEFAULT and GENERATED: what is stored for a column's type, as the server prints it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from migguard.worker.engines.catalog.errors import NotUnderstood, Rejected
from migguard.worker.engines.catalog.postgresql.expressions import coerce_default, parse_expression, show
from migguard.worker.engines.catalog.postgresql.scanner import open_cursor
from migguard.worker.engines.catalog.postgresql.types import read_type

from .asking import Pair, listed, open_pair

TYPES = [
    *listed(
        """int2 int4 int8 numeric numeric(10,2) float4 float8 text varchar varchar(20) bpchar char(3) bool date time
        timetz timestamp timestamp(3) timestamptz interval interval(3) uuid json jsonb bytea inet cidr int4range
        int8range numrange tsrange tstzrange daterange name "char" bit(3) varbit varbit(5) macaddr money xml point oid
        mood dom_text dom_int dom_v text[] varchar(10)[] int4[] int8[] numeric(5,1)[] uuid[] mood[] jsonb[]
        timestamp(3)[]"""
    ),
    "interval day to second",
    "interval year",
]
DEFAULTS = [
    *("'1'", "'2020-01-01'", "'a'", "'{}'", "NULL", "'1 day'", "'[1,2)'", "1", "-1", "1.5", "-1.50", "10000000000"),
    *(
        "100000000000000000000",
        "true",
        "false",
        "'true'",
        "'f'",
        "now()",
        "'x'::text",
        "'x'::varchar",
        "'x'::varchar(5)",
    ),
    *("1::smallint", "'sad'", "'sad'::mood", "'{sad,ok}'", "'[]'", "'00000000-0000-0000-0000-000000000000'", "'\\xDE'"),
    *(
        "'10:00'",
        "'10:00:00.5'",
        "'2020-01-01 10:00:00'",
        "'2020-1-1T10:00'",
        "'127.0.0.1'",
        "'10.0.0.0/8'",
        "'{1,2,3}'",
    ),
    *(
        '\'{a,"b c",NULL,"NULL",""}\'',
        "'{\"{}\"}'",
        "ARRAY[]::text[]",
        "ARRAY['a', 'b']",
        "ARRAY[1, 2]",
        "'{}'::text[]",
    ),
    *(
        "gen_random_uuid()",
        "CURRENT_TIMESTAMP",
        "CURRENT_DATE",
        "CURRENT_TIMESTAMP(3)",
        "LOCALTIMESTAMP",
        "current_user",
    ),
    *("(now() at time zone 'utc')", "timezone('utc', now())", "now() + interval '1 day'", "now() + '1 day'::interval"),
    *(
        "interval '1' day",
        "interval '2' hour",
        "interval '90' minute",
        "'1 year 2 months 3 days 04:05:06.7'",
        "'3 weeks'",
    ),
    *("'-1 day'", "'00:00:00'", "'P1D'", "''", "'  x'", "'1e3'", "'1e-7'", "'1e20'", "'123456789.123456789'", "'0.1'"),
    *(
        "'NaN'",
        "'infinity'",
        "1e10",
        "1e-3",
        ".5",
        "0.0",
        "'epoch'",
        "'now'",
        "'today'",
        "nextval('sq')",
        "currval('sq')",
    ),
    *("nextval('sq'::regclass)", "nextval('public.sq')", "md5('x')", "lower('X')", "random()", "(random() * 100)::int"),
    *("1 + 1", "'a' || 'b'", "concat('a', 1)", "to_char(now(), 'YYYY')", "extract(epoch from now())", "'{}'::jsonb"),
    *("date_trunc('day', now())", "jsonb_build_object('a', 1)", "'{}'::json", "E'a\\nb'", "'it''s'", "B'101'", "X'1F'"),
    *("array_fill(0, ARRAY[3])", "coalesce(null, 1)", "(('1'))", "CAST('1' AS integer)", "'1'::bigint", "0::bit(3)"),
    *("current_setting('x')", "to_timestamp(0)", "make_interval(days => 1)", "clock_timestamp()", "'12.34'"),
    *(
        "date '2020-01-01'",
        "timestamp '2020-01-01 00:00'",
        "timestamptz '2020-01-01 00:00+00'",
        "'{1}'::int[]",
        "'{t,f}'",
    ),
    *(
        "'(1,2)'",
        "'08:00:2b:01:02:03'",
        "'111'",
        "'1111111'",
        "user",
        "now()::date",
        "now()::timestamp",
        "1.5::numeric(5,1)",
    ),
    *("(now())::timestamp(3)", "'abcdefghijklmnopqrstuvwxyz'", "nullif('a', '')", "CASE WHEN true THEN 1 ELSE 0 END"),
    *("row(1, 2)", "(select 1)", "true AND false", "NOT true", "1 > 2", "x", "t.x", "- 5", "+ 5", "'5'::text::int"),
    '\'{"a": [1, 2.50, "x"], "bb": null, "a": true}\'',
]
_ASK = """
CREATE FUNCTION mg_default(type text, defaults text[]) RETURNS SETOF text[] LANGUAGE plpgsql AS $$
DECLARE
    one text;
BEGIN
    FOREACH one IN ARRAY defaults LOOP
        BEGIN
            EXECUTE format('CREATE TABLE mg_table (x %s DEFAULT %s)', type, one);
            RETURN QUERY SELECT ARRAY[
                (SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef WHERE adrelid = 'mg_table'::regclass), NULL];
            RAISE EXCEPTION USING ERRCODE = 'MG000';
        EXCEPTION
            WHEN SQLSTATE 'MG000' THEN NULL;
            WHEN OTHERS THEN RETURN NEXT ARRAY[NULL, SQLSTATE];
        END;
    END LOOP;
END $$"""


@pytest.fixture(scope="module")
def pair(make_postgres_database: Callable[[], str]) -> Iterator[Pair]:
    with open_pair(make_postgres_database(), {"x": "integer"}) as pair:
        pair.connection.execute(_ASK)
        yield pair


def _stored(pair: Pair, type_: str, default: str) -> tuple[str | None, bool, bool]:
    """The text, whether it is vouched for, and whether it is refused."""
    try:
        cursor = open_cursor(default)
        node = parse_expression(cursor, pair.catalog, is_default=True)
        cursor.expect_end()
        found = coerce_default(node, read_type(open_cursor(type_), pair.catalog), pair.catalog)
    except NotUnderstood:
        return None, False, False
    except Rejected:
        return None, True, True
    text = None if found is None else show(found, pair.catalog)
    return text, text is None or text.exact, False


@pytest.mark.parametrize("type_", TYPES)
def test_defaults_are_stored_as_on_the_server(pair: Pair, type_: str) -> None:
    rows = pair.connection.execute("SELECT mg_default(%s, %s)", [type_, DEFAULTS])
    differing = []
    for default, ((real, code),) in zip(DEFAULTS, rows, strict=True):
        text, is_exact, is_refused = _stored(pair, type_, default)
        if is_exact and (text, is_refused) != (real, code is not None):
            differing.append((default, text, is_refused, real, code))
    assert differing == []


def test_ordinary_defaults_are_vouched_for(pair: Pair) -> None:
    ordinary = [
        *(("int4", "'0'"), ("int4", "0"), ("bool", "false"), ("bool", "'t'"), ("varchar(20)", "'a'"), ("text", "''")),
        *(("timestamp", "now()"), ("timestamptz", "CURRENT_TIMESTAMP"), ("jsonb", "'{}'"), ("text[]", "'{}'")),
        *(("timestamp", "(now() at time zone 'utc')"), ("uuid", "gen_random_uuid()"), ("numeric(10,2)", "0.00")),
        *(("mood", "'sad'"), ("date", "CURRENT_DATE"), ("interval", "'1 day'"), ("int8", "nextval('sq')")),
    ]
    assert [one for one in ordinary if not _stored(pair, *one)[1]] == []
