"""Databases on real servers: a fresh one for each module that asks, dropped afterwards.

The servers are named by MIGGUARD_TEST_POSTGRES_URL and MIGGUARD_TEST_MYSQL_URL (the user must be allowed to create
databases). Where a server does not answer, a test that needs it is skipped; with MIGGUARD_REQUIRE_SERVERS=1 it fails.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import pytest
import sqlalchemy
from sqlalchemy import create_engine, text
from sqlalchemy.engine import URL, Engine, make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

#: Read once: a test's own environment is sealed, and knows nothing of them.
REQUIRED = os.environ.get("MIGGUARD_REQUIRE_SERVERS") == "1"

#: SQLAlchemy 1.4 has no dialect for psycopg 3.
POSTGRES_DRIVER = "psycopg2" if sqlalchemy.__version__.startswith("1.") else "psycopg"

_numbers = itertools.count(1)


@dataclass(frozen=True)
class Server:
    """A database server. `driver` is SQLAlchemy's name of dialect and driver for housekeeping."""

    name: str
    variable: str
    default: str
    driver: str
    create: str
    drop: str
    wipe: str

    @property
    def url(self) -> URL:
        """Where the server is; the database in it is the one to connect to for housekeeping."""
        return make_url(os.environ.get(self.variable) or self.default).set(drivername=self.driver)

    @contextmanager
    def fresh_database(self) -> Iterator[str]:
        """A new empty database, as a URL with the housekeeping driver; it is dropped at the end."""
        name = f"mg_test_{os.getpid()}_{next(_numbers)}"
        engine = self._engine()
        try:
            self._run(engine, self.drop, name)
            self._run(engine, self.create, name)
            yield self.url.set(database=name).render_as_string(hide_password=False)
        finally:
            self._run(engine, self.drop, name)
            engine.dispose()

    def empty(self, url: str) -> None:
        """Make a database empty; much cheaper than a new one."""
        engine = create_engine(url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
        with engine.connect() as connection:
            for statement in self.wipe.split("; "):
                connection.execute(text(statement.format(name=make_url(url).database)))

    def version(self) -> str:
        """What it is and its version, as `server-version` takes it: `mariadb 10.11`."""
        engine = self._engine()
        with engine.connect() as connection:
            numbers = connection.dialect.server_version_info or ()
            is_mariadb = getattr(connection.dialect, "is_mariadb", False)
        name = "mariadb" if is_mariadb else engine.dialect.name
        return f"{name} {'.'.join(map(str, numbers[:2]))}"

    def require(self) -> None:
        """Skip (or fail, where servers are required) unless the server answers."""
        try:
            self._engine().connect().close()
        except (SQLAlchemyError, ImportError) as error:
            reason = f"no {self.name} server ({self.variable}): {str(error).splitlines()[0]}"
            if REQUIRED:
                pytest.fail(reason, pytrace=False)
            pytest.skip(reason)

    def _engine(self) -> Engine:
        options = {"connect_timeout": 5}
        return create_engine(self.url, isolation_level="AUTOCOMMIT", poolclass=NullPool, connect_args=options)

    @staticmethod
    def _run(engine: Engine, statement: str, name: str) -> None:
        with engine.connect() as connection:
            connection.execute(text(statement.format(name=name)))


POSTGRES = Server(
    "PostgreSQL",
    "MIGGUARD_TEST_POSTGRES_URL",
    "postgresql://postgres@127.0.0.1:5432/postgres",
    f"postgresql+{POSTGRES_DRIVER}",
    'CREATE DATABASE "{name}" TEMPLATE template0',
    'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)',
    "DROP SCHEMA public CASCADE; CREATE SCHEMA public",
)
MYSQL = Server(
    "MySQL or MariaDB",
    "MIGGUARD_TEST_MYSQL_URL",
    "mysql://root@127.0.0.1:3306/mysql",
    "mysql+pymysql",
    "CREATE DATABASE `{name}` CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci",
    "DROP DATABASE IF EXISTS `{name}`",
    "DROP DATABASE `{name}`; CREATE DATABASE `{name}` CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci",
)

MakeDatabase = Callable[[], str]


def _maker(server: Server) -> Iterator[MakeDatabase]:
    server.require()
    with ExitStack() as stack:
        yield lambda: stack.enter_context(server.fresh_database())


@pytest.fixture(scope="module")
def make_postgres_database() -> Iterator[MakeDatabase]:
    """Each call gives the URL (`postgresql+psycopg://…`) of one more empty database; all live as long as the module."""
    yield from _maker(POSTGRES)


@pytest.fixture(scope="module")
def make_mysql_database() -> Iterator[MakeDatabase]:
    """Each call gives the URL (`mysql+pymysql://…`) of one more empty database; all live as long as the module."""
    yield from _maker(MYSQL)


@pytest.fixture(scope="module")
def postgres_url(make_postgres_database: MakeDatabase) -> str:
    """`postgresql+psycopg://…` of a database of the module's own."""
    return make_postgres_database()


@pytest.fixture(scope="module")
def mysql_url(make_mysql_database: MakeDatabase) -> str:
    """`mysql+pymysql://…` of a database of the module's own."""
    return make_mysql_database()
