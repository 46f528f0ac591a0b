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
    "names of copied indexes after a column was renamed": same(
        "CREATE TABLE @t (a integer UNIQUE, b integer)",
        "CREATE INDEX @i ON @t (b, lower(a::text))",
        "ALTER TABLE @t RENAME COLUMN a TO aa",
        "ALTER TABLE @t RENAME COLUMN b TO bb",
        "CREATE TABLE @u (LIKE @t INCLUDING ALL)",
    ),
    "names of a partition's indexes after a column was renamed": same(
        "CREATE TABLE @t (id integer, at date, PRIMARY KEY (id, at)) PARTITION BY RANGE (at)",
        "CREATE INDEX @i ON @t (at, id)",
        "ALTER TABLE @t RENAME COLUMN at TO day",
        "CREATE TABLE @a PARTITION OF @t FOR VALUES FROM ('2022-01-01') TO ('2023-01-01')",
    ),
    "exclusion constraint goes with a column of its condition": same(
        "CREATE TABLE @t (a box, b integer)",
        "ALTER TABLE @t ADD CONSTRAINT @x EXCLUDE USING gist (a WITH &&) WHERE (b > 1)",
        "ALTER TABLE @t DROP COLUMN b CASCADE",
        "ALTER TABLE @t ALTER a TYPE varchar USING a::varchar",
    ),
    "domain over a domain has its default": same(
        "CREATE DOMAIN @d AS boolean DEFAULT false",
        "CREATE DOMAIN @e AS @d",
        "CREATE DOMAIN @f AS @d DEFAULT NULL",
        "CREATE DOMAIN @g AS @d DEFAULT true",
        "CREATE DOMAIN @h AS @d[]",
        "ALTER DOMAIN @d DROP DEFAULT",
        'CREATE DOMAIN @i AS text COLLATE "C"',
        "CREATE DOMAIN @j AS @i",
    ),
    "domain keeps the text of its default": same(
        "CREATE TYPE @e AS ENUM ('a', 'b')",
        "CREATE DOMAIN @d AS @e DEFAULT 'b'",
        "ALTER TYPE @e RENAME TO @ee",
        "ALTER TYPE @ee RENAME VALUE 'b' TO 'bb'",
        "CREATE TABLE @t (a @d)",
    ),
    "default of a domain that is not printed exactly": same(
        "CREATE DOMAIN @d AS interval(3) DEFAULT 'P1D'", "CREATE TABLE @t (a @d)"
    ),
    "foreign key to a table that was unlogged": same(
        "CREATE UNLOGGED TABLE @t (a integer PRIMARY KEY)",
        "ALTER TABLE @t SET LOGGED",
        "CREATE TABLE @u (b integer REFERENCES @t)",
    ),
    "columns of two views": same(
        "CREATE TABLE @t (a integer, b text)",
        'CREATE VIEW "@v Mixed" AS SELECT a FROM @t',
        "CREATE VIEW @w AS SELECT b FROM @t",
        "CREATE MATERIALIZED VIEW @m AS SELECT * FROM @t",
    ),
    "names of copied indexes after a column's type was changed": same(
        "CREATE TABLE @t (id integer, at date, PRIMARY KEY (id, at)) PARTITION BY RANGE (at)",
        "CREATE INDEX @i ON @t (at) WHERE nullif(id, 0) IS NULL",
        "CREATE INDEX @j ON @t (at)",
        "ALTER TABLE @t RENAME at TO day",
        "ALTER TABLE @t ALTER COLUMN id TYPE real",
        "CREATE TABLE @p PARTITION OF @t DEFAULT",
    ),
    "inherited check of a parent that was not valid": same(
        "CREATE TABLE @t (a varchar(9))",
        "ALTER TABLE @t ADD CONSTRAINT @k CHECK (substr(a, 2) <> '') NOT VALID",
        "CREATE TABLE @u () INHERITS (@t)",
        "ALTER TABLE @t ALTER a TYPE text USING a::text",
    ),
    "composite type loses an attribute with its type": same(
        "CREATE TYPE @a AS (x integer)",
        "CREATE TYPE @b AS (x integer, y @a)",
        "DROP TYPE @a CASCADE",
        "CREATE TABLE @t (a @b)",
    ),
    "index on a cast that a column's new type makes empty": same(
        "CREATE TABLE @t (a uuid)",
        "CREATE INDEX @i ON @t (a, (a::text))",
        "ALTER TABLE @t ALTER a TYPE text USING a::text",
    ),
    "indexes of a partition are made anew with the type of a column": same(
        "CREATE TABLE @t (id integer, at date, PRIMARY KEY (id, at)) PARTITION BY RANGE (at)",
        "CREATE INDEX @i ON @t (id)",
        "CREATE TABLE @p PARTITION OF @t DEFAULT",
        "ALTER TABLE @p RENAME TO @q",
        "ALTER TABLE @t ALTER id TYPE text USING id::text",
    ),
}

OWED: dict[str, str] = {}
