"""Replays up to published revisions, and writes down what is there then."""

from __future__ import annotations

import collections
from dataclasses import dataclass
from typing import Any

from alembic.script import ScriptDirectory
from sqlalchemy.engine.url import make_url

from .alembic_run import AlembicRun
from .checkpoint import Checkpoint, digest_revisions, list_ancestors
from .doubts import Compared, find_doubts, gather_sources
from .engines import Engines
from .engines.catalog.checkpoint import dump_text, read_text
from .engines.catalog.flags import FlagLog
from .engines.maintenance import Maintenance
from .ledger import NotFollowable, ProjectPaths
from .protocol import NotFollowed, Response
from .stamps import READ_ONLY, VersionTable, read_stamp

#: mypy knows `namedtuple` with fields that stand in the source only.
make_row_class: Any = collections.namedtuple


def make_checkpoint(
    run: AlembicRun, engines: Engines, flags: FlagLog, paths: ProjectPaths, revisions: list[str], response: Response
) -> tuple[str, list[NotFollowed]]:
    """The checkpoint's file, and what keeps it from being true. NotFollowable where there can be none."""
    run.replay(*revisions)
    script = ScriptDirectory.from_config(run.config)
    found: list[tuple[Any, str]] = []
    run.visit(lambda context: found.append((context, _read_schema(context, engines))))
    if len(found) != 1:
        raise NotFollowable("no-replay", f"env.py migrates {len(found)} databases: a checkpoint is of one")
    context, text = found[0]
    versions = response.versions
    server = engines.describe() or _name_imitation(context, engines)
    made = f"on {server}, SQLAlchemy {versions['sqlalchemy']}, Alembic {versions['alembic']}"
    digest = digest_revisions(list_ancestors(script, revisions))
    checkpoint = Checkpoint(revisions, digest, context.dialect.name, made, text)
    # whatever is in the schema, the models of some day may be compared with it
    return checkpoint.render(), find_doubts(flags, Compared(**gather_sources(run, paths)))


def read_checkpoint_database(
    run: AlembicRun, database: NamedDatabase, paths: ProjectPaths, revisions: list[str], response: Response
) -> str:
    """The checkpoint's file, read from a database that is at the revisions; nothing in it is changed."""
    stamp = read_stamp(database.url, database.dialect, database.table, paths.tree)
    if stamp.problem is not None or sorted(stamp.revisions) != sorted(revisions):
        at = f"is at {', '.join(stamp.revisions) or 'no revision'}" if stamp.problem is None else stamp.problem
        raise NotFollowable("no-replay", f"the database cannot make the checkpoint of {', '.join(revisions)}: it {at}")
    session = NamedRows(database.dialect, make_url(database.url))
    session.open()
    try:
        session.run(READ_ONLY[session.dialect.name])
        text = read_text(session)
    finally:
        session.close()
    script = ScriptDirectory.from_config(run.config)
    versions = response.versions
    made = f"from a database, SQLAlchemy {versions['sqlalchemy']}, Alembic {versions['alembic']}"
    digest = digest_revisions(list_ancestors(script, revisions))
    return Checkpoint(revisions, digest, session.dialect.name, made, text).render()


@dataclass
class NamedDatabase:
    """A database that the user named to be read, with its real dialect."""

    url: str
    dialect: Any
    table: VersionTable


class NamedRows(Maintenance):
    """A session of our own that answers as a connection of SQLAlchemy does, as far as reading a schema needs it."""

    @property
    def dialect(self) -> Any:
        """Its name is all that is asked for."""
        return self._real

    def execute(self, query: Any) -> list[Any]:
        """Rows with the names of their columns."""
        return self.exec_driver_sql(str(query.text).replace("\\:", ":")).fetchall()

    def exec_driver_sql(self, statement: str) -> _Rows:
        """The same for plain text."""
        rows: _Rows = self._do(lambda: self._run_named(statement))
        return rows

    def _run_named(self, statement: str) -> _Rows:
        cursor = self._connection.cursor()
        try:
            cursor.execute(statement)
            names = [column[0] for column in cursor.description]
            kind: Any = make_row_class("Row", names, rename=True)
            return _Rows(kind(*row) for row in cursor.fetchall())
        finally:
            cursor.close()


class _Rows(list[Any]):
    def fetchall(self) -> list[Any]:
        return list(self)

    def fetchone(self) -> Any:
        return self[0]


def _name_imitation(context: Any, engines: Engines) -> str:
    version = engines.settings.version_of(context.dialect.name)
    return f"the catalog of {context.dialect.name} {'.'.join(map(str, version))}"


def _read_schema(context: Any, engines: Engines) -> str:
    """The database behind a migration context as text."""
    if context.dialect.name == "sqlite":
        raise NotFollowable("no-replay", "SQLite needs no checkpoint: the real library replays whatever it can do")
    if not engines.is_imitated(context.dialect.name):
        return read_text(context.connection)
    from .engines.catalog.dialect import session_of

    return dump_text(session_of(context.connection).view())
