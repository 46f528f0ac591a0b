"""PostgreSQL beside its DDL: errors, what a transaction forbids, and the dialect that reflects from the catalog."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Callable, Optional, cast

from sqlalchemy.dialects.postgresql.base import PGDialect

from ..answer import Answer
from ..database import Database
from ..flags import FlagLog
from ..flavour import Flavour, Query
from ..scanner import Cursor
from ..words import words

if TYPE_CHECKING:
    from ..session import Session

#: pqcodes by class, as psycopg2 and psycopg map them (psycopg2: pqpath.c, exception_from_sqlstate).
_ERRORS = {
    "0A": "NotSupportedError",
    "20": "ProgrammingError",
    "21": "ProgrammingError",
    "22": "DataError",
    "23": "IntegrityError",
    "24": "InternalError",
    "25": "InternalError",
    "2B": "InternalError",
    "3B": "InternalError",
    "3D": "ProgrammingError",
    "3F": "ProgrammingError",
    "40": "OperationalError",
    "42": "ProgrammingError",
    "44": "ProgrammingError",
    "55": "OperationalError",
    "57": "OperationalError",
}
#: One of libpq's options: -c name=value, or --name=value; a backslash keeps a blank.
_SETTING = re.compile(r"(?:-c\s*|--)([\w.-]+)=((?:\\.|\S)*)")
#: Statements that a transaction block forbids (PreventInTransactionBlock), besides those with CONCURRENTLY.
_ALONE = frozenset(
    {
        "create database",
        "drop database",
        "create tablespace",
        "drop tablespace",
        "alter system",
        "create subscription",
        "drop subscription",
    }
)


class PostgresqlFlavour(Flavour):
    """PostgreSQL."""

    name = "postgresql"
    default_schema = "public"
    data_verbs = words(
        """select insert update delete with values table merge copy truncate call explain show fetch declare close
        move execute prepare deallocate lock vacuum analyze analyse notify listen unlisten checkpoint"""
    )

    def new_database(self, flags: FlagLog, version: tuple[int, ...], name: Optional[str]) -> Database:
        from .catalog import Catalog

        return Catalog(flags, version)

    def dialect_members(self, real: type[Any]) -> tuple[tuple[type[Any], ...], dict[str, Any]]:
        from .reflection import Reflection, marked_members

        return (PostgresqlDialect, Reflection), marked_members(real)

    def start(self, session: Session, options: Mapping[str, Any]) -> None:
        settings = dict(options.get("server_settings") or {})
        for name, value in _SETTING.findall(str(options.get("options") or "")):
            settings[name.lower()] = value.replace("\\", "")
        if settings.get("search_path"):
            session.configure(f"SET search_path TO {settings['search_path']}")

    def reflect(self, context: Any) -> Optional[Callable[[Database, FlagLog], Answer]]:
        from .reflection import find_mark

        mark = find_mark(context)
        if mark is None:
            return None
        from .catalog import Catalog
        from .reflected import answer_reflection

        return lambda database, flags: answer_reflection(mark, context, cast(Catalog, database), flags)

    def answer(self, query: Query) -> Optional[Answer]:
        from .system import answer_system

        return answer_system(query)

    def error_name(self, code: Optional[str]) -> str:
        return _ERRORS.get((code or "")[:2], "ProgrammingError" if code is None else "DatabaseError")

    def error_members(self, code: Optional[str]) -> dict[str, Any]:
        return {"pgcode": code, "sqlstate": code, "pgerror": None}

    def is_forbidden_in_transaction(self, statement: Cursor) -> Optional[str]:
        words = [token.word for token in statement.tokens[:6]]
        first, second = (*words, "", "")[:2]
        if "concurrently" in words and (first in {"create", "drop", "reindex"} or "detach" in words):
            index = f"{first.upper()} INDEX" if first != "reindex" else "REINDEX"
            return f"{index} CONCURRENTLY cannot run inside a transaction block"
        if first == "vacuum":
            return "VACUUM cannot run inside a transaction block"
        if f"{first} {second}" in _ALONE:
            return f"{first.upper()} {second.upper()} cannot run inside a transaction block"
        return None


class PostgresqlDialect:
    """What PGDialect.initialize asks a server is answered by the catalog; what drivers add to it is left out."""

    def initialize(self, connection: Any) -> None:
        """Set the flags that depend on the server's version."""
        PGDialect.initialize(self, connection)  # type: ignore[arg-type, no-untyped-call]

    def get_default_isolation_level(self, dbapi_connection: Any) -> str:
        """As an untouched server has it."""
        return "READ COMMITTED"
