"""Tables as a whole."""

# ruff: noqa: E501 (statements are read more easily on one line)
from __future__ import annotations

from tests.worker.differential.cases import Case, alone, either, same

from .parent import PARENT

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
        PARENT, "CREATE TABLE @c (r integer REFERENCES @p (id))", "DROP TABLE @p CASCADE"
    ),
    "drop cascade takes views": either(
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
    "create table as": either(
        "CREATE TABLE @t (a integer, b text)",
        "CREATE TABLE @u AS SELECT a, lower(b) AS low, count(*) FROM @t GROUP BY 1, 2",
    ),
    "create table as: all columns of a table": either(
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
