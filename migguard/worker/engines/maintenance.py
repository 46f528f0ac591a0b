"""A connection of our own for housekeeping on a server: the project's driver, in a thread of its own."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Optional

import sqlalchemy
from sqlalchemy import util
from sqlalchemy.engine.url import URL

from ..gate import open_gate


class Maintenance:
    """One session, in autocommit. Whatever the project's event loop or threads do, it has nothing to do with them.

    Every method raises what the driver raises.
    """

    def __init__(self, real: type[Any], url: URL) -> None:
        self._real = real
        self._url = url
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="migguard-maintenance")
        self._loop: Optional[asyncio.AbstractEventLoop] = None
        self._connection: Any = None

    def open(self) -> None:
        """Connect."""
        self._do(self._open)

    def run(self, statement: str) -> list[tuple[Any, ...]]:
        """Run one statement (without parameters, and without `%`) and take its rows."""
        rows: list[tuple[Any, ...]] = self._do(lambda: self._run(statement))
        return rows

    def close(self) -> None:
        """Disconnect; a session that is gone already is no error."""
        with contextlib.suppress(Exception):
            if self._connection is not None:
                self._do(self._connection.close)
        self._thread.shutdown(wait=False)

    def _do(self, work: Callable[[], Any]) -> Any:
        return self._thread.submit(self._in_thread, work).result()

    def _in_thread(self, work: Callable[[], Any]) -> Any:
        with open_gate(self._url.host):
            if not self._real.is_async:
                return work()
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
            # the drivers' adapters await in a greenlet, as they do below an async engine
            spawn: Any = util.greenlet_spawn
            return self._loop.run_until_complete(spawn(work))

    def _open(self) -> None:
        dialect = self._real(dbapi=load_dbapi(self._real))
        arguments, options = dialect.create_connect_args(self._url)
        self._connection = self._real.connect(dialect, *arguments, **options)
        dialect.set_isolation_level(self._connection, "AUTOCOMMIT")

    def _run(self, statement: str) -> list[tuple[Any, ...]]:
        cursor = self._connection.cursor()
        try:
            cursor.execute(statement)
            return [tuple(row) for row in cursor.fetchall()] if cursor.description else []
        finally:
            cursor.close()


def load_dbapi(real: type[Any]) -> Any:
    """The driver's module, by the dialect's own import. Raises ImportError."""
    return real.dbapi() if sqlalchemy.__version__.startswith("1.") else real.import_dbapi()
