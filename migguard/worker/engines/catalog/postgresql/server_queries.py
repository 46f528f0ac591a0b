"""Queries on pg_catalog (12 to 18) that read a schema; extensions' own objects are left out."""

from __future__ import annotations


def _own(relation: str, oid: str) -> str:
    """Not a part of an extension."""
    return (
        "NOT EXISTS (SELECT FROM pg_catalog.pg_depend e WHERE e.deptype = 'e' "
        f"AND e.classid = 'pg_catalog.{relation}'::regclass AND e.objid = {oid})"
    )


_USER = "n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast|temp)'"
_TABLE = f"""pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE {_USER} AND c.relkind IN ('r', 'p') AND {_own("pg_class", "c.oid")}"""

SCHEMAS = f"""
SELECT n.nspname AS name FROM pg_catalog.pg_namespace n
WHERE {_USER} AND {_own("pg_namespace", "n.oid")} ORDER BY n.oid"""

EXTENSIONS = """
SELECT x.extname AS name, n.nspname AS schema FROM pg_catalog.pg_extension x
JOIN pg_catalog.pg_namespace n ON n.oid = x.extnamespace WHERE x.extname <> 'plpgsql' ORDER BY x.oid"""

TYPES = f"""
SELECT t.oid, n.nspname AS schema, t.typname AS name, t.typtype::text AS kind, t.typrelid AS relation,
       (SELECT array_agg(e.enumlabel::text ORDER BY e.enumsortorder) FROM pg_catalog.pg_enum e
        WHERE e.enumtypid = t.oid) AS labels,
       CASE t.typtype WHEN 'd' THEN pg_catalog.format_type(t.typbasetype, t.typtypmod)
            WHEN 'r' THEN (SELECT pg_catalog.format_type(r.rngsubtype, NULL) FROM pg_catalog.pg_range r
                           WHERE r.rngtypid = t.oid) END AS base,
       pg_catalog.pg_get_expr(t.typdefaultbin, 0) AS "default", t.typnotnull AS notnull,
       (SELECT l.collname::text FROM pg_catalog.pg_collation l, pg_catalog.pg_type b
        WHERE l.oid = t.typcollation AND b.oid = t.typbasetype AND b.typcollation <> l.oid) AS collation
FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
WHERE {_USER} AND {_own("pg_type", "t.oid")} AND (t.typtype IN ('e', 'd', 'r')
      OR t.typtype = 'c' AND (SELECT c.relkind FROM pg_catalog.pg_class c WHERE c.oid = t.typrelid) = 'c')
ORDER BY t.oid"""

DOMAIN_CHECKS = """
SELECT k.contypid AS oid, k.conname AS name, pg_catalog.pg_get_constraintdef(k.oid) AS definition
FROM pg_catalog.pg_constraint k WHERE k.contypid <> 0 AND k.contype = 'c' ORDER BY k.oid"""

ATTRIBUTES = """
SELECT a.attrelid AS oid, a.attname AS name, pg_catalog.format_type(a.atttypid, a.atttypmod) AS type
FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
WHERE c.relkind = 'c' AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attrelid, a.attnum"""

SEQUENCES = f"""
SELECT n.nspname AS schema, c.relname AS name, pg_catalog.format_type(s.seqtypid, NULL) AS data_type,
       s.seqincrement AS increment, s.seqmin AS minvalue, s.seqmax AS maxvalue, s.seqstart AS start,
       s.seqcache AS cache, s.seqcycle AS cycle, coalesce(d.deptype = 'i', false) AS is_identity,
       d.refobjid AS owner_table, d.refobjsubid AS owner_number, a.attname AS owner_column, o.relname AS owner_name,
       m.nspname AS owner_schema
FROM pg_catalog.pg_sequence s JOIN pg_catalog.pg_class c ON c.oid = s.seqrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid
     AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i')
LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
LEFT JOIN pg_catalog.pg_class o ON o.oid = d.refobjid LEFT JOIN pg_catalog.pg_namespace m ON m.oid = o.relnamespace
WHERE {_USER} AND {_own("pg_class", "c.oid")} ORDER BY c.oid"""

