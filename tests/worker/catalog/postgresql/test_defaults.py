"""`SELECT default = default`: the catalog's answer is the server's, or none."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

import pytest

from migguard.worker.engines.catalog.errors import Rejected
from migguard.worker.engines.catalog.postgresql.defaults import compare_defaults

from .asking import Pair, open_pair

TEXTS = [
    *("'1'", "1", "'1'::integer", "1.0", "'1.0'::numeric", "1.5", "'1.50'::numeric", "1::bigint", "'1'::bigint", "'a'"),
    *("'a'::text", "'a'::character varying", "'a '::bpchar", "'a'::bpchar", "'b'::text", "'A'", "'sad'::mood", "'sad'"),
    *(
        "'ok'::mood",
        "'{}'",
        "'{}'::jsonb",
        "'{}'::json",
        "'{}'::text[]",
        "'{}'::character varying[]",
        "'{}'::integer[]",
    ),
    *("ARRAY[]::text[]", "ARRAY[]::character varying[]", "ARRAY['a']", "'{a}'::text[]", "'[]'::jsonb", "'[]'"),
    *(
        "'{\"a\": 1}'::jsonb",
        "'{\"a\":1.0}'",
        "'{\"a\": true}'",
        "true",
        "false",
        "'true'",
        "'f'",
        "'t'",
        "'t'::boolean",
    ),
    *("0", "'0'", "now()", "CURRENT_TIMESTAMP", "'now()'", "'CURRENT_TIMESTAMP'", "timezone('utc'::text, now())"),
    *("(now() AT TIME ZONE 'utc'::text)", "now() at time zone 'utc'", "timezone('UTC', now())", "CURRENT_DATE"),
    *("timezone('utc', CURRENT_TIMESTAMP)", "('now'::text)::date", "now()::date", "gen_random_uuid()", "random()"),
    *("'gen_random_uuid()'", "'00000000-0000-0000-0000-000000000000'::uuid", "'00000000-0000-0000-0000-000000000000'"),
    *("'1 day'::interval", "'24:00:00'::interval", "'1 day'", "'24 hours'", "interval '1 day'", "'2020-01-01'::date"),
    *("'2020-01-01'", "'2020-01-01 00:00:00'::timestamp without time zone", "'2020-01-01 00:00'", "'10:00'"),
    *("'10:00:00'::time without time zone", "nextval('sq')", "nextval('sq'::regclass)", "''", "''::text", "NULL"),
    *("''::character varying", "NULL::character varying", "'\\x'::bytea", "'127.0.0.1'::inet", "'127.0.0.1/32'"),
    *(
        "'-1'::integer",
        "-1",
        "'-1'",
        "(-1)",
        "1e3",
        "1000",
        "'0.1'::double precision",
        "0.1",
        "'0.1'::real",
        "0.1::real",
    ),
    *(
        "(1 + 1)",
        "2",
        "lower('A')",
        "md5('a')",
        "CURRENT_USER",
        "user",
        "LOCALTIMESTAMP",
        "clock_timestamp()",
        "'it''s'",
    ),
    *(
        "('a'::text || 'b'::text)",
        "'ab'",
        "array_fill(0, ARRAY[2])",
        "B'101'",
        "'101'::\"bit\"",
        "date_trunc('day', now())",
    ),
    *(
        "date_trunc('day'::text, now())",
        "'a'::character varying(10)",
        "'abc'::character varying(2)",
        "'{1,2}'::integer[]",
    ),
    *("'{2,1}'::integer[]", "'infinity'::timestamp without time zone", "1 > 0", "true and false", "not true"),
    *("uuid_generate_v4()", "jsonb_build_object()", "'{1.0}'::numeric[]", "'{1}'::numeric[]", "'a'::name"),
]
_ASK = """
CREATE FUNCTION mg_same(comparisons text[]) RETURNS SETOF text[] LANGUAGE plpgsql AS $$
DECLARE
    comparison text;
    answer boolean;
BEGIN
    FOREACH comparison IN ARRAY comparisons LOOP
        BEGIN
            EXECUTE 'SELECT ' || comparison INTO answer;
            RETURN NEXT ARRAY[answer::text, NULL];
        EXCEPTION WHEN OTHERS THEN
            RETURN NEXT ARRAY[NULL, SQLSTATE];
        END;
    END LOOP;
END $$"""


@pytest.fixture(scope="module")
def pair(make_postgres_database: Callable[[], str]) -> Iterator[Pair]:
    with open_pair(make_postgres_database(), {"x": "integer"}) as pair:
        pair.connection.execute(_ASK)
        yield pair


def _compare(pair: Pair, first: str, second: str) -> bool | str | None:
    """The answer, or the code of the refusal."""
    try:
        return compare_defaults(first, second, None, pair.catalog)
    except Rejected as refusal:
        return refusal.code or "?"


def test_answers_are_the_servers(pair: Pair) -> None:
    pairs = list(itertools.product(TEXTS, TEXTS))
    comparisons = [f"{first} = {second}" for first, second in pairs]
    rows = pair.connection.execute("SELECT mg_same(%s)", [comparisons])
    differing = []
    for (first, second), ((real, code),) in zip(pairs, rows, strict=True):
        mine = _compare(pair, first, second)
        if isinstance(mine, str):
            is_same = code is not None
        else:
            is_same = mine is None or (code is None and mine == (real == "true"))
        if not is_same:
            differing.append((first, second, mine, real, code))
    assert differing == []


@pytest.mark.parametrize(
    ("first", "second", "answer"),
    [
        ("0", "'0'", True),
        ("false", "'false'", True),
        ("'a'::character varying", "'a'", True),
        ("'a'::character varying", "'b'", False),
        ("now()", "CURRENT_TIMESTAMP", True),
        ("(now() AT TIME ZONE 'utc'::text)", "timezone('utc', now())", True),
        ("gen_random_uuid()", "gen_random_uuid()", False),
        ("'{}'::jsonb", "'{ }'", True),
        ("'{}'::text[]", "'{}'", True),
        ("'sad'::mood", "'ok'", False),
        ("'1.50'::numeric", "1.5", True),
        ("NULL::character varying", "'a'", False),
        ("'{}'::json", "'{}'", "42883"),
        ("'1'::integer", "'x'", "22P02"),
        ("unknown_function()", "1", None),
        ("clock_timestamp()", "clock_timestamp()", None),
    ],
)
def test_ordinary_pairs_are_known(pair: Pair, first: str, second: str, answer: bool | str | None) -> None:
    assert _compare(pair, first, second) == answer
