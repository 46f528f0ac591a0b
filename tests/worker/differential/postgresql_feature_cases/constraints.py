"""Keys, checks, exclusion constraints."""

# ruff: noqa: E501 (statements are read more easily on one line)
from __future__ import annotations

from tests.worker.differential.cases import Case, same

from .parent import PARENT

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
        PARENT,
        "CREATE TABLE @c (a integer REFERENCES @p, b integer REFERENCES @p (id) ON DELETE CASCADE, c integer REFERENCES @p (id) ON DELETE SET NULL"
        " ON UPDATE CASCADE, d integer REFERENCES @p (id) ON DELETE SET DEFAULT, e integer REFERENCES @p (id) ON DELETE RESTRICT ON UPDATE NO ACTION,"
        " f integer REFERENCES @p (id) DEFERRABLE, g integer REFERENCES @p (id) DEFERRABLE INITIALLY DEFERRED, h integer REFERENCES @p (id)"
        " INITIALLY DEFERRED, i integer REFERENCES @p (id) MATCH FULL, j integer CONSTRAINT @named REFERENCES @p (id) NOT DEFERRABLE)",
    ),
    "foreign key of several columns": same(
        PARENT,
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
        PARENT,
        "CREATE TABLE @c (a integer CONSTRAINT @fk REFERENCES @p)",
        "ALTER TABLE @c ALTER CONSTRAINT @fk DEFERRABLE INITIALLY DEFERRED",
    ),
    "foreign key follows renames": same(
        PARENT,
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
        PARENT, "CREATE TABLE @c (a integer REFERENCES @p)", "ALTER TABLE @p DROP CONSTRAINT @p_pkey CASCADE"
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
