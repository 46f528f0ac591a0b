"""What stands in a PostgreSQL database now, read from the server: the material for the next random statement."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

_SCHEMAS = "n.nspname !~ '^(pg_|information_schema)'"
#: Facts about extensions' own objects would only be in the way.
_NO_EXTENSION = "NOT EXISTS (SELECT FROM pg_depend e WHERE e.objid = {oid} AND e.deptype = 'e')"

#: Each row: kind, schema, name, and four details whose meaning depends on the kind.
_QUERY = f"""
SELECT 'schema', n.nspname, '', '', '', '', '' FROM pg_namespace n WHERE {_SCHEMAS}
UNION ALL
SELECT 'relation', n.nspname, c.relname, c.relkind::text, c.relispartition::text, c.relpersistence::text,
       coalesce(pg_get_partkeydef(c.oid), '')
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE {_SCHEMAS} AND c.relkind IN ('r', 'p', 'v', 'm', 'S') AND {_NO_EXTENSION.format(oid="c.oid")}
UNION ALL
SELECT 'column', n.nspname, c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
       a.attidentity::text || a.attgenerated::text, lpad(a.attnum::text, 4, '0') || a.attnotnull::text
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid
 WHERE {_SCHEMAS} AND c.relkind IN ('r', 'p', 'v', 'm') AND a.attnum > 0 AND NOT a.attisdropped
   AND {_NO_EXTENSION.format(oid="c.oid")}
UNION ALL
SELECT 'constraint', n.nspname, c.relname, k.conname, k.contype::text, array_to_string(k.conkey, ','), ''
  FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE {_SCHEMAS}
UNION ALL
SELECT 'index', n.nspname, c.relname, i.relname, x.indisprimary::text, x.indisunique::text, ''
  FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class c ON c.oid = x.indrelid
  JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE {_SCHEMAS} AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.oid AND k.contype IN ('p', 'u', 'x'))
UNION ALL
SELECT 'type', n.nspname, t.typname, t.typtype::text, coalesce(l.labels, ''), format_type(t.typbasetype, NULL), ''
  FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
  LEFT JOIN LATERAL (SELECT string_agg(e.enumlabel, '|' ORDER BY e.enumsortorder) AS labels
                       FROM pg_enum e WHERE e.enumtypid = t.oid) l ON true
 WHERE {_SCHEMAS} AND t.typtype IN ('e', 'd', 'c', 'r') AND {_NO_EXTENSION.format(oid="t.oid")}
   AND (t.typtype <> 'c' OR EXISTS (SELECT FROM pg_class c WHERE c.oid = t.typrelid AND c.relkind = 'c'))
UNION ALL
SELECT 'domain check', n.nspname, t.typname, k.conname, '', '', ''
  FROM pg_constraint k JOIN pg_type t ON t.oid = k.contypid JOIN pg_namespace n ON n.oid = t.typnamespace
 WHERE {_SCHEMAS}
UNION ALL
SELECT 'function', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid), '', '', ''
  FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE {_SCHEMAS} AND {_NO_EXTENSION.format(oid="p.oid")}
UNION ALL
SELECT 'trigger', n.nspname, c.relname, t.tgname, '', '', ''
  FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE {_SCHEMAS} AND NOT t.tgisinternal
