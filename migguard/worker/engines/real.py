"""Engines that replay on a real server: the project's own driver, connected to a scratch database of ours."""

from __future__ import annotations

import json
import sys
import weakref
from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, Optional

from sqlalchemy import event
from sqlalchemy import pool as sa_pool
from sqlalchemy.pool import Pool

from ..gate import open_gate
from ..ledger import NotFollowable
from . import Engine, Stage
from .real_dialect import PLAIN_OPTIONS, make_dialect
from .scratch_server import ScratchServer, ServerProblem
from .scratch_url import FAMILIES
from .server_errors import find_lack
from .statements import ObjectChange, find_changes

_KEY = "migguard_database"


class RealEngine(Engine):
    """One scratch database for each database that the project names; new ones after every wipe."""

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage)
        self._notes: list[str] = []
        self._servers: dict[str, ScratchServer] = {}
        self._names: dict[tuple[str, str], str] = {}
        self._made: set[tuple[str, str]] = set()
        self._checked_out = 0
        self._engines: weakref.WeakSet[Any] = weakref.WeakSet()
        self._wrapped: dict[type[Any], type[Any]] = {}

    @abstractmethod
    def open_server(self, real: type[Any]) -> ScratchServer:
        """The server for the family of a dialect, ready for use. Raises ServerProblem."""

    @abstractmethod
    def find_reach(self, server: ScratchServer, identity: str, sql: str, dialect_name: str) -> Optional[str]:
        """What of a statement would reach beyond the scratch, None where nothing does."""

    def tables_of(self, server: ScratchServer, identity: str) -> frozenset[str]:
        """Tables that were made in a database in this run, in lower case."""
        family = server.server.family
        name = self._names.get((family, identity))
        return frozenset(known for database, known in self._made if database == name)

    def wrap(self, real: type[Any]) -> type[Any]:
        if real not in self._wrapped:
            self._wrapped[real] = make_dialect(real, self)
        return self._wrapped[real]

    def wipe(self) -> None:
        self._release()
        self._drop_all()

    def database_of(self, connection: Any) -> Optional[str]:
        name = connection.info.get(_KEY)
        return name if name in self._names.values() else None

    def dump_state(self) -> Optional[bytes]:
        """All databases as bytes for `load_state`, each kept as a template on its server.

        None where there is no way to keep them all, or where a connection is still in use.
        """
        if self._checked_out or not self._names:
            return None
        self._release()
        kept = []
        for (family, identity), name in self._names.items():
            template = self._servers[family].keep(name)
            if template is None:
                return None
            made = sorted(known for database, known in self._made if database == name)
            kept.append([family, identity, template, made])
        return json.dumps(kept).encode()

    def load_state(self, state: bytes) -> None:
        """Start from what `dump_state` gave; databases that it does not have are empty.

        Raises LookupError where a template is gone, or the server has not been reached yet: then all is to be replayed.
        """
        self.wipe()
        for family, identity, template, made in json.loads(state):
            server = self._servers.get(family)
            if server is None or not server.has_template(template):
                self.wipe()
                raise LookupError(template)
            name = server.create(template)
            self._names[family, identity] = name
            self._made.update((name, known) for known in made)

    def describe(self) -> str:
        return ", ".join(self._describe(server) for server in self._servers.values())

    def note(self, text: str) -> None:
        """Remember a fact that belongs to the answer."""
        if text not in self._notes:
            self._notes.append(text)

    def notes(self) -> list[str]:
        return self._notes

    def close(self) -> None:
        for server in self._servers.values():
            server.close()

    def connect(self, dialect: Any, real: type[Any], options: Mapping[str, Any]) -> Any:
        """Open a connection to the scratch database that stands in for the dialect's."""
        self.stage.ledger.note_dialect(real.name)
        try:
            server = self._find_server(real)
            name = self._find_database(real, server, dialect.migguard_identity)
        except ServerProblem as error:
            raise self._decline("engine", str(error)) from None
        if server.server.family == "mysql":
            # the dialect has asked once, before a wipe maybe, and reflection qualifies names with it
            dialect.default_schema_name = name
        kept = {key: value for key, value in options.items() if key in PLAIN_OPTIONS}
        arguments, own = real.create_connect_args(
            dialect, server.server.for_database(name, dialect.migguard_query, real.driver)
        )
        try:
            with open_gate(server.server.url.host):
                return real.connect(dialect, *arguments, **{**own, **kept})
        except Exception as error:
            # the database is ours and was there a moment ago: no fault of the project
            raise self._decline("engine", server.explain("cannot be reached", error)) from None

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
                connection = original(connection_record)
            else:
                connection = dialect.connect()
            if connection_record is not None:
                connection_record.info[_KEY] = self._names.get((dialect.migguard_family, dialect.migguard_identity))
            return connection

        engine.pool._creator = connect
        event.listen(engine.pool, "checkout", self._note_checkout)
        event.listen(engine.pool, "checkin", self._note_checkin)
        self._engines.add(engine)

    def refuse_reach(self, dialect: Any, real: type[Any], sql: str) -> None:
        """Raise NotFollowable before a statement that is not for the scratch database alone."""
        server = self._servers.get(dialect.migguard_family)
        reach = self.find_reach(server, dialect.migguard_identity, sql, real.name) if server else None
        if reach is not None:
            text = f"`{reach}` would reach beyond the scratch database, and was not run on the scratch server"
            raise self._decline("server-statement", text)

    def note_error(self, error: BaseException, sql: str) -> None:
        """Raise NotFollowable where the fault is the server's, and not the statement's."""
        lack = find_lack(error)
        if lack is not None:
            raise self._decline("server-lack", f"the scratch server refuses: {lack}") from error

    def note_changes(self, dialect: Any, real: type[Any], sql: str) -> None:
        """Tell the watch what a statement has done."""
        name = self._names.get((dialect.migguard_family, dialect.migguard_identity))
        if name is None:
            return
        for change in find_changes(sql, real.name):
            if self._is_done(name, change):
                self.stage.watch.note(name, change.verb, change.kind, change.name)

    def _decline(self, kind: str, text: str) -> NotFollowable:
        """Record why this engine cannot go on; what is wrong with the server itself has no place in the project."""
        place = None if kind == "engine" else self.stage.paths.innermost_place(sys._getframe(1))
        return self.stage.ledger.note_declined(kind, text, place)

    def _is_done(self, database: str, change: ObjectChange) -> bool:
        """Whether the object was really changed: `IF NOT EXISTS` may have done nothing."""
        key = (database, change.name.lower())
        is_known = key in self._made
        if change.verb == "created":
            self._made.add(key)
            return not (change.is_conditional and is_known)
        if change.verb == "dropped":
            self._made.discard(key)
        if change.new_name is not None:
            self._made.discard(key)
            self._made.add((database, change.new_name.lower()))
        return not change.is_conditional or is_known

    def _find_server(self, real: type[Any]) -> ScratchServer:
        family = FAMILIES[real.name]
        if family not in self._servers:
            server = self.open_server(real)
            self._servers[family] = server
            self._note_version(server)
        return self._servers[family]

    def _find_database(self, real: type[Any], server: ScratchServer, identity: str) -> str:
        key = FAMILIES[real.name], identity
        if key not in self._names:
            self._names[key] = server.create()
        return self._names[key]

    def _note_version(self, server: ScratchServer) -> None:
        given = self.stage.settings.given_versions.get(server.product.lower())
        depth = min(len(given or ()), 1 if server.product == "PostgreSQL" else 2)
        if given and server.version[:depth] != given[:depth]:
            wanted = ".".join(map(str, given))
            self.note(f"`server-version` says {wanted}, and the answer is that of {self._describe(server)}")

    def _describe(self, server: ScratchServer) -> str:
        return f"{server.product} {server.version_text} ({server.server.place})"

    def _release(self) -> None:
        """Close the pools' connections."""
        for engine in list(self._engines):
            # dispose() of an async engine would need its event loop; the server ends those sessions
            if getattr(engine.dialect, "is_async", False):
                engine.pool = engine.pool.recreate()
            else:
                engine.dispose()

    def _drop_all(self) -> None:
        for (family, _), name in self._names.items():
            self._servers[family].drop(name)
        self._names.clear()
        self._made.clear()

    def _note_checkout(self, *arguments: Any) -> None:
        self._checked_out += 1

    def _note_checkin(self, *arguments: Any) -> None:
        self._checked_out -= 1
