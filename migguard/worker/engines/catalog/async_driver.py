"""The driver's own connection of an async driver, for code that reaches below SQLAlchemy."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .driver import StandInConnection, StandInCursor


async def _nothing() -> None:
    return None


def give_way() -> None:
    """Wait once: SQLAlchemy's async engine refuses a driver that never does, and a caller outside of it is refused."""
    import sqlalchemy.util as util

    wait = getattr(util, "await_only", None) or util.await_
    wait(_nothing())


def run(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """Run a coroutine that waits for nothing but stand-ins."""
    try:
        while True:
            coroutine.send(None)
    except StopIteration as end:
        return end.value


class AsyncStandIn:
    """asyncpg's way to run statements (`execute`, `fetch`, …); what else is asked goes to the plain stand-in."""

    def __init__(self, connection: StandInConnection) -> None:
        self._connection = connection

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self._connection, name)

    async def _run(self, sql: str, arguments: tuple[Any, ...]) -> StandInCursor:
        return self._connection.cursor().execute(sql, arguments or None)

    async def execute(self, sql: str, *arguments: Any, **options: Any) -> str:
        """Run a statement; its status."""
        await self._run(sql, arguments)
        return sql.split()[0].upper() if sql.split() else ""

    async def fetch(self, sql: str, *arguments: Any, **options: Any) -> list[Any]:
        """All rows."""
        return (await self._run(sql, arguments)).fetchall()

    async def fetchrow(self, sql: str, *arguments: Any, **options: Any) -> Any:
        """The first row."""
        return (await self._run(sql, arguments)).fetchone()

    async def fetchval(self, sql: str, *arguments: Any, column: int = 0, **options: Any) -> Any:
        """One value of the first row."""
        row = (await self._run(sql, arguments)).fetchone()
        return row[column] if row is not None else None

    async def close(self, **options: Any) -> None:
        """End the session."""
        self._connection.close()
