"""A stand-in for the project's database driver: a DBAPI module, its connections and cursors, over a session."""

from __future__ import annotations

import contextlib
import datetime
import sys
from collections.abc import Iterator, Sequence
from types import ModuleType
from typing import Any, Callable, Optional

from .answer import Answer
from .errors import Rejected
from .flags import OPAQUE
from .flavour import Flavour
from .session import Session
from .traits import DriverTraits
from .words import words

_ERRORS = {
    "InterfaceError": "Error",
    "DatabaseError": "Error",
    "DataError": "DatabaseError",
    "OperationalError": "DatabaseError",
    "IntegrityError": "DatabaseError",
    "InternalError": "DatabaseError",
    "ProgrammingError": "DatabaseError",
    "NotSupportedError": "DatabaseError",
}
#: Methods of drivers' connections and cursors that change how values travel, or what is logged, and nothing else.
_HARMLESS = words(
    "set_client_encoding set_type_codec reset_type_codec set_builtin_type_codec add_listener remove_listener "
    "add_log_listener remove_log_listener add_termination_listener add_notice_handler remove_notice_handler "
    "add_notify_handler register_in_adapter register_out_adapter register_adapter register_loader register_dumper "
    "set_character_set set_charset ping ping_async reconnect cancel reset set_session set_isolation_level "
    "set_autocommit set_read_only set_readonly set_deferrable "
    "setinputsizes setoutputsize setoutputsizes reload_schema_state fileno "
    "get_server_info show_warnings warning_count set_converter_class add_query_logger remove_query_logger"
)


class StandInDriver(ModuleType):
    """Has every name that a dialect may look up in its driver."""

    def __init__(self, real_name: str, paramstyle: str, flavour: Flavour, traits: DriverTraits) -> None:
        super().__init__("migguard_catalog_driver")
        self.paramstyle = paramstyle
        self.apilevel = "2.0"
        self.threadsafety = 1
        self.__version__ = self.version = "9.9.9"
        self.version_info = (9, 9, 9, "final", 0)
        self.real_name = real_name
        self.flavour = flavour
        self.traits = traits
        self.Error: type[Exception] = type("Error", (Exception,), {})
        self.Warning: type[Exception] = type("Warning", (Exception,), {})
        for name, base in _ERRORS.items():
            setattr(self, name, type(name, (getattr(self, base),), {}))
        self.Binary = bytes
        self.Date, self.Time, self.Timestamp = datetime.date, datetime.time, datetime.datetime
        self.STRING = self.BINARY = self.NUMBER = self.DATETIME = self.ROWID = str

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        kind = type(name, (self.Error,), {})
        setattr(self, name, kind)
        return kind

    def error(self, refusal: Rejected) -> Exception:
        """The error that the project's code sees."""
        kind = getattr(self, self._error_name(refusal.code))
        arguments: tuple[Any, ...] = self.flavour.error_arguments(str(refusal), refusal.code)
        if self.traits.errors == "pg8000":
            arguments = ({"S": "ERROR", "V": "ERROR", "C": refusal.code or "", "M": str(refusal)},)
        members = self.flavour.error_members(refusal.code)
        real = find_real_error(self.real_name, refusal.code)
        if real is not None:
            # for code that asks whether the error is the driver's own; its attributes cannot be set there
            with contextlib.suppress(TypeError):
                kind = type(real.__name__, (real, kind), members)
        made: Exception = kind(*arguments)
        for member, value in members.items():
            with contextlib.suppress(AttributeError):
                setattr(made, member, value)
        return made

    def _error_name(self, code: Optional[str]) -> str:
        if self.traits.errors == "pg8000":
            return "IntegrityError" if code == "23505" else "ProgrammingError"
        if self.traits.errors == "asyncpg":
            return {"23": "IntegrityError", "42": "ProgrammingError"}.get((code or "42")[:2], "Error")
        return self.flavour.error_name(code)


