"""The DDL features of PostgreSQL that the catalog follows, by family: one case each."""

# ruff: noqa: E501 (statements are read more easily on one line)
from __future__ import annotations

from .cases import Case, alone, autocommitted, flagged, same

_PARENT = "CREATE TABLE @p (id integer PRIMARY KEY, code varchar(10) UNIQUE, a integer, b integer, UNIQUE (a, b))"

TABLES: dict[str, Case] = {
    "all kinds of column": same(
        "CREATE TABLE @t (id SERIAL PRIMARY KEY, a integer NOT NULL, b text DEFAULT 'x' NOT NULL, c varchar(5) UNIQUE)"
    ),
    "if not exists that does nothing": same(
        "CREATE TABLE @t (id integer)", "CREATE TABLE IF NOT EXISTS @t (other text)"
    ),
    "quoted names": same(
        'CREATE TABLE "@t Mixed" ("Col One" integer, "order" integer, "ü" text, CHECK ("Col One" > 0))'
    ),
    "without columns": same("CREATE TABLE @t ()"),
    "names over 63 bytes": same(
        f"CREATE TABLE @{'t' * 70} (id SERIAL PRIMARY KEY, {'c' * 70} integer UNIQUE CHECK ({'c' * 70} > 0))",
        f"CREATE INDEX ON @{'t' * 70} ({'c' * 70})",
        f"CREATE TABLE @b (r integer, FOREIGN KEY (r) REFERENCES @{'t' * 70} (id))",
    ),
    "implicit names that collide": same(
        "CREATE TABLE @t (a integer, CHECK (a > 1), CHECK (a > 2), UNIQUE (a))",
        "CREATE INDEX ON @t (a)",
        "CREATE INDEX ON @t (a)",
        "ALTER TABLE @t ADD UNIQUE (a)",
        "ALTER TABLE @t ADD CHECK (a > 3)",
    ),
    "unlogged": same("CREATE UNLOGGED TABLE @t (id integer PRIMARY KEY)", "ALTER TABLE @t SET LOGGED"),
    "storage parameters": same(
        "CREATE TABLE @t (id integer) WITH (fillfactor=70)", "ALTER TABLE @t SET (fillfactor=50)"
    ),
    "rename": same(
        "CREATE TABLE @t (id SERIAL PRIMARY KEY)", "ALTER TABLE @t RENAME TO @u", "ALTER TABLE @u ADD a integer UNIQUE"
    ),
    "drop": same("CREATE TABLE @t (id SERIAL)", "CREATE TABLE @u (id integer)", "DROP TABLE @t, @u"),
    "drop if exists": same(
        "DROP TABLE IF EXISTS @t", "CREATE TABLE @t (id integer)", "DROP TABLE IF EXISTS @t CASCADE"
    ),
    "drop cascade takes foreign keys": same(
        _PARENT, "CREATE TABLE @c (r integer REFERENCES @p (id))", "DROP TABLE @p CASCADE"
    ),
    "drop cascade takes views": same(
        "CREATE TABLE @t (a integer)", "CREATE VIEW @v AS SELECT a FROM @t", "DROP TABLE @t CASCADE"
    ),
    "like": same(
        "CREATE TABLE @t (id integer PRIMARY KEY DEFAULT 3, a text NOT NULL CHECK (a <> ''), b integer GENERATED ALWAYS AS (1) STORED)",
        "COMMENT ON COLUMN @t.a IS 'why'",
        "CREATE INDEX @i ON @t (lower(a)) WHERE a <> 'x'",
        "CREATE TABLE @plain (LIKE @t)",
        "CREATE TABLE @whole (extra integer, LIKE @t INCLUDING ALL)",
        "CREATE TABLE @part (LIKE @t INCLUDING DEFAULTS INCLUDING CONSTRAINTS, CHECK (id > 0))",
        "CREATE TABLE @indexed (LIKE @t INCLUDING INDEXES INCLUDING COMMENTS)",
        "CREATE TABLE @but (LIKE @t INCLUDING ALL EXCLUDING INDEXES)",
    ),
    "like with identity": same(
        "CREATE TABLE @t (id integer GENERATED ALWAYS AS IDENTITY (START WITH 7))",
        "CREATE TABLE @u (LIKE @t INCLUDING IDENTITY)",
        "CREATE TABLE @w (LIKE @t)",
    ),
    "inherits": same(
        "CREATE TABLE @t (id integer PRIMARY KEY, a text DEFAULT 'x' NOT NULL, CHECK (a <> ''), CONSTRAINT @own CHECK (id > 0) NO INHERIT)",
        "CREATE TABLE @c (b integer) INHERITS (@t)",
        "ALTER TABLE @t ADD COLUMN later integer DEFAULT 5",
        "ALTER TABLE @t ADD CONSTRAINT @big CHECK (later > 1)",
        "ALTER TABLE @t RENAME COLUMN a TO aa",
        "ALTER TABLE @t ALTER COLUMN aa TYPE varchar(9)",
    ),
    "inherits: merged column, drop": same(
        "CREATE TABLE @t (a integer, b integer)",
        "CREATE TABLE @c (a integer NOT NULL) INHERITS (@t)",
        "ALTER TABLE @t DROP COLUMN b",
        "ALTER TABLE @t DROP COLUMN a",
        "ALTER TABLE @c NO INHERIT @t",
    ),
    "inherits from two": same(
        "CREATE TABLE @a (x integer, y text)",
        "CREATE TABLE @b (y text, z date)",
        "CREATE TABLE @c (w integer) INHERITS (@a, @b)",
        "ALTER TABLE @c NO INHERIT @a",
    ),
    "create table as": flagged(
        "CREATE TABLE @t (a integer, b text)",
        "CREATE TABLE @u AS SELECT a, lower(b) AS low, count(*) FROM @t GROUP BY 1, 2",
    ),
    "create table as: all columns of a table": same(
        "CREATE TABLE @t (a varchar(4) NOT NULL, b numeric(5,2))", "CREATE TABLE @u AS SELECT * FROM @t"
    ),
    "temporary table that is dropped": same("CREATE TEMPORARY TABLE @t (id integer)", "DROP TABLE @t"),
    "temporary table that hides another": alone(
        "CREATE TABLE t (a integer)",
        "CREATE TEMP TABLE t (b text)",
        "ALTER TABLE t ADD c integer",
        "DROP TABLE t",
        "ALTER TABLE t ADD d integer",
    ),
    "row level security and policies": same(
        "CREATE TABLE @t (a integer)",
        "ALTER TABLE @t ENABLE ROW LEVEL SECURITY",
        "CREATE POLICY @x ON @t USING (a > 0)",
        "DROP POLICY @x ON @t",
    ),
    "owner, replica identity, cluster": same(
        "CREATE TABLE @t (a integer PRIMARY KEY)",
        "ALTER TABLE @t OWNER TO CURRENT_USER",
        "ALTER TABLE @t REPLICA IDENTITY FULL",
        "ALTER TABLE @t CLUSTER ON @t_pkey",
    ),
    "comments": same(
        "CREATE TABLE @t (a integer UNIQUE)",
        "COMMENT ON TABLE @t IS 'it''s'",
        "COMMENT ON COLUMN @t.a IS E'two\\nlines'",
        "COMMENT ON CONSTRAINT @t_a_key ON @t IS 'only once'",
        "COMMENT ON INDEX @t_a_key IS 'of the index'",
    ),
    "comments taken back": same(
        "CREATE TABLE @t (a integer)",
        "COMMENT ON TABLE @t IS 'x'",
        "COMMENT ON TABLE @t IS NULL",
        "COMMENT ON COLUMN @t.a IS ''",
    ),
    "several changes in one statement": same(
        "CREATE TABLE @t (a integer, b text)",
        "ALTER TABLE @t ADD c integer, DROP COLUMN b, ALTER a SET NOT NULL, ALTER a TYPE bigint, ADD PRIMARY KEY (a), ALTER a SET DEFAULT 4",
    ),
    "several statements in one text": same(
        "CREATE TABLE @t (a integer); ALTER TABLE @t ADD b text; CREATE INDEX ON @t (b)"
    ),
    "comments and dollar quotes in the text": same(
        "-- a ; b\nCREATE TABLE @t (a text /* c; /* nested */ */ DEFAULT $x$;$x$)"
    ),
}

