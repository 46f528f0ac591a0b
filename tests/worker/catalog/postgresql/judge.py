"""The same statements on a real PostgreSQL and on the catalog, and what pg_catalog then says of both."""

from __future__ import annotations

import pickle
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy.engine import make_url

from migguard.worker.engines.catalog.errors import NotUnderstood, Rejected
from migguard.worker.engines.catalog.flags import FlagLog
from migguard.worker.engines.catalog.postgresql.catalog import Catalog
from migguard.worker.engines.catalog.postgresql.expressions import Node, show, show_index_element
from migguard.worker.engines.catalog.postgresql.model import (
    Column,
    Composite,
    Constraint,
    Domain,
    Enum,
    Index,
    Sequence,
    Table,
    View,
)
from migguard.worker.engines.catalog.postgresql.names import quote_identifier
from migguard.worker.engines.catalog.postgresql.scanner import split_statements
from migguard.worker.engines.catalog.postgresql.types import format_type
from migguard.worker.ledger import ProjectPaths

Rows = dict[str, tuple[Any, ...]]
#: In the place of a text that the catalog does not claim to know.
UNSURE = "~"

_COLUMNS = """
select n.nspname || '.' || c.relname || '.' || a.attname,
    row_number() over (partition by c.oid order by a.attnum), format_type(a.atttypid, a.atttypmod), a.attnotnull,
    pg_get_expr(d.adbin, d.adrelid), a.attidentity::text, a.attgenerated::text,
    case when a.attcollation <> t.typcollation then l.collname::text end, col_description(c.oid, a.attnum),
    a.attislocal, a.attinhcount
from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
join pg_type t on t.oid = a.atttypid
left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum left join pg_collation l on l.oid = a.attcollation
where a.attnum > 0 and not a.attisdropped and c.relkind in ('r', 'p') and n.nspname !~ '^(pg_|information_schema)'
"""
_TABLES = """
select n.nspname || '.' || c.relname, c.relkind::text, c.relpersistence::text, c.reloptions,
    obj_description(c.oid, 'pg_class'), c.relispartition, pg_get_partkeydef(c.oid),
    (select array_agg(p.relname::text order by i.inhseqno) from pg_inherits i join pg_class p on p.oid = i.inhparent
     where i.inhrelid = c.oid)
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p', 'v', 'm') and n.nspname !~ '^(pg_|information_schema)'
"""
_CONSTRAINTS = """
select n.nspname || '.' || c.relname || '.' || o.conname, o.contype::text,
    (select array_agg(a.attname::text order by k.place) from unnest(o.conkey) with ordinality k (number, place)
     join pg_attribute a on a.attrelid = c.oid and a.attnum = k.number where o.contype <> 'c'),
    o.confrelid::regclass::text,
    (select array_agg(a.attname::text order by k.place) from unnest(o.confkey) with ordinality k (number, place)
     join pg_attribute a on a.attrelid = o.confrelid and a.attnum = k.number),
    o.confupdtype::text, o.confdeltype::text, o.confmatchtype::text, o.condeferrable, o.condeferred, o.convalidated,
    o.connoinherit and o.contype = 'c', o.conislocal, o.coninhcount,
    (select p.conname::text from pg_constraint p where p.oid = o.conparentid), i.relname::text,
    case when o.contype = 'c' then pg_get_expr(o.conbin, o.conrelid) end, obj_description(o.oid, 'pg_constraint')
from pg_constraint o join pg_class c on c.oid = o.conrelid join pg_namespace n on n.oid = c.relnamespace
left join pg_class i on i.oid = o.conindid
where n.nspname !~ '^(pg_|information_schema)' and o.contype <> 't'
"""
_INDEXES = """
select n.nspname || '.' || c.relname, t.relname::text, i.indisunique, i.indisprimary, i.indisvalid,
    i.indnullsnotdistinct, m.amname::text, pg_get_indexdef(c.oid), c.reloptions,
    (select p.relname::text from pg_inherits h join pg_class p on p.oid = h.inhparent where h.inhrelid = c.oid),
    obj_description(c.oid, 'pg_class')
from pg_index i join pg_class c on c.oid = i.indexrelid join pg_class t on t.oid = i.indrelid
join pg_namespace n on n.oid = c.relnamespace join pg_am m on m.oid = c.relam
where n.nspname !~ '^(pg_|information_schema)' and t.relkind in ('r', 'p')
"""
_SEQUENCES = """
select n.nspname || '.' || c.relname, format_type(s.seqtypid, null), s.seqstart, s.seqincrement, s.seqmin, s.seqmax,
    s.seqcache, s.seqcycle, d.refobjid::regclass || '.' || a.attname, d.deptype::text,
    obj_description(c.oid, 'pg_class')
from pg_sequence s join pg_class c on c.oid = s.seqrelid join pg_namespace n on n.oid = c.relnamespace
left join pg_depend d on d.classid = 'pg_class'::regclass and d.objid = c.oid and d.refclassid = 'pg_class'::regclass
    and d.refobjsubid > 0
left join pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
where n.nspname !~ '^(pg_|information_schema)'
"""
_TYPES = """
select n.nspname || '.' || t.typname, t.typtype::text,
    (select array_agg(e.enumlabel::text order by e.enumsortorder) from pg_enum e where e.enumtypid = t.oid),
    case when t.typtype = 'd' then format_type(t.typbasetype, t.typtypmod) end, t.typnotnull,
    pg_get_expr(t.typdefaultbin, 0),
    (select array_agg(o.conname || ' ' || pg_get_expr(o.conbin, 0) order by o.conname) from pg_constraint o
     where o.contypid = t.oid), obj_description(t.oid, 'pg_type')
from pg_type t join pg_namespace n on n.oid = t.typnamespace
left join pg_class c on c.oid = t.typrelid
where n.nspname !~ '^(pg_|information_schema)' and t.typtype in ('e', 'd', 'c', 'r')
    and (t.typtype <> 'c' or c.relkind = 'c')
    and not exists (select from pg_depend d where d.objid = t.oid and d.deptype = 'e')
"""
QUERIES = {
    "column": _COLUMNS,
    "table": _TABLES,
    "constraint": _CONSTRAINTS,
    "index": _INDEXES,
    "sequence": _SEQUENCES,
    "type": _TYPES,
}