TABLES = f"""
SELECT c.oid, n.nspname AS schema, c.relname AS name, c.relpersistence = 'u' AS is_unlogged,
       c.relispartition AS is_partition, pg_catalog.pg_get_expr(c.relpartbound, c.oid) AS bound,
       CASE c.relkind WHEN 'p' THEN pg_catalog.pg_get_partkeydef(c.oid) END AS partition_key,
       c.reloptions AS storage, (SELECT s.spcname FROM pg_catalog.pg_tablespace s WHERE s.oid = c.reltablespace)
       AS tablespace,
       EXISTS (SELECT FROM pg_catalog.pg_inherits i WHERE i.inhrelid = c.oid) AS has_parents,
       (SELECT json_agg(json_build_array(pn.nspname, pc.relname) ORDER BY i.inhseqno)::text
        FROM pg_catalog.pg_inherits i JOIN pg_catalog.pg_class pc ON pc.oid = i.inhparent
        JOIN pg_catalog.pg_namespace pn ON pn.oid = pc.relnamespace WHERE i.inhrelid = c.oid) AS parents
FROM {_TABLE} ORDER BY c.oid"""

COLUMNS = f"""
SELECT c.oid, a.attnum AS number, a.attname AS name, pg_catalog.format_type(a.atttypid, a.atttypmod) AS type,
       a.attnotnull AS notnull, a.attidentity::text AS identity, a.attgenerated::text AS generated,
       pg_catalog.pg_get_expr(d.adbin, d.adrelid) AS expression, a.attislocal AS is_local,
       (SELECT l.collname::text FROM pg_catalog.pg_collation l, pg_catalog.pg_type t
        WHERE l.oid = a.attcollation AND t.oid = a.atttypid AND t.typcollation <> l.oid) AS collation
FROM pg_catalog.pg_attribute a JOIN (SELECT c.oid FROM {_TABLE}) c ON c.oid = a.attrelid
LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attrelid, a.attnum"""

CONSTRAINTS = f"""
SELECT k.contype::text AS kind, k.conname AS name, c.nspname AS schema, c.relname AS table_name,
       pg_catalog.pg_get_constraintdef(k.oid) AS definition, k.conislocal AS is_local, k.conparentid <> 0 AS has_parent
FROM pg_catalog.pg_constraint k JOIN (SELECT c.oid, n.nspname, c.relname FROM {_TABLE}) c ON c.oid = k.conrelid
WHERE k.contype IN ('c', 'p', 'u', 'x', 'f') ORDER BY c.oid, k.oid"""

INDEXES = f"""
SELECT c.relkind::text AS kind, pg_catalog.pg_get_indexdef(i.indexrelid) AS definition
FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE {_USER} AND {_own("pg_class", "c.oid")} AND c.relkind IN ('r', 'p', 'm')
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint k WHERE k.conindid = i.indexrelid
                  AND k.contype IN ('p', 'u', 'x'))
ORDER BY i.indexrelid"""

INDEX_NAMES = f"""
SELECT * FROM (
    SELECT n.nspname AS schema, c.relname AS name,
           (SELECT array_agg(a.attname::text ORDER BY a.attnum) FROM pg_catalog.pg_attribute a
            WHERE a.attrelid = c.oid) AS names,
           (SELECT array_agg(a.attname::text ORDER BY k.place)
            FROM unnest(i.indkey::int2[]) WITH ORDINALITY k (number, place)
            LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number AND a.attnum > 0)
           AS columns
    FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE {_USER} AND {_own("pg_class", "i.indrelid")} ORDER BY c.oid) x
WHERE names IS DISTINCT FROM columns"""

VIEWS = f"""
SELECT c.relkind::text AS kind, n.nspname AS schema, c.relname AS name, pg_catalog.pg_get_viewdef(c.oid) AS definition
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE {_USER} AND c.relkind IN ('v', 'm') AND {_own("pg_class", "c.oid")} ORDER BY c.oid"""

