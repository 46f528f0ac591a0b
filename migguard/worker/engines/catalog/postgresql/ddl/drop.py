"""DROP of everything (dropcmds.c, tablecmds.c RemoveRelations, 15)."""

from __future__ import annotations

from typing import Any, Optional

from ...errors import Rejected
from ...scanner import Cursor
from ..catalog import Catalog
from ..dependencies import drop_objects
from ..model import Composite, Domain, Index, Sequence, Table, View
from .extensions import drop_extensions
from .reading import missing, read_behavior
from .routines import drop_routines, drop_trigger
from .schemas import drop_schemas
from .user_types import find_user_type

_RELATIONS: dict[str, type[Any]] = {
    "table": Table,
    "index": Index,
    "sequence": Sequence,
    "view": View,
    "materialized view": View,
}
_LABELS = {Table: "table", Index: "index", Sequence: "sequence", View: "view"}
#: Objects that the catalog does not keep.
_IGNORED = (
    *("access method", "collation", "conversion", "event trigger", "foreign data wrapper", "group", "publication"),
    *("language", "procedural language", "trusted procedural language", "role", "server", "statistics"),
    *("subscription", "text search", "transform", "user mapping", "user"),
)


def drop(catalog: Catalog, cursor: Cursor) -> None:
    """DROP, after this word."""
    kind = cursor.accept_one(*_RELATIONS)
    if kind is not None:
        _drop_relations(catalog, cursor, kind)
        return
    kind = cursor.accept_one("type", "domain")
    if kind is not None:
        _drop_types(catalog, cursor, kind)
    elif cursor.accept("schema"):
        drop_schemas(catalog, cursor)
    elif cursor.accept("extension"):
        drop_extensions(catalog, cursor)
    else:
        _drop_other(catalog, cursor)


def _drop_other(catalog: Catalog, cursor: Cursor) -> None:
    kind = cursor.accept_one("function", "procedure", "routine", "aggregate")
    if kind is not None:
        drop_routines(catalog, cursor, kind)
        return
    kind = cursor.accept_one("trigger", "rule", "policy")
    if kind is not None:
        drop_trigger(catalog, cursor, kind)
        return
    if cursor.accept_one(*_IGNORED) is None:
        cursor.fail("DROP")
    if any(token.word == "cascade" for token in cursor.tokens):
        cursor.fail("DROP … CASCADE")
    cursor.rest()


def _read_names(cursor: Cursor) -> list[tuple[Optional[str], str]]:
    names = [cursor.qualified_name()]
    while cursor.accept(","):
        names.append(cursor.qualified_name())
    return names


def _drop_relations(catalog: Catalog, cursor: Cursor, kind: str) -> None:
    if kind == "index":
        cursor.accept("concurrently")
    is_tolerant = cursor.accept("if", "exists")
    names = _read_names(cursor)
    is_cascade = read_behavior(cursor)
    cursor.expect_end()
    targets: list[Any] = []
    for schema, name in names:
        found = _find(catalog, schema, name, kind, is_tolerant=is_tolerant)
        if found is not None and found not in targets:
            targets.append(found)
    label = ", ".join(name for _, name in names)
    drop_objects(catalog, targets, is_cascade=is_cascade, subject=f"{kind} {label}")


def _find(catalog: Catalog, schema: Optional[str], name: str, kind: str, *, is_tolerant: bool) -> Any:
    found = catalog.relation(schema, name, missing_ok=True)
    if found is None:
        if is_tolerant:
            return None
        if schema is not None and schema not in catalog.schemas:
            raise missing("schema", schema, "3F000")
        code = "42704" if kind == "index" else "42P01"
        raise missing(kind, name, code)
    is_right = isinstance(found, _RELATIONS[kind])
    if isinstance(found, View):
        is_right = kind == ("materialized view" if found.is_materialized else "view")
    if not is_right:
        raise Rejected(f'"{name}" is not a {kind}', "42809")
    return found


def _drop_types(catalog: Catalog, cursor: Cursor, kind: str) -> None:
    is_tolerant = cursor.accept("if", "exists")
    names = _read_names(cursor)
    is_cascade = read_behavior(cursor)
    cursor.expect_end()
    targets: list[Any] = []
    for schema, name in names:
        found = _find_type(catalog, schema, name, is_tolerant=is_tolerant)
        if found is None:
            continue
        if kind == "domain" and not isinstance(found, Domain):
            raise Rejected(f'"{name}" is not a domain', "42809")
        if isinstance(found, Composite) and found.extension is not None:
            raise Rejected(f"cannot drop type {name} because extension {found.extension} requires it", "2BP01")
        targets.append(found)
    label = ", ".join(name for _, name in names)
    drop_objects(catalog, targets, is_cascade=is_cascade, subject=f"{kind} {label}")


def _find_type(catalog: Catalog, schema: Optional[str], name: str, *, is_tolerant: bool) -> Any:
    if is_tolerant and schema is not None and schema not in catalog.schemas:
        return None
    return find_user_type(catalog, schema, name, missing_ok=is_tolerant)
