"""The whitelist, table by table: every pair of types with every operator, cast, function and choice, on a server."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterable, Iterator

import pytest

from migguard.worker.engines.catalog.postgresql.expressions.nodes import Type
from migguard.worker.engines.catalog.postgresql.expressions.system import system_for
from migguard.worker.engines.catalog.postgresql.expressions.whitelist import EXTENSIONS, OPERATORS, TYPES

from .asking import Pair, listed, open_pair, sample

_BASE = listed(
    """int2 int4 int8 numeric numeric(10,2) float4 float8 text varchar varchar(20) bpchar char(3) bool date time timetz
    timestamp timestamp(3) timestamptz interval uuid json jsonb bytea inet cidr tsvector tsquery int4range int8range
    numrange tsrange tstzrange daterange name "char" bit(3) varbit macaddr money xml point oid regclass regconfig mood
    dom_text dom_int dom_v text[] varchar(10)[] int4[] int8[] numeric[] uuid[] mood[] jsonb[]"""
)
COLUMNS = {f"c{place}": name for place, name in enumerate(_BASE)}
EXTENDED = {
    **{f"c{place}": name for place, name in enumerate(listed("int4 text varchar(20) bpchar name jsonb text[] int4[]"))},
    "x1": "citext",
    "x2": "hstore",
    "x3": "ltree",
    "x4": "citext[]",
    "x5": "cube",
}
_EXTENSIONS = tuple(
    listed(
        """citext hstore ltree cube pg_trgm unaccent uuid-ossp pgcrypto fuzzystrmatch intarray btree_gist btree_gin seg
        tablefunc earthdistance"""
    )
)
_OPERATORS = listed(
    "= <> < > <= >= + - * / % ^ || ~ ~* !~ !~* ~~ !~~ ~~* !~~* -> ->> #> #>> @> <@ ? ?| ?& && @@ << >> & | # -|-"
)
_PREFIXES = ("-", "+", "~", "@", "!!", "|/")
_NUMBERS = ("1", "-1", "1.5", "10000000000", "true")
_LITERALS = ("'1'", "'2020-01-01'", "'a'", "'{}'", "NULL", "'1 day'", "'[1,2)'", *_NUMBERS)
_TYPED = ("now()", "'x'::text", "'x'::varchar", "1::smallint")
_TEXTS = (
    *("'[]'", "'{a,b}'", "'10:00'", "'2020-01-01 10:00:00'", "'127.0.0.1'", "'-5'", "'1e3'", "'1e20'", "'true'"),
    *("1e20", "0.1", "-0.1", "'101'", "'0.1'", "'NaN'", "'1e-7'", "'123456789.123456789'", "' 7 '", "''", "'infinity'"),
    *('\'{"b": 1, "a": [1.50, null, "x"]}\'', "'1 year 2 mons -3 days'", "'3 weeks 04:05'", "'{1,NULL,\"a b\"}'"),
)
#: Two values put together in one of these ways.
_CHOICES = (
    *("coalesce({0}, {1})", "greatest({0}, {1})", "nullif({0}, {1})", "CASE WHEN true THEN {0} ELSE {1} END"),
    *("ARRAY[{0}, {1}]", "CASE {0} WHEN {1} THEN 1 END", "{0} IN ({1}, {1})", "{0} NOT IN ({1}, {1})"),
    *("{0} IS DISTINCT FROM {1}", "{0} = ANY ({1})", "{0} <> ALL ({1})", "{0} BETWEEN {1} AND {1}"),
    "{0} = ANY (ARRAY[{1}])",
)


@pytest.fixture(scope="module")
def pair(make_postgres_database: Callable[[], str]) -> Iterator[Pair]:
    with open_pair(make_postgres_database(), COLUMNS) as pair:
        yield pair


@pytest.fixture(scope="module")
def extended(make_postgres_database: Callable[[], str]) -> Iterator[Pair]:
    with open_pair(make_postgres_database(), EXTENDED, _EXTENSIONS) as pair:
        yield pair


def _tested(expressions: Iterable[str], size: int) -> list[str]:
    return [f"({one}) IS NULL" for one in sample(list(dict.fromkeys(expressions)), size)]


def _binary(lefts: Iterable[str], rights: Iterable[str]) -> Iterator[str]:
    for operator, left, right in itertools.product(_OPERATORS, list(lefts), list(rights)):
        yield f"{left} {operator} {right}"


def _all_pairs(values: Iterable[str]) -> list[tuple[str, str]]:
    """Columns with values, values with columns, values with values."""
    known = list(values)
    return [
        *itertools.product(COLUMNS, known),
        *itertools.product(known, COLUMNS),
        *itertools.product(known, known),
    ]


def test_all_types_of_the_whitelist_are_columns() -> None:
    names = {name.split("(")[0].strip('"') for name in (*COLUMNS.values(), *EXTENDED.values())}
    assert {name for name in TYPES if name != "unknown"} <= names


def test_all_operators_and_extensions_of_the_whitelist_are_tried() -> None:
    assert {*_OPERATORS, *_PREFIXES} == OPERATORS
    assert {*_EXTENSIONS, "plpgsql"} == EXTENSIONS


def test_operators_between_columns(pair: Pair) -> None:
    assert pair.disagreements(_tested(_binary(COLUMNS, COLUMNS), 6000)) == []


def test_operators_with_literals(pair: Pair) -> None:
    pairs = _all_pairs([*_LITERALS, *_TYPED])
    expressions = (f"{left} {operator} {right}" for operator in _OPERATORS for left, right in pairs)
    assert pair.disagreements(_tested(expressions, 6000)) == []


def test_operators_of_extensions(extended: Pair) -> None:
    values = [*EXTENDED, *_LITERALS]
    assert extended.disagreements(_tested(_binary(values, values), 6000)) == []


def test_prefix_operators(pair: Pair) -> None:
    expressions = (f"{sign} {value}" for sign in _PREFIXES for value in (*COLUMNS, *_LITERALS))
    assert pair.disagreements(_tested(expressions, 2000)) == []


def test_casts(pair: Pair) -> None:
    values = [*COLUMNS, *_LITERALS, *_TYPED, *_TEXTS]
    once = [f"{value}::{target}" for value in values for target in _BASE]
    twice = [f"{value}::{first}::{second}" for value in values for first in _BASE for second in _BASE]
    assert pair.disagreements(_tested([*once, *sample(twice, 4000)], 8000)) == []


def test_choices_between_columns(pair: Pair) -> None:
    expressions = (form.format(*two) for form in _CHOICES for two in itertools.product(COLUMNS, COLUMNS))
    assert pair.disagreements(_tested(expressions, 5000)) == []


def test_choices_with_literals(pair: Pair) -> None:
    pairs = _all_pairs([*_LITERALS, *_TYPED])
    expressions = (form.format(*two) for form in _CHOICES for two in pairs)
    assert pair.disagreements(_tested(expressions, 5000)) == []


def test_choices_with_types_of_extensions(extended: Pair) -> None:
    values = [*EXTENDED, "'a'", "NULL", "1", "'{}'", "'x'::text"]
    expressions = (form.format(*two) for form in _CHOICES for two in itertools.product(values, values))
    assert extended.disagreements(_tested(expressions, 3000)) == []


#: What is given for a parameter of a type, besides literals: columns of these types.
_GIVEN = {
    "anyelement": ["int4", "text", "mood"],
    "anyarray": ["text[]", "int4[]"],
    "anynonarray": ["int4", "text"],
    "anyenum": ["mood"],
    "anyrange": ["int4range"],
    "anycompatible": ["int4", "numeric", "text"],
    "anycompatiblearray": ["int4[]", "numeric[]"],
    "anycompatiblenonarray": ["int4"],
    "any": ["int4", "text", "varchar"],
    "text": ["text", "varchar(20)", "char(3)", "name", "dom_text"],
    "numeric": ["numeric", "numeric(10,2)", "int4"],
    "float8": ["float8", "int4", "numeric", "float4"],
    "int8": ["int8", "int4"],
    "int4": ["int4", "int2", "dom_int"],
    "bpchar": ["char(3)"],
    "bit": ["bit(3)"],
    "timestamptz": ["timestamptz", "date", "timestamp"],
    "timestamp": ["timestamp", "date"],
    "_text": ["text[]", "varchar(10)[]"],
}


def _calls(columns: dict[str, str], schemas: tuple[str, ...]) -> Iterator[str]:
    """Each function of the facts, its arguments drawn from columns and literals that may fit."""
    by_type = {type_: name for name, type_ in reversed(columns.items())}
    system = system_for(tuple((name, "public") for name in schemas))
    for name, functions in system.functions.items():
        draw = random.Random(name)
        quoted = name if name.replace("_", "").isalnum() and name.islower() else f'"{name}"'
        for function in functions:
            if function.kind != "f" or (schemas and not function.schema):
                continue
            choices = [_arguments(type_, by_type) for type_ in function.arguments]
            combined = list(itertools.islice(itertools.product(*choices), 5000))
            for arguments in draw.sample(combined, min(len(combined), 12)):
                yield f"{quoted}({', '.join(arguments)})"
                if function.is_variadic:
                    yield f"{quoted}({', '.join([*arguments, arguments[-1]])})"


def _arguments(type_: Type, by_type: dict[str, str]) -> list[str]:
    names = _GIVEN.get(type_.key, [type_.name + ("[]" if type_.is_array else "")])
    numbers = ["1"] if type_.key in ("int2", "int4", "int8", "numeric", "float8") else []
    return [*(by_type[name] for name in names if name in by_type), "'1'", "NULL", *numbers]


def test_functions(pair: Pair) -> None:
    assert pair.disagreements(_tested(_calls(COLUMNS, ()), 6000)) == []


def test_functions_of_extensions(extended: Pair) -> None:
    assert extended.disagreements(_tested(_calls(EXTENDED, _EXTENSIONS), 3000)) == []


def test_most_of_it_is_vouched_for(pair: Pair) -> None:
    """A whitelist that is never used would pass everything else here."""
    ordinary = [f"{name} IS NOT NULL AND {name}::text <> ''" for name in COLUMNS]
    assert pair.exact_ones(ordinary) == len(ordinary)