def find_real_error(driver: str, code: Optional[str]) -> Optional[type[Exception]]:
    """The class that psycopg2 or psycopg has for a SQLSTATE, where the project has imported it."""
    lookup = getattr(sys.modules.get(f"{driver.partition('_')[0]}.errors"), "lookup", None)
    if lookup is None or code is None:
        return None
    try:
        found: type[Exception] = lookup(code)
    except KeyError:
        return None
    return found


class Unfollowed:
    """Whatever a driver has beside the DBAPI: harmless when it is only looked at, recorded when it does something."""

    def __init__(self, path: str, note: Callable[[str], None]) -> None:
        self._path = path
        self._note = note

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Unfollowed(f"{self._path}.{name}", self._note)

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        if self._path.rpartition(".")[2] not in _HARMLESS:
            self._note(self._path)
        return Unfollowed(f"{self._path}()", self._note)

    def __iter__(self) -> Iterator[Any]:
        return iter(())

    def __await__(self) -> Iterator[Any]:
        return iter(())

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *details: Any) -> None:
        return None

    async def __aenter__(self) -> Any:
        return self

    async def __aexit__(self, *details: Any) -> None:
        return None


class _Raw:
    """What connections and cursors share: names of the driver's own."""

    session: Session
    driver: StandInDriver

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name in {"session", "driver"}:
            raise AttributeError(name)
        return Unfollowed(name, self._note)

    def _note(self, path: str) -> None:
        self.session.flags.add(OPAQUE, f"{path}() of the {self.driver.real_name} driver was called", None)
        self.session.shared.rows.write(None)


class StandInConnection(_Raw):
    """One connection of the stand-in driver."""

    def __init__(self, driver: StandInDriver, session: Session) -> None:
        self.driver = driver
        self.session = session
        self.closed: Any = 0
        self.broken = False
        self.notices: list[str] = []
        self.encoding = "UTF8"
        self.isolation_level: Any = None
        self.readonly: Any = None
        self.deferrable: Any = None
        #: Whether each statement has to wait once, as an async driver does.
        self.gives_way = False

    @property
    def autocommit(self) -> bool:
        return self.session.autocommit

    @autocommit.setter
    def autocommit(self, value: bool) -> None:
        if value and self.session.in_transaction:
            self.session.commit()
        self.session.autocommit = bool(value)

    def set_autocommit(self, value: bool) -> None:
        """As psycopg's and asyncmy's method."""
        self.autocommit = value

    def cursor(self, *arguments: Any, **options: Any) -> StandInCursor:
        """A cursor, whatever kind the driver was asked for."""
        return StandInCursor(self)

    def execute(self, sql: Any, parameters: Any = None, **options: Any) -> StandInCursor:
        """As psycopg's shortcut."""
        return self.cursor().execute(sql, parameters)

    def commit(self) -> None:
        """COMMIT."""
        self.session.commit()

    def rollback(self) -> None:
        """ROLLBACK."""
        self.session.rollback()

    def close(self) -> None:
        """End the session."""
        if not self.closed:
            self.closed = 1
            self.session.close()

    def terminate(self) -> None:
        """As close."""
        self.close()

    def run_async(self, function: Callable[[Any], Any]) -> Any:
        """As SQLAlchemy's adapted connections of async drivers: run a coroutine function on the driver's own one."""
        from .async_driver import AsyncStandIn, run

        return run(function(AsyncStandIn(self)))

    @property
    def driver_connection(self) -> Any:
        """What is behind SQLAlchemy's adapted connection."""
        return self

    @property
    def _connection(self) -> Any:
        from .async_driver import AsyncStandIn

        return AsyncStandIn(self)

    def __enter__(self) -> StandInConnection:
        return self

    def __exit__(self, kind: Any, *details: Any) -> None:
        if kind is None:
            self.commit()
        else:
            self.rollback()


