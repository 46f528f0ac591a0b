"""SQLite: the real library on a scratch file in place of the one that the project names."""

from __future__ import annotations

import contextlib
import os
import pickle
import sqlite3
import weakref
from typing import Any, Optional, cast

from sqlalchemy import pool as sa_pool
from sqlalchemy.pool import Pool

from ..ledger import is_below
from . import Engine, Stage
from .dbapi import dbapi_members

#: Arguments of sqlite3.connect that change how a connection behaves, but not what it opens.
_PLAIN_ARGUMENTS = {
    "timeout": float,
    "detect_types": int,
    "isolation_level": str,
    "cached_statements": int,
    "autocommit": None,
}
#: What is watched of sqlite3's authorizer, as (verb, kind of object).
_ACTIONS = {
    sqlite3.SQLITE_CREATE_TABLE: ("created", "table"),
    sqlite3.SQLITE_DROP_TABLE: ("dropped", "table"),
    sqlite3.SQLITE_ALTER_TABLE: ("altered", "table"),
    sqlite3.SQLITE_CREATE_INDEX: ("created", "index"),
    sqlite3.SQLITE_DROP_INDEX: ("dropped", "index"),
}
#: Alembic's batch mode builds a table anew under such a name, and renames it.
_BATCH_PREFIX = "_alembic_tmp_"


class SqliteEngine(Engine):
    """One scratch file for each database that the project names; a new set of files after every wipe."""

    name = "sqlite"

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage)
        self.generation = 0
        self._numbers: dict[str, int] = {}
        self._engines: weakref.WeakSet[Any] = weakref.WeakSet()
        self._wrapped: dict[type[Any], type[Any]] = {}
        self._made: set[tuple[str, str]] = set()

    def path_of(self, identity: str) -> str:
        """The scratch file that stands in for a database now."""
        number = self._numbers.setdefault(identity, len(self._numbers) + 1)
        return os.path.join(os.path.realpath(self.stage.scratch), f"{self.generation}-{number}.sqlite")

    def identify(self, url: Any) -> str:
        """What makes two URLs one database: the file below the tree, or the text of an in-memory URL."""
        database = str(url.database or ":memory:")
        if ":memory:" in database or url.query.get("mode") == "memory":
            return f"memory:{database}"
        if database.startswith("file:"):
            database = database[len("file:") :].split("?")[0]
        path = os.path.realpath(database)
        top, tree = os.path.realpath(self.stage.top), os.path.realpath(self.stage.tree)
        if is_below(path, top) and not is_below(path, tree):
            path = os.path.join(tree, os.path.relpath(path, top))
        return path

    def wipe(self) -> None:
        self.generation += 1
        for engine in list(self._engines):
            # dispose() of an async engine would need its event loop
            if getattr(engine.dialect, "is_async", False):
                engine.pool = engine.pool.recreate()
            else:
                engine.dispose()

    def dump_state(self) -> Optional[bytes]:
        """The databases with their rows; None while one of them is being written."""
        states = {identity: _dump_file(self.path_of(identity)) for identity in self._numbers}
        return None if None in states.values() else pickle.dumps(states, protocol=4)

    def load_state(self, state: bytes) -> None:
        states: dict[str, bytes] = pickle.loads(state)
        self.wipe()
        for identity, content in states.items():
            with open(self.path_of(identity), "wb") as file:
                file.write(content)

    def database_of(self, connection: Any) -> Optional[str]:
        rows = connection.exec_driver_sql("PRAGMA database_list").fetchall()
        path = next((str(row[2]) for row in rows if row[1] == "main"), "")
        current = {self.path_of(identity) for identity in self._numbers}
        return path if path in current else None

    def adopt(self, engine: Any) -> None:
        """Take over a SQLAlchemy engine: whatever it was told (creator, pool, do_connect), it opens the scratch."""
        dialect = engine.dialect
        if not isinstance(engine.pool, Pool):
            engine.pool = sa_pool.NullPool(lambda: dialect.connect(), dialect=dialect)
        original: Any = engine.pool._creator
        is_default = getattr(original, "__module__", None) in {
            "sqlalchemy.engine.create",
            "sqlalchemy.engine.strategies",
        }

        def connect(connection_record: Any = None) -> Any:
            # the default creator brings the project's connect_args, and would ask its do_connect listeners
            if is_default and not dialect.dispatch.do_connect:
                return original(connection_record)
            return dialect.connect()

        engine.pool._creator = connect
        self._engines.add(engine)

    def wrap(self, real: type[Any]) -> type[Any]:
        if real not in self._wrapped:
            self._wrapped[real] = _scratch_dialect(real, self)
        return self._wrapped[real]

    def connection_class(self, path: str, base: Any) -> type[sqlite3.Connection]:
        """A connection that tells the watch what happens to its tables, and attaches nothing outside the scratch."""
        parent: Any = sqlite3.Connection
        if isinstance(base, type) and issubclass(base, sqlite3.Connection):
            parent = base
        return type("ScratchConnection", (_WatchedConnection, parent), {"migguard": self, "migguard_path": path})

    def authorize(self, path: str, arguments: tuple[Any, ...]) -> int:
        """Answer sqlite3's authorizer."""
        action, first, second, schema = arguments[:4]
        if action == sqlite3.SQLITE_ATTACH and not self._may_attach(first):
            self.stage.ledger.note_outside(str(first) if first else "a database named at run time")
            return sqlite3.SQLITE_DENY
        if action in _ACTIONS:
            altered = action == sqlite3.SQLITE_ALTER_TABLE
            self._note(path, action, second if altered else first, first if altered else schema)
        return sqlite3.SQLITE_OK

    def _note(self, path: str, action: int, name: Optional[str], schema: Optional[str]) -> None:
        """Tell the watch of a change, unless it concerns SQLite's own tables or changes nothing."""
        name = name or ""
        if schema in {"temp", "vacuum_db"} or name.startswith("sqlite_"):
            return
        verb, kind = _ACTIONS[action]
        is_there = (path, name) in self._made
        if verb == "altered" and name.startswith(_BATCH_PREFIX):
            self._made.add((path, name[len(_BATCH_PREFIX) :]))
        elif verb == "created":
            self._made.add((path, name))
        elif verb == "dropped":
            self._made.discard((path, name))
        # `CREATE TABLE IF NOT EXISTS` reaches the authorizer even where the table exists
        if not (verb == "created" and is_there):
            self.stage.watch.note(path, verb, kind, name)

    def _may_attach(self, name: Optional[str]) -> bool:
        if name in {"", ":memory:"}:
            return True
        return name is not None and is_below(os.path.realpath(name), os.path.realpath(self.stage.scratch))


