"""What SQLAlchemy's PostgreSQL dialect reflects: its own queries, marked here and answered from the catalog.

The dialect's own methods go on to make what the Inspector gives from the rows, so that its shape is that of the
SQLAlchemy that is installed. Only what is a plain list of names, or yes or no, is answered directly.
"""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import Any, Callable, Optional, cast

import sqlalchemy
from sqlalchemy import exc

from ..dialect import PROBE, session_of
from ..flags import READ, TableName
from .catalog import Catalog
from .model import Index, Relation, Sequence, Table, View
from .oids import number_of

IS_OLD = sqlalchemy.__version__.startswith("1.")
_TABLES = "rp"
_TABLE_LIKE = "rpfvm"


@dataclass(frozen=True)
class Mark:
    """What a query of the dialect asks for. relkinds: kinds of relations as letters; scope: any, default, temporary."""

    topic: str
    schema: Optional[str] = None
    relkinds: str = _TABLE_LIKE
    scope: str = "any"


#: Methods and properties of PGDialect (2.x) that make a query → topic.
_QUERIES = {
    "_columns_query": "columns",
    "_table_oids_query": "table_oids",
    "_constraint_query": "constraints",
    "_foreing_key_query": "foreign_keys",
    "_foreign_key_query": "foreign_keys",
    "_index_query": "indexes",
    "_comment_query": "comments",
    "_check_constraint_query": "checks",
    "_table_options_query": "table_options",
    "_enum_query": "enums",
    "_domain_query": "domains",
}


def relkind(relation: Relation) -> str:
    """pg_class.relkind."""
    if isinstance(relation, Table):
        return relation.kind
    if isinstance(relation, View):
        return "m" if relation.is_materialized else "v"
    if isinstance(relation, Sequence):
        return "S"
    return "I" if isinstance(relation.table, Table) and relation.table.kind == "p" else "i"


def select_relations(catalog: Catalog, schema: Optional[str], relkinds: str, scope: str) -> list[Relation]:
    """As PGDialect._pg_class_filter_scope_schema: without a schema, what the search path finds."""
    found = []
    for one in catalog.relations():
        is_temporary = bool(getattr(one, "is_temporary", False))
        if relkind(one) not in relkinds or (scope == "default" and is_temporary):
            continue
        if scope == "temporary" and not is_temporary:
            continue
        if one.schema == schema if schema is not None else catalog.lookup(None, one.name) is one:
            found.append(one)
    return found


def _catalog(connection: Any) -> Catalog:
    """The catalog, after a statement through the connection: transactions begin and errors travel as they do."""
    connection.exec_driver_sql(PROBE).close()
    return cast(Catalog, session_of(connection).view())


class Reflection:
    """Overrides of PGDialect."""

    default_schema_name: str
    get_multi_columns: Any

    def _names(self, connection: Any, schema: Optional[str], relkinds: str, scope: str) -> list[str]:
        catalog = _catalog(connection)
        if IS_OLD:
            schema, scope = schema or self.default_schema_name, "any"
        return [one.name for one in select_relations(catalog, schema, relkinds, scope)]

    def get_schema_names(self, connection: Any, **options: Any) -> list[str]:
        return sorted({"information_schema", *(one for one in _catalog(connection).schemas if not _is_system(one))})

    def get_table_names(self, connection: Any, schema: Optional[str] = None, **options: Any) -> list[str]:
        return self._names(connection, schema, _TABLES, "default")

    def get_temp_table_names(self, connection: Any, **options: Any) -> list[str]:
        _refuse_if_old()
        return self._names(connection, None, _TABLES, "temporary")

    def _get_foreign_table_names(self, connection: Any, schema: Optional[str] = None, **options: Any) -> list[str]:
        return self._names(connection, schema, "f", "any")

    def get_view_names(
        self, connection: Any, schema: Optional[str] = None, include: Any = ("plain", "materialized"), **options: Any
    ) -> list[str]:
        if not IS_OLD:
            return self._names(connection, schema, "v", "default")
        kinds = [include] if isinstance(include, str) else list(include)
        return self._names(
            connection, schema, "".join({"plain": "v", "materialized": "m"}[one] for one in kinds), "any"
        )

    def get_materialized_view_names(self, connection: Any, schema: Optional[str] = None, **options: Any) -> list[str]:
        return self._names(connection, schema, "m", "default")

    def get_temp_view_names(self, connection: Any, schema: Optional[str] = None, **options: Any) -> list[str]:
        _refuse_if_old()
        return self._names(connection, schema, "v", "temporary")

    def get_sequence_names(self, connection: Any, schema: Optional[str] = None, **options: Any) -> list[str]:
        return self._names(connection, schema, "S", "any")

    def get_view_definition(
        self, connection: Any, view_name: str, schema: Optional[str] = None, **options: Any
    ) -> Optional[str]:
        catalog = _catalog(connection)
        wanted = schema or self.default_schema_name if IS_OLD else schema
        views = [one for one in select_relations(catalog, wanted, "vm", "any") if one.name == view_name]
        if not views and not IS_OLD:
            raise exc.NoSuchTableError(f"{schema}.{view_name}" if schema else view_name)
        for view in views:
            assert isinstance(view, View)
            session = session_of(connection)
            session.note_read(f"definition of the view {view_name}", frozenset([TableName(view.schema, view.name)]))
            return view.text
        return None

    def has_schema(self, connection: Any, schema: str, **options: Any) -> bool:
        names = {*_catalog(connection).schemas, "information_schema", "pg_catalog", "pg_toast"}
        return schema.lower() in {name.lower() for name in names} if IS_OLD else schema in names

    def has_table(self, connection: Any, table_name: str, schema: Optional[str] = None, **options: Any) -> bool:
        kinds = "rpfvmSiI" if IS_OLD else _TABLE_LIKE
        catalog = _catalog(connection)
        return any(one.name == table_name for one in select_relations(catalog, schema, kinds, "any"))

    def has_multi_table(self, connection: Any, table_names: Any, schema: Optional[str] = None, **options: Any) -> Any:
        return {(schema, name): self.has_table(connection, name, schema) for name in table_names}.items()

    def has_sequence(self, connection: Any, sequence_name: str, schema: Optional[str] = None, **options: Any) -> bool:
        catalog = _catalog(connection)
        wanted = schema or self.default_schema_name if IS_OLD else schema
        return any(one.name == sequence_name for one in select_relations(catalog, wanted, "S", "any"))

    def has_type(self, connection: Any, type_name: str, schema: Optional[str] = None, **options: Any) -> bool:
        from .system_types import has_type

        return has_type(_catalog(connection), type_name, schema, counts_built_in=IS_OLD)

    def get_table_oid(self, connection: Any, table_name: str, schema: Optional[str] = None, **options: Any) -> int:
        catalog = _catalog(connection)
        for one in select_relations(catalog, schema, _TABLE_LIKE, "any"):
            if one.name == table_name:
                return number_of("relation", one.schema, one.name)
        raise exc.NoSuchTableError(table_name if IS_OLD or not schema else f"{schema}.{table_name}")

    def _load_pg_am_dict(self, connection: Any, **options: Any) -> dict[int, str]:
        from .reflected import METHODS

        return {number_of("method", "", name): name for name in METHODS}

    def _load_pg_am_btree_oid(self, connection: Any) -> int:
        return number_of("method", "", "btree")

    def _load_pg_opclass_notdefault_dict(self, connection: Any, **options: Any) -> dict[int, str]:
        from .reflected_parts import opclass_name

        indexes = [one for one in _catalog(connection).relations() if isinstance(one, Index)]
        named = {(one.method, opclass_name(element.opclass)) for one in indexes for element in one.elements}
        return {number_of("opclass", method, name): name for method, name in named if name is not None}


