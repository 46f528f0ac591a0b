"""The pair for PostgreSQL: how to connect, and how to empty both sides."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from .pair import CatalogSide, Pair, open_catalog

#: Of both sides: the rendered text depends on the driver's way to escape.
DRIVER = "psycopg2" if importlib.util.find_spec("psycopg2") else "psycopg"
#: Not what is tested: a crash of the server may lose these databases.
_OPTIONS = "-c synchronous_commit=off -c client_min_messages=error"

_SCHEMAS = "SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'"
_EXTENSIONS = "SELECT extname FROM pg_extension WHERE extname <> 'plpgsql'"


def open_real(url: str) -> sa.engine.Engine:
    """An engine for a database of the real server."""
    target = sa.engine.make_url(url).set(drivername=f"postgresql+{DRIVER}")
    return sa.create_engine(target, poolclass=NullPool, connect_args={"options": _OPTIONS}, future=True)


@contextmanager
def postgresql_pair(url: str, catalog: CatalogSide | None = None) -> Iterator[Pair]:
    """A pair for an empty database of the real server."""
    target = sa.engine.make_url(url).set(drivername=f"postgresql+{DRIVER}")
    side = catalog or open_catalog(target.render_as_string(hide_password=False))
    pair = Pair(open_real(url), side)
    try:
        yield pair
    finally:
        pair.close()


def empty(pair: Pair) -> None:
    """Both databases as new, both connections too."""
    pair.reconnect()
    empty_real(pair.real)
    pair.side.wipe()
    pair.reconnect()


def empty_real(connection: sa.engine.Connection) -> None:
    """Drop all that is not the server's own."""
    for query, drop in ((_SCHEMAS, "DROP SCHEMA {} CASCADE"), (_EXTENSIONS, "DROP EXTENSION IF EXISTS {} CASCADE")):
        for (name,) in connection.exec_driver_sql(query).fetchall():
            quoted = '"' + str(name).replace('"', '""') + '"'
            connection.exec_driver_sql(drop.format(quoted))
    connection.exec_driver_sql("CREATE SCHEMA public")
    connection.commit()
