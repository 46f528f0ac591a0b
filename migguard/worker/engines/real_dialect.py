"""A dialect whose connections reach a scratch database on a real server, through the driver that it always had."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

from .dbapi import dbapi_members
from .maintenance import load_dbapi
from .scratch_url import FAMILIES

if TYPE_CHECKING:
    from .real import RealEngine

#: Options of a connection that change how the session behaves, and not where it goes.
PLAIN_OPTIONS = frozenset(
    {"options", "server_settings", "charset", "client_encoding", "init_command", "sql_mode", "use_unicode", "collation"}
)
_EXECUTES = ("do_execute", "do_execute_no_params", "do_executemany")


def identify(url: Any) -> str:
    """What makes two URLs one database: host, port and name; the driver and the user do not matter."""
    default = {"postgresql": 5432}.get(url.get_backend_name(), 3306)
    host = url.host or json.dumps(url.query.get("host", ""))
    return f"{host}:{url.port or default}/{url.database or ''}"


def make_dialect(real: type[Any], engine: RealEngine) -> type[Any]:
    def init(self: Any, *arguments: Any, **options: Any) -> None:
        real.__init__(self, *arguments, **options)
        self.migguard_family = FAMILIES[real.name]
        self.migguard_identity = ""
        self.migguard_query = {}

    def load_driver(cls: Any) -> Any:
        try:
            return load_dbapi(real)
        except ImportError as error:
            engine.stage.ledger.note_dialect(real.name)
            text = f"the {engine.name} engine needs the project's driver {real.name}+{real.driver}: {error}"
            raise engine.stage.ledger.note_declined("engine", text) from None

    def create_connect_args(self: Any, url: Any) -> Any:
        self.migguard_identity = identify(url)
        self.migguard_query = {key: value for key, value in url.query.items() if key in PLAIN_OPTIONS}
        return [], {}

    def connect(self: Any, *arguments: Any, **options: Any) -> Any:
        return engine.connect(self, real, options)

    def engine_created(cls: Any, created: Any) -> None:
        super(wrapped, cls).engine_created(created)
        engine.adopt(created)

    members: dict[str, Any] = {
        "__init__": init,
        "create_connect_args": create_connect_args,
        "connect": connect,
        "engine_created": classmethod(engine_created),
        "get_async_dialect_cls": classmethod(lambda cls, url: engine.wrap(real.get_async_dialect_cls(url))),
        "get_dialect_cls": classmethod(lambda cls, url: engine.wrap(real.get_dialect_cls(url))),
        "supports_statement_cache": real.__dict__.get("supports_statement_cache", True),
        **dbapi_members(load_driver),
        **{name: _followed(getattr(real, name), real, engine) for name in _EXECUTES},
    }
    wrapped: Any = type("Scratch" + real.__name__, (real,), members)
    return cast("type[Any]", wrapped)


def _followed(execute: Any, real: type[Any], engine: RealEngine) -> Any:
    """One of the dialect's methods that run a statement, with the watch told of it."""

    def do_execute(self: Any, cursor: Any, statement: str, *arguments: Any, **options: Any) -> Any:
        engine.refuse_reach(self, real, statement)
        try:
            result = execute(self, cursor, statement, *arguments, **options)
        except Exception as error:
            engine.note_error(error, statement)
            raise
        engine.note_changes(self, real, statement)
        return result

    return do_execute