def read_stories(folder: Path) -> dict[str, list[str]]:
    """The stories of a folder's SQL files by `file: name`: statements after a line `-- story: name`."""
    found: dict[str, list[str]] = {}
    for path in sorted(folder.glob("*.sql")):
        for part in path.read_text(encoding="utf-8").split("-- story: ")[1:]:
            name, _, text = part.partition("\n")
            found[f"{path.stem}: {name.strip()}"] = [cursor.rest() for cursor in split_statements(text)]
    return found


@dataclass
class Story:
    """What both said to each statement, and the differences at the end."""

    outcomes: list[tuple[str, str | None, str | None]] = field(default_factory=list)
    differences: list[str] = field(default_factory=list)
    is_followed: bool = True

    def describe(self) -> str:
        wrong = [f"{sql}\n    server {server}, catalog {own}" for sql, server, own in self.outcomes if server != own]
        return "\n".join([*wrong, *self.differences])


class Judge:
    """One connection; each story is a transaction that is rolled back."""

    def __init__(self, url: str) -> None:
        plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        self.connection = psycopg.connect(plain, autocommit=True)
        self.version = (self.connection.info.server_version // 10000, self.connection.info.server_version % 100)

    def close(self) -> None:
        self.connection.close()

    def tell(self, statements: Iterable[str]) -> Story:
        """Run the statements on both sides. One that begins with ? may be not understood, or must not be compared."""
        story = Story()
        catalog = Catalog(FlagLog(ProjectPaths("/")), self.version)
        with self.connection.transaction(force_rollback=True):
            for statement in statements:
                catalog = self._step(story, catalog, statement)
            if story.is_followed:
                story.differences = compare(self.rows(), catalog_rows(catalog))
        return story

    def _step(self, story: Story, catalog: Catalog, statement: str) -> Catalog:
        sql = statement.lstrip("?")
        server = self._run(sql)
        before = pickle.dumps(catalog)
        own: str | None = None
        try:
            catalog.run(sql)
        except Rejected as refusal:
            own = refusal.code or "refused"
        except NotUnderstood as reason:
            own = server if statement.startswith("?") else f"not understood: {reason}"
            story.is_followed = story.is_followed and server is not None
        if own is not None:
            flags = catalog.flags
            catalog = pickle.loads(before)
            catalog.attach(flags)
        story.outcomes.append((sql, server, own))
        return catalog

    def _run(self, sql: str) -> str | None:
        try:
            with self.connection.transaction():
                self.connection.execute(sql.encode())
        except psycopg.Error as error:
            return error.sqlstate
        return None

    def rows(self) -> Rows:
        found: Rows = {}
        for kind, query in QUERIES.items():
            for row in self.connection.execute(query.encode()):
                found[f"{kind} {row[0]}"] = tuple(tuple(one) if isinstance(one, list) else one for one in row[1:])
        return found


def compare(server: Rows, own: Rows) -> list[str]:
    """One line for each row that differs; a text that the catalog is not sure of is let pass."""
    found: list[str] = []
    for key in sorted({*server, *own}):
        if key not in own or key not in server:
            found.append(f"{key}: only {'on the server' if key in server else 'in the catalog'}")
            continue
        for place, (theirs, mine) in enumerate(zip(server[key], own[key], strict=True)):
            if theirs != mine and mine != UNSURE:
                found.append(f"{key} [{place}]: server {theirs!r}, catalog {mine!r}")
    return found


def catalog_rows(catalog: Catalog) -> Rows:
    """What the queries would give, from the catalog."""
    found: Rows = {}
    for one in catalog.relations():
        if one.schema == "pg_temp":
            continue
        name = f"{one.schema}.{one.name}"
        if isinstance(one, Table):
            found[f"table {name}"] = _table_row(one)
            for place, column in enumerate(one.columns.values(), 1):
                found[f"column {name}.{column.name}"] = (place, *_column_row(catalog, column))
            for constraint in one.constraints:
                found[f"constraint {name}.{constraint.name}"] = _constraint_row(catalog, constraint)
        elif isinstance(one, View):
            found[f"table {name}"] = ("m" if one.is_materialized else "v", "p", None, one.comment, False, None, None)
        elif isinstance(one, Index) and isinstance(one.table, Table):
            found[f"index {name}"] = _index_row(catalog, one)
        elif isinstance(one, Sequence):
            found[f"sequence {name}"] = _sequence_row(one)
    for (schema, type_name), one_type in catalog.types.items():
        if not isinstance(one_type, Composite) or one_type.extension is None:
            found[f"type {schema}.{type_name}"] = _type_row(catalog, one_type)
    return found


def _text(catalog: Catalog, node: Node | None) -> str | None:
    if node is None:
        return None
    text = show(node, catalog)
    return str(text) if text.exact else UNSURE


def _storage(pairs: list[tuple[str, str]]) -> tuple[str, ...] | None:
    return tuple(f"{name}={value}" for name, value in pairs) or None


def _table_row(one: Table) -> tuple[Any, ...]:
    persistence = "u" if one.is_unlogged else "p"
    parents = [*one.parents, *([one.partition_of] if one.partition_of else [])]
    is_partition = one.partition_of is not None
    key = one.partition_key or None
    return (
        *(one.kind, persistence, _storage(one.storage), one.comment, is_partition, key),
        tuple(parent.name for parent in parents) or None,
    )


def _column_row(catalog: Catalog, one: Column) -> tuple[Any, ...]:
    identity = "" if one.identity is None else ("a" if one.identity.always else "d")
    generated = "" if one.generated is None else ("s" if one.stored else "v")
    default = _text(catalog, one.default if one.generated is None else one.generated)
    return (
        *(format_type(one.type, catalog), one.notnull, default, identity, generated, one.collation, one.comment),
        *(one.is_local, one.inherited),
    )


_ACTIONS = {"NO ACTION": "a", "RESTRICT": "r", "CASCADE": "c", "SET NULL": "n", "SET DEFAULT": "d"}


def _constraint_row(catalog: Catalog, one: Constraint) -> tuple[Any, ...]:
    is_key = one.kind == "f"
    options = one.options
    names: Any = tuple(column.name for column in one.columns) if one.kind != "c" else None
    if one.kind == "x":
        names = UNSURE
    referred = "-"
    if one.referred is not None:
        schema = one.referred.schema
        name = quote_identifier(one.referred.name)
        referred = name if schema in catalog.search_path else f"{schema}.{name}"
    index = one.index or one.target_index
    return (
        *(one.kind, names, referred, tuple(column.name for column in one.referred_columns) if is_key else None),
        _ACTIONS[options.get("onupdate", "NO ACTION")] if is_key else " ",
        _ACTIONS[options.get("ondelete", "NO ACTION")] if is_key else " ",
        ("f" if options.get("match") == "FULL" else "s") if is_key else " ",
        *(bool(options.get("deferrable")), options.get("initially") == "DEFERRED", not options.get("not_valid")),
        *(bool(options.get("no_inherit")), one.is_local, one.inherited, one.parent.name if one.parent else None),
        index.name if index else None,
        _text(catalog, one.expression) if one.kind == "c" else None,
        one.comment,
    )


def index_definition(catalog: Catalog, one: Index) -> str:
    """As pg_get_indexdef, or UNSURE."""
    parts = []
    for element in one.elements:
        if isinstance(element.what, Column):
            text = quote_identifier(element.what.name)
        else:
            shown = show_index_element(element.what, catalog)
            if not shown.exact:
                return UNSURE
            text = str(shown)
        text += f' COLLATE "{element.collation}"' if element.collation else ""
        text += f" {element.opclass}" if element.opclass else ""
        text += f" ({_spaced(element.opclass_options)})" if element.opclass_options else ""
        text += " DESC" if element.descending else ""
        if element.nulls_first is not None:
            text += " NULLS FIRST" if element.nulls_first else " NULLS LAST"
        parts.append(text)
    if one.where is not None and not show(one.where, catalog).exact:
        return UNSURE
    table, name = one.table, quote_identifier(one.name)
    only = "ONLY " if isinstance(table, Table) and table.kind == "p" else ""
    return (
        f"CREATE {'UNIQUE ' if one.is_unique else ''}INDEX {name}"
        f" ON {only}{table.schema}.{quote_identifier(table.name)}"
        f" USING {one.method} ({', '.join(parts)})"
        + (f" INCLUDE ({', '.join(quote_identifier(column.name) for column in one.include)})" if one.include else "")
        + (" NULLS NOT DISTINCT" if one.nulls_not_distinct else "")
        + (f" WITH ({', '.join(f'{n}={_quoted(v)}' for n, v in one.storage)})" if one.storage else "")
        + (f" WHERE {show(one.where, catalog)}" if one.where is not None else "")
    )


def _quoted(value: str) -> str:
    return f"'{value}'"


def _spaced(options: str) -> str:
    name, _, value = options.partition("=")
    return f"{name.strip()}='{value.strip()}'"


def _index_row(catalog: Catalog, one: Index) -> tuple[Any, ...]:
    is_primary = one.constraint is not None and one.constraint.kind == "p"
    return (
        *(one.table.name, one.is_unique, is_primary, one.is_valid, one.nulls_not_distinct, one.method),
        *(index_definition(catalog, one), _storage(one.storage), one.parent.name if one.parent else None, one.comment),
    )


def _sequence_row(one: Sequence) -> tuple[Any, ...]:
    options = one.options
    names = ("start", "increment", "minvalue", "maxvalue", "cache", "cycle")
    owner = None
    if one.owner is not None:
        schema = one.owner.table.schema
        table = quote_identifier(one.owner.table.name)
        owner = f"{'' if schema == 'public' else schema + '.'}{table}.{one.owner.name}"
    kind = None if one.owner is None else ("i" if one.is_identity else "a")
    return (one.data_type, *(options[name] for name in names), owner, kind, one.comment)


def _type_row(catalog: Catalog, one: Enum | Domain | Composite) -> tuple[Any, ...]:
    if isinstance(one, Enum):
        return ("e", tuple(one.labels) or None, None, False, None, None, one.comment)
    if isinstance(one, Composite):
        return ("r" if one.kind == "range" else "c", None, None, False, None, None, one.comment)
    checks = sorted(f"{check.name} {_text(catalog, check.expression)}" for check in one.checks)
    if any(UNSURE in check for check in checks):
        return ("d", None, format_type(one.type, catalog), one.notnull, UNSURE, UNSURE, one.comment)
    default = _text(catalog, one.default)
    return ("d", None, format_type(one.type, catalog), one.notnull, default, tuple(checks) or None, one.comment)