def _refuse_if_old() -> None:
    if IS_OLD:
        raise NotImplementedError


def _is_system(schema: str) -> bool:
    return schema.startswith("pg_")


def marked_members(real: type[Any]) -> dict[str, Any]:
    """Overrides that mark what the real dialect's own query makers give."""
    found: dict[str, Any] = {}
    for name, topic in _QUERIES.items():
        try:
            member = inspect.getattr_static(real, name)
        except AttributeError:
            continue
        if hasattr(member, "fget"):
            found[name] = property(_marking_property(member.fget, topic))
        else:
            found[name] = _marking_method(real, name, topic)
    return found


def _marking_property(get: Callable[[Any], Any], topic: str) -> Callable[[Any], Any]:
    def marked(self: Any) -> Any:
        known = self.__dict__.setdefault("_migguard_queries", {})
        if topic not in known:
            known[topic] = get(self)
            known[topic]._migguard_mark = Mark(topic)
        return known[topic]

    return marked


def _marking_method(real: type[Any], name: str, topic: str) -> Callable[..., Any]:
    original = getattr(real, name)
    inner = getattr(original, "__wrapped__", original)
    names = list(inspect.signature(inner).parameters)[1:]

    def marked(self: Any, *arguments: Any, **options: Any) -> Any:
        query = original(self, *arguments, **options)
        given = {**dict(zip(names, arguments)), **options}  # noqa: B905
        query._migguard_mark = Mark(
            topic, given.get("schema"), _relkinds(self, given.get("kind")), _scope(given.get("scope"))
        )
        return query

    return marked


def _relkinds(dialect: Any, kind: Any) -> str:
    return _TABLE_LIKE if kind is None else "".join(dialect._kind_to_relkinds(kind))


def _scope(scope: Any) -> str:
    return str(getattr(scope, "name", "ANY")).lower()


def find_mark(context: Any) -> Optional[Mark]:
    """The mark of the statement that SQLAlchemy runs now; in 1.4 it is told by its text."""
    statement = getattr(context, "invoked_statement", None)
    if statement is None:
        return None
    mark: Optional[Mark] = getattr(statement, "_migguard_mark", None)
    if mark is None and IS_OLD:
        text = getattr(getattr(statement, "element", statement), "text", None)
        mark = _mark_of_text(text) if isinstance(text, str) else None
    return mark


#: What only one of PGDialect's texts (1.4) has.
_TEXTS = (
    ("pg_catalog.format_type(a.atttypid, a.atttypmod)", "columns"),
    ("generate_subscripts(ix.indkey, 1) ord", "primary_key_columns"),
    ("r.contype = 'p'\n", "primary_key_name"),
    ("r.contype = 'f' AND", "foreign_keys"),
    ("ix.indoption::varchar", "indexes"),
    ("cons.contype = 'u'", "unique_columns"),
    ("pgd.description as table_comment", "comment"),
    ("pg_get_constraintdef(cons.oid) as src", "checks"),
    ("WHERE t.typtype = 'e'\n        ORDER BY \"schema\"", "enums"),
    ("WHERE t.typtype = 'e'", "enums"),
    ('format_type(t.typbasetype, t.typtypmod) as "attype"', "domains"),
)


def _mark_of_text(text: str) -> Optional[Mark]:
    for fragment, topic in _TEXTS:
        if fragment in text and len(text) > 150:
            return Mark(topic)
    return None


__all__ = ["READ", "Mark", "Reflection", "find_mark", "marked_members", "relkind", "select_relations"]
