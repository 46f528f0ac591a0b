"""What named databases are at: their version tables, read and never written."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Optional
from urllib.parse import quote

from sqlalchemy.engine.url import URL, make_url

from .engines.maintenance import Maintenance
from .protocol import Stamp

#: Statements that make a session read only before anything else is asked of it.
READ_ONLY = {
    "postgresql": "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY",
    "mysql": "SET SESSION TRANSACTION READ ONLY",
    "mariadb": "SET SESSION TRANSACTION READ ONLY",
    "sqlite": "PRAGMA query_only = ON",
}


def find_dialect(url: str) -> Any:
    """The real dialect of a URL, or the exception that says why there is none."""
    try:
        return make_url(url).get_dialect()
    except Exception as error:
        return error


@dataclass
class VersionTable:
    """Where an environment keeps what is applied."""

    name: str
    schema: Optional[str] = None


def read_stamp(url: str, dialect: Any, table: VersionTable, top: str) -> Stamp:
    """The revisions in the version table; empty where there is no such table. A file's name is relative to `top`."""
    if isinstance(dialect, Exception):
        return Stamp(problem=_describe(dialect, None))
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        parsed = parsed.set(database=os.path.join(top, parsed.database or ""))
    try:
        return Stamp(_read(parsed, dialect, table))
    except Exception as error:
        return Stamp(problem=_describe(error, parsed))


def _read(url: URL, dialect: Any, table: VersionTable) -> list[str]:
    if url.get_backend_name() == "sqlite":
        url = _open_existing(url)
    preparer = dialect().identifier_preparer
    name = ".".join(preparer.quote(part) for part in (table.schema, table.name) if part)
    session = Maintenance(dialect, url)
    session.open()
    try:
        read_only = READ_ONLY.get(url.get_backend_name())
        if read_only is not None:
            session.run(read_only)
        if not session.run(_ask_for_table(url.get_backend_name(), table)):
            return []
        return sorted(str(row[0]) for row in session.run(f"SELECT version_num FROM {name}"))
    finally:
        session.close()


def _open_existing(url: URL) -> URL:
    """sqlite3 makes a file where there is none: one that is not there is at no revision, and an error to name."""
    path = Path(url.database or "")
    if not path.is_file():
        raise FileNotFoundError(f"there is no file `{path.name}`")
    return url.set(database=f"file:{quote(str(path.resolve()))}", query={"mode": "ro", "uri": "true"})


def _ask_for_table(backend: str, table: VersionTable) -> str:
    name, schema = _literal(table.name), table.schema
    if backend == "sqlite":
        return f"SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = {name}"
    current = "current_schema()" if backend == "postgresql" else "DATABASE()"
    where = _literal(schema) if schema else current
    if backend == "postgresql" and not schema:
        return f"SELECT 1 FROM pg_catalog.pg_class WHERE relname = {name} AND pg_catalog.pg_table_is_visible(oid)"
    return f"SELECT 1 FROM information_schema.tables WHERE table_name = {name} AND table_schema = {where}"


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _describe(error: BaseException, url: Optional[URL]) -> str:
    """What a driver says, on one line, without the password."""
    text = " ".join(str(error).split()) or type(error).__name__
    if isinstance(error, ImportError):
        text = f"its driver is not installed: {text}"
    for secret in {str(url.password)} if url is not None and url.password else set():
        text = text.replace(secret, "***")
    return text
