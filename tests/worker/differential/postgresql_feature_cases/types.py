"""Types of all kinds, extensions."""

# ruff: noqa: E501 (statements are read more easily on one line)
from __future__ import annotations

from tests.worker.differential.cases import Case, alone, either, same

TYPES: dict[str, Case] = {
    "numbers": same(
        "CREATE TABLE @t (a int2, b int4, c int8, d float4, e float8, f float(10), g float(53), h decimal(5), i numeric(8,3), j money, k oid)"
    ),
    "texts": same(
        'CREATE TABLE @t (a char, b character(5), c varchar, d character varying(9), e text, f name, g "char", h bpchar, i nchar(3))'
    ),
    "times": same(
        "CREATE TABLE @t (a timestamp(3), b timestamptz, c timestamp(0) with time zone, d time(2), e timetz, f time with time zone, g date,"
        " h interval, i interval(3), j interval day to second, k interval year to month, l interval second(2))"
    ),
    "the others": same(
        "CREATE TABLE @t (a uuid, b json, c jsonb, d bytea, e inet, f cidr, g macaddr, h macaddr8, i bit, j bit(3), k varbit, l bit varying(5),"
        " m xml, n tsvector, o tsquery, p point, q line, r box, s polygon, u circle, v regclass, w pg_lsn, x path, y lseg)"
    ),
    "arrays": same(
        "CREATE TABLE @t (a integer[], b text[][], c varchar(5)[], d integer ARRAY, e integer ARRAY[4], f numeric(5,2)[3], g timestamptz[])"
    ),
    "ranges": same(
        "CREATE TABLE @t (a int4range, b int8range, c numrange, d tsrange, e tstzrange, f daterange, g int4multirange, h datemultirange)"
    ),
    "enum": same(
        "CREATE TYPE @e AS ENUM ('a', 'b c', 'it''s')",
        "CREATE TABLE @t (a @e DEFAULT 'a' NOT NULL, b @e[], c @e DEFAULT 'a'::@e, CHECK (a <> 'b c'), CHECK (a IN ('a', 'it''s')))",
    ),
    "enum, values added and renamed": same(
        "CREATE TYPE @e AS ENUM ('a', 'c')",
        "ALTER TYPE @e ADD VALUE 'b' BEFORE 'c'",
        "ALTER TYPE @e ADD VALUE IF NOT EXISTS 'c'",
        "ALTER TYPE @e ADD VALUE 'd' AFTER 'a'",
        "ALTER TYPE @e ADD VALUE 'z'",
        "ALTER TYPE @e RENAME VALUE 'a' TO 'first'",
    ),
    "enum, default follows a renamed value": same(
        "CREATE TYPE @e AS ENUM ('a', 'b')",
        "CREATE TABLE @t (a @e DEFAULT 'a', CHECK (a <> 'a'))",
        "ALTER TYPE @e RENAME VALUE 'a' TO 'aa'",
    ),
    "enum renamed and replaced": same(
        "CREATE TYPE @e AS ENUM ('a', 'b')",
        "CREATE TABLE @t (a @e DEFAULT 'a')",
        "ALTER TABLE @t ALTER a DROP DEFAULT",
        "ALTER TYPE @e RENAME TO @old",
        "CREATE TYPE @e AS ENUM ('a', 'b', 'c')",
        "ALTER TABLE @t ALTER a TYPE @e USING a::text::@e",
        "ALTER TABLE @t ALTER a SET DEFAULT 'c'",
        "DROP TYPE @old",
    ),
    "enum dropped with cascade": same(
        "CREATE TYPE @e AS ENUM ('a')", "CREATE TABLE @t (id integer, a @e)", "DROP TYPE @e CASCADE"
    ),
    "domain": same(
        "CREATE DOMAIN @d AS varchar(20) DEFAULT 'x' NOT NULL CONSTRAINT @positive CHECK (VALUE <> '')",
        "CREATE DOMAIN @bare integer",
        "CREATE TABLE @t (a @d, b @bare DEFAULT 5, c @d[], CHECK (b > 0))",
    ),
    "domain altered": same(
        "CREATE DOMAIN @d AS integer CHECK (VALUE > 0)",
        "CREATE TABLE @t (a @d)",
        "ALTER DOMAIN @d SET DEFAULT 5",
        "ALTER DOMAIN @d SET NOT NULL",
        "ALTER DOMAIN @d ADD CONSTRAINT @small CHECK (VALUE < 9) NOT VALID",
        "ALTER DOMAIN @d VALIDATE CONSTRAINT @small",
        "ALTER DOMAIN @d DROP CONSTRAINT @d_check",
        "ALTER DOMAIN @d DROP NOT NULL",
        "ALTER DOMAIN @d RENAME CONSTRAINT @small TO @renamed",
        "ALTER DOMAIN @d RENAME TO @dd",
    ),
    "domain dropped": same("CREATE DOMAIN @d AS text", "CREATE TABLE @t (a integer, b @d)", "DROP DOMAIN @d CASCADE"),
    "composite": same(
        "CREATE TYPE @c AS (x integer, y text)",
        "CREATE TABLE @t (a @c, b @c[])",
        "ALTER TYPE @c RENAME TO @cc",
        "CREATE TYPE @alone AS (x integer)",
        "ALTER TYPE @alone ADD ATTRIBUTE z date",
        "DROP TYPE @alone",
    ),
    "range type": same("CREATE TYPE @r AS RANGE (subtype = float8)", "CREATE TABLE @t (a @r)"),
    "table as a type": either("CREATE TABLE @t (a integer)", "CREATE TABLE @u (row @t, rows @t[])"),
    "type in a schema": same(
        "CREATE SCHEMA @s",
        "CREATE TYPE @s.@e AS ENUM ('a')",
        "CREATE TABLE @t (a @s.@e DEFAULT 'a', CHECK (a = 'a'))",
        "ALTER TYPE @s.@e SET SCHEMA public",
    ),
    "type comments and owner": same(
        "CREATE TYPE @e AS ENUM ('a')", "COMMENT ON TYPE @e IS 'x'", "ALTER TYPE @e OWNER TO CURRENT_USER"
    ),
    "array added": same("CREATE TABLE @t (a integer)", "ALTER TABLE @t ADD b integer[] DEFAULT '{1,2}'::integer[]"),
}