def _dump_file(path: str) -> Optional[bytes]:
    """A database file as SQLite itself copies it, journals included; None where a transaction is open."""
    copy = path + ".copy"
    source = sqlite3.connect(path, timeout=0)
    try:
        source.execute("BEGIN IMMEDIATE")
        source.rollback()
        with contextlib.closing(sqlite3.connect(copy)) as target:
            source.backup(target)
    except sqlite3.OperationalError:
        return None
    finally:
        source.close()
    with open(copy, "rb") as file:
        content = file.read()
    os.unlink(copy)
    return content


class _WatchedConnection:
    migguard: SqliteEngine
    migguard_path: str

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._project_authorizer: Any = None
        super().set_authorizer(self._authorize)  # type: ignore[misc]

    def set_authorizer(self, callback: Any) -> None:
        """The project's own authorizer is asked after ours."""
        self._project_authorizer = callback

    def _authorize(self, *arguments: Any) -> int:
        answer = self.migguard.authorize(self.migguard_path, arguments)
        if answer == sqlite3.SQLITE_OK and self._project_authorizer is not None:
            return int(self._project_authorizer(*arguments))
        return answer


def _scratch_dialect(real: type[Any], engine: SqliteEngine) -> type[Any]:
    def init(self: Any, *arguments: Any, **options: Any) -> None:
        if options.get("dbapi") is not None:
            options["dbapi"] = load_driver(self.__class__)
        real.__init__(self, *arguments, **options)
        self.migguard_identity = "memory:"

    def load_driver(cls: Any) -> Any:
        if real.is_async and real.driver == "aiosqlite":
            load = getattr(super(wrapped, cls), "import_dbapi", None) or super(wrapped, cls).dbapi
            return load()
        if real.is_async:
            raise engine.stage.ledger.note_unsupported(f"{real.name}+{real.driver}", None)
        return sqlite3.dbapi2 if hasattr(sqlite3, "dbapi2") else sqlite3

    def create_connect_args(self: Any, url: Any) -> Any:
        self.migguard_identity = engine.identify(url)
        options: dict[str, Any] = {"check_same_thread": False}
        for name, convert in _PLAIN_ARGUMENTS.items():
            if name in url.query and convert is not None:
                options[name] = convert(url.query[name])
        return [engine.path_of(self.migguard_identity)], options

    def connect(self: Any, *arguments: Any, **options: Any) -> Any:
        engine.stage.ledger.note_dialect(real.name)
        path = engine.path_of(self.migguard_identity)
        kept = {name: options[name] for name in _PLAIN_ARGUMENTS if name in options}
        factory = engine.connection_class(path, options.get("factory"))
        return real.connect(self, path, check_same_thread=False, factory=factory, **kept)

    def engine_created(cls: Any, created: Any) -> None:
        super(wrapped, cls).engine_created(created)
        engine.adopt(created)

    def do_execute(self: Any, *arguments: Any, **options: Any) -> Any:
        with engine.stage.watch.remember_origin():
            return real.do_execute(self, *arguments, **options)

    def do_execute_no_params(self: Any, *arguments: Any, **options: Any) -> Any:
        with engine.stage.watch.remember_origin():
            return real.do_execute_no_params(self, *arguments, **options)

    members: dict[str, Any] = {
        "__init__": init,
        "create_connect_args": create_connect_args,
        "connect": connect,
        "engine_created": classmethod(engine_created),
        "get_async_dialect_cls": classmethod(lambda cls, url: engine.wrap(real.get_async_dialect_cls(url))),
        "get_dialect_cls": classmethod(lambda cls, url: engine.wrap(real.get_dialect_cls(url))),
        "supports_statement_cache": real.__dict__.get("supports_statement_cache", True),
        **dbapi_members(load_driver),
    }
    if real.is_async:
        members.update(do_execute=do_execute, do_execute_no_params=do_execute_no_params)
    wrapped: Any = type("Scratch" + real.__name__, (real,), members)
    return cast("type[Any]", wrapped)
