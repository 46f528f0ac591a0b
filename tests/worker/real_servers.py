"""Projects for PostgreSQL, MySQL and MariaDB, and what is left on their servers."""

from __future__ import annotations

import functools
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock
from sqlalchemy import create_engine, text
from sqlalchemy.engine import URL
from sqlalchemy.pool import NullPool

from migguard.worker.engines.scratch_names import is_template
from tests.servers import MYSQL, POSTGRES, Server
from tests.worker.stage import INI, PYTHON, plain_project

ASYNC_ENV = """\
import asyncio
from alembic import context
from sqlalchemy import pool
from sqlalchemy.ext.asyncio import create_async_engine
from models import Base


def migrate(connection):
    context.configure(connection=connection, target_metadata=Base.metadata)
    with context.begin_transaction():
        context.run_migrations()


async def main():
    engine = create_async_engine(context.config.get_main_option("sqlalchemy.url"), poolclass=pool.NullPool)
    async with engine.connect() as connection:
        await connection.run_sync(migrate)
    await engine.dispose()


asyncio.run(main())
"""


def project(url: str, **changes: str | None) -> dict[str, str | None]:
    """`plain_project` with another database."""
    return plain_project(ini=INI.replace("sqlite:///app.db", url), **changes)


@functools.lru_cache
def postgresql_driver() -> str:
    """A driver that the project's interpreter has: SQLAlchemy 1.4 does not know psycopg 3."""
    code = "import sqlalchemy.dialects.postgresql.psycopg, psycopg"
    done = subprocess.run([PYTHON, "-c", code], capture_output=True, check=False)
    return "psycopg2" if done.returncode else "psycopg"


def server_url(server: Server, **changes: object) -> str:
    """The server without a database, as a `scratch-server` setting."""
    url: URL = server.url.set(drivername=server.url.get_backend_name())._replace(database=None)
    return url._replace(**changes).render_as_string(hide_password=False)  # type: ignore[arg-type]


def run_sql(server: Server | str, *statements: str) -> list[tuple[object, ...]]:
    """Run statements in autocommit on a server, or in the database of a URL; the rows of the last one."""
    url = server if isinstance(server, str) else server.url
    engine = create_engine(url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    rows: list[tuple[object, ...]] = []
    with engine.connect() as connection:
        for statement in statements:
            result = connection.execute(text(statement))
            rows = [tuple(row) for row in result] if result.returns_rows else []
    return rows


def databases(server: Server) -> set[str]:
    """All databases on the server."""
    listing = "SELECT datname FROM pg_database" if server is POSTGRES else "SHOW DATABASES"
    return {str(row[0]) for row in run_sql(server, listing)}


def tell_database(server: Server, file: Path) -> str:
    """Lines for a revision that write the name of its scratch database to a file: other tests run beside this one."""
    function = "current_database()" if server is POSTGRES else "DATABASE()"
    return f"import pathlib\npathlib.Path({str(file)!r}).write_text(" + (
        f"op.get_bind().exec_driver_sql('SELECT {function}').scalar())\n"
    )


def templates() -> set[str]:
    """The states that are kept on the PostgreSQL server."""
    return {name for name in databases(POSTGRES) if is_template(name)}


@contextmanager
def lone_templates() -> Iterator[None]:
    """Have the templates on the PostgreSQL server to oneself; what was added is dropped afterwards."""
    with FileLock(Path(tempfile.gettempdir()) / "migguard-test-templates.lock"):
        before = templates()
        try:
            yield
        finally:
            drop(POSTGRES, templates() - before)


def drop(server: Server, names: Iterable[str]) -> None:
    """Drop databases that a test has made."""
    quote = '"' if server is POSTGRES else "`"
    run_sql(server, *(f"DROP DATABASE IF EXISTS {quote}{name}{quote}" for name in names))


__all__ = [
    "ASYNC_ENV",
    "MYSQL",
    "POSTGRES",
    "databases",
    "drop",
    "lone_templates",
    "postgresql_driver",
    "project",
    "run_sql",
    "server_url",
    "tell_database",
    "templates",
]
