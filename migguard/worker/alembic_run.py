"""Load, replay from empty, compare, write: through the project's env.py and Alembic's own steps."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Optional

from alembic import command
from alembic.autogenerate import RevisionContext
from alembic.config import Config
from alembic.runtime import migration
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect

from .checkpoint import NAME, find_checkpoint
from .configuration import remove_write_hooks, set_command
from .engines import Engines
from .engines.catalog.errors import NotUnderstood, Rejected
from .engines.catalog.flags import FlagLog
from .failures import chain
from .filters import LeftOut
from .ledger import NotFollowable
from .origin import TableWatch
from .protocol import RevisionRequest, WorkerEnvironment
from .start import Start


@dataclass
class Target:
    """One database that env.py migrates, as seen while it was compared."""

    dialect: Any
    metadata: list[Any]
    opts: dict[str, Any]
    version_column_length: int = 32
    version_table: str = "alembic_version"
    version_table_schema: Optional[str] = None
    #: As env.py names it, without the password.
    url: str = ""


@dataclass
class Progress:
    """How far the run came: which revision is running, which have run since the last wipe or are in a state that was
    kept, and how many really ran."""

    doing: str = "environment"
    running: Optional[Any] = None
    replayed: int = 0
    ran: set[str] = field(default_factory=set)


class AlembicRun:
    """One environment, from loading it to the operations that are missing."""

    def __init__(
        self, config: Config, environment: WorkerEnvironment, engines: Engines, watch: TableWatch, flags: FlagLog
    ) -> None:
        self.config = config
        self.environment = environment
        self.progress = Progress()
        self.targets: list[Target] = []
        self.databases: set[str] = set()
        self.version_tables: set[str] = set()
        self.heads: list[str] = []
        self.is_compared = False
        self.left_out = LeftOut()
        #: Facts about the replay for the user.
        self.notes: list[str] = []
        #: Where replays start, if not always from empty.
        self.start: Optional[Start] = None
        #: Revision → its file.
        self.revision_files: dict[str, str] = {}
        self._flags = flags
        self._engines = engines
        self._watch = watch
        watch_steps(self.progress)

    def load(self) -> None:
        """Run env.py without any step, so that the app and the models are imported. Fills `targets`."""
        script = self._open_script()
        self.heads = sorted(script.get_heads())
        set_command(self.config, self.environment, "upgrade")
        try:
            self._run_env(script, self._collect, dont_mutate=True)
        except NotFollowable:
            raise
        except Exception:
            # What env.py does after its migrations may need the tables that they make, and none has run yet. All is
            # loaded by then, and whatever is really broken fails again in the replay.
            if not self.targets:
                raise

    def replay(self, *targets: str) -> None:
        """Every revision from empty: whatever loading the app put into its databases is gone.

        With targets, to each of them, one after the other, instead of to all heads.
        """
        _close_sessions()
        self._engines.wipe()
        self._flags.clear()
        self.progress.ran.clear()
        self._watch.active = True
        script = self._open_script()
        self.revision_files = {one.revision: one.path for one in script.walk_revisions()}
        self._watch.name_revision_files(self.revision_files.values())
        set_command(self.config, self.environment, "upgrade")

        if targets:
            for target in targets:
                self._upgrade(script, target)
        else:
            self._upgrade_or_resume(script)

    def _upgrade_or_resume(self, script: ScriptDirectory) -> None:
        """All heads: from a checkpoint or a state that was kept, where one still holds, and from empty otherwise."""
        if self._start_at_checkpoint(script) or self.start is None:
            self._upgrade(script, "heads")
            return
        nothing: Any = ()
        whole = [step.revision for step in script._upgrade_revs("heads", nothing)]
        done = self.start.resume(self, whole)
        try:
            self._upgrade(script, "heads", [one.revision for one in whole[done:]] if done else None)
        except Exception as error:
            if not done or not any(isinstance(one, StateMismatch) for one in chain(error)):
                raise
            _close_sessions()
            self._engines.wipe()
            self._flags.clear()
            self.progress.ran.clear()
            self._upgrade(script, "heads")
        self.start.keep(len(whole))

    def _start_at_checkpoint(self, script: ScriptDirectory) -> bool:
        """Put the schema of the repository's checkpoint in place of the empty database; where it is void, say so."""
        if len(self.targets) != 1 or not self._engines.is_imitated(self.targets[0].dialect.name):
            return False
        from .engines.catalog.checkpoint import load_text
        from .engines.catalog.dialect import session_of

        problems: list[Exception] = []

        def load(context: Any) -> None:
            try:
                session = session_of(context.connection)
                place = (context.version_table, context.version_table_schema)
                load_text(session, checkpoint.text, *place, checkpoint.revisions)
            except (LookupError, NotUnderstood, Rejected) as error:
                problems.append(error)

        self._watch.active = False
        try:
            found = find_checkpoint(script, script.dir)
            if found is None:
                return False
            checkpoint, ancestors = found
            self.visit(load)
        except (ValueError, LookupError) as error:
            problems.append(error)
        finally:
            self._watch.active = True
        if problems:
            self.notes.append(f"the checkpoint `{NAME}` is void, and the replay starts from empty: {problems[0]}")
            self._engines.wipe()
            return False
        self._flags.clear()
        self.progress.ran.update(one.revision for one in ancestors)
        return True

    def _upgrade(self, script: ScriptDirectory, target: str, expected: Optional[list[str]] = None) -> None:
        def upgrade(rev: Any, context: Any) -> Iterator[Any]:
            self._check_context(context)
            steps = script._upgrade_revs(target, rev)
            if expected is not None and [one.revision.revision for one in steps] != expected:
                raise StateMismatch("no-replay", "the state that was kept is of another history")
            return self._steps(steps)

        self._run_env(script, upgrade, starting_rev=None, destination_rev=target, tag=None)

    def visit(self, look: Callable[[Any], None]) -> None:
        """Have `look` see the migration context of every database, as it is after a replay."""

        def show(rev: Any, context: Any) -> list[Any]:
            self._check_context(context)
            look(context)
            return []

        self._run_env(self._open_script(), show)

    def compare(self) -> list[Any]:
        """What autogenerate would write now: the directives after the project's own hooks."""
        set_command(self.config, self.environment, "revision")
        script = self._open_script()
        arguments: dict[str, Any] = dict.fromkeys(("message", "branch_label", "version_path", "rev_id", "depends_on"))
        arguments.update(autogenerate=True, sql=False, head="head", splice=False)
        revisions = RevisionContext(self.config, script, arguments)
        self.targets.clear()

        def retrieve(rev: Any, context: Any) -> list[Any]:
            self._check_context(context)
            self._check_complete(script, rev)
            self._collect(rev, context)
            if not self.targets[-1].metadata:
                raise NotFollowable("no-metadata", "env.py gives no target_metadata: there are no models to compare")
            if revisions.generated_revisions:
                self.left_out.observe(context)
                revisions.run_autogenerate(rev, context)
            return []

        options = {"as_sql": False, "template_args": revisions.template_args, "revision_context": revisions}
        self._run_env(script, retrieve, **options)
        self.is_compared = True
        return [one for one in revisions.generated_revisions or [] if one is not None]

    def write(self, wanted: RevisionRequest, message: str) -> list[Any]:
        """Alembic's own `revision --autogenerate`; the scripts that it wrote."""
        self.progress.doing = "revision"
        remove_write_hooks(self.config)
        set_command(self.config, self.environment, "revision")
        # git keeps no empty folder, and Alembic before 1.16 writes into none that is missing
        for folder in self._open_script()._version_locations:
            os.makedirs(folder, exist_ok=True)
        depends_on: Any = wanted.depends_on
        options: Any = self.config.cmd_opts
        given = {
            "message": message,
            "head": wanted.head or "head",
            "splice": wanted.splice,
            "branch_label": wanted.branch_label,
            "version_path": wanted.version_path,
            "rev_id": wanted.rev_id,
            "depends_on": depends_on,
        }
        for name, value in given.items():
            setattr(options, name, value)
        written: Any = command.revision(self.config, autogenerate=True, **given)
        return [one for one in (written if isinstance(written, list) else [written]) if one is not None]

    def _open_script(self) -> ScriptDirectory:
        return ScriptDirectory.from_config(self.config)

    def _run_env(self, script: ScriptDirectory, work: Callable[[Any, Any], Any], **options: Any) -> None:
        called = []

        def counted(rev: Any, context: Any) -> Any:
            called.append(rev)
            if context.as_sql:
                raise NotFollowable("no-replay", "env.py runs in offline mode, without a connection")
            return work(rev, context)

        with EnvironmentContext(self.config, script, fn=counted, **options):
            script.run_env()
        if not called and self.progress.doing != "environment":
            raise NotFollowable("no-replay", "env.py ran no migrations: it never called context.run_migrations()")

    def _steps(self, steps: Any) -> Iterator[Any]:
        for step in steps:
            if self.start is not None and len(self.targets) == 1:
                self.start.keep_before(step.revision.revision, is_last=step is steps[-1])
            self.progress.replayed += 1
            self.progress.running = step.revision
            self._flags.revision = getattr(step.revision, "revision", None)
            yield step
            self.progress.running = self._flags.revision = None

    def _collect(self, rev: Any, context: Any) -> list[Any]:
        metadata = context.opts.get("target_metadata")
        listed = [metadata] if metadata is not None and not isinstance(metadata, (list, tuple)) else metadata
        target = Target(context.dialect, list(listed or []), context.opts)
        target.version_table, target.version_table_schema = context.version_table, context.version_table_schema
        target.version_column_length = _version_column_length(context) or 32
        if context.connection is not None:
            target.url = context.connection.engine.url.render_as_string(hide_password=True)
        self.targets.append(target)
        return []

    def _check_context(self, context: Any) -> None:
        database = self._engines.engine_for(context.dialect.name).database_of(context.connection)
        if database is None:
            raise NotFollowable("no-replay", "env.py migrates over a connection opened while the app was loaded")
        self.databases.add(database)
        self.version_tables.add(context.version_table)
        if context.version_table_schema:
            self.version_tables.add(f"{context.version_table_schema}.{context.version_table}")

    def _check_complete(self, script: ScriptDirectory, rev: Any) -> None:
        expected = {one.revision for one in script.get_revisions("heads")}
        actual = set(rev) if isinstance(rev, (tuple, list, set)) else {rev} - {None}
        if actual != expected:
            stamped = ", ".join(sorted(map(str, actual))) or "nothing"
            wanted = ", ".join(sorted(expected)) or "nothing"
            text = f"after the replay the version table holds {stamped} instead of {wanted}"
            raise NotFollowable("foreign-table", text)
        skipped = sorted({one.revision for one in script.walk_revisions()} - self.progress.ran)
        if skipped:
            some = ", ".join(skipped[:3]) + (f" and {len(skipped) - 3} more" if len(skipped) > 3 else "")
            raise NotFollowable("foreign-table", f"stamped without being run: {some}")


class StateMismatch(NotFollowable):
    """The state from which a replay started is not of this history after all."""


def watch_steps(progress: Progress) -> None:
    """Learn of every revision that runs, also where the app itself upgrades; a stamp runs nothing."""
    update = migration.HeadMaintainer.update_to_step

    def update_to_step(self: Any, step: Any) -> None:
        update(self, step)
        revision = getattr(step, "revision", None)
        if revision is not None and getattr(step, "is_upgrade", False):
            progress.ran.add(revision.revision)

    migration.HeadMaintainer.update_to_step = update_to_step  # type: ignore[method-assign]


def _version_column_length(context: Any) -> Optional[int]:
    try:
        columns = inspect(context.connection).get_columns(context.version_table, schema=context.version_table_schema)
    except Exception:  # no such table before the first upgrade
        columns = []
    lengths = [getattr(column["type"], "length", None) for column in columns if column["name"] == "version_num"]
    return next((int(length) for length in lengths if length), None)


def _close_sessions() -> None:
    """A session that the app left open would keep its connection to the databases before the wipe."""
    try:
        from sqlalchemy.orm import close_all_sessions

        close_all_sessions()
    except Exception:  # async sessions close in their event loop only
        return