EXTENSIONS: dict[str, Case] = {
    "citext": same(
        "CREATE EXTENSION IF NOT EXISTS citext",
        "CREATE TABLE @t (a citext NOT NULL UNIQUE, b citext[], c citext DEFAULT 'x')",
    ),
    "hstore": same(
        "CREATE EXTENSION IF NOT EXISTS hstore",
        "CREATE TABLE @t (a hstore, b hstore DEFAULT '')",
        "CREATE INDEX @i ON @t USING gin (a)",
    ),
    "ltree": same(
        "CREATE EXTENSION IF NOT EXISTS ltree", "CREATE TABLE @t (a ltree)", "CREATE INDEX @i ON @t USING gist (a)"
    ),
    "pg_trgm operator class": same(
        "CREATE EXTENSION IF NOT EXISTS pg_trgm",
        "CREATE TABLE @t (a text)",
        "CREATE INDEX @i ON @t USING gin (a gin_trgm_ops)",
    ),
    "functions as defaults": same(
        'CREATE EXTENSION IF NOT EXISTS "uuid-ossp"',
        "CREATE EXTENSION IF NOT EXISTS pgcrypto",
        "CREATE TABLE @t (a uuid DEFAULT uuid_generate_v4())",
    ),
    "btree_gist exclusion": same(
        "CREATE EXTENSION IF NOT EXISTS btree_gist",
        "CREATE TABLE @t (a integer, r tsrange, EXCLUDE USING gist (a WITH =, r WITH &&))",
    ),
    "dropped": alone(
        "CREATE EXTENSION citext", "CREATE TABLE t (id integer, a citext)", "DROP EXTENSION citext CASCADE"
    ),
    "in a schema": alone(
        "CREATE SCHEMA ext", "CREATE EXTENSION citext WITH SCHEMA ext", "CREATE TABLE t (a ext.citext)"
    ),
    "unknown": either("CREATE EXTENSION IF NOT EXISTS seg", "CREATE TABLE @t (a seg)"),
    "comment and update": same(
        "CREATE EXTENSION IF NOT EXISTS citext", "COMMENT ON EXTENSION citext IS 'x'", "ALTER EXTENSION citext UPDATE"
    ),
}