COLUMNS: dict[str, Case] = {
    "add, with everything": same(
        "CREATE TABLE @t (id integer PRIMARY KEY)",
        "ALTER TABLE @t ADD COLUMN a varchar(20) DEFAULT 'x' NOT NULL UNIQUE CHECK (a <> '')",
        "ALTER TABLE @t ADD r integer CONSTRAINT @fk REFERENCES @t ON DELETE CASCADE",
        "ALTER TABLE @t ADD IF NOT EXISTS r text",
    ),
    "drop takes what is on it": same(
        "CREATE TABLE @t (a integer, b integer, c integer, UNIQUE (a, b), CHECK (a > b), CHECK (c > 0))",
        "CREATE INDEX @i ON @t (b, c)",
        "CREATE INDEX @e ON @t ((a + c))",
        "CREATE INDEX @w ON @t (c) WHERE a > 0",
        "CREATE INDEX @n ON @t (c) INCLUDE (a)",
        "ALTER TABLE @t DROP COLUMN a",
    ),
    "drop cascade takes foreign keys of others": same(
        _PARENT, "CREATE TABLE @c (r integer REFERENCES @p)", "ALTER TABLE @p DROP COLUMN id CASCADE"
    ),
    "drop takes an owned sequence": same("CREATE TABLE @t (id SERIAL, a integer)", "ALTER TABLE @t DROP COLUMN id"),
    "rename reaches every expression": same(
        "CREATE TABLE @t (a integer CHECK (a > 0), b integer GENERATED ALWAYS AS (a * 2) STORED, UNIQUE (a))",
        "CREATE INDEX @i ON @t ((a + 1)) WHERE a IS NOT NULL",
        'ALTER TABLE @t RENAME COLUMN a TO "New Name"',
    ),
    "types: change": same(
        "CREATE TABLE @t (a integer DEFAULT 5, b varchar(5) DEFAULT 'x', c text, d timestamp DEFAULT now(), e numeric(5,2))",
        "ALTER TABLE @t ALTER a TYPE bigint, ALTER b TYPE text, ALTER c TYPE varchar(30), ALTER d TYPE timestamptz USING d AT TIME ZONE 'UTC'",
        "ALTER TABLE @t ALTER COLUMN e SET DATA TYPE integer USING e::integer",
    ),
    "types: change under checks and indexes": same(
        "CREATE TABLE @t (a integer CHECK (a > 0), b varchar(9) CHECK (b <> 'x'), c varchar(9))",
        "CREATE INDEX @i ON @t (lower(b))",
        "CREATE INDEX @j ON @t (c) WHERE c = 'y'",
        "ALTER TABLE @t ALTER a TYPE bigint",
        "ALTER TABLE @t ALTER b TYPE text",
        "ALTER TABLE @t ALTER c TYPE text",
    ),
    "types: serial to bigint": same("CREATE TABLE @t (id SERIAL PRIMARY KEY)", "ALTER TABLE @t ALTER id TYPE bigint"),
    "not null": same(
        "CREATE TABLE @t (a integer, b integer NOT NULL)",
        "ALTER TABLE @t ALTER a SET NOT NULL",
        "ALTER TABLE @t ALTER b DROP NOT NULL",
    ),
    "defaults of many types": same(
        "CREATE TABLE @t (a integer DEFAULT 0, b bigint DEFAULT '5', c numeric(10,2) DEFAULT 0.5, d boolean DEFAULT 't', e text DEFAULT '',"
        " f varchar(3) DEFAULT 'abc', g timestamp DEFAULT now(), h timestamptz DEFAULT CURRENT_TIMESTAMP, i date DEFAULT CURRENT_DATE,"
        " j jsonb DEFAULT '{}', k json DEFAULT '[]', l uuid DEFAULT gen_random_uuid(), m text[] DEFAULT '{}', n interval DEFAULT '1 day',"
        " o double precision DEFAULT -1.5, p bytea DEFAULT '\\x00', q char(2) DEFAULT 'a', r time DEFAULT '10:00', s inet DEFAULT '127.0.0.1')"
    ),
    "defaults that are expressions": same(
        "CREATE TABLE @t (a timestamp DEFAULT timezone('utc', now()), b timestamp DEFAULT (now() AT TIME ZONE 'utc'), c text DEFAULT md5('x'),"
        " d integer DEFAULT 1 + 2, e text DEFAULT 'a' || 'b', f timestamptz DEFAULT now() + interval '1 day', g varchar DEFAULT NULL,"
        " h varchar(5) DEFAULT NULL, i text DEFAULT current_user, j date DEFAULT now(), k text[] DEFAULT ARRAY['a', 'b']::text[])"
    ),
    "default keeps its first type": same(
        "CREATE TABLE @t (a varchar(5) DEFAULT 'x', b integer DEFAULT 5)",
        "ALTER TABLE @t ALTER a TYPE text, ALTER b TYPE bigint",
    ),
    "defaults set and dropped": same(
        "CREATE TABLE @t (a integer DEFAULT 1, b text)",
        "ALTER TABLE @t ALTER a DROP DEFAULT, ALTER b SET DEFAULT 'new'",
        "ALTER TABLE @t ALTER b SET DEFAULT NULL",
    ),
    "serial": same(
        "CREATE TABLE @t (a SERIAL, b BIGSERIAL NOT NULL, c smallserial PRIMARY KEY)",
        "ALTER TABLE @t RENAME TO @u",
        "ALTER TABLE @u RENAME a TO aa",
    ),
    "identity": same(
        "CREATE TABLE @t (id integer GENERATED BY DEFAULT AS IDENTITY, b bigint GENERATED ALWAYS AS IDENTITY"
        " (START WITH 5 INCREMENT BY 2 MINVALUE 1 MAXVALUE 99 CACHE 3 CYCLE), c smallint GENERATED ALWAYS AS IDENTITY (INCREMENT -1))"
    ),
    "identity added, changed and dropped": same(
        "CREATE TABLE @t (a integer NOT NULL, b bigint NOT NULL, c integer GENERATED ALWAYS AS IDENTITY)",
        "ALTER TABLE @t ALTER a ADD GENERATED ALWAYS AS IDENTITY",
        "ALTER TABLE @t ALTER b ADD GENERATED BY DEFAULT AS IDENTITY (START WITH 10)",
        "ALTER TABLE @t ALTER a SET GENERATED BY DEFAULT SET INCREMENT BY 5",
        "ALTER TABLE @t ALTER c DROP IDENTITY",
        "ALTER TABLE @t ALTER c DROP IDENTITY IF EXISTS",
    ),
    "identity type changed": same(
        "CREATE TABLE @t (a integer GENERATED ALWAYS AS IDENTITY)", "ALTER TABLE @t ALTER a TYPE bigint"
    ),
    "generated": same(
        "CREATE TABLE @t (a integer, b text, c integer GENERATED ALWAYS AS (a * 2 + 1) STORED, d text GENERATED ALWAYS AS (lower(b)) STORED,"
        " e tsvector GENERATED ALWAYS AS (to_tsvector('english', coalesce(b, ''))) STORED)"
    ),
    "generated, expression dropped": same(
        "CREATE TABLE @t (a integer, b integer GENERATED ALWAYS AS (a + 1) STORED)",
        "ALTER TABLE @t ALTER b DROP EXPRESSION",
    ),
    "collation": same(
        'CREATE TABLE @t (a text COLLATE "C", b varchar(5) COLLATE "POSIX")',
        'ALTER TABLE @t ALTER b TYPE text COLLATE "C"',
    ),
    "statistics, storage, compression": same(
        "CREATE TABLE @t (a text)",
        "ALTER TABLE @t ALTER a SET STATISTICS 50, ALTER a SET STORAGE EXTERNAL",
        "ALTER TABLE @t ALTER a SET (n_distinct = 5)",
    ),
}

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
    "table as a type": same("CREATE TABLE @t (a integer)", "CREATE TABLE @u (row @t, rows @t[])"),
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
    "unknown": flagged("CREATE EXTENSION IF NOT EXISTS seg", "CREATE TABLE @t (a seg)"),
    "comment and update": same(
        "CREATE EXTENSION IF NOT EXISTS citext", "COMMENT ON EXTENSION citext IS 'x'", "ALTER EXTENSION citext UPDATE"
    ),
}

