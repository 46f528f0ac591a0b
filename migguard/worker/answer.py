"""From request to response: every way a run can end becomes an answer."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import platform
import signal
import sys
import traceback
from collections.abc import Callable
from typing import Any, Optional

from .audit import Auditor
from .drivers import DriverGuard
from .failures import explain_failure
from .ledger import Ledger, NotFollowable, ProjectPaths
from .origin import TableWatch
from .project import TreeMapping, redirect_output, stand_in
from .protocol import Failure, NotFollowed, Place, Request, Response, WrittenFile, dump, load_request
from .variables import AbsentVariables


class Answer:
    """One request on its way to a response."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.response = Response()
        self.ledger = Ledger()
        self.root = request.top if request.action == "write-hooks" else request.tree
        self.paths = ProjectPaths(self.root)
        self.watch = TableWatch(self.paths)
        self.auditor = Auditor(request, self.ledger)
        self.variables = AbsentVariables(self.paths)
        self.flags: Any = None
        self.engines: Any = None
        self.run: Any = None
        self.doing = "environment"

    def find(self) -> Response:
        """Do what is asked; never raises."""
        try:
            self._act()
        except BaseException as error:  # project code may raise anything, SystemExit included
            self._fail(error)
        try:
            self._settle()
        except BaseException:  # a bug of ours must reach the user as one
            self.response.failure = Failure("worker", traceback.format_exc())
        if self.engines is not None:
            self.engines.close()
        return self.response

    def _act(self) -> None:
        action = self.request.action
        actions: dict[str, Callable[[], None]] = {
            "check": self._check,
            "revision": self._check,
            "describe": self._describe,
            "merge": self._merge,
            "stamps": self._read_stamps,
            "orders": self._replay_orders,
            "checkpoint": self._make_checkpoint,
            "write-hooks": self._run_write_hooks,
        }
        flask = self.request.environment.kind == "flask"
        stand_in(self.request, self.root, ["flask", "db", "upgrade"] if flask else ["alembic", "upgrade", "heads"])
        if action != "write-hooks":
            TreeMapping(self.request).map_import_paths()
            self.auditor.install()
            self.variables.install()
            if not self.request.network:
                DriverGuard(self.ledger).install()
        self._note_versions()
        actions[action]()

    def _note_versions(self) -> None:
        self.response.versions["python"] = platform.python_version()
        import alembic
        import sqlalchemy

        self.response.versions.update(alembic=alembic.__version__, sqlalchemy=sqlalchemy.__version__)

    def _start(self) -> Any:
        from .alembic_run import AlembicRun
        from .configuration import build_config
        from .watchdog import Watchdog

        engines = self._redirect()
        config = build_config(self.request, self.root)
        self.run = AlembicRun(config, self.request.environment, engines, self.watch, self.flags)
        run = self.run
        Watchdog(self.paths, self.watch, engines.is_imitated, lambda: run.progress.running).install()
        if self.request.states:
            from .start import Start

            self.run.start = Start(self.request, self.paths, engines, self.flags, self.watch, self.ledger)
        self.run.load()
        self.response.heads = self.run.heads
        return self.run

    def _redirect(self) -> Any:
        from .engines import Engines, Settings, Stage
        from .engines.catalog.flags import FlagLog
        from .redirect import install_redirect

        self.response.engine = "sqlite"
        request = self.request
        self.flags = FlagLog(self.paths)
        settings = Settings(
            engine=request.engine,
            given_versions={name: _numbers(text) for name, text in request.server_versions.items()},
            scratch_servers=tuple(request.scratch_servers),
            state=os.path.join(request.git_dir, "migguard"),
        )
        places = (request.scratch, request.top, request.tree)
        self.engines = Engines(Stage(*places, self.ledger, self.watch, self.paths, self.flags, settings))
        install_redirect(self.engines)
        return self.engines

    def _check(self) -> None:
        from .describe import describe_targets
        from .locate import ModelPlaces
        from .operations import DROPS, list_operations

        run = self._start()
        run.progress.doing = "replay"
        run.replay()
        directives = run.compare()
        targets = run.targets
        self.response.databases = len(targets)
        self.response.version_column_length = min(target.version_column_length for target in targets)
        places = ModelPlaces(self.paths, [one for target in targets for one in target.metadata])
        found = list_operations(directives, targets[-1].dialect)
        for operation, subject in found:
            operation.place = places.find(operation, subject)
        operations = [operation for operation, _ in found]
        self.response.operations = operations
        self.response.descriptions = describe_targets(targets, places)
        if self.request.action == "revision" and operations:
            wanted = self.request.revision
            assert wanted is not None
            drops = [operation for operation in operations if operation.kind in DROPS]
            if drops and not wanted.allow_drops:
                self.response.blocked_drops = drops
            else:
                self._write(run)

    def _write(self, run: Any) -> None:
        from .message import derive_message

        wanted = self.request.revision
        assert wanted is not None
        message = wanted.message if wanted.message is not None else derive_message(self.response.operations)
        self.response.message = message
        for script in run.write(wanted, message):
            parents = script.down_revision
            listed = [parents] if isinstance(parents, str) else list(parents or ())
            first_line = (script.doc or "").split("\n")[0] or None
            self._collect_file(script.path, script.revision, listed, first_line)

    def _describe(self) -> None:
        from .describe import describe_targets
        from .locate import ModelPlaces

        run = self._start()
        places = ModelPlaces(self.paths, [one for target in run.targets for one in target.metadata])
        self.response.descriptions = describe_targets(run.targets, places)

    def _read_stamps(self) -> None:
        from .stamps import VersionTable, find_dialect, read_stamp

        # the real dialects, before the redirect hands out ours
        dialects = [find_dialect(url) for url in self.request.databases]
        target = self._start().targets[-1]
        table = VersionTable(target.version_table, target.version_table_schema)
        for number, url in enumerate(self.request.databases):
            self.response.stamps.append(read_stamp(url, dialects[number], table, self.request.top))

    def _replay_orders(self) -> None:
        from .orders import replay_order

        run = self._start()
        for targets in self.request.orders:
            run.progress.doing = "replay"
            self.response.orders.append(replay_order(run, targets, self.flags))

    def _make_checkpoint(self) -> None:
        from .checkpoint import NAME
        from .make_checkpoint import NamedDatabase, make_checkpoint, read_checkpoint_database
        from .stamps import VersionTable, find_dialect

        wanted = self.request.revisions
        # the real dialects, before the redirect hands out ours
        dialects = [find_dialect(url) for url in self.request.databases]
        run = self._start()
        doubts: list[NotFollowed] = []
        if self.request.databases:
            target = run.targets[-1]
            table = VersionTable(target.version_table, target.version_table_schema)
            database = NamedDatabase(self.request.databases[0], dialects[0], table)
            content = read_checkpoint_database(run, database, self.paths, wanted, self.response)
        else:
            run.progress.doing = "replay"
            content, doubts = make_checkpoint(run, self.engines, self.flags, self.paths, wanted, self.response)
        self.response.not_followed += doubts
        if not doubts:
            location = self.request.environment.script_location
            path = f"{location}/{NAME}" if location else NAME
            self.response.files.append(WrittenFile(path, content, ", ".join(wanted), [], None))

    def _merge(self) -> None:
        from .configuration import build_config
        from .merge import write_merge

        wanted = self.request.merge
        assert wanted is not None
        self.doing = "revision"
        self._redirect()
        try:
            path, heads = write_merge(build_config(self.request, self.root, load_app=False), wanted)
        except Exception:
            # Flask-Migrate's multidb template asks the app for its binds
            if self.request.environment.kind != "flask":
                raise
            path, heads = write_merge(build_config(self.request, self.root), wanted)
        self.response.heads = heads
        self._collect_file(path, wanted.rev_id, list(wanted.revisions), wanted.message)

    def _run_write_hooks(self) -> None:
        from .configuration import build_config
        from .write_hooks import run_write_hooks

        self.doing = "revision"
        config = build_config(self.request, self.root, load_app=False)
        run_write_hooks(config, [os.path.join(self.root, path) for path in self.request.paths])

    def _collect_file(self, path: str, revision: str, parents: list[str], message: Optional[str]) -> None:
        """Take a file that Alembic wrote out of the tree again."""
        real = os.path.realpath(path)
        with open(real, encoding="utf-8", newline="") as file:
            content = file.read()
        relative = os.path.relpath(real, self.paths.tree).replace(os.sep, "/")
        self.response.files.append(WrittenFile(relative, content, revision, parents, message))
        for leftover in (real, importlib.util.cache_from_source(real)):
            if os.path.exists(leftover):
                os.unlink(leftover)

    def _fail(self, error: BaseException) -> None:
        from .verdict import find_not_followable, note_not_followed

        reason = find_not_followable(error)
        progress = self.run.progress if self.run is not None else None
        if reason is not None:
            script: Any = progress.running if progress is not None else None
            note_not_followed(self.response, reason, script.revision if script is not None else None)
            return
        kind = progress.doing if progress is not None and self.doing == "environment" else self.doing
        running: Any = progress.running if progress is not None else None
        if kind == "replay" and running is None:
            kind = "environment"
        self.response.failure = explain_failure(kind, error, self.paths)
        if self.response.failure.kind == "environment":
            self.response.failure.absent_variables = self.variables.explain(error)
        if kind == "replay" and self.response.failure.kind == "replay":
            self.response.failure.revision = running.revision
            self.response.failure.place = _place_in(error, running.path, self.paths) or self.response.failure.place
            self._forgive_missing_alter(error, self.response.failure)
        if progress is not None and progress.doing == "replay" and self.response.failure is not None:
            self._forgive_own_refusal(error, self.response.failure)

    def _forgive_own_refusal(self, error: BaseException, failure: Failure) -> None:
        """A failure after something that was not followed, or by a refusal that may be our mistake, proves nothing."""
        from .doubts import describe_rejection, find_causes, is_believed
        from .verdict import note_not_followed

        causes = find_causes(self.flags)
        if failure.kind not in {"replay", "environment"} or (not causes and is_believed(error)):
            return
        text = describe_rejection(causes, failure)
        note_not_followed(self.response, NotFollowable("rejected", text, failure.place), failure.revision)
        self.response.failure = None

    def _forgive_missing_alter(self, error: BaseException, failure: Failure) -> None:
        """A history for another database stops on SQLite where SQLite lacks a statement: no fault of the revision."""
        from .engines.sqlite_limits import find_missing_alter
        from .verdict import note_not_followed

        missing = find_missing_alter(error)
        if missing is not None:
            text = f"revision `{failure.revision}` {missing}, which SQLite cannot do outside Alembic's batch mode"
            note_not_followed(self.response, NotFollowable("sqlite-alter", text, failure.place))
            self.response.failure = None

    def _settle(self) -> None:
        from .verdict import settle

        changes = []
        if self.run is not None:
            self.response.replayed = self.run.progress.replayed
            self.response.notes += self.run.notes
            # env.py may well make a wider version table before Alembic does; a stamp is found by what did not run
            known = [one for one in self.watch.changes if one.name not in self.run.version_tables]
            changes = [one for one in known if one.database in self.run.databases]
        settle(self.response, self.ledger, changes, [*self._find_own_migrations(), *self._find_doubts()])
        self._name_engine()
        self._reject_installed_copy()
        if self.request.action != "write-hooks":
            self.response.opened = self.auditor.opened_paths()

    def _find_own_migrations(self) -> list[NotFollowed]:
        """Operations about tables that the app migrates by itself while it is loaded, beside this environment."""
        if self.run is None:
            return []
        own = {self.paths.relative(path) for path in self.run.revision_files.values()}
        loaded = self.watch.made_while_loading
        made = {name: one for name, one in loaded.items() if one.place and one.place.path not in own}
        tables = dict.fromkeys(one.table for one in self.response.operations if one.table in made)
        return [
            NotFollowed("foreign-table", f"{made[name].describe()}, but while the app was loaded", made[name].place)
            for name in tables
            if name is not None
        ]

    def _name_engine(self) -> None:
        """Who answered: what the user chose, if anything but SQLite was connected at all."""
        from .engines import DEFAULT_VERSIONS

        if self.engines is None:
            return
        self.response.engine = self.request.engine if set(self.ledger.dialects) & set(DEFAULT_VERSIONS) else "sqlite"
        self.response.engine_detail = self.engines.describe()
        self.response.notes += self.engines.notes()

    def _find_doubts(self) -> list[NotFollowed]:
        """Those of the flags that the comparison rests on; none where it was not made."""
        if self.run is None or not self.run.is_compared or not self.flags.flags:
            return []
        from .doubts import find_doubts, gather_compared

        texts = [one.content for one in self.response.files]
        texts += [one.detail or "" for one in self.response.operations]
        return find_doubts(self.flags, gather_compared(self.run, self.paths, "\n".join(texts)))

    def _reject_installed_copy(self) -> None:
        """A verdict about an installed copy of the project says nothing about the tree."""
        from .installed import find_installed_copy

        old = self.response.failure
        if self.run is None or (old is not None and old.kind not in {"environment", "replay"}):
            return
        copy = find_installed_copy(self.request.tree, self.request.environment.project_dir)
        if copy is not None:
            versions, opened = self.response.versions, self.response.opened
            self.response = Response(versions=versions, opened=opened)
            self.response.failure = Failure("installed", copy.describe(), place=Place(copy.path))


