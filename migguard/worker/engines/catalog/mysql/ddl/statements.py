"""One statement: which family it belongs to, and those that need no module of their own."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Callable, Optional

from ...database import Leftover
from ...errors import NotUnderstood, Rejected
from .. import model
from ..charsets import default_collation, find_charset, find_collation
from ..model import View
from ..scanner import MysqlCursor
from .alter_table import KEY, Drop, Plan, read_plan, tolerate
from .altering import Altering
from .create_table import create_table
from .elements import KeyText, read_identifier, read_key_rest

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
#: SET … that changes no schema and no way of reading.
_HARMLESS_SETTINGS = (
    "names",
    "character set",
    "charset",
    "transaction",
    "session transaction",
    "global transaction",
    "password",
    "role",
    "default role",
)
#: Variables on which what DDL makes depends.
_STEERING_VARIABLES = frozenset(
    [
        "default_storage_engine",
        "storage_engine",
        "collation_server",
        "character_set_server",
        "collation_database",
        "explicit_defaults_for_timestamp",
        "old_mode",
        "lower_case_table_names",
        "innodb_strict_mode",
        "check_constraint_checks",
        "system_versioning_alter_history",
    ]
)
_ROUTINES = ("procedure", "function", "trigger", "event")


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
        "drop": _drop,
        "rename": _rename,
        "use": _use,
        "set": _set,
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
    kind = cursor.accept_one("database", "schema", "view", *_ROUTINES, "sequence", "user", "role", "server")
    if kind in ("database", "schema"):
        _create_schema(cursor, database, is_replace=is_replace)
    elif kind == "view":
        _create_view(cursor, database, is_replace=is_replace)
    elif kind in _ROUTINES:
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
        while not cursor.at_end and cursor.word() not in ("view", "sql", "temporary", *_ROUTINES):
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
        _drop_schema_named(database, name)
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


def alter(database: MysqlDatabase, schema: Optional[str], name: str, plan: Plan) -> None:
    """Carry a plan out on a table."""
    old = database.table(schema, name)
    before = copy.deepcopy(old)
    tolerate(plan, database, old.schema, old.name)
    new = Altering(database, old, plan).run()
    database.replace_table(old, new)
    if before != new:
        database.note("altered", "table", new.schema, new.name)
    if plan.rename_to is not None:
        database.rename_table(new, *plan.rename_to)


def _alter(cursor: MysqlCursor, database: MysqlDatabase) -> None:
    cursor.accept_one("online", "ignore")
    _skip_definer(cursor)
    kind = cursor.expect_one("table", "database", "schema", "view", "sequence", "user", *_ROUTINES)
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


def _drop(cursor: MysqlCursor, database: MysqlDatabase) -> None:
    is_temporary = cursor.accept("temporary")
    kind = cursor.expect_one(
        "table", "tables", "index", "database", "schema", "view", "sequence", "user", "role", *_ROUTINES
    )
    if kind in ("table", "tables"):
        _drop_tables(cursor, database, is_temporary=is_temporary)
    elif kind == "index":
        _drop_index(cursor, database)
    elif kind in ("database", "schema"):
        is_tolerant = cursor.accept("if", "exists")
        name = cursor.name()
        if database.find_schema(name) is not None:
            _drop_schema_named(database, name)
        elif not is_tolerant:
            raise Rejected(f"Can't drop database '{name}'; database doesn't exist", "1008")
    elif kind == "view":
        _drop_views(cursor, database)
    elif kind == "sequence":
        _drop_sequences(cursor, database)
    elif kind in _ROUTINES:
        _drop_routine(cursor, database, kind)


def _drop_schema_named(database: MysqlDatabase, name: str) -> None:
    schema = database.schema(name)
    for table in list(schema.tables.values()):
        if any(other.schema != name for other, _ in database.referring(table)) and database.foreign_key_checks:
            raise Rejected("Cannot delete or update a parent row: a foreign key constraint fails", "1451")
    for table_name in list(schema.tables):
        database.note("dropped", "table", name, table_name)
    database.remove_schema(name)


def _read_names(cursor: MysqlCursor) -> list[tuple[Optional[str], str]]:
    names = [cursor.qualified_name()]
    while cursor.accept(","):
        names.append(cursor.qualified_name())
    cursor.accept_one("restrict", "cascade")
    cursor.expect_end()
    return names


def _drop_tables(cursor: MysqlCursor, database: MysqlDatabase, *, is_temporary: bool) -> None:
    is_tolerant = cursor.accept("if", "exists")
    names = _read_names(cursor)
    missing: list[str] = []
    going = []
    for schema, name in names:
        table = database.find_table_object(schema, name)
        if table is None or (is_temporary and not table.is_temporary):
            missing.append(name)
        else:
            going.append(table)
    for place, table in enumerate(going):
        others = [one for one, _ in database.referring(table) if one is not table and one not in going[:place]]
        if others and database.foreign_key_checks and not table.is_temporary:
            if place or len(names) > 1:
                raise NotUnderstood("a DROP TABLE of which only a part may succeed")
            raise Rejected("Cannot delete or update a parent row: a foreign key constraint fails", "1451")
    if missing and not is_tolerant and going:
        raise NotUnderstood("a DROP TABLE of which only a part may succeed")
    if missing and not is_tolerant:
        raise Rejected(f"Unknown table '{missing[0]}'", "1051")
    for table in going:
        database.drop_table(table)


def _drop_index(cursor: MysqlCursor, database: MysqlDatabase) -> None:
    is_tolerant = cursor.accept("if", "exists")
    name = cursor.label()
    cursor.expect("on")
    schema, table = cursor.qualified_name()
    while cursor.accept_one("algorithm", "lock"):
        cursor.equals()
        cursor.take()
    cursor.expect_end()
    alter(database, schema, table, Plan(drops=[Drop(KEY, name, is_tolerant)]))


def _drop_views(cursor: MysqlCursor, database: MysqlDatabase) -> None:
    is_tolerant = cursor.accept("if", "exists")
    for schema_name, name in _read_names(cursor):
        schema = database.schema(schema_name)
        if schema.views.pop(name, None) is not None:
            database.note("dropped", "view", schema.name, name)
        elif name in schema.tables:
            raise Rejected(f"'{schema.name}.{name}' is not of type 'VIEW'", "1347")
        elif not is_tolerant:
            raise Rejected(f"Unknown VIEW: '{schema.name}.{name}'", "4092" if database.server.is_mariadb else "1051")


def _drop_sequences(cursor: MysqlCursor, database: MysqlDatabase) -> None:
    is_tolerant = cursor.accept("if", "exists")
    for schema_name, name in _read_names(cursor):
        schema = database.schema(schema_name)
        if name in schema.sequences:
            schema.sequences.discard(name)
            database.note("dropped", "sequence", schema.name, name)
        elif not is_tolerant:
            raise Rejected(f"Unknown SEQUENCE: '{schema.name}.{name}'", "4091")


def _drop_routine(cursor: MysqlCursor, database: MysqlDatabase, kind: str) -> None:
    is_tolerant = cursor.accept("if", "exists")
    schema_name, name = cursor.qualified_name()
    schema = database.schema(schema_name)
    if (kind, name.lower()) in schema.routines:
        schema.routines.discard((kind, name.lower()))
        schema.triggers.pop(name.lower(), None)
    elif not is_tolerant:
        code = {"trigger": "1360", "event": "1539"}.get(kind, "1305")
        raise Rejected(f"{kind.upper()} {schema.name}.{name} does not exist", code)


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


def _use(cursor: MysqlCursor, database: MysqlDatabase) -> None:
    name = cursor.name()
    if database.find_schema(name) is None:
        raise Rejected(f"Unknown database '{name}'", "1049")
    database.current = name


def _set(cursor: MysqlCursor, database: MysqlDatabase) -> None:
    """FOREIGN_KEY_CHECKS counts; what changes how statements are read is not followed."""
    if cursor.accept_one(*_HARMLESS_SETTINGS):
        return
    while True:
        scope = cursor.accept_one("session", "global", "local", "@@session", "@@global")
        token = cursor.take()
        name = token.value.lower().lstrip("@").replace("session.", "").replace("local.", "").replace("`", "")
        if token.value.startswith("@") and not token.value.startswith("@@"):
            name = "@user"
        while cursor.accept("."):
            name = cursor.label().lower()
        cursor.expect_one("=", ":=")
        value = cursor.skip_item()
        _set_variable(database, name, value, is_global=scope in ("global", "@@global"))
        if not cursor.accept(","):
            break


def _set_variable(database: MysqlDatabase, name: str, value: str, *, is_global: bool) -> None:
    plain = value.strip("'\"").lower()
    if name in ("foreign_key_checks",) and not is_global:
        if plain in ("0", "off", "false"):
            database.foreign_key_checks = False
        elif plain in ("1", "on", "true", "default"):
            database.foreign_key_checks = True
        elif plain.startswith("@"):
            # a dump puts back the value from before
            database.foreign_key_checks = True
        else:
            raise NotUnderstood(f"FOREIGN_KEY_CHECKS = {value}")
    elif name == "sql_mode":
        if any(
            word in plain
            for word in ("ansi", "no_backslash", "pipes", "no_zero", "oracle", "mssql", "db2", "maxdb", "unsigned")
        ):
            raise NotUnderstood(f"sql_mode {value}")
        if "strict" not in plain and not plain.startswith("@"):
            database.is_strict = False
    elif name in _STEERING_VARIABLES:
        raise NotUnderstood(f"SET {name}")
