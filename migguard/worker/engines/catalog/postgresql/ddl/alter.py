"""ALTER: which object, and who changes it."""

from __future__ import annotations

from ...errors import NotUnderstood
from ...scanner import Cursor
from ..catalog import Catalog
from .alter_table import alter_table
from .extensions import alter_extension
from .indexes import alter_index
from .routines import alter_trigger
from .schemas import alter_schema
from .sequences import alter_sequence
from .user_types import alter_domain, alter_type
from .views import alter_view

_IGNORED = (
    *("access method", "collation", "conversion", "default privileges", "event trigger", "foreign data wrapper"),
    *("group", "language", "large object", "publication", "server", "statistics", "subscription", "system"),
    *("tablespace", "text search", "user mapping", "operator class", "operator family", "operator"),
)


def alter(catalog: Catalog, cursor: Cursor) -> None:
    """ALTER, after this word."""
    if cursor.accept("table"):
        alter_table(catalog, cursor)
    elif cursor.accept("index"):
        alter_index(catalog, cursor)
    elif cursor.accept("sequence"):
        alter_sequence(catalog, cursor)
    elif cursor.accept("type"):
        alter_type(catalog, cursor)
    elif cursor.accept("domain"):
        alter_domain(catalog, cursor)
    elif cursor.accept("schema"):
        alter_schema(catalog, cursor)
    elif cursor.accept_one("view", "materialized view"):
        alter_view(catalog, cursor)
    elif cursor.accept("extension"):
        alter_extension(catalog, cursor)
    else:
        _alter_other(catalog, cursor)


def _alter_other(catalog: Catalog, cursor: Cursor) -> None:
    kind = cursor.accept_one("trigger", "rule", "policy")
    if kind is not None:
        alter_trigger(catalog, cursor, kind)
    elif cursor.accept_one("function", "procedure", "routine", "aggregate"):
        _alter_routine(catalog, cursor)
    elif cursor.accept_one("role", "user", "database"):
        if any(token.word == "search_path" for token in cursor.tokens):
            raise NotUnderstood("search_path of a role or database")
    elif cursor.accept_one(*_IGNORED) is None:
        cursor.fail("ALTER")
    cursor.rest()


def _alter_routine(catalog: Catalog, cursor: Cursor) -> None:
    name = cursor.label()
    if cursor.accept("."):
        name = cursor.label()
    if cursor.at("("):
        cursor.skip_group()
    if cursor.accept("rename", "to"):
        new = cursor.label()
        _rename_routine(catalog, name, new)
    elif cursor.accept("set", "schema"):
        raise NotUnderstood("the schema of a function")


def _rename_routine(catalog: Catalog, name: str, new: str) -> None:
    from .routines import is_used

    if is_used(catalog, name):
        raise NotUnderstood(f"the name of function {name}, which is used")
    same = [key for key in catalog.signatures if key[1] == name]
    catalog.functions.add(new)
    if len(same) == 1 and len(catalog.signatures[same[0]]) == 1:
        catalog.functions.discard(name)
        catalog.signatures.setdefault((same[0][0], new), []).extend(catalog.signatures.pop(same[0]))