def answer_and_exit(request_path: str) -> None:
    """Read the request, write the response, and leave at once: threads and exit handlers of the project may hang."""
    with open(request_path, encoding="utf-8") as file:
        request = load_request(file.read())
    _end_with_parent()
    redirect_output(request)
    response = Answer(request).find()
    partial = request.response + ".partial"
    with open(partial, "w", encoding="ascii") as file:
        file.write(dump(response))
    os.replace(partial, request.response)
    for stream in (sys.stdout, sys.stderr):
        # the project may have put anything in their place
        with contextlib.suppress(Exception):
            stream.flush()
    os._exit(0)


def _end_with_parent() -> None:
    """Have the kernel end this process when its parent is killed: nobody would read the answer.

    PR_SET_PDEATHSIG of prctl(2), Linux only; elsewhere such a run ends by itself, or with the machine.
    """
    if not sys.platform.startswith("linux"):
        return
    import ctypes

    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(1, int(signal.SIGKILL), 0, 0, 0)


def _numbers(version: str) -> tuple[int, ...]:
    """ "16.4" as numbers."""
    return tuple(int(part) for part in version.split("."))


def _place_in(error: BaseException, path: str, paths: ProjectPaths) -> Optional[Place]:
    """The innermost line of one file in the traceback."""
    trace, place = error.__traceback__, None
    wanted = os.path.realpath(path)
    while trace is not None:
        if os.path.realpath(trace.tb_frame.f_code.co_filename) == wanted:
            place = Place(paths.relative(wanted) or path, trace.tb_lineno)
        trace = trace.tb_next
    return place