class StandInCursor(_Raw):
    """One cursor of the stand-in driver."""

    def __init__(self, connection: StandInConnection) -> None:
        self.connection = connection
        self.driver = connection.driver
        self.session = connection.session
        self.arraysize = 1
        self.itersize = 2000
        self.server_side = False
        self.name: Optional[str] = None
        self.closed = False
        self.query: Any = None
        self.context: Any = None
        self._take(Answer())

    def _take(self, answer: Answer) -> None:
        self._answer = answer
        self._place = 0
        self.rowcount = answer.rowcount
        self.lastrowid = answer.lastrowid
        self.description: Optional[list[Any]] = None
        if answer.columns is not None:
            self.description = [(name, None, None, None, None, None, None) for name in answer.columns]

    def execute(self, sql: Any, parameters: Any = None, **options: Any) -> StandInCursor:
        """Run a statement."""
        self._run(sql, parameters, 1)
        return self

    def executemany(self, sql: Any, parameters: Any, **options: Any) -> StandInCursor:
        """Run a statement for each set of parameters."""
        sets = list(parameters)
        if sets:
            self._run(sql, sets[0], len(sets))
        return self

    def _run(self, sql: Any, parameters: Any, times: int) -> None:
        text = sql.decode() if isinstance(sql, bytes) else as_text(sql, self.connection)
        self.query = text.encode()
        try:
            self._take(self.session.execute(text, parameters, self.context, times))
        except Rejected as refusal:
            self._take(Answer())
            raise self.driver.error(refusal) from refusal

    def _rows(self) -> list[tuple[Any, ...]]:
        answer = self._answer
        if answer.columns is None:
            raise self.driver.error(Rejected("no results to fetch", "24000", is_certain=False))
        if answer.unknown:
            tables = self.session.shared.view(self.session.number).mentioned_tables(answer.unknown)
            self.session.note_read(answer.unknown, tables)
            answer.unknown = ""
        return answer.rows

    def fetchone(self) -> Optional[tuple[Any, ...]]:
        """The next row."""
        rows = self._rows()
        if self._place >= len(rows):
            return None
        self._place += 1
        return rows[self._place - 1]

    def fetchmany(self, size: Optional[int] = None) -> list[tuple[Any, ...]]:
        """The next rows."""
        rows = self._rows()[self._place : self._place + (size or self.arraysize)]
        self._place += len(rows)
        return rows

    def fetchall(self) -> list[tuple[Any, ...]]:
        """All rows that are left."""
        rows = self._rows()[self._place :]
        self._place += len(rows)
        return rows

    async def _async_soft_close(self) -> None:
        """As SQLAlchemy's adapted cursors of async drivers."""

    def nextset(self) -> Optional[bool]:
        """There is one result only."""
        return None

    def close(self) -> None:
        """No more rows."""
        self.closed = True

    def copy_expert(self, sql: Any, file: Any, *arguments: Any, **options: Any) -> None:
        """As psycopg2's COPY."""
        self.execute(sql)

    def copy_from(self, file: Any, table: str, *arguments: Any, **options: Any) -> None:
        """As psycopg2's COPY FROM."""
        self.execute(f"COPY {table} FROM STDIN")

    def mogrify(self, sql: Any, parameters: Any = None) -> bytes:
        """As psycopg2's: the statement with its parameters in it."""
        from .parameters import write_parameters

        text = as_text(sql, self.connection)
        if parameters is not None:
            text = write_parameters(text, parameters, "percent", self.session.flavour.quote)
        return text.encode()

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        return iter(self.fetchall())

    def __enter__(self) -> StandInCursor:
        return self

    def __exit__(self, *details: Any) -> None:
        self.close()


def as_text(sql: Any, connection: StandInConnection) -> str:
    """The text of a statement, also of psycopg's and psycopg2's composed ones."""
    if isinstance(sql, str):
        return sql
    parts = getattr(sql, "seq", None) or (getattr(sql, "_obj", None) if hasattr(sql, "as_string") else None)
    kind = type(sql).__name__
    if kind == "Composed":
        return "".join(as_text(part, connection) for part in getattr(sql, "_wrapped", getattr(sql, "_obj", ())))
    inner = getattr(sql, "_wrapped", getattr(sql, "_obj", parts))
    if kind == "Identifier" and isinstance(inner, Sequence):
        return ".".join('"' + str(part).replace('"', '""') + '"' for part in inner)
    if kind == "Literal":
        from .parameters import write_literal

        return write_literal(inner, connection.session.flavour.quote)
    return str(inner if kind == "SQL" else sql)
