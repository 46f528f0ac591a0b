"""One statement: which family it belongs to, and those that need no module of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable, Optional

from ...database import Leftover
from ...errors import NotUnderstood, Rejected
from .. import model
from ..charsets import default_collation, find_charset, find_collation
from ..model import View
from ..scanner import MysqlCursor
from .alter_table import KEY, Drop, Plan, read_plan
from .apply_plan import alter
from .create_table import create_table
from .drops import ROUTINES, drop, drop_schema
from .elements import KeyText, read_identifier, read_key_rest
from .settings import set_variables, use_schema

if TYPE_CHECKING:
    from ..catalog import MysqlDatabase

#: Statements that change no schema.
_HARMLESS = frozenset(
    [
        "lock",
        "unlock",
        "analyze",
        "optimize",
        "check",
        "checksum",
        "repair",
        "flush",
        "grant",
        "revoke",
        "commit",
        "begin",
        "start",
        "rollback",
        "savepoint",
        "release",
        "kill",
        "reset",
        "purge",
        "install",
        "uninstall",
        "cache",
        "binlog",
    ]
)
_DATA = frozenset(
    [
        "select",
        "insert",
        "update",
        "delete",
        "replace",
        "with",
        "values",
        "truncate",
        "call",
        "do",
        "load",
        "handler",
        "table",
    ]
)


def _refuse_tolerance(cursor: MysqlCursor) -> None:
    """MySQL has no IF EXISTS in ALTER TABLE, CREATE INDEX and DROP INDEX."""
    words = [token.word for token in cursor.tokens]
    is_index = "index" in words[:3] and words[0] in ("create", "drop")
    pairs = list(zip(words, words[1:]))  # noqa: B905, RUF007
    if (is_index or words[:2] == ["alter", "table"]) and (("if", "exists") in pairs or ("if", "not") in pairs):
        raise Rejected("You have an error in your SQL syntax near 'if'", "1064")


def run_statement(cursor: MysqlCursor, database: MysqlDatabase) -> Optional[Leftover]:
    """Apply one statement; what is no DDL is given back."""
    verb = cursor.word()
    if cursor.at("("):
        verb = next((token.word for token in cursor.tokens if token.word != "("), "")
    families: dict[str, Callable[[MysqlCursor, MysqlDatabase], None]] = {
        "create": _create,
        "alter": _alter,
        "drop": drop,
        "rename": _rename,
        "use": use_schema,
        "set": set_variables,
    }
    if verb in _DATA:
        return Leftover(verb, cursor.text_between(0, len(cursor.tokens)))
    if verb in _HARMLESS:
        return None
    if verb not in families:
        raise NotUnderstood(f"statement {verb.upper() or cursor.near()}")
    if not database.server.is_mariadb:
        _refuse_tolerance(cursor)
    cursor.index += 1
    families[verb](cursor, database)
    return None


def _create(cursor: MysqlCursor, database: MysqlDatabase) -> None:
    is_replace = cursor.accept("or", "replace")
    if is_replace and not cursor.at("view"):
        database.server.only_mariadb("CREATE OR REPLACE")
    _skip_definer(cursor)
    is_temporary = cursor.accept("temporary")
    if cursor.accept("table"):
        create_table(cursor, database, is_replace=is_replace, is_temporary=is_temporary)
        return
    if is_temporary:
        cursor.fail("TEMPORARY of something else")
    kind = cursor.accept_one("database", "schema", "view", *ROUTINES, "sequence", "user", "role", "server")
    if kind in ("database", "schema"):
        _create_schema(cursor, database, is_replace=is_replace)
    elif kind == "view":
        _create_view(cursor, database, is_replace=is_replace)
    elif kind in ROUTINES:
        _create_routine(cursor, database, kind, is_replace=is_replace)
    elif kind == "sequence":
        _create_sequence(cursor, database, is_replace=is_replace)
    elif kind is None:
        _create_index(cursor, database, is_replace=is_replace)


def _skip_definer(cursor: MysqlCursor) -> None:
    """ALGORITHM, DEFINER, SQL SECURITY before a view or a routine."""
    if cursor.accept("algorithm"):
        cursor.equals()
        cursor.take()
    if cursor.accept("definer"):
        cursor.equals()
        while not cursor.at_end and cursor.word() not in ("view", "sql", "temporary", *ROUTINES):
            cursor.index += 1
    if cursor.accept("sql", "security"):
        cursor.take()


def _create_schema(cursor: MysqlCursor, database: MysqlDatabase, *, is_replace: bool) -> None:
    is_tolerant = cursor.accept("if", "not", "exists")
    name = cursor.name()
    if database.find_schema(name) is not None:
        if is_tolerant:
            return
        if not is_replace:
            raise Rejected(f"Can't create database '{name}'; database exists", "1007")
        drop_schema(database, name)
    database.add_schema(name, _read_schema_options(cursor, database, database.server.default_collation))


def _read_schema_options(cursor: MysqlCursor, database: MysqlDatabase, before: str) -> str:
    charset, collation, is_mariadb = None, None, database.server.is_mariadb
    while not cursor.at_end:
        cursor.accept("default")
        if cursor.accept_one("character set", "charset"):
            cursor.equals()
            charset = find_charset(cursor.string() if cursor.at_string() else cursor.label())
        else:
            cursor.expect("collate")
            cursor.equals()
            collation = cursor.string() if cursor.at_string() else cursor.label()
    if collation is not None:
        return find_collation(collation, is_mariadb=is_mariadb, charset=charset)
    return default_collation(charset, is_mariadb=is_mariadb) if charset is not None else before


def _create_view(cursor: MysqlCursor, database: MysqlDatabase, *, is_replace: bool) -> None:
    is_tolerant = cursor.accept("if", "not", "exists")
    schema_name, name = cursor.qualified_name()
    schema = database.schema(schema_name)
    if name in schema.tables:
        if is_replace:
            raise Rejected(f"'{schema.name}.{name}' is not of type 'VIEW'", "1347")
        raise Rejected(f"Table '{name}' already exists", "1050")
    if name in schema.views and not is_replace:
        if is_tolerant:
            return
        raise Rejected(f"Table '{name}' already exists", "1050")
    verb = "altered" if name in schema.views else "created"
    schema.views[name] = View(name, cursor.sql)
    database.note(verb, "view", schema.name, name)


def _create_routine(cursor: MysqlCursor, database: MysqlDatabase, kind: str, *, is_replace: bool) -> None:
    is_tolerant = cursor.accept("if", "not", "exists")
    schema_name, name = cursor.qualified_name()
    schema = database.schema(schema_name)
    if (kind, name.lower()) in schema.routines and not is_replace:
        if is_tolerant:
            return
        code = {"trigger": "1359", "event": "1537"}.get(kind, "1304")
        raise Rejected(f"{kind.upper()} {name} already exists", code)
    schema.routines.add((kind, name.lower()))
    if kind == "trigger":
        while not cursor.at_end and not cursor.accept("on"):
            cursor.index += 1
        table = database.table(*cursor.qualified_name())
        schema.triggers[name.lower()] = table.name


def _create_sequence(cursor: MysqlCursor, database: MysqlDatabase, *, is_replace: bool) -> None:
    if not database.server.is_mariadb:
        raise Rejected("You have an error in your SQL syntax", "1064")
    is_tolerant = cursor.accept("if", "not", "exists")
    schema_name, name = cursor.qualified_name()
    schema = database.schema(schema_name)
    if database.has_relation(schema.name, name):
        if is_tolerant:
            return
        if not is_replace:
            raise Rejected(f"Table '{name}' already exists", "1050")
    schema.sequences.add(name)
    database.note("created", "sequence", schema.name, name)


def _create_index(cursor: MysqlCursor, database: MysqlDatabase, *, is_replace: bool) -> None:
    kind = cursor.accept_one("unique", "fulltext", "spatial") or model.INDEX
    cursor.expect("index")
    is_tolerant = cursor.accept("if", "not", "exists")
    key = KeyText(kind, read_identifier(cursor), [], if_not_exists=is_tolerant)
    if cursor.accept_one("using", "type"):
        key.using = cursor.expect_one("btree", "hash").upper()
    cursor.expect("on")
    schema, name = cursor.qualified_name()
    read_key_rest(cursor, key, database.server)
    plan = Plan(items=[key])
    if is_replace and database.table(schema, name).find_key(key.name) is not None:
        plan.drops.append(Drop(KEY, key.name))
    while cursor.accept_one("algorithm", "lock"):
        cursor.equals()
        cursor.take()
    cursor.expect_end()
    alter(database, schema, name, plan)


def _alter(cursor: MysqlCursor, database: MysqlDatabase) -> None:
    cursor.accept_one("online", "ignore")
    _skip_definer(cursor)
    kind = cursor.expect_one("table", "database", "schema", "view", "sequence", "user", *ROUTINES)
    if kind == "table":
        is_tolerant = cursor.accept("if", "exists")
        schema, name = cursor.qualified_name()
        if is_tolerant and database.find_permanent(schema, name) is None:
            return
        if cursor.accept_one("wait", "nowait"):
            cursor.fail("WAIT")
        alter(database, schema, name, read_plan(cursor, database))
    elif kind in ("database", "schema"):
        own = cursor.word() in ("character", "charset", "collate", "default") or cursor.at_end
        schema_found = database.schema(None if own else cursor.name())
        schema_found.collation = _read_schema_options(cursor, database, schema_found.collation)
    elif kind == "view":
        schema_name, name = cursor.qualified_name()
        if name not in database.schema(schema_name).views:
            raise Rejected(f"Table '{name}' doesn't exist", "1146")


def _rename(cursor: MysqlCursor, database: MysqlDatabase) -> None:
    cursor.expect_one("table", "tables")
    is_tolerant = cursor.accept("if", "exists")
    while True:
        source = cursor.qualified_name()
        cursor.expect("to")
        target = cursor.qualified_name()
        if not (is_tolerant and database.find_table_object(*source) is None):
            schema = database.schema(source[0])
            if source[1] in schema.views:
                raise NotUnderstood("RENAME TABLE of a view")
            table = database.table(*source)
            if (target[0] or database.current, target[1]) == (table.schema, table.name):
                raise Rejected(f"Table '{target[1]}' already exists", "1050")
            database.rename_table(table, *target)
        if not cursor.accept(","):
            break
    cursor.expect_end()