CONSTRAINTS: dict[str, Case] = {
    "primary key, named and not": same(
        "CREATE TABLE @a (id integer PRIMARY KEY)",
        "CREATE TABLE @b (x integer, y integer, PRIMARY KEY (y, x))",
        "CREATE TABLE @c (x integer CONSTRAINT @named PRIMARY KEY)",
        "CREATE TABLE @d (x integer, y integer)",
        "ALTER TABLE @d ADD CONSTRAINT @later PRIMARY KEY (x) INCLUDE (y)",
    ),
    "primary key dropped": same("CREATE TABLE @t (id integer PRIMARY KEY)", "ALTER TABLE @t DROP CONSTRAINT @t_pkey"),
    "unique": same(
        "CREATE TABLE @t (a integer UNIQUE, b integer, c integer, UNIQUE (b, c), CONSTRAINT @named UNIQUE (c))",
        "ALTER TABLE @t ADD CONSTRAINT @deferred UNIQUE (a, c) DEFERRABLE INITIALLY DEFERRED",
        "ALTER TABLE @t ADD UNIQUE NULLS NOT DISTINCT (b)",
        "ALTER TABLE @t ADD UNIQUE (a, b) INCLUDE (c)",
    ),
    "the same constraint twice": same("CREATE TABLE @t (a integer UNIQUE PRIMARY KEY, UNIQUE (a), UNIQUE (a))"),
    "using index": same(
        "CREATE TABLE @t (a integer NOT NULL, b integer)",
        "CREATE UNIQUE INDEX @i ON @t (a)",
        "CREATE UNIQUE INDEX @j ON @t (b)",
        "ALTER TABLE @t ADD CONSTRAINT @pk PRIMARY KEY USING INDEX @i",
        "ALTER TABLE @t ADD UNIQUE USING INDEX @j",
    ),
    "foreign key, all options": same(
        _PARENT,
        "CREATE TABLE @c (a integer REFERENCES @p, b integer REFERENCES @p (id) ON DELETE CASCADE, c integer REFERENCES @p (id) ON DELETE SET NULL"
        " ON UPDATE CASCADE, d integer REFERENCES @p (id) ON DELETE SET DEFAULT, e integer REFERENCES @p (id) ON DELETE RESTRICT ON UPDATE NO ACTION,"
        " f integer REFERENCES @p (id) DEFERRABLE, g integer REFERENCES @p (id) DEFERRABLE INITIALLY DEFERRED, h integer REFERENCES @p (id)"
        " INITIALLY DEFERRED, i integer REFERENCES @p (id) MATCH FULL, j integer CONSTRAINT @named REFERENCES @p (id) NOT DEFERRABLE)",
    ),
    "foreign key of several columns": same(
        _PARENT,
        "CREATE TABLE @c (x integer, y integer, CONSTRAINT @named FOREIGN KEY (x, y) REFERENCES @p (a, b) MATCH FULL ON DELETE SET NULL,"
        " FOREIGN KEY (y, x) REFERENCES @p (a, b) ON DELETE SET NULL (y))",
    ),
    "foreign key to itself, not valid": same(
        "CREATE TABLE @t (id integer PRIMARY KEY, up integer REFERENCES @t)",
        "ALTER TABLE @t ADD CONSTRAINT @late FOREIGN KEY (up) REFERENCES @t (id) NOT VALID",
        "ALTER TABLE @t ADD CONSTRAINT @later FOREIGN KEY (up) REFERENCES @t (id) NOT VALID",
        "ALTER TABLE @t VALIDATE CONSTRAINT @late",
    ),
    "foreign key altered": same(
        _PARENT,
        "CREATE TABLE @c (a integer CONSTRAINT @fk REFERENCES @p)",
        "ALTER TABLE @c ALTER CONSTRAINT @fk DEFERRABLE INITIALLY DEFERRED",
    ),
    "foreign key follows renames": same(
        _PARENT,
        "CREATE TABLE @c (a integer REFERENCES @p)",
        "ALTER TABLE @p RENAME TO @q",
        "ALTER TABLE @q RENAME id TO key",
        "ALTER TABLE @c RENAME a TO aa",
    ),
    "foreign key to another schema": same(
        "CREATE SCHEMA @s",
        "CREATE TABLE @s.@p (id integer PRIMARY KEY)",
        "CREATE TABLE @c (a integer REFERENCES @s.@p (id))",
    ),
    "key dropped with cascade": same(
        _PARENT, "CREATE TABLE @c (a integer REFERENCES @p)", "ALTER TABLE @p DROP CONSTRAINT @p_pkey CASCADE"
    ),
    "check": same(
        "CREATE TABLE @t (a integer CHECK (a > 0), b text, c text, CHECK (a < 100 AND b <> ''), CONSTRAINT @named CHECK (b IN ('x', 'y')),"
        " CHECK (length(c) BETWEEN 1 AND 5), CHECK (b IS NOT NULL OR c IS NOT NULL))",
        "ALTER TABLE @t ADD CHECK (c ~ '^[a-z]+$')",
        "ALTER TABLE @t ADD CONSTRAINT @invalid CHECK (a <> 7) NOT VALID",
        "ALTER TABLE @t ADD CONSTRAINT @own CHECK (a <> 8) NO INHERIT",
    ),
    "check validated": same(
        "CREATE TABLE @t (a integer)",
        "ALTER TABLE @t ADD CONSTRAINT @x CHECK (a > 0) NOT VALID",
        "ALTER TABLE @t VALIDATE CONSTRAINT @x",
    ),
    "exclude": same(
        "CREATE TABLE @t (r int4range, s tsrange, EXCLUDE USING gist (r WITH &&), CONSTRAINT @named EXCLUDE USING gist (s WITH &&, r WITH =) WHERE (r IS NOT NULL))"
    ),
    "exclude dropped": same(
        "CREATE TABLE @t (r int4range, EXCLUDE USING gist (r WITH &&))", "ALTER TABLE @t DROP CONSTRAINT @t_r_excl"
    ),
    "rename and drop": same(
        "CREATE TABLE @t (a integer UNIQUE CHECK (a > 0), b integer PRIMARY KEY)",
        "ALTER TABLE @t RENAME CONSTRAINT @t_a_key TO @uq",
        "ALTER TABLE @t RENAME CONSTRAINT @t_pkey TO @pk",
        "ALTER TABLE @t DROP CONSTRAINT @t_a_check",
        "ALTER TABLE @t DROP CONSTRAINT IF EXISTS @nowhere",
        "ALTER TABLE @t DROP CONSTRAINT @uq",
    ),
    "index of a constraint renamed": same(
        "CREATE TABLE @t (a integer UNIQUE)", "ALTER INDEX @t_a_key RENAME TO @renamed"
    ),
}

