"""Dialects without an engine: they compile SQL, and never connect."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any, NoReturn

from sqlalchemy import pool as sa_pool
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.pool import Pool

from . import Engine, Stage
from .dbapi import dbapi_members


class UnsupportedEngine(Engine):
    """Records who wants to connect, and refuses. Drivers need not be installed."""

    name = "unsupported"

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage)
        self._wrapped: dict[type[Any], type[Any]] = {}

    def wrap(self, real: type[Any]) -> type[Any]:
        if real not in self._wrapped:
            self._wrapped[real] = _refusing_dialect(real, self)
        return self._wrapped[real]

    def wipe(self) -> None:
        """There is nothing to empty."""

    def dump_state(self) -> bytes:
        """There is nothing to keep."""
        return b""

    def load_state(self, state: bytes) -> None:
        """There is nothing to put in place."""

    def refuse(self, name: str) -> NoReturn:
        """Record the attempt and raise."""
        raise self.stage.ledger.note_unsupported(name, self.stage.paths.innermost_place(sys._getframe(1)))


class _AbsentDriver(ModuleType):
    """Has every name that a dialect may look up in its driver while it compiles."""

    def __init__(self, paramstyle: str) -> None:
        super().__init__("migguard_absent_driver")
        self.paramstyle = paramstyle
        self.apilevel = "2.0"
        self.threadsafety = 1
        self.__version__ = self.version = "9.9.9"
        self.Error = type("Error", (Exception,), {})

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        kind = type(name, (self.Error,), {})
        setattr(self, name, kind)
        return kind


def _refusing_dialect(real: type[Any], engine: UnsupportedEngine) -> type[Any]:
    def init(self: Any, *arguments: Any, **options: Any) -> None:
        options.pop("dbapi", None)
        try:
            real.__init__(self, *arguments, **options)
        except Exception:  # a dialect that cannot be made without its driver
            DefaultDialect.__init__(self)
        self.dbapi = _AbsentDriver(self.paramstyle)

    def connect(self: Any, *arguments: Any, **options: Any) -> Any:
        engine.refuse(real.name)

    def engine_created(cls: Any, created: Any) -> None:
        def creator(connection_record: Any = None) -> Any:
            engine.refuse(real.name)

        if not isinstance(created.pool, Pool):
            created.pool = sa_pool.NullPool(creator, dialect=created.dialect)
        created.pool._creator = creator

    members: dict[str, Any] = {
        "__init__": init,
        "connect": connect,
        "create_connect_args": lambda self, url: ([], {}),
        "on_connect": lambda self: None,
        "on_connect_url": lambda self, url: None,
        "engine_created": classmethod(engine_created),
        "get_async_dialect_cls": classmethod(lambda cls, url: engine.wrap(real.get_async_dialect_cls(url))),
        "get_dialect_cls": classmethod(lambda cls, url: engine.wrap(real.get_dialect_cls(url))),
        "supports_statement_cache": True,
        **dbapi_members(lambda cls: _AbsentDriver(real.default_paramstyle)),
    }
    return type("Refusing" + real.__name__, (real,), members)
