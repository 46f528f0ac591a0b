"""Statements on which the catalog once differed from the server without saying so. A flag is as good as the right answer.

`OWED`: which part of the catalog has still to mend what.
"""

# ruff: noqa: E501 (statements are read more easily on one line)
from __future__ import annotations

from .cases import Case, same

REGRESSIONS: dict[str, Case] = {
    "index on a cast that changes nothing": same(
        "CREATE TABLE @t (a bigint, b text)", "CREATE UNIQUE INDEX @i ON @t ((a::bigint), (b::text))"
    ),
    "index on an expression with a collation": same(
        "CREATE TABLE @t (a text)", 'CREATE INDEX @i ON @t ((a COLLATE "C"))'
    ),
    "index on AT TIME ZONE": same("CREATE TABLE @t (a timestamptz)", "CREATE INDEX @i ON @t ((a AT TIME ZONE 'UTC'))"),
    "index of a partition on a cast that changes nothing": same(
        "CREATE TABLE @t (at date, kind text) PARTITION BY RANGE (at)",
        "CREATE UNIQUE INDEX @i ON @t ((kind::text) varchar_pattern_ops, at)",
        "CREATE TABLE @a PARTITION OF @t DEFAULT",
    ),
    "BETWEEN is not merged with the AND around it": same(
        "CREATE TABLE @t (a integer, b integer)",
        "CREATE INDEX @i ON @t (a) WHERE a BETWEEN 1 AND 5 AND b > 0",
        "CREATE INDEX @j ON @t (a) WHERE a NOT BETWEEN 1 AND 5 OR b > 0",
    ),
    "substring with a pattern": same(
        "CREATE TABLE @t (a text)", "ALTER TABLE @t ADD CHECK (substring(a FROM '^a') IS NULL)"
    ),
    "interval with a field": same("CREATE TABLE @t (a interval DEFAULT interval '90' minute)"),
    "a literal that the server's time zone decides": same(
        "CREATE TABLE @t (a timestamptz)",
        "ALTER TABLE @t ADD CONSTRAINT @k CHECK (a >= timestamptz '2020-01-01 00:00:00Z')",
    ),
    "overlaps": same("CREATE TABLE @t (a timestamp)", "ALTER TABLE @t ADD CHECK ((a, a) OVERLAPS (a, a))"),
    "domain over a domain has its collation": same(
        "CREATE DOMAIN @d AS varchar(5)", "CREATE DOMAIN @e AS @d", "CREATE DOMAIN @f AS @e[]", "CREATE TABLE @t (a @e)"
    ),
    "name with its own collation": same('CREATE TABLE @t (a name COLLATE "C")'),
    "sequence to the schema where it is": same("CREATE SEQUENCE @q", "ALTER SEQUENCE @q SET SCHEMA public"),
    "regclass in indexes": same(
        "CREATE TABLE @t (a regclass UNIQUE)",
        "CREATE INDEX @i ON @t USING brin (a)",
        "CREATE INDEX @j ON @t USING hash (a)",
    ),
    "a statement that is half understood is taken back": same(
        "CREATE TABLE @t (a boolean)", "ALTER TABLE @t ADD b integer, ALTER a SET DEFAULT not true"
    ),
}

OWED: dict[str, str] = {
    "name with its own collation": 'A: COLLATE "C" is the default of the type name',
    "sequence to the schema where it is": "A: SET SCHEMA to the same schema does nothing",
    "regclass in indexes": "A: the operator classes of oid take its aliases",
}