INDEXES: dict[str, Case] = {
    "of columns": same(
        "CREATE TABLE @t (a integer, b text)",
        "CREATE INDEX @i ON @t (a)",
        "CREATE UNIQUE INDEX @j ON @t (a, b)",
        "CREATE INDEX ON @t (b, a)",
        "CREATE INDEX IF NOT EXISTS @i ON @t (b)",
    ),
    "order": same(
        "CREATE TABLE @t (a integer, b text)",
        "CREATE INDEX @i ON @t (a DESC, b ASC NULLS FIRST)",
        "CREATE INDEX @j ON @t (a DESC NULLS LAST, b NULLS LAST)",
        "CREATE INDEX @k ON @t (lower(b) DESC)",
    ),
    "expressions": same(
        "CREATE TABLE @t (a integer, b text, c jsonb, d timestamptz)",
        "CREATE INDEX @i ON @t (lower(b))",
        "CREATE INDEX @j ON @t ((a + 1), b)",
        "CREATE UNIQUE INDEX @k ON @t ((c ->> 'k'))",
        "CREATE INDEX @l ON @t (coalesce(b, ''), (a % 2))",
        "CREATE INDEX @m ON @t (((d AT TIME ZONE 'UTC')::date))",
        "CREATE INDEX ON @t (lower(b), upper(b))",
        "CREATE INDEX ON @t ((a * 2))",
    ),
    "partial": same(
        "CREATE TABLE @t (a integer, b text, c boolean, d timestamp)",
        "CREATE INDEX @i ON @t (a) WHERE b = 'x'",
        "CREATE UNIQUE INDEX @j ON @t (a) WHERE d IS NULL",
        "CREATE INDEX @k ON @t (a) WHERE c",
        "CREATE INDEX @l ON @t (a) WHERE c IS NOT TRUE AND a > 5",
        "CREATE INDEX @m ON @t (a) WHERE b IN ('x', 'y')",
    ),
    "include": same("CREATE TABLE @t (a integer, b text)", "CREATE UNIQUE INDEX @i ON @t (a) INCLUDE (b)"),
    "nulls not distinct": same(
        "CREATE TABLE @t (a integer)",
        "CREATE UNIQUE INDEX @i ON @t (a) NULLS NOT DISTINCT",
        "CREATE UNIQUE INDEX @j ON @t (a) NULLS DISTINCT",
    ),
    "methods": same(
        "CREATE TABLE @t (a integer, b jsonb, c text[], d tsvector, e point, f int4range)",
        "CREATE INDEX @i ON @t USING hash (a)",
        "CREATE INDEX @j ON @t USING gin (b)",
        "CREATE INDEX @k ON @t USING gin (b jsonb_path_ops)",
        "CREATE INDEX @l ON @t USING gin (c)",
        "CREATE INDEX @m ON @t USING gist (d)",
        "CREATE INDEX @n ON @t USING brin (a)",
        "CREATE INDEX @o ON @t USING spgist (e)",
        "CREATE INDEX @q ON @t USING gist (f)",
    ),
    "operator classes and collations": same(
        "CREATE TABLE @t (a varchar(9), b text)",
        "CREATE INDEX @i ON @t (a varchar_pattern_ops)",
        "CREATE INDEX @j ON @t (b text_pattern_ops DESC)",
        'CREATE INDEX @k ON @t (b COLLATE "C")',
        "CREATE INDEX @l ON @t (b text_ops)",
        "CREATE INDEX @m ON @t (lower(b) text_pattern_ops)",
    ),
    "storage parameters": same(
        "CREATE TABLE @t (a integer, b jsonb)",
        "CREATE INDEX @i ON @t (a) WITH (fillfactor = 50)",
        "CREATE INDEX @j ON @t USING gin (b) WITH (fastupdate = off)",
        "ALTER INDEX @i SET (fillfactor = 60)",
    ),
    "renamed and dropped": same(
        "CREATE TABLE @t (a integer)",
        "CREATE INDEX @i ON @t (a)",
        "CREATE INDEX @j ON @t (a)",
        "ALTER INDEX @i RENAME TO @k",
        "DROP INDEX @j",
        "DROP INDEX IF EXISTS @nowhere",
    ),
    "concurrently": autocommitted(
        "CREATE TABLE @t (a integer)",
        "CREATE INDEX CONCURRENTLY @i ON @t (a)",
        "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS @j ON @t (a)",
        "DROP INDEX CONCURRENTLY @i",
    ),
    "of a materialised view": same(
        "CREATE TABLE @t (a integer)",
        "CREATE MATERIALIZED VIEW @m AS SELECT a FROM @t",
        "CREATE UNIQUE INDEX @i ON @m (a)",
        "REFRESH MATERIALIZED VIEW @m",
    ),
    "reindex and cluster": same(
        "CREATE TABLE @t (a integer)", "CREATE INDEX @i ON @t (a)", "REINDEX INDEX @i", "CLUSTER @t USING @i"
    ),
    "comment": same("CREATE TABLE @t (a integer)", "CREATE INDEX @i ON @t (a)", "COMMENT ON INDEX @i IS 'fast'"),
}

