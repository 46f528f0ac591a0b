"""Indexes."""

from __future__ import annotations

from tests.worker.differential.cases import Case, autocommitted, either, same

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
    "of a materialised view": either(
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
