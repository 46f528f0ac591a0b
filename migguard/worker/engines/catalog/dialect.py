"""The mix-in for every dialect: whatever engine the project makes, its connections are the catalog's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import pool as sa_pool
from sqlalchemy.pool import Pool

from ..dbapi import dbapi_members
from .async_driver import AsyncStandIn, give_way
from .driver import StandInConnection, StandInDriver
from .session import Session
from .traits import traits_of

if TYPE_CHECKING:
    from . import CatalogEngine
    from .flavour import Flavour

#: What reflection runs through SQLAlchemy's connection, so that transactions begin and errors travel as they do.
PROBE = "SELECT 1"


class CatalogDialect:
    """Overrides what would reach a driver or a server. `flavour` and `catalog` are set on the subclass."""

    flavour: Flavour
    catalog: CatalogEngine
    has_terminate = False
    dbapi: Any
    is_async: bool
    _migguard_identity: str = ""

    def connect(self, *arguments: Any, **options: Any) -> StandInConnection:
        """A connection of ours."""
        if self.is_async and str(options.get("async_fallback", "")).lower() not in {"true", "1", "yes", "on"}:
            give_way()
            return self.catalog.connect(self, arguments, {**options, "gives_way": True})
        return self.catalog.connect(self, arguments, options)

    def on_connect(self) -> Any:
        """What the real one would register with its driver is not needed; SQLAlchemy 1.4 sets the level here."""
        level = getattr(self, "isolation_level", None)
        return (lambda connection: self.set_isolation_level(connection, level)) if level else None

    def on_connect_url(self, url: Any) -> Any:
        """As `on_connect`."""
        return self.on_connect()

    def set_isolation_level(self, dbapi_connection: Any, level: str) -> None:
        """Only AUTOCOMMIT changes what a statement does here."""
        level = level.replace("_", " ").upper()
        dbapi_connection.autocommit = level == "AUTOCOMMIT"
        dbapi_connection.isolation_level = None if level == "AUTOCOMMIT" else level

    def get_isolation_level(self, dbapi_connection: Any) -> str:
        """As last set."""
        return dbapi_connection.isolation_level or self.get_default_isolation_level(dbapi_connection)

    def get_default_isolation_level(self, dbapi_connection: Any) -> str:
        """As an untouched server has it."""
        return "READ COMMITTED"

    def reset_isolation_level(self, dbapi_connection: Any) -> None:
        """Back to how the engine was made."""
        level = getattr(self, "_on_connect_isolation_level", None) or getattr(self, "default_isolation_level", None)
        self.set_isolation_level(dbapi_connection, level or "READ COMMITTED")

    def detect_autocommit_setting(self, dbapi_connection: Any) -> bool:
        """As the connection is now."""
        return bool(dbapi_connection.autocommit)

    def set_readonly(self, connection: Any, value: Any) -> None:
        """Kept, not enforced."""
        connection.readonly = value

    def get_readonly(self, connection: Any) -> Any:
        """As last set."""
        return connection.readonly

    def set_deferrable(self, connection: Any, value: Any) -> None:
        """Kept, not enforced."""
        connection.deferrable = value

    def get_deferrable(self, connection: Any) -> Any:
        """As last set."""
        return connection.deferrable

    def do_ping(self, dbapi_connection: Any) -> bool:
        """Always there."""
        return True

    def do_begin(self, dbapi_connection: Any) -> None:
        """Begins with the first statement."""

    def do_commit(self, dbapi_connection: Any) -> None:
        """COMMIT."""
        dbapi_connection.commit()

    def do_rollback(self, dbapi_connection: Any) -> None:
        """ROLLBACK."""
        dbapi_connection.rollback()

    def do_close(self, dbapi_connection: Any) -> None:
        """End the session."""
        dbapi_connection.close()

    def do_terminate(self, dbapi_connection: Any) -> None:
        """As close."""
        dbapi_connection.close()

    def do_set_input_sizes(self, cursor: Any, sizes: Any, context: Any) -> None:
        """Nothing is sent."""

    def is_disconnect(self, error: Any, connection: Any, cursor: Any) -> bool:
        """Never."""
        return False

    def get_driver_connection(self, connection: Any) -> Any:
        """What is below SQLAlchemy's own connection of an async driver."""
        return AsyncStandIn(connection) if self.is_async else connection

    def do_execute(self, cursor: Any, statement: Any, parameters: Any, context: Any = None) -> None:
        """One statement with one set of parameters."""
        prepare(cursor, context).execute(statement, parameters)

    def do_execute_no_params(self, cursor: Any, statement: Any, *arguments: Any, **options: Any) -> None:
        """One statement as it stands."""
        prepare(cursor, options.get("context", arguments[-1] if arguments else None)).execute(statement)

    def do_executemany(self, cursor: Any, statement: Any, parameters: Any, context: Any = None) -> None:
        """One statement, many sets."""
        prepare(cursor, context).executemany(statement, parameters)


