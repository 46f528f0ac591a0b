"""USE and SET: what belongs to the connection and steers later statements."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...errors import NotUnderstood, Rejected
from ..scanner import MysqlCursor

if TYPE_CHECKING:
    from ..catalog import MysqlDatabase

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


def use_schema(cursor: MysqlCursor, database: MysqlDatabase) -> None:
    name = cursor.name()
    if database.find_schema(name) is None:
        raise Rejected(f"Unknown database '{name}'", "1049")
    database.current = name


def set_variables(cursor: MysqlCursor, database: MysqlDatabase) -> None:
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
