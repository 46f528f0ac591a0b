"""Reads a server's types, operators, casts and functions in the form of expressions/facts/*.txt.

`python -m tests.worker.catalog.postgresql.system_facts URL` writes the files anew; a test holds them against a server.
"""

from __future__ import annotations

import sys
from pathlib import Path

import psycopg

FACTS = Path(__file__).parents[4] / "migguard/worker/engines/catalog/postgresql/expressions/facts"
EXTENSIONS = (
    *("btree_gin", "btree_gist", "citext", "cube", "earthdistance", "fuzzystrmatch", "hstore", "intarray", "isn"),
    *("ltree", "pg_trgm", "pgcrypto", "seg", "tablefunc", "unaccent", "uuid-ossp"),
)

# what belongs to the extension, or without one to pg_catalog
_OWN = """(CASE WHEN %(extension)s::text IS NULL
    THEN {namespace} = 'pg_catalog'::regnamespace
    ELSE {oid} IN (SELECT objid FROM pg_depend d JOIN pg_extension e ON e.oid = d.refobjid
        WHERE d.classid = '{relation}'::regclass AND d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e'
          AND e.extname = %(extension)s) END)"""


def _own(relation: str, oid: str, namespace: str) -> str:
    return _OWN.format(relation=relation, oid=oid, namespace=namespace)


_TYPES = f"""
SELECT t.typname, format_type(t.oid, NULL), t.typcategory, t.typispreferred::int, t.typtype,
       (t.typcollation <> 0)::int, coalesce(s.typname, '')
FROM pg_type t LEFT JOIN pg_range r ON r.rngtypid = t.oid OR r.rngmultitypid = t.oid
     LEFT JOIN pg_type s ON s.oid = CASE WHEN r.rngtypid = t.oid THEN r.rngsubtype ELSE r.rngtypid END
WHERE {_own("pg_type", "t.oid", "t.typnamespace")} AND t.typtype IN ('b', 'p', 'r', 'm') AND t.typcategory <> 'A'
ORDER BY t.typname"""

_OPERATORS = f"""
SELECT o.oprname, coalesce(l.typname, '-'), r.typname, s.typname
FROM pg_operator o LEFT JOIN pg_type l ON l.oid = o.oprleft JOIN pg_type r ON r.oid = o.oprright
     JOIN pg_type s ON s.oid = o.oprresult
WHERE {_own("pg_operator", "o.oid", "o.oprnamespace")}
ORDER BY o.oprname, 2, 3"""

_CASTS = f"""
SELECT s.typname, t.typname, c.castcontext, c.castmethod, coalesce(p.pronargs, 0)
FROM pg_cast c JOIN pg_type s ON s.oid = c.castsource JOIN pg_type t ON t.oid = c.casttarget
     LEFT JOIN pg_proc p ON p.oid = c.castfunc
WHERE {_own("pg_cast", "c.oid", "'pg_catalog'::regnamespace")}
  AND (%(extension)s::text IS NOT NULL OR c.oid < 16384)
ORDER BY 1, 2"""

_FUNCTIONS = f"""
SELECT p.proname, array_to_string(ARRAY(SELECT t.typname FROM unnest(p.proargtypes) WITH ORDINALITY a (oid, n)
           JOIN pg_type t ON t.oid = a.oid ORDER BY a.n), ' '),
       r.typname, p.pronargdefaults, (p.provariadic <> 0)::int, p.prokind, p.proretset::int, p.provolatile
FROM pg_proc p JOIN pg_type r ON r.oid = p.prorettype
WHERE {_own("pg_proc", "p.oid", "p.pronamespace")} AND p.prokind IN ('f', 'a', 'w')
  AND NOT p.proargtypes::oid[] && ARRAY['internal', 'cstring']::regtype[]::oid[]
  AND r.typname NOT IN ('internal', 'cstring', 'trigger', 'event_trigger', 'language_handler', 'fdw_handler',
                        'index_am_handler', 'tsm_handler', 'table_am_handler')
  AND p.proname !~ '^(pg_(stat|lo|get|wal|rep|log|adv|back|ind)|RI_|ts_debug|binary_upgrade)'
ORDER BY p.proname, 2"""


def read_facts(connection: psycopg.Connection[tuple[object, ...]], extension: str | None = None) -> str:
    """The facts of pg_catalog, or of an extension that exists in the database."""
    lines = []
    for letter, query in (("t", _TYPES), ("c", _CASTS), ("o", _OPERATORS), ("f", _FUNCTIONS)):
        for row in connection.execute(query, {"extension": extension}):
            lines.append("\t".join([letter, *map(str, row)]))
    return "\n".join(lines) + "\n"


def main(url: str) -> None:
    with psycopg.connect(url) as connection:
        (FACTS / "pg_catalog.txt").write_text(read_facts(connection), encoding="utf-8")
        for extension in EXTENSIONS:
            connection.execute(f'CREATE EXTENSION "{extension}" CASCADE')
            (FACTS / f"{extension}.txt").write_text(read_facts(connection, extension), encoding="utf-8")
            connection.rollback()


if __name__ == "__main__":
    main(sys.argv[1])