SCHEMAS: dict[str, Case] = {
    "created, renamed, dropped": same(
        "CREATE SCHEMA @s",
        "CREATE SCHEMA IF NOT EXISTS @s",
        "CREATE TABLE @s.t (id SERIAL PRIMARY KEY, a integer UNIQUE)",
        "ALTER SCHEMA @s RENAME TO @ss",
        "CREATE SCHEMA @gone",
        "DROP SCHEMA @gone",
    ),
    "drop cascade": same(
        "CREATE SCHEMA @s",
        "CREATE TABLE @s.t (id integer PRIMARY KEY)",
        "CREATE TABLE @t (r integer REFERENCES @s.t)",
        "DROP SCHEMA @s CASCADE",
    ),
    "tables move": same(
        "CREATE SCHEMA @s",
        "CREATE TABLE @t (id SERIAL PRIMARY KEY, a text UNIQUE)",
        "CREATE INDEX @i ON @t (a)",
        "ALTER TABLE @t SET SCHEMA @s",
        "CREATE TABLE @u (r integer REFERENCES @s.@t)",
    ),
    "with elements": same("CREATE SCHEMA @s CREATE TABLE t (a integer) CREATE VIEW v AS SELECT a FROM t"),
    "search_path": alone(
        "CREATE SCHEMA one",
        "CREATE SCHEMA two",
        "SET search_path TO one, public",
        "CREATE TABLE t (id SERIAL PRIMARY KEY)",
        "SET search_path TO two, one",
        "CREATE TABLE u (r integer REFERENCES t (id), e integer DEFAULT nextval('t_id_seq'))",
        "ALTER TABLE t ADD a integer",
    ),
    "search_path with public read": alone(
        "CREATE SCHEMA one",
        "CREATE TYPE one.e AS ENUM ('a')",
        "CREATE TABLE t (a one.e DEFAULT 'a')",
        "SET search_path TO one, public",
    ),
    "set local": alone("CREATE SCHEMA one", "SET LOCAL search_path TO one", "CREATE TABLE t (a integer)"),
    "public dropped and made again": alone(
        "CREATE TABLE t (a integer)", "DROP SCHEMA public CASCADE", "CREATE SCHEMA public", "CREATE TABLE u (b integer)"
    ),
    "comment and owner": same(
        "CREATE SCHEMA @s AUTHORIZATION postgres",
        "COMMENT ON SCHEMA @s IS 'x'",
        "ALTER SCHEMA @s OWNER TO CURRENT_USER",
    ),
}

