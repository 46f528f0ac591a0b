"""Random expressions over columns of a PostgreSQL table, typed well enough to be taken as a rule."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

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

#: Conditions, by the family of the column `{it}` they are about; `{other}`: another column of that family, or itself.
CONDITIONS: dict[str, Sequence[str]] = {
    "integer": (
        "{it} > 0",
        "{it} >= {small}",
        "{it} < {it} + {small}",
        "{it} BETWEEN {small} AND 100",
        "{it} NOT BETWEEN 1 AND {small}",
        "{it} IN (1, 2, {small})",
        "{it} NOT IN (1, {small})",
        "{it} IN ({small})",
        "{it} = ANY (ARRAY[1, 2])",
        "{it} <> ALL ('{{1,2}}'::integer[])",
        "{it} {:=|<>|!=|<|<=|>|>=} {other}",
        "{it} {:+|-|*|/|%} {small} {:>|=|<>} {small}",
        "{it} * {other} - {small} >= -{small}",
        "({it} + {other}) * 2 > 10",
        "{it} + {other} * 2 > 10",
        "-{it} < 0",
        "- {small} <= {it}",
        "+{it} > -1",
        "abs({it}) > 1",
        "mod({it}, 2) = 0",
        "{it} & 1 = 1",
        "({it} | {other}) <> 0",
        "{it} # 3 > 0",
        "~{it} <> 0",
        "{it} << 2 > 1",
        "{it} ^ 2 > 4",
        "{it}::{:bigint|numeric|text|varchar|double precision|smallint|int4|float8} IS NOT NULL",
        "{it} > '5'",
        "{it} <> '5'::int",
        "{it} = 5::bigint",
        "{it} > 1.5",
        "{it} < 1e3",
        "{it} > 10000000000",
        "CASE WHEN {it} > 1 THEN {other} > 0 ELSE true END",
        "CASE {it} WHEN 1 THEN 'a' WHEN 2 THEN 'b' END IS NOT NULL",
        "coalesce({it}, 0) > 0",
        "nullif({it}, 0) IS NULL",
        "greatest({it}, {other}, 1) > 1",
        "least({it}, 5) < 3",
        "{it} IS {:DISTINCT|NOT DISTINCT} FROM {other}",
        "({it}, {other}) = (1, 2)",
        "({it}, {other}) IN ((1, 2), (3, 4))",
        "num_nonnulls({it}, {other}) = 1",
        "num_nulls({it}, {other}) < 2",
        "power({it}, 2) > 3",
        "round({it} / 2.0) = 1",
        "sign({it}) = 1",
        "to_char({it}, '999') <> ''",
        "{it} = {text_to_integer}",
    ),
    "numeric": (
        "{it} > 0",
        "{it} >= 0.5",
        "{it} <> -1.25",
        "{it} BETWEEN 0 AND 99.9",
        "{it} + 1 > {other}",
        "{it} * 1.5 > 2",
        "round({it}, 2) = {it}",
        "trunc({it}) > 0",
        "{it} % 1 = 0",
        "{it}::integer > 0",
        "{it} > '1.5'",
        "{it} IN (1, 2.5)",
        "{it} > 1::numeric",
        "{it} < 10::numeric(5,2)",
        "-{it} <= 0",
        "abs({it}) < 1000",
        "ceil({it}) = floor({it})",
        "({it} / 100)::numeric(10,2) > 0",
    ),
    "float": (
        "{it} > 0",
        "{it} < 1.5",
        "{it} >= -90 AND {it} <= 90",
        "{it} = 1e10",
        "{it} * 2 > {other}",
        "{it} > '0.5'",
        "{it}::integer = 1",
        "{it} BETWEEN -1.0 AND 1.0",
        "sqrt({it}) < 10",
        "{it} <> 'NaN'",
        "abs({it}) > 0.1",
        "{it} > 0::double precision",
        "{it} IN (1, 2)",
    ),
    "text": (
        "{it} <> ''",
        "{it} = {word}",
        "{it} IN ({word}, {word}, {word})",
        "{it} NOT IN ({word}, {word})",
        "{it} IN ({word})",
        "{it} = ANY (ARRAY[{word}, {word}])",
        "{it} = ANY (ARRAY[{word}::text, {word}::text])",
        "{it} = ANY (ARRAY[{word}, {word}]::text[])",
        "{it} = ANY ('{{a,b}}')",
        "{it} = ANY ('{{a,b}}'::varchar[])",
        "{it}::text = ANY (ARRAY[{word}, {word}]::varchar[])",
        "{it} {:LIKE|NOT LIKE|ILIKE|NOT ILIKE} {:'a%'|'%b'|'a_c'|'50!%'}",
        "{it} LIKE 'a!%' ESCAPE '!'",
        "{it} SIMILAR TO '(a|b)%'",
        "{it} {:~|~*|!~|!~*} {:'^[a-z]+$'|'^a'|'\\d'|E'\\\\d'}",
        "{:lower|upper|trim|btrim|ltrim|rtrim|initcap|reverse}({it}) {:=|<>} {word}",
        "{:length|char_length|octet_length}({it}) {:>|<=|=} {small}",
        "length(trim({it})) > 0",
        "length(trim(both from {it})) > 0",
        "trim(leading 'x' from {it}) <> ''",
        "{it} || {word} = {word}",
        "{it} || {other} <> ''",
        "{it} || '-' || {other} <> {word}",
        "coalesce({it}, '') <> ''",
        "coalesce({it}, {other}, {word}) = {word}",
        "nullif({it}, '') IS NOT NULL",
        "{it} = lower({it})",
        "{it} {:=|<>|<|>|<=|>=} {other}",
        "{it} > {word}",
        "{it}::{:text|varchar|varchar(5)|char(2)} = {word}",
        "CAST({it} AS {:text|varchar(7)}) <> {word}",
        "substring({it} from 1 for 2) = 'ab'",
        "substring({it}, 1, 2) = {word}",
        "substr({it}, 2) <> ''",
        "substring({it} from '^a') IS NULL",
        "position('a' in {it}) > 0",
        "strpos({it}, '@') > 1",
        "left({it}, 1) = 'a'",
        "right({it}, 1) <> 'b'",
        "replace({it}, 'a', 'b') = {word}",
        "regexp_replace({it}, 'a', '', 'g') <> ''",
        "translate({it}, 'ab', 'cd') <> ''",
        "split_part({it}, '.', 1) = {word}",
        "md5({it}) <> {word}",
        "concat({it}, {other}) <> ''",
        "starts_with({it}, 'a')",
        "{it} COLLATE \"C\" < 'b'",
        "CASE WHEN {it} = 'a' THEN true WHEN {it} = {word} THEN false ELSE {other} IS NULL END",
        "CASE {it} WHEN 'a' THEN 1 ELSE 2 END = 1",
        "{it} BETWEEN 'a' AND 'm'",
        "{it} BETWEEN SYMMETRIC 'm' AND 'a'",
        "{it} IS {:DISTINCT|NOT DISTINCT} FROM {word}",
        "({it} <> '') IS TRUE",
        "{it} = 'it''s'",
        "{it} = E'tab\\t'",
        "{it} = U&'\\0041'",
        "{it} = $$dollar$$",
        "{it}::integer > 0",
        "ascii({it}) > 64",
        "repeat({it}, 2) <> ''",
        "lpad({it}, 5, '0') <> ''",
        "format('%s', {it}) <> ''",
    ),
    "boolean": (
        "{it}",
        "NOT {it}",
        "{it} IS {:TRUE|FALSE|UNKNOWN|NOT TRUE|NOT FALSE|NOT UNKNOWN}",
        "{it} {:=|<>} {:true|false|'t'|TRUE}",
        "{it} = {other}",
        "coalesce({it}, false)",
        "{it} IN (true, false)",
        "({it})::integer = 1",
        "{it} OR {other}",
        "NOT ({it} AND {other})",
        "CASE WHEN {it} THEN 1 ELSE 0 END > 0",
    ),
    "timestamp": (
        "{it} > '2020-01-01'",
        "{it} < {other}",
        "{it} > '2020-01-01 10:00:00'::timestamp",
        "{it} >= timestamp '2020-01-01'",
        "{it} BETWEEN '2020-01-01' AND '2030-01-01'",
        "date_trunc('day', {it}) = {it}",
        "extract(year from {it}) > 2000",
        "date_part('hour', {it}) < 5",
        "{it} + interval '1 day' > {other}",
        "{it} - {other} > '1 day'",
        "{it}::date > '2020-01-01'",
        "{it} > {it} - '1 hour'::interval",
        "{it} <> 'infinity'",
        "{it} AT TIME ZONE 'UTC' IS NOT NULL",
        "timezone('UTC', {it}) IS NOT NULL",
        "({it}, {other}) OVERLAPS ({other}, {it})",
    ),
    "timestamptz": (
        "{it} > '2020-01-01 00:00:00+00'",
        "{it} < {other}",
        "{it} AT TIME ZONE 'UTC' > '2020-01-01'",
        "timezone('UTC', {it}) > '2020-01-01'",
        "extract(epoch from {it}) > 0",
        "({it} AT TIME ZONE 'UTC')::date > '2020-01-01'",
        "{it} >= timestamptz '2020-01-01 00:00:00Z'",
    ),
    "date": (
        "{it} > '2020-01-01'",
        "{it} >= date '2020-01-01'",
        "{it} < {other}",
        "{it} + 1 > {other}",
        "{it} - {other} > 7",
        "extract(dow from {it}) IN (0, 6)",
        "EXTRACT(DAY FROM {it}) = 1",
        "{it}::timestamp > '2020-01-01'",
        "date_part('year', {it}) = 2020",
    ),
    "time": ("{it} > '10:00'", "{it} < {other}", "{it} >= time '08:00'", "{it}::text <> ''"),
    "interval": ("{it} > '1 day'", "{it} < interval '1 hour'", "{it} * 2 > {other}", "extract(epoch from {it}) > 1"),
    "uuid": (
        "{it} <> '00000000-0000-0000-0000-000000000000'",
        "{it} = {other}",
        "{it}::text <> ''",
        "{it} IN ('00000000-0000-0000-0000-000000000000', '00000000-0000-0000-0000-000000000001')",
    ),
    "jsonb": (
        "({it} ->> 'k') = 'v'",
        "{it} ->> 'k' = 'v'",
        "{it}->>'k' IS NOT NULL",
        "({it} -> 'a' ->> 'b') <> ''",
        "{it} #>> '{{a,b}}' = 'x'",
        "({it} ->> 'n')::integer > 0",
        "{it} @> '{{\"a\": 1}}'",
        "{it} @> '{{}}'::jsonb",
        "{it} <@ {other}",
        "{it} ? 'a'",
        "{it} ?| ARRAY['a', 'b']",
        "{it} ?& '{{a}}'",
        "jsonb_typeof({it}) = 'object'",
        "{it} <> '{{}}'",
        "{it} = '[]'::jsonb",
        "jsonb_array_length({it}) > 0",
        "{it} -> 0 IS NULL",
        "({it} || {other}) <> '{{}}'",
        "coalesce({it} ->> 'x', '') <> ''",
        "({it}::jsonb -> 'x')::text = 'y'",
        "{it} @? '$.a'",
        "jsonb_path_exists({it}, '$.a')",
    ),
    "json": (
        "({it} ->> 'k') = 'v'",
        "json_typeof({it}) = 'object'",
        "({it} -> 'a' ->> 0) IS NULL",
        "({it})::text <> ''",
    ),
    "bytea": ("octet_length({it}) = 32", "length({it}) > 0", "{it} <> '\\x00'", "encode({it}, 'hex') <> ''"),
    "inet": ("{it} = '127.0.0.1'", "family({it}) = 4", "{it} << '10.0.0.0/8'", "host({it}) <> ''"),
    "texts": (
        "{it} @> ARRAY['a']",
        "{it} @> ARRAY['a']::text[]",
        "{it} = '{{}}'",
        "{it} && ARRAY['a', 'b']::text[]",
        "'a' = ANY ({it})",
        "array_length({it}, 1) > 0",
        "cardinality({it}) <= 3",
        "{it}[1] = 'a'",
        "array_position({it}, NULL) IS NULL",
        "{it} <> ARRAY[]::text[]",
        "array_to_string({it}, ',') <> ''",
        "{it} <@ '{{a,b}}'",
        "({it})[1:2] = '{{a}}'",
    ),
    "integers": (
        "{it} @> ARRAY[1]",
        "1 = ANY ({it})",
        "{it} = '{{1,2}}'",
        "array_length({it}, 1) = 2",
        "{it}[1] > 0",
        "cardinality({it}) > 1",
        "0 < ALL ({it})",
        "{it} || 1 <> {other}",
    ),
    "range": ("NOT isempty({it})", "lower({it}) > 0", "{it} @> 5", "{it} && int4range(1, 10)", "upper_inf({it})"),
    "timestamp range": ("NOT isempty({it})", "lower({it}) < upper({it})", "{it} && {other}"),
    "tsvector": ("{it} @@ to_tsquery('simple', 'a')", "{it} IS NOT NULL", "length({it}) > 0"),
    "enum": (
        "{it} = {label}",
        "{it} <> {label}",
        "{it} IN ({label}, {label})",
        "{it} NOT IN ({label})",
        "{it} = ANY (ARRAY[{label}]::{enum}[])",
        "{it} > {label}::{enum}",
        "{it}::text = {word}",
        "{it} = {other}",
        "coalesce({it}, {label}) = {label}",
        "CASE {it} WHEN {label} THEN true ELSE false END",
    ),
    "other": ("{it} IS NOT NULL", "{it} IS NULL", "({it})::text <> ''"),
}

#: Ways to put conditions together.
COMBINATIONS = (
    "{condition} AND {condition}",
    "{condition} OR {condition}",
    "({condition}) AND ({condition} OR {condition})",
    "({condition} AND {condition}) OR NOT ({condition})",
    "NOT ({condition})",
    "NOT {condition}",
    "({condition}) = ({condition})",
    "({condition}) IS {:TRUE|NOT TRUE|NOT NULL}",
    "(({condition}) AND {condition}) AND {condition}",
    "{condition} AND ({condition} AND {condition})",
    "{condition} OR ({condition} OR {condition})",
    "CASE WHEN {condition} THEN {condition} ELSE {condition} END",
    "{nullness} AND {condition}",
    "{nullness} OR {condition}",
    "({nullness}) <> ({nullness})",
    "({nullness} AND {nullness}) OR ({nullness} AND {nullness})",
)

#: What is indexed or generated: expressions that are not conditions.
VALUES: dict[str, Sequence[str]] = {
    "integer": (
        "{it} + 1",
        "({it} + {other})",
        "abs({it})",
        "-{it}",
        "{it} % 10",
        "{it}::text",
        "coalesce({it}, 0)",
        "{it} * 2 + {other}",
        "mod({it}, 7)",
        "CASE WHEN {it} > 0 THEN {it} ELSE 0 END",
        "{it}::bigint",
        "{it} / 2",
    ),
    "numeric": (
        "{it} * 2",
        "round({it}, 1)",
        "{it} / 3",
        "{it}::integer",
        "coalesce({it}, 0)",
        "abs({it}) + 0.5",
        "{it} - {other}",
    ),
    "float": ("{it} * 2", "{it} + 1.5", "{it}::integer", "-{it}", "round({it})", "{it} * {other}"),
    "text": (
        "lower({it})",
        "upper({it})",
        "{it} || 'x'",
        "{it} || {other}",
        "({it} || ' ') || {other}",
        "md5({it})",
        "length({it})",
        "coalesce({it}, '')",
        "coalesce({it}, {other})",
        "left({it}, 3)",
        "substr({it}, 1, 2)",
        "{it}::text",
        "lower({it})::text",
        "trim({it})",
        "nullif({it}, '')",
        "to_tsvector('english', {it})",
        "to_tsvector('english'::regconfig, coalesce({it}, ''))",
        "split_part({it}, '.', 2)",
        "lower(trim({it}))",
        "regexp_replace({it}, '[^a-z]', '', 'g')",
        "CASE WHEN {it} = '' THEN NULL ELSE {it} END",
        '({it} COLLATE "C")',
        "reverse({it})",
        "{it}::varchar(10)",
        "replace({it}, 'a', 'b')",
        "upper({it}) || lower({other})",
    ),
    "boolean": (
        "NOT {it}",
        "{it} IS TRUE",
        "{it} AND {other}",
        "coalesce({it}, false)",
        "CASE WHEN {it} THEN 1 END",
        "{it}::integer",
    ),
    "timestamp": (
        "date_trunc('day', {it})",
        "{it}::date",
        "extract(year from {it})",
        "date_part('month', {it})",
        "{it} + interval '1 day'",
        "{it} - {other}",
        "date({it})",
    ),
    "timestamptz": (
        "({it} AT TIME ZONE 'UTC')",
        "timezone('UTC', {it})",
        "(({it} AT TIME ZONE 'UTC')::date)",
        "date_trunc('hour', {it} AT TIME ZONE 'UTC')",
    ),
    "date": ("extract(year from {it})", "{it} + 7", "{it} - {other}", "date_part('month', {it})"),
    "jsonb": (
        "{it} -> 'a'",
        "{it} ->> 'a'",
        "({it} ->> 'a')::integer",
        "{it} #>> '{{a,b}}'",
        "({it} -> 'a' -> 'b')",
        "lower({it} ->> 'a')",
        "jsonb_array_length({it})",
        "(({it} ->> 'n')::numeric)",
    ),
    "json": ("{it} ->> 'a'", "({it} ->> 'a')::boolean", "{it} #>> '{{a}}'"),
    "texts": ("{it}[1]", "array_length({it}, 1)", "cardinality({it})", "array_to_string({it}, ' ')"),
    "integers": ("{it}[1]", "cardinality({it})", "{it} || 1"),
    "uuid": (
        "{it}::text",
        "coalesce({it}, '00000000-0000-0000-0000-000000000000')",
        "coalesce({it}, '00000000-0000-0000-0000-000000000000'::uuid)",
    ),
    "enum": ("coalesce({it}, {label})", "CASE WHEN {it} = {label} THEN 1 ELSE 0 END", "({it} = {label})"),
    "range": ("lower({it})", "upper({it})"),
    "inet": ("host({it})", "family({it})", "{it}::text"),
    "bytea": ("md5({it})", "encode({it}, 'hex')", "length({it})"),
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