COMMENTS = f"""
SELECT CASE c.relkind WHEN 'i' THEN 'INDEX' WHEN 'I' THEN 'INDEX' WHEN 'S' THEN 'SEQUENCE' WHEN 'v' THEN 'VIEW'
            WHEN 'm' THEN 'MATERIALIZED VIEW' ELSE CASE WHEN d.objsubid > 0 THEN 'COLUMN' ELSE 'TABLE' END END AS kind,
       quote_ident(n.nspname) || '.' || quote_ident(c.relname) || coalesce('.' || quote_ident(a.attname), '') AS name,
       d.description AS comment
FROM pg_catalog.pg_description d JOIN pg_catalog.pg_class c ON c.oid = d.objoid
     AND d.classoid = 'pg_catalog.pg_class'::regclass
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = d.objsubid AND d.objsubid > 0
WHERE {_USER} AND c.relkind IN ('r', 'p', 'i', 'I', 'S', 'v', 'm') AND {_own("pg_class", "c.oid")}
  AND (d.objsubid = 0 OR c.relkind IN ('r', 'p'))
UNION ALL
SELECT 'CONSTRAINT', quote_ident(k.conname) || ' ON ' || quote_ident(n.nspname) || '.' || quote_ident(c.relname),
       d.description
FROM pg_catalog.pg_description d JOIN pg_catalog.pg_constraint k ON k.oid = d.objoid
     AND d.classoid = 'pg_catalog.pg_constraint'::regclass
JOIN pg_catalog.pg_class c ON c.oid = k.conrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE {_USER} AND {_own("pg_class", "c.oid")}
UNION ALL
SELECT CASE t.typtype WHEN 'd' THEN 'DOMAIN' ELSE 'TYPE' END, quote_ident(n.nspname) || '.' || quote_ident(t.typname),
       d.description
FROM pg_catalog.pg_description d JOIN pg_catalog.pg_type t ON t.oid = d.objoid
     AND d.classoid = 'pg_catalog.pg_type'::regclass
JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace WHERE {_USER} AND {_own("pg_type", "t.oid")}
ORDER BY 1, 2"""

_COLUMN_NAMES = """(SELECT array_agg(DISTINCT a.attname::text) FROM pg_catalog.pg_attribute a
        JOIN pg_catalog.pg_depend d ON d.refobjid = a.attrelid AND d.refobjsubid = a.attnum
             AND d.refclassid = 'pg_catalog.pg_class'::regclass
        WHERE d.objid = {oid} AND a.attrelid = c.oid AND a.attnum > 0)"""
TRIGGERS = f"""
SELECT 'trigger' AS kind, t.tgname AS name, n.nspname AS schema, c.relname AS table_name, p.proname AS function,
       {_COLUMN_NAMES.format(oid="t.oid")} AS columns
FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace JOIN pg_catalog.pg_proc p ON p.oid = t.tgfoid
WHERE {_USER} AND NOT t.tgisinternal
UNION ALL
SELECT 'rule', r.rulename, n.nspname, c.relname, NULL, {_COLUMN_NAMES.format(oid="r.oid")}
FROM pg_catalog.pg_rewrite r JOIN pg_catalog.pg_class c ON c.oid = r.ev_class
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE {_USER} AND r.rulename <> '_RETURN'
UNION ALL
SELECT 'policy', r.polname, n.nspname, c.relname, NULL, {_COLUMN_NAMES.format(oid="r.oid")}
FROM pg_catalog.pg_policy r JOIN pg_catalog.pg_class c ON c.oid = r.polrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE {_USER}
ORDER BY 1, 3, 4, 2"""

FUNCTIONS = f"""
SELECT n.nspname AS schema, p.proname AS name,
       (SELECT array_agg(DISTINCT t.typname::text) FROM unnest(p.proargtypes::oid[] || p.prorettype) x (oid)
        JOIN pg_catalog.pg_type t ON t.oid = x.oid) AS words
FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
WHERE {_USER} AND {_own("pg_proc", "p.oid")}
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend i WHERE i.objid = p.oid AND i.deptype = 'i')
ORDER BY p.oid"""
