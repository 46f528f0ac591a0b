"""CREATE: which object, and who makes it."""

from __future__ import annotations

from ...errors import NotUnderstood
from ...scanner import Cursor
from ..catalog import Catalog
from .create_table import create_table
from .extensions import create_extension
from .indexes import create_index
from .routines import create_policy, create_routine, create_rule, create_trigger
from .schemas import create_schema
from .sequences import create_sequence
from .user_types import create_domain, create_type
from .views import create_view

_TEMPORARY = ("local temporary", "local temp", "global temporary", "global temp", "temporary", "temp")
#: Objects that no table depends on: they are not kept.
_IGNORED = (
    *("access method", "collation", "conversion", "database", "event trigger", "foreign data wrapper", "group"),
    *("language", "publication", "role", "server", "statistics", "subscription", "tablespace", "text search"),
    *("transform", "user mapping", "user", "trusted language", "procedural language"),
)


def create(catalog: Catalog, cursor: Cursor) -> None:
    """CREATE, after this word."""
    is_replacing = cursor.accept("or", "replace")
    is_temporary = cursor.accept_one(*_TEMPORARY) is not None
    is_unlogged = cursor.accept("unlogged")
    if cursor.accept("table"):
        create_table(catalog, cursor, is_temporary=is_temporary, is_unlogged=is_unlogged)
    elif cursor.accept("sequence"):
        create_sequence(catalog, cursor, is_temporary=is_temporary)
    elif cursor.at("view") or cursor.at("recursive", "view") or cursor.at("materialized", "view"):
        create_view(catalog, cursor, is_replacing=is_replacing, is_temporary=is_temporary)
    elif is_temporary or is_unlogged:
        cursor.fail("CREATE TEMPORARY")
    elif cursor.at("unique") or cursor.at("index"):
        create_index(catalog, cursor)
    elif cursor.accept("type"):
        create_type(catalog, cursor)
    elif cursor.accept("domain"):
        create_domain(catalog, cursor)
    elif cursor.accept("schema"):
        create_schema(catalog, cursor)
    elif cursor.accept("extension"):
        create_extension(catalog, cursor)
    else:
        _create_other(catalog, cursor, is_replacing=is_replacing)


def _create_other(catalog: Catalog, cursor: Cursor, *, is_replacing: bool) -> None:
    if cursor.accept_one("function", "procedure", "aggregate"):
        create_routine(catalog, cursor)
    elif cursor.accept_one("trigger", "constraint trigger"):
        create_trigger(catalog, cursor, is_replacing=is_replacing)
    elif cursor.accept("rule"):
        create_rule(catalog, cursor, is_replacing=is_replacing)
    elif cursor.accept("policy"):
        create_policy(catalog, cursor)
    elif cursor.accept("foreign", "table"):
        raise NotUnderstood("a foreign table")
    elif cursor.accept_one("operator class", "operator family"):
        catalog.functions.add("class")
    elif cursor.accept("operator"):
        catalog.functions.add(cursor.take().value)
    elif cursor.accept("cast"):
        catalog.functions.add("cast")
    elif cursor.accept_one(*_IGNORED) is None:
        cursor.fail("CREATE")
    cursor.rest()
