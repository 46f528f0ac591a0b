"""A schema in memory: DDL text in, what the Inspector reads out, without a server, a driver or a network."""

from __future__ import annotations

import pickle
import weakref
from collections.abc import Mapping
from typing import Any, Optional

from sqlalchemy.pool import Pool

from .. import Engine, Stage
from .dialect import adopt_pool, make_dialect, session_of
from .driver import StandInConnection
from .flags import OPAQUE, FlagLog
from .flavour import Flavour
from .session import Reads, Session
from .shared import Shared


class CatalogEngine(Engine):
    """PostgreSQL, MySQL and MariaDB in memory: one catalog for each database that the project names."""

    name = "catalog"

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage)
        self.flags: FlagLog = stage.flags
        self.reads = Reads(self.flags)
        self._databases: dict[str, Shared] = {}
        #: States of databases that nobody has connected to since they were loaded.
        self._loaded: dict[str, bytes] = {}
        self._wrapped: dict[type[Any], type[Any]] = {}
        self._engines: weakref.WeakSet[Any] = weakref.WeakSet()
        self._creators: set[str] = set()
        self._last_session = 0

    def wrap(self, real: type[Any]) -> type[Any]:
        if real not in self._wrapped:
            self._wrapped[real] = make_dialect(real, self, _flavour_of(real, self.stage.settings.given_versions))
        return self._wrapped[real]

    def wipe(self) -> None:
        self._databases.clear()
        self._loaded.clear()
        self.reads = Reads(self.flags)
        for engine in list(self._engines):
            if isinstance(engine.pool, Pool):
                engine.pool = engine.pool.recreate()

    def database_of(self, connection: Any) -> Optional[str]:
        session = session_of(connection)
        shared = session.shared
        return shared.identity if self._databases.get(shared.identity) is shared else None

    def adopt(self, engine: Any) -> None:
        """Take over a SQLAlchemy engine; its pool holds no connection over a wipe."""
        self._engines.add(engine)
        creator = adopt_pool(engine)
        engine.dialect._migguard_url = engine.url
        # only the creator knows the database where the URL does not
        engine.dialect._migguard_creator = "" if engine.url.database else creator

    def connect(self, dialect: Any, arguments: tuple[Any, ...], options: dict[str, Any]) -> StandInConnection:
        """A new connection to the database that an engine's URL names."""
        self.stage.ledger.note_dialect(dialect.name)
        url = getattr(dialect, "_migguard_url", None)
        flavour: Flavour = dialect.flavour
        creator = getattr(dialect, "_migguard_creator", "")
        identity = identify(flavour, url) + (f" by {creator}" if creator else "")
        self._note_creator(creator)
        shared = self.database(flavour, identity, getattr(url, "database", None))
        self._last_session += 1
        traits = dialect.dbapi.traits
        session = Session(self._last_session, shared, flavour, traits, self.stage.watch, self.reads)
        connection = StandInConnection(dialect.dbapi, session)
        connection.gives_way = bool(options.get("gives_way"))
        flavour.start(session, options)
        return connection

    def _note_creator(self, creator: str) -> None:
        """Two functions that connect may or may not mean one database."""
        if creator:
            self._creators.add(creator)
        if creator and len(self._creators) > 1:
            self.flags.add(OPAQUE, "two `creator` functions connect, and their URLs name no database", None)

    def database(self, flavour: Flavour, identity: str, name: Optional[str]) -> Shared:
        """The database of an identity, made empty when first asked for."""
        if identity not in self._databases:
            version = self.stage.settings.version_of(flavour.name)
            self._databases[identity] = Shared(
                identity, lambda flags: flavour.new_database(flags, version, name), self.flags
            )
            if identity in self._loaded:
                self._databases[identity].load(self._loaded.pop(identity))
        return self._databases[identity]

    def dump_state(self) -> Optional[bytes]:
        """All databases as bytes for `load_state`, None where they cannot be pickled."""
        states = {**self._loaded, **{identity: shared.dump() for identity, shared in self._databases.items()}}
        return None if None in states.values() else pickle.dumps(states, protocol=4)

    def load_state(self, state: bytes) -> None:
        """Start from what `dump_state` gave; databases that it does not have are empty."""
        self.wipe()
        self._loaded = pickle.loads(state)


_HERE = frozenset({"localhost", "127.0.0.1", "::1"})
_PORTS = frozenset({5432, 3306})


def identify(flavour: Flavour, url: Any) -> str:
    """What makes two URLs one database."""
    if url is None:
        return f"{flavour.name}://"
    host = url.host or url.query.get("host") or url.query.get("unix_socket") or ""
    if not isinstance(host, str):
        host = ",".join(host)
    # one server by its usual names
    host = "" if host in _HERE or host.startswith("/") else host.lower()
    port = "" if url.port in {None, *_PORTS} else str(url.port)
    return f"{flavour.name}://{host}:{port}/{url.database or ''}"


def _flavour_of(real: type[Any], given: Mapping[str, tuple[int, ...]]) -> Flavour:
    if real.name == "postgresql":
        from .postgresql.dialect import PostgresqlFlavour

        return PostgresqlFlavour()
    from .mysql.dialect import flavour_of

    return flavour_of(real, given)