SEQUENCES: dict[str, Case] = {
    "with options": same(
        "CREATE SEQUENCE @a",
        "CREATE SEQUENCE IF NOT EXISTS @b AS integer INCREMENT BY 2 MINVALUE 1 MAXVALUE 100 START WITH 10 CACHE 5 CYCLE",
        "ALTER SEQUENCE @b RESTART WITH 20 NO CYCLE",
        "CREATE TABLE @t (x integer DEFAULT nextval('@a'), y integer DEFAULT nextval('@b'::regclass), z text DEFAULT 'n' || nextval('@a')::text)",
    ),
    "owned": same(
        "CREATE TABLE @t (id integer)",
        "CREATE SEQUENCE @q OWNED BY @t.id",
        "ALTER TABLE @t ALTER id SET DEFAULT nextval('@q')",
        "DROP TABLE @t",
    ),
    "owner changes": same(
        "CREATE TABLE @t (id SERIAL, a integer)", "ALTER SEQUENCE @t_id_seq OWNED BY NONE", "DROP TABLE @t"
    ),
    "renamed": same(
        "CREATE TABLE @t (id SERIAL)",
        "ALTER SEQUENCE @t_id_seq RENAME TO @q",
        "CREATE SEQUENCE @gone",
        "DROP SEQUENCE @gone",
    ),
    "dropped with cascade": same("CREATE TABLE @t (id SERIAL)", "DROP SEQUENCE @t_id_seq CASCADE"),
    "in a schema": same(
        "CREATE SCHEMA @s",
        "CREATE SEQUENCE @s.@q",
        "CREATE TABLE @t (a integer DEFAULT nextval('@s.@q'))",
        "ALTER SEQUENCE @s.@q SET SCHEMA public",
    ),
}

