"""Replays up to published revisions, and writes down what is there then."""

from __future__ import annotations

from typing import Any

from alembic.script import ScriptDirectory

from .alembic_run import AlembicRun
from .checkpoint import Checkpoint, digest_revisions, list_ancestors
from .doubts import Compared, find_doubts, gather_sources
from .engines import Engines
from .engines.catalog.checkpoint import dump_text, read_text
from .engines.catalog.flags import FlagLog
from .ledger import NotFollowable, ProjectPaths
from .protocol import NotFollowed, Response


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