def prepare(cursor: Any, context: Any) -> Any:
    """The cursor, told of the execution that it is for."""
    if cursor.connection.gives_way:
        give_way()
    cursor.context = context
    return cursor


def session_of(connection: Any) -> Session:
    """The session behind a SQLAlchemy connection."""
    held = connection.connection
    raw = getattr(held, "dbapi_connection", None)
    if raw is None:
        raw = held.connection
    session: Session = raw.session
    return session


def make_dialect(real: type[Any], engine: CatalogEngine, flavour: Flavour) -> type[Any]:
    """A subclass of the real dialect of a driver that reaches the catalog only."""
    mixins, members = flavour.dialect_members(real)

    def load_driver(cls: Any) -> Any:
        style = real.default_paramstyle
        return StandInDriver(real.driver, style, flavour, traits_of(real.driver, style))

    def init(self: Any, *arguments: Any, **options: Any) -> None:
        options.pop("dbapi", None)
        real.__init__(self, *arguments, **options)
        self.dbapi = StandInDriver(real.driver, self.paramstyle, flavour, traits_of(real.driver, self.paramstyle))

    def engine_created(cls: Any, created: Any) -> None:
        engine.adopt(created)

    own: dict[str, Any] = {
        "__init__": init,
        "flavour": flavour,
        "catalog": engine,
        "engine_created": classmethod(engine_created),
        "get_async_dialect_cls": classmethod(lambda cls, url: engine.wrap(real.get_async_dialect_cls(url))),
        "get_dialect_cls": classmethod(lambda cls, url: engine.wrap(real.get_dialect_cls(url))),
        "supports_statement_cache": real.__dict__.get("supports_statement_cache", True),
        "execution_ctx_cls": _context_class(real),
        **dbapi_members(load_driver),
        **members,
    }
    made: Any = type("Catalog" + real.__name__, (*mixins, CatalogDialect, real), own)
    found: type[Any] = made
    return found


def _context_class(real: type[Any]) -> type[Any]:
    """The dialect's own execution context; its driver's would ask the cursor for what only drivers have."""
    plain = next(
        kind for kind in real.execution_ctx_cls.__mro__ if kind.__module__.rpartition(".")[2] in {"base", "default"}
    )
    members = {"create_server_side_cursor": lambda self: self.create_default_cursor()}
    return type("Catalog" + plain.__name__, (plain,), members)


def _connect_args(creator: Any) -> dict[str, Any]:
    """What SQLAlchemy's default creator has in its closure."""
    names = getattr(getattr(creator, "__code__", None), "co_freevars", ())
    cells = dict(zip(names, getattr(creator, "__closure__", None) or ()))  # noqa: B905
    return dict(cells["cparams"].cell_contents) if "cparams" in cells else {}


def _place_of(creator: Any) -> str:
    """Where a creator is written: what tells it from another one."""
    inner = getattr(creator, "func", creator)
    code = getattr(inner, "__code__", None)
    return f"{code.co_filename}:{code.co_firstlineno}" if code is not None else type(inner).__qualname__


def adopt_pool(engine: Any) -> str:
    """Have an engine's pool connect through the dialect, whatever it was told (creator, pool, do_connect).

    Returns where the project's own creator is written, "" where it has none.
    """
    dialect = engine.dialect
    if not isinstance(engine.pool, Pool):
        engine.pool = sa_pool.NullPool(lambda: dialect.connect(), dialect=dialect)
    original: Any = engine.pool._creator
    is_default = getattr(original, "__module__", None) in {"sqlalchemy.engine.create", "sqlalchemy.engine.strategies"}

    def connect(connection_record: Any = None) -> Any:
        # the default creator brings the project's connect_args, and would ask its do_connect listeners
        if is_default and not dialect.dispatch.do_connect:
            return original(connection_record)
        arguments, options = dialect.create_connect_args(engine.url)
        return dialect.connect(*arguments, **{**options, **_connect_args(original)})

    engine.pool._creator = connect
    return "" if is_default else _place_of(original)