VIEWS: dict[str, Case] = {
    "created, replaced, renamed, dropped": same(
        "CREATE TABLE @t (a integer)",
        "CREATE VIEW @v AS SELECT * FROM @t",
        "CREATE OR REPLACE VIEW @v AS SELECT * FROM @t WHERE a > 0",
        "CREATE VIEW @w AS SELECT a FROM @v",
        "ALTER VIEW @w RENAME TO @ww",
        "CREATE VIEW @gone AS SELECT 1",
        "DROP VIEW @gone",
        "DROP VIEW IF EXISTS @gone CASCADE",
    ),
    "materialised": same(
        "CREATE TABLE @t (a integer)",
        "CREATE MATERIALIZED VIEW @m AS SELECT a FROM @t WITH NO DATA",
        "ALTER MATERIALIZED VIEW @m RENAME TO @n",
        "CREATE INDEX @i ON @n (a)",
    ),
    "cascade through views": same(
        "CREATE TABLE @t (a integer, b integer)",
        "CREATE VIEW @v AS SELECT a FROM @t",
        "CREATE VIEW @w AS SELECT a FROM @v",
        "DROP VIEW @v CASCADE",
    ),
    "column drop cascade": flagged(
        "CREATE TABLE @t (a integer, b integer)",
        "CREATE VIEW @v AS SELECT a FROM @t",
        "ALTER TABLE @t DROP COLUMN a CASCADE",
    ),
    "rules": same(
        "CREATE TABLE @t (a integer)",
        "CREATE VIEW @v AS SELECT a FROM @t",
        "CREATE RULE @r AS ON DELETE TO @v DO INSTEAD NOTHING",
    ),
}

FUNCTIONS: dict[str, Case] = {
    "function and trigger": same(
        "CREATE TABLE @t (a integer)",
        "CREATE OR REPLACE FUNCTION @f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.a := 1; RETURN NEW; END; $$",
        "CREATE TRIGGER @g BEFORE INSERT OR UPDATE ON @t FOR EACH ROW EXECUTE FUNCTION @f()",
        "ALTER TRIGGER @g ON @t RENAME TO @gg",
        "DROP TRIGGER @gg ON @t",
        "DROP FUNCTION @f()",
    ),
    "trigger goes with its table": same(
        "CREATE TABLE @t (a integer)",
        "CREATE FUNCTION @f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
        "CREATE TRIGGER @g AFTER DELETE ON @t EXECUTE PROCEDURE @f()",
        "DROP TABLE @t",
        "DROP FUNCTION @f",
    ),
    "function in an index": flagged(
        "CREATE FUNCTION @f(a integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT a + 1'",
        "CREATE TABLE @t (a integer)",
        "CREATE INDEX @i ON @t (@f(a))",
    ),
    "procedure, aggregate, operator": same("CREATE PROCEDURE @f() LANGUAGE sql AS 'SELECT 1'", "DROP PROCEDURE @f()"),
    "do block that changes no table": same(
        "CREATE TABLE @t (a integer)",
        "DO $$ BEGIN PERFORM 1; END $$",
        "DO $$ BEGIN GRANT SELECT ON @t TO PUBLIC; END $$",
    ),
    "do block that makes a type unless there": flagged(
        "DO $$ BEGIN CREATE TYPE @e AS ENUM ('a'); EXCEPTION WHEN duplicate_object THEN NULL; END $$"
    ),
    "do block that changes a table": flagged(
        "CREATE TABLE @t (a integer)", "DO $$ BEGIN EXECUTE 'ALTER TABLE @t ADD b integer'; END $$"
    ),
}

