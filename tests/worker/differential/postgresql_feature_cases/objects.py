"""Schemas, sequences, views, functions."""

# ruff: noqa: E501 (statements are read more easily on one line)
from __future__ import annotations

from tests.worker.differential.cases import Case, alone, either, flagged, same

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
    "with elements": either("CREATE SCHEMA @s CREATE TABLE t (a integer) CREATE VIEW v AS SELECT a FROM t"),
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
    "created, replaced, renamed, dropped": either(
        "CREATE TABLE @t (a integer)",
        "CREATE VIEW @v AS SELECT * FROM @t",
        "CREATE OR REPLACE VIEW @v AS SELECT * FROM @t WHERE a > 0",
        "CREATE VIEW @w AS SELECT a FROM @v",
        "ALTER VIEW @w RENAME TO @ww",
        "CREATE VIEW @gone AS SELECT 1",
        "DROP VIEW @gone",
        "DROP VIEW IF EXISTS @gone CASCADE",
    ),
    "materialised": either(
        "CREATE TABLE @t (a integer)",
        "CREATE MATERIALIZED VIEW @m AS SELECT a FROM @t WITH NO DATA",
        "ALTER MATERIALIZED VIEW @m RENAME TO @n",
        "CREATE INDEX @i ON @n (a)",
    ),
    "cascade through views": either(
        "CREATE TABLE @t (a integer, b integer)",
        "CREATE VIEW @v AS SELECT a FROM @t",
        "CREATE VIEW @w AS SELECT a FROM @v",
        "DROP VIEW @v CASCADE",
    ),
    "column drop cascade": either(
        "CREATE TABLE @t (a integer, b integer)",
        "CREATE VIEW @v AS SELECT a FROM @t",
        "ALTER TABLE @t DROP COLUMN a CASCADE",
    ),
    "rules": either(
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
    "do block that makes a type unless there": either(
        "DO $$ BEGIN CREATE TYPE @e AS ENUM ('a'); EXCEPTION WHEN duplicate_object THEN NULL; END $$"
    ),
    "do block that changes a table": flagged(
        "CREATE TABLE @t (a integer)", "DO $$ BEGIN EXECUTE 'ALTER TABLE @t ADD b integer'; END $$"
    ),
}
