"""SET, RESET and DISCARD: only search_path changes what names mean."""

from __future__ import annotations

from ...errors import NotUnderstood
from ...scanner import Cursor
from ..catalog import TEMPORARY, Catalog
from ..scanner import open_cursor

#: Settings that would change how later statements are read, or what they make, with their defaults.
_DEFAULTS = {
    "standard_conforming_strings": "on",
    "backslash_quote": "safe_encoding",
    "default_tablespace": "",
    "default_table_access_method": "heap",
    "quote_all_identifiers": "off",
    "transform_null_equals": "off",
    "array_nulls": "on",
}


def set_setting(catalog: Catalog, cursor: Cursor) -> None:
    """SET, after this word."""
    is_local = cursor.accept_one("local", "session") == "local"
    if cursor.accept("schema"):
        set_path(catalog, [cursor.string()], is_local=is_local)
        cursor.expect_end()
        return
    if cursor.accept_one(
        "role", "session authorization", "authorization", "transaction", "characteristics", "time zone"
    ):
        cursor.rest()
        return
    if cursor.at("constraints") or cursor.at("names"):
        cursor.rest()
        return
    name = cursor.label().lower()
    while cursor.accept("."):
        name += "." + cursor.label()
    if not cursor.accept("="):
        cursor.expect("to")
    if name == "search_path":
        _set_search_path(catalog, cursor, is_local=is_local)
    elif name in _DEFAULTS:
        value = cursor.rest().strip("'").lower()
        if value not in (_DEFAULTS[name], "default"):
            raise NotUnderstood(f"SET {name}")
    else:
        cursor.rest()


def _set_search_path(catalog: Catalog, cursor: Cursor, *, is_local: bool) -> None:
    if cursor.accept("default"):
        set_path(catalog, ["public"], is_local=is_local)
        cursor.expect_end()
        return
    names: list[str] = []
    while True:
        names.append(cursor.string() if cursor.at_string() else cursor.label())
        if not cursor.accept(","):
            break
    cursor.expect_end()
    set_path(catalog, names, is_local=is_local)


def set_path(catalog: Catalog, names: list[str], *, is_local: bool) -> None:
    """Make these the search path. Strings are taken whole, as the server does: 'a, b' is one name."""
    if is_local and catalog.outer_search_path is None:
        catalog.outer_search_path = list(catalog.search_path)
    elif not is_local:
        catalog.outer_search_path = None
    path = [name for name in names if name not in ("pg_catalog", "$user", "")]
    if "pg_catalog" in names[1:] and path and names[0] != "pg_catalog":
        raise NotUnderstood("pg_catalog behind other schemas in search_path")
    catalog.search_path = [TEMPORARY if name == "pg_temp" else name for name in path]


def reset_setting(catalog: Catalog, cursor: Cursor) -> None:
    """RESET, after this word."""
    if cursor.at("all") or cursor.at("search_path"):
        catalog.outer_search_path = None
        catalog.reset_search_path()
    cursor.rest()


def discard(catalog: Catalog, cursor: Cursor) -> None:
    """DISCARD ALL, TEMP, PLANS or SEQUENCES."""
    if cursor.at("all") or cursor.at("temp") or cursor.at("temporary"):
        state = catalog.leave_connection()
        is_all = cursor.at("all")
        catalog.enter_connection(None if is_all else (state[0], state[1], None, {}))
    cursor.rest()


def follow_set_config(catalog: Catalog, cursor: Cursor) -> None:
    """SELECT set_config('search_path', 'a, b', false), as dumps have it."""
    words = [token.word for token in cursor.tokens]
    if "set_config" not in words:
        return
    place = words.index("set_config")
    values = cursor.tokens[place + 1 : place + 8]
    if len(values) < 2 or values[1].kind != "string":
        raise NotUnderstood("set_config of a computed setting")
    if values[1].value.lower() != "search_path":
        return
    if [one.kind for one in values[1:7:2]] != ["string", "string", "id"] or values[6].word != ")":
        raise NotUnderstood("set_config of search_path")
    names = split_path(values[3].value)
    set_path(catalog, names, is_local=values[5].word == "true")


def split_path(text: str) -> list[str]:
    """The names in a search path's text."""
    names: list[str] = []
    cursor = open_cursor(text)
    while not cursor.at_end:
        names.append(cursor.label())
        if not cursor.accept(","):
            break
    cursor.expect_end()
    return names