PARTITIONS: dict[str, Case] = {
    "range": same(
        "CREATE TABLE @t (id integer NOT NULL, at date NOT NULL DEFAULT now(), PRIMARY KEY (id, at)) PARTITION BY RANGE (at)",
        "CREATE TABLE @a PARTITION OF @t FOR VALUES FROM ('2020-01-01') TO ('2021-01-01')",
        "CREATE TABLE @b PARTITION OF @t DEFAULT",
        "CREATE INDEX @i ON @t (at)",
        "ALTER TABLE @t ADD COLUMN c text CHECK (c <> '')",
        "ALTER TABLE @t ADD UNIQUE (at, id)",
    ),
    "list and hash": same(
        "CREATE TABLE @t (k text, v integer) PARTITION BY LIST (k)",
        "CREATE TABLE @a PARTITION OF @t (v NOT NULL DEFAULT 1) FOR VALUES IN ('x', NULL)",
        "CREATE TABLE @h (k integer) PARTITION BY HASH (k)",
        "CREATE TABLE @h0 PARTITION OF @h FOR VALUES WITH (MODULUS 2, REMAINDER 0)",
    ),
    "attach and detach": same(
        "CREATE TABLE @t (k integer NOT NULL, CONSTRAINT @ck CHECK (k > 0)) PARTITION BY RANGE (k)",
        "CREATE INDEX @i ON @t (k)",
        "CREATE TABLE @a (k integer NOT NULL, CONSTRAINT @ck CHECK (k > 0))",
        "ALTER TABLE @t ATTACH PARTITION @a FOR VALUES FROM (1) TO (5)",
        "CREATE TABLE @b PARTITION OF @t FOR VALUES FROM (5) TO (9)",
        "ALTER TABLE @t DETACH PARTITION @b",
    ),
    "foreign keys": same(
        _PARENT,
        "CREATE TABLE @t (k integer REFERENCES @p (id)) PARTITION BY RANGE (k)",
        "CREATE TABLE @a PARTITION OF @t FOR VALUES FROM (1) TO (5)",
    ),
    "dropped": same(
        "CREATE TABLE @t (k integer) PARTITION BY RANGE (k)", "CREATE TABLE @a PARTITION OF @t DEFAULT", "DROP TABLE @t"
    ),
    "renamed columns": same(
        "CREATE TABLE @t (k integer, v text) PARTITION BY LIST (k)",
        "CREATE TABLE @a PARTITION OF @t DEFAULT",
        "ALTER TABLE @t RENAME v TO w",
        "ALTER TABLE @t ALTER w TYPE varchar(5)",
        "ALTER TABLE @t DROP COLUMN w",
    ),
}

THE_REST: dict[str, Case] = {
    "grant and revoke": same(
        "CREATE TABLE @t (a integer)",
        "GRANT SELECT, INSERT (a) ON @t TO PUBLIC",
        "REVOKE ALL ON TABLE @t FROM PUBLIC",
        "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC",
    ),
    "set and show": same(
        "SET lock_timeout = '5s'",
        "SET LOCAL statement_timeout TO 0",
        "RESET lock_timeout",
        "CREATE TABLE @t (a integer)",
    ),
    "lock, truncate, analyze": same(
        "CREATE TABLE @t (a integer)",
        "LOCK TABLE @t IN ACCESS EXCLUSIVE MODE",
        "TRUNCATE @t RESTART IDENTITY CASCADE",
        "ANALYZE @t",
    ),
    "insert, update, delete": same(
        "CREATE TABLE @t (a integer, b text)",
        "INSERT INTO @t VALUES (1, 'x')",
        "UPDATE @t SET b = 'y'",
        "DELETE FROM @t",
    ),
    "statistics": same(
        "CREATE TABLE @t (a integer, b integer)", "CREATE STATISTICS @s ON a, b FROM @t", "DROP STATISTICS @s"
    ),
    "publication": same("CREATE TABLE @t (a integer)", "CREATE PUBLICATION @p FOR TABLE @t", "DROP PUBLICATION @p"),
    "queries beside": same("SELECT 1", "CREATE TABLE @t (a integer)", "SELECT count(*) FROM @t"),
    "constraints": same("CREATE TABLE @t (a integer)", "SET CONSTRAINTS ALL DEFERRED"),
    "an old way to write casts": same(
        "CREATE TABLE @t (a integer DEFAULT CAST('5' AS integer), b date DEFAULT date '2020-01-01', c interval DEFAULT interval '1' hour)"
    ),
}

FAMILIES: dict[str, dict[str, Case]] = {
    "tables": TABLES,
    "columns": COLUMNS,
    "types": TYPES,
    "extensions": EXTENSIONS,
    "constraints": CONSTRAINTS,
    "indexes": INDEXES,
    "schemas": SCHEMAS,
    "sequences": SEQUENCES,
    "views": VIEWS,
    "functions": FUNCTIONS,
    "partitions": PARTITIONS,
    "the rest": THE_REST,
}