ORDER BY 1, 2, 3, 7, 4
"""

_RESERVED = frozenset({"order", "user", "table", "select", "group", "default", "check", "end", "desc", "limit", "from"})


def quote(name: str) -> str:
    """An identifier as SQL."""
    is_plain = name.isascii() and name.replace("_", "a").isalnum() and name == name.lower() and not name[0].isdigit()
    return name if is_plain and name not in _RESERVED else '"' + name.replace('"', '""') + '"'


@dataclass
class WorldColumn:
    name: str
    type: str
    is_identity: bool = False
    is_generated: bool = False
    is_notnull: bool = False

    @property
    def sql(self) -> str:
        return quote(self.name)


@dataclass
class WorldTable:
    """kind: as relkind; key: of a partitioned table, as printed."""

    schema: str
    name: str
    kind: str
    is_partition: bool = False
    key: str = ""
    columns: list[WorldColumn] = field(default_factory=list)
    constraints: list[tuple[str, str, tuple[int, ...]]] = field(default_factory=list)
    indexes: list[str] = field(default_factory=list)
    triggers: list[str] = field(default_factory=list)

    @property
    def sql(self) -> str:
        prefix = "" if self.schema == "public" else quote(self.schema) + "."
        return prefix + quote(self.name)


@dataclass
class WorldType:
    """kind: as typtype. labels: of an enum. base: of a domain. checks: names of a domain's constraints."""

    schema: str
    name: str
    kind: str
    labels: list[str]
    base: str
    checks: list[str] = field(default_factory=list)

    @property
    def sql(self) -> str:
        prefix = "" if self.schema == "public" else quote(self.schema) + "."
        return prefix + quote(self.name)


@dataclass
class World:
    """Everything a statement may refer to."""

    schemas: list[str] = field(default_factory=list)
    tables: list[WorldTable] = field(default_factory=list)
    views: list[WorldTable] = field(default_factory=list)
    sequences: list[str] = field(default_factory=list)
    types: list[WorldType] = field(default_factory=list)
    functions: list[str] = field(default_factory=list)

    @property
    def enums(self) -> list[WorldType]:
        return [found for found in self.types if found.kind == "e"]

    @property
    def domains(self) -> list[WorldType]:
        return [found for found in self.types if found.kind == "d"]


def read_world(connection: sa.engine.Connection) -> World:
    """The world of the database behind a connection to a real server."""
    world = World()
    relations: dict[tuple[str, str], WorldTable] = {}
    rows = [tuple(map(str, row)) for row in connection.exec_driver_sql(_QUERY)]
    connection.rollback()
    for kind, schema, name, *details in rows:
        if kind == "relation":
            _add_relation(world, relations, schema, name, details)
    for kind, schema, name, *details in rows:
        _add_detail(world, relations.get((schema, name)), kind, schema, name, details)
    return world


def _add_relation(
    world: World, relations: dict[tuple[str, str], WorldTable], schema: str, name: str, details: list[str]
) -> None:
    kind, is_partition, _, key = details
    relation = WorldTable(schema, name, kind, is_partition == "true", key)
    if kind == "S":
        world.sequences.append(relation.sql)
        return
    relations[schema, name] = relation
    (world.tables if kind in "rp" else world.views).append(relation)


def _add_detail(
    world: World, relation: WorldTable | None, kind: str, schema: str, name: str, details: list[str]
) -> None:
    if kind == "schema":
        world.schemas.append(schema)
    elif kind == "type":
        labels = details[1].split("|") if details[1] else []
        world.types.append(WorldType(schema, name, details[0], labels, details[2]))
    elif kind == "function":
        prefix = "" if schema == "public" else quote(schema) + "."
        world.functions.append(f"{prefix}{quote(name)}({details[0]})")
    elif kind == "domain check":
        for found in world.types:
            if (found.schema, found.name) == (schema, name):
                found.checks.append(details[0])
    elif relation is not None:
        _add_to_relation(relation, kind, details)


def _add_to_relation(relation: WorldTable, kind: str, details: list[Any]) -> None:
    if kind == "column":
        special, number = details[2], details[3]
        column = WorldColumn(details[0], details[1], bool(set(special) & set("ad")), "s" in special, "true" in number)
        relation.columns.append(column)
    elif kind == "constraint":
        relation.constraints.append((details[0], details[1], tuple(int(n) for n in details[2].split(",") if n)))
    elif kind == "index":
        relation.indexes.append(details[0])
    elif kind == "trigger":
        relation.triggers.append(details[0])
