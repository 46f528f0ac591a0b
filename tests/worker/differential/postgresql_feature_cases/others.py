"""Partitions, and statements that leave the schema alone."""

# ruff: noqa: E501 (statements are read more easily on one line)
from __future__ import annotations

from tests.worker.differential.cases import Case, same

from .parent import PARENT

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
        PARENT,
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
