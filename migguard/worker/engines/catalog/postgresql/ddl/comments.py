"""COMMENT ON: kept where it is compared."""

from __future__ import annotations

from typing import Any, Optional

from ...errors import Rejected
from ...scanner import Cursor
from ..catalog import Catalog
from ..model import Domain, Index, Sequence, Table, View
from .constraints import find_constraint
from .reading import missing, read_column
from .user_types import find_user_type

_RELATIONS: dict[str, type[Any]] = {
    "table": Table,
    "index": Index,
    "sequence": Sequence,
    "view": View,
    "materialized view": View,
}
_FREE = (
    *("access method", "aggregate", "cast", "collation", "conversion", "database", "event trigger", "extension"),
    *("foreign data wrapper", "foreign table", "function", "large object", "operator class", "operator family"),
    *("operator", "policy", "procedural language", "language", "procedure", "publication", "role", "routine", "rule"),
    *("server", "statistics", "subscription", "tablespace", "text search", "transform", "trigger"),
)


def comment(catalog: Catalog, cursor: Cursor) -> None:
    """COMMENT ON, after these words."""
    kind = cursor.expect_one("column", *_RELATIONS, "constraint", "type", "domain", "schema", *_FREE)
    target = _find(catalog, cursor, kind)
    if target is None:
        cursor.rest()
        return
    cursor.expect("is")
    text: Optional[str] = None if cursor.accept("null") else (cursor.string() or None)
    cursor.expect_end()
    target.comment = text
    if isinstance(target, (Table, View)):
        catalog.note_altered(target)
    table = getattr(target, "table", None)
    if isinstance(table, (Table, View)):
        catalog.note_altered(table)


def _find(catalog: Catalog, cursor: Cursor, kind: str) -> Any:
    if kind == "column":
        relation, name = read_column(cursor, catalog)
        return catalog.column(relation, name) if isinstance(relation, Table) else None
    if kind in _RELATIONS:
        return catalog.relation(*cursor.qualified_name(), _RELATIONS[kind])
    if kind == "constraint":
        return _find_constraint(catalog, cursor)
    if kind in ("type", "domain"):
        found = find_user_type(catalog, *cursor.qualified_name())
        if kind == "domain" and not isinstance(found, Domain):
            raise Rejected(f'"{found.name}" is not a domain', "42809")
        return found
    if kind == "schema":
        name = cursor.name()
        if name not in catalog.schemas:
            raise missing("schema", name, "3F000")
    return None


def _find_constraint(catalog: Catalog, cursor: Cursor) -> Any:
    name = cursor.name()
    cursor.expect("on")
    if not cursor.accept("domain"):
        return find_constraint(catalog, catalog.table(*cursor.qualified_name()), name)
    domain = find_user_type(catalog, *cursor.qualified_name())
    for one in domain.checks:
        if one.name == name:
            return one
    raise missing("constraint", name)
