"""Texts of conditions as pg_get_expr prints them, plain and pretty: syntaxes, and how they nest."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

import pytest

from .asking import Pair, open_pair

COLUMNS = {
    "i": "integer",
    "b": "bigint",
    "s": "smallint",
    "n": "numeric(10,2)",
    "f": "real",
    "d": "double precision",
    "t": "text",
    "v": "varchar(20)",
    "c": "char(3)",
    "o": "boolean",
    "da": "date",
    "ts": "timestamp",
    "tz": "timestamptz",
    "iv": "interval",
    "j": "json",
    "jb": "jsonb",
    "ta": "text[]",
    "va": "varchar(10)[]",
    "ia": "integer[]",
    "e": "mood",
    "tv": "tsvector",
    '"Odd Name"': "integer",
    '"order"': "integer",
}
SYNTAXES = [
    "v IN ('a', 'b')",
    "v NOT IN ('a', 'b')",
    "i IN (1, 2, b)",
    "i IN (1)",
    "(i, b) = (1, 2)",
    "(i, b) <> (1, 2)",
    "(i, v) IN ((1, 'a'), (2, 'b'))",
    "(i, v) NOT IN ((1, 'a'), (2, 'b'))",
    "i BETWEEN 1 AND 10",
    "i NOT BETWEEN 1 AND 10 OR o",
    "i BETWEEN 1 AND 2 AND b > 3",
    "i BETWEEN SYMMETRIC 1 AND 10",
    "v LIKE 'a!%' ESCAPE '!'",
    "v NOT LIKE 'a%'",
    "v ILIKE t",
    "v SIMILAR TO '(a|b)%'",
    "v NOT SIMILAR TO 'a' ESCAPE 'b'",
    "o IS TRUE",
    "o IS NOT FALSE",
    "o IS UNKNOWN",
    "(i > 1) IS NOT TRUE",
    "i ISNULL",
    "i NOTNULL",
    "i IS DISTINCT FROM NULL",
    "i IS NOT DISTINCT FROM b",
    "CASE WHEN i > 1 THEN v ELSE 'x' END = 'a'",
    "CASE i WHEN 1 THEN 'a' WHEN 2 THEN 'b' END = 'a'",
    "CASE WHEN i > 1 THEN CASE WHEN b > 2 THEN 1 ELSE 2 END END > 0",
    "o AND CASE WHEN o THEN true ELSE false END",
    "extract(year from ts) > 2000",
    "extract('epoch' from tz) > 0",
    "(tz AT TIME ZONE 'utc') > ts",
    "tz AT TIME ZONE 'utc' AT TIME ZONE 'utc' > now()",
    "timezone('utc', tz) > ts",
    "substring(v from 1 for 2) = 'a'",
    "substring(v for 2) = 'a'",
    "substring(v from 'x') = 'a'",
    "substring(v, 1, 2) = 'a'",
    "trim(v) = ''",
    "trim(both 'x' from t) = ''",
    "trim(leading from c) = ''",
    "trim(trailing 'x' from v) = ''",
    "position('a' in v) > 0",
    "overlay(t placing 'x' from 2 for 1) = ''",
    "t COLLATE \"C\" > 'a'",
    "lower(v COLLATE \"C\") = 'a'",
    "('a' COLLATE \"C\") < v",
    "ia[1] > 0",
    "ia[1:2] = '{1,2}'",
    "ia[:2] = ia[2:]",
    "(ARRAY[1, 2])[1] = i",
    "ARRAY[[1, 2], [3, 4]] = ia",
    "ARRAY[]::integer[] = ia",
    "ta @> ARRAY['a']",
    "va && ARRAY['x']::varchar[]",
    "va && ARRAY['x', 'y']::varchar(3)[]",
    "'a' = ANY (ta)",
    "v = ANY ('{a,b}')",
    "v::text = ANY (ARRAY['a', 'b']::varchar[])",
    "v LIKE ANY (ARRAY['a%', 'b%'])",
    "i > ALL (ARRAY[1, 2])",
    "num_nonnulls(i, b) = 1",
    "json_extract_path_text(j, 'a', 'b') = ''",
    "jsonb_extract_path(jb, VARIADIC ARRAY['a']) IS NULL",
    "concat(v, ' ', i) = ''",
    "jb ->> 'a' = 'x'",
    "jb -> 'a' ->> 'b' = 'x'",
    "jb #>> '{a,b}' = 'x'",
    'jb @> \'{"b": 1.50, "a": true}\'',
    "jb ? 'x' OR jb ?| ARRAY['a'] OR jb ?& '{a}'",
    "(jb ->> 'a')::integer > 1",
    "to_tsvector('english', v) @@ to_tsquery('a')",
    "iv > interval '1 day 02:00'",
    "iv > interval '90' minute",
    "da >= date '2020-01-01' AND ts < timestamp '2020-01-01 10:00'",
    "ts > CURRENT_TIMESTAMP AND da > CURRENT_DATE AND ts > LOCALTIMESTAMP(2)",
    "CURRENT_USER = t AND user = v AND session_user <> v",
    "- i > 0 AND + i > - (1) AND -1 < i AND i > - b",
    "i * (b + s) - 2 > 5",
    "(i - b) - s > i - (b - s)",
    "i / 2 * 3 % 4 > i + b * 2",
    "2 ^ 3 ^ 2 > i AND |/ d > @ i",
    "(i + 1) * 2 = (i * 2) + 1",
    "i + 1 || 'x' = v",
    "v || t || c = 'x'",
    "f > 0.5 AND n > -1.50 AND d < 1e10 AND i > 10000000000 AND n < .5",
    "v::varchar(5) = '1' AND 'abc'::varchar(10) = v AND v::varchar = t",
    "1.5::numeric(10,2) = n AND n::numeric = 1",
    "v::varchar(5)::text::varchar(3) = 'a'",
    "CAST(i AS bigint) = b AND b::int4 = i AND i::text::integer = 1",
    "int4(b) = 1 AND text(i) = '1' AND date('2020-01-01') = da",
    "e = 'sad' OR e::text IN ('ok') OR e > 'sad'::mood",
    "o = true AND NOT o <> false",
    "o AND (i > 1 AND (b > 2 OR s > 3)) OR NOT o",
    "(o AND o) AND (o AND o)",
    "o OR (o OR o) OR o",
    "NOT (o AND NOT o)",
    "NOT NOT o",
    "NOT i IS NULL",
    "NOT (i = 1) AND NOT i IN (1, 2)",
    "(i IS NULL) = (b IS NULL)",
    "(i IS NULL) <> o AND (o IS TRUE) = (b > 1)",
    "(i IN (1, 2)) = o",
    "coalesce(i > 1, false) AND coalesce(v, t, 'x') <> ''",
    "greatest(i, b, 2) > least(1, 1.5)",
    "nullif(v, '') IS NULL",
    '"Odd Name" > "order"',
    "t.i > 0 AND public.t.b > 0",
    "pg_catalog.lower(v) = v AND i OPERATOR(pg_catalog.+) 1 > 2",
    "U&'a' = v AND E'a\\'b\\n' = v AND $$it's$$ = v",
    "B'101' = X'5' AND '1'::\"char\" = 'a'",
    "left(v, 2) = right(t, 2) AND char_length(v) > 1",
    "isfinite(da) AND ts + interval '1 day' > now() - '1 hour'::interval",
    "(SELECT 1) = 1",
    "unknown_function(i) = 1",
]
REFUSED = {
    "i ->> 'a' = 'x'": "42883",
    "j = j": "42883",
    "i = o": "42883",
    "nothing > 0": "42703",
    "i = 'x'": "22P02",
    "e = 'happy'": "22P02",
    "jb @> '{'": "22P02",
    "i AND o": "42804",
    "coalesce(i, o) > 0": "42804",
    "lower(i, b) = 'x'": "42883",
    "ARRAY[] = ia": "42P18",
    "i = ANY (b)": "42809",
    "i::uuid IS NULL": "42846",
}


@pytest.fixture(scope="module")
def pair(make_postgres_database: Callable[[], str]) -> Iterator[Pair]:
    with open_pair(make_postgres_database(), COLUMNS) as pair:
        yield pair


def test_syntaxes_print_as_on_the_server(pair: Pair) -> None:
    assert pair.disagreements(SYNTAXES) == []


def test_syntaxes_are_vouched_for(pair: Pair) -> None:
    known = [one for one in SYNTAXES if "SELECT" not in one and "unknown" not in one]
    assert pair.exact_ones(known) == len(known)


@pytest.mark.parametrize(("expression", "code"), REFUSED.items(), ids=REFUSED)
def test_what_the_server_refuses_is_refused_by_the_same_code(pair: Pair, expression: str, code: str) -> None:
    from .asking import ask_catalog, ask_server

    assert ask_server(pair.connection, "t", [expression])[0].code == code
    assert ask_catalog(pair.catalog, pair.table, expression).code == code


def test_random_nesting_prints_as_on_the_server(pair: Pair) -> None:
    draw = random.Random(7)
    assert pair.disagreements([_condition(draw, 4) for _ in range(600)]) == []


_ATOMS = {
    "boolean": ["o", "true", "i IS NULL", "v IN ('a', 'b')", "o IS TRUE", "e = 'sad'", "jb ? 'a'"],
    "number": ["i", "b", "s", "n", "d", "1", "-1", "2.5", "length(v)", "ia[1]", "'5'::int"],
    "text": ["t", "v", "c", "'x'", "jb ->> 'a'", "lower(t)", "e::text", "i::text"],
}
_FORMS = {
    "boolean": [
        *(
            "{boolean} AND {boolean}",
            "{boolean} OR {boolean}",
            "NOT {boolean}",
            "{number} > {number}",
            "{text} = {text}",
        ),
        *("({boolean}) IS NOT TRUE", "({boolean}) = ({boolean})", "{number} BETWEEN {number} AND {number}"),
        *("({text}) LIKE ({text})", "({number}) IN ({number}, {number})", "({text}) IS DISTINCT FROM ({text})"),
        *(
            "({number}) IS NULL",
            "CASE WHEN {boolean} THEN {boolean} ELSE {boolean} END",
            "({text}) = ANY (ARRAY[{text}])",
        ),
        "coalesce({boolean}, {boolean})",
    ],
    "number": [
        *("({number}) + ({number})", "({number}) * {number}", "{number} - ({number})", "- ({number})", "abs({number})"),
        *("({number})::numeric", "({number})::bigint", "CASE {text} WHEN {text} THEN {number} ELSE {number} END"),
        *("greatest({number}, {number})", "length({text})", "extract(day from ts + iv)"),
    ],
    "text": [
        *(
            "({text}) || ({text})",
            "upper({text})",
            "coalesce({text}, {text})",
            "({text})::varchar(5)",
            "({number})::text",
        ),
        *(
            "substring({text} from 1 for 2)",
            "trim({text})",
            'lower(({text}) COLLATE "C")',
            "(ARRAY[{text}, {text}])[1]",
        ),
        "CASE WHEN {boolean} THEN {text} END",
    ],
}


def _condition(draw: random.Random, depth: int, kind: str = "boolean") -> str:
    if depth == 0 or draw.random() < 0.15:
        return draw.choice(_ATOMS[kind])
    form = draw.choice(_FORMS[kind])
    while "{" in form:
        wanted = form[form.index("{") + 1 : form.index("}")]
        form = form.replace("{" + wanted + "}", _condition(draw, depth - 1, wanted).replace("{", "<"), 1)
    return form.replace("<a", "{a")
