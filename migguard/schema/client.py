"""Runs the worker on one snapshot and one environment, and judges whether its answer may be believed."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from migguard.config import Config, EngineName
from migguard.environments import Environment
from migguard.errors import MigguardError
from migguard.git.repository import Repository
from migguard.git.snapshot import Snapshot
from migguard.schema.engines import ask_engines
from migguard.schema.explain import Explanation, explain_failure, find_worktree_reads
from migguard.schema.folders import run_folder
from migguard.schema.interpreter import Interpreter, InterpreterNotFound, find_interpreter
from migguard.schema.process import MOST_OUTPUT, Ending, run_process
from migguard.schema.protocol import (
    WORKER,
    Failure,
    MergeRequest,
    Place,
    Request,
    Response,
    RevisionRequest,
    WorkerEnvironment,
    WrittenFile,
    dump,
    load_response,
)
from migguard.schema.result import SchemaResult
from migguard.schema.surroundings import child_environment, digest_surroundings
from migguard.schema.tree import MaterialisedTree, materialise

__all__ = [
    "MergeRequest",
    "Response",
    "RevisionRequest",
    "SchemaChecker",
    "SchemaResult",
    "run_worker",
]

_logger = logging.getLogger("migguard.worker")
_LAST_LINES = 5


@dataclass
class SchemaChecker:
    """Asks the worker about snapshots of one repository.

    `on_slow` is called once in every run that takes longer than a second, `on_wait` where another run is waited for.
    """

    repository: Repository
    config: Config
    environ: Mapping[str, str] | None = None
    on_slow: Callable[[], None] | None = None
    on_wait: Callable[[], None] | None = None

    def check(self, snapshot: Snapshot, environment: Environment) -> SchemaResult:
        """Replay the revisions and compare them with the models. Never raises for what the user can mend."""
        return self._answer("check", snapshot, environment)

    def revise(self, snapshot: Snapshot, environment: Environment, request: RevisionRequest) -> SchemaResult:
        """Like `check`, and have Alembic write what the models lack: see `response.files`."""
        return self._answer("revision", snapshot, environment, revision=request)

    def describe(self, snapshot: Snapshot, environment: Environment) -> SchemaResult:
        """Load the models only: see `response.descriptions`."""
        return self._answer("describe", snapshot, environment)

    def checkpoint(
        self, snapshot: Snapshot, environment: Environment, revisions: Sequence[str], database: str | None = None
    ) -> SchemaResult:
        """Replay up to some revisions, or read a database that is at them, and write down the schema: see
        `response.files`."""
        databases = [database] if database else None
        return self._answer("checkpoint", snapshot, environment, revisions=list(revisions), databases=databases)

    def merge(self, snapshot: Snapshot, environment: Environment, request: MergeRequest) -> tuple[WrittenFile, ...]:
        """The merge revision's file, rendered by the project's own template. Raises MigguardError."""
        result = self._answer("merge", snapshot, environment, merge=request)
        _raise_failure(result)
        return tuple(result.response.files)

    def read_stamps(self, snapshot: Snapshot, environment: Environment, urls: list[str]) -> Response:
        """Ask databases by their URLs what they are at: see `response.stamps`, in the same order."""
        return self._answer("stamps", snapshot, environment, databases=urls).response

    def replay_orders(self, snapshot: Snapshot, environment: Environment, orders: list[list[str]]) -> Response:
        """Replay from empty once for each order of upgrade targets: see `response.orders`."""
        return self._answer("orders", snapshot, environment, orders=orders).response

    def run_write_hooks(self, environment: Environment, paths: list[str]) -> SchemaResult:
        """Run the project's post_write_hooks on files (repository paths) in the work tree itself."""
        try:
            interpreter = find_interpreter(self.repository, environment, self.config, self._environ)
            work_tree = MaterialisedTree(
                path=self.repository.top,
                git_dir=self.repository.git_dir,
                tree="",
                skipped=frozenset(),
                is_sparse=False,
                overlay=frozenset(),
                left_out={},
            )
            return self._run("write-hooks", interpreter, work_tree, environment, paths=paths)
        except MigguardError as error:
            return _fail(error)

    def digest_surroundings(self, environment: Environment) -> str:
        """What beside the snapshot an answer about the environment rests on, as a key for what is kept."""
        return digest_surroundings(self._environ, environment, self.config)

    @property
    def _environ(self) -> Mapping[str, str]:
        return os.environ if self.environ is None else self.environ

    def _answer(
        self,
        action: str,
        snapshot: Snapshot,
        environment: Environment,
        *,
        revision: RevisionRequest | None = None,
        merge: MergeRequest | None = None,
        databases: list[str] | None = None,
        orders: list[list[str]] | None = None,
        revisions: list[str] | None = None,
    ) -> SchemaResult:
        try:
            interpreter = find_interpreter(self.repository, environment, self.config, self._environ)
            with materialise(self.repository, snapshot, self.config, (environment,), on_wait=self.on_wait) as tree:

                def ask(engine: EngineName) -> SchemaResult:
                    result = self._run(
                        action,
                        interpreter,
                        tree,
                        environment,
                        engine=engine,
                        revision=revision,
                        merge=merge,
                        databases=databases,
                        orders=orders,
                        revisions=revisions,
                    )
                    return self._judge(result, tree, snapshot, environment)

                return ask_engines(environment.engines.fill(self.config.engines).engines, ask)
        except MigguardError as error:
            return _fail(error)

    def _run(
        self,
        action: str,
        interpreter: Interpreter,
        tree: MaterialisedTree,
        environment: Environment,
        *,
        engine: EngineName = "catalog",
        revision: RevisionRequest | None = None,
        merge: MergeRequest | None = None,
        paths: list[str] | None = None,
        databases: list[str] | None = None,
        orders: list[list[str]] | None = None,
        revisions: list[str] | None = None,
    ) -> SchemaResult:
        engines = environment.engines.fill(self.config.engines)
        request = Request(
            action=action,
            top=str(self.repository.top),
            git_dir=str(self.repository.git_dir),
            tree=str(tree.path),
            scratch="",
            response="",
            environment=_describe_environment(environment),
            environment_variables={**self.config.env, **environment.env},
            network=self.config.network,
            engine=engine,
            server_versions=dict(engines.server_versions),
            scratch_servers=list(engines.scratch_servers),
            revision=revision,
            merge=merge,
            paths=paths or [],
            databases=databases or [],
            orders=orders or [],
            revisions=revisions or [],
            main=_find_main_top(self.repository),
            # CI proves, and starts from nothing
            states="" if self._environ.get("CI") else str(self.repository.common_dir / "migguard" / "states"),
        )
        variables = child_environment(
            self._environ, interpreter, environment, self.config, top=self.repository.top, tree=tree.path
        )
        response, ending = run_worker(interpreter, request, variables, self.config.timeout, self.on_slow)
        told = (action, interpreter.describe(), ending.seconds * 1000, response.replayed)
        _logger.debug("%s under %s: %.0f ms, %d revisions run", *told)
        for line in ending.output.splitlines():
            _logger.debug("%s", line)
        return SchemaResult(response, interpreter, output=ending.output, seconds=ending.seconds)

    def _judge(
        self, result: SchemaResult, tree: MaterialisedTree, snapshot: Snapshot, environment: Environment
    ) -> SchemaResult:
        """Turn an answer that rests on the work tree into a failure, and explain failures."""
        response = result.response
        reads = find_worktree_reads(self.repository, tree, response.opened)
        if reads:
            failure = Failure(
                kind="worktree-read",
                message=f"`{reads[0]}` was read from the work tree instead of {snapshot.label}",
                place=Place(reads[0]),
                missing_path=reads[0],
            )
            response = Response(failure=failure, opened=response.opened, versions=response.versions)
        if response.failure is None:
            return result
        explanation = explain_failure(self.repository, tree, snapshot, environment, response.failure, reads)
        if response.failure.missing_module and not explanation.notes and result.interpreter:
            explanation = Explanation((f"the Python is {result.interpreter.describe()}",))
        return _add(result, response, explanation)


def run_worker(
    interpreter: Interpreter,
    request: Request,
    variables: Mapping[str, str],
    timeout: float,
    on_slow: Callable[[], None] | None = None,
) -> tuple[Response, Ending]:
    """Start the worker and wait for its answer; no answer is a Failure (`timeout`, `worker`).

    `request.scratch` and `request.response` are set here, to a private folder that is gone afterwards.
    """
    with run_folder() as folder:
        (folder / "scratch").mkdir()
        request.scratch, request.response = str(folder / "scratch"), str(folder / "response.json")
        (folder / "request.json").write_text(dump(request), encoding="ascii")
        command = [str(interpreter.path), str(WORKER / "__main__.py"), str(folder / "request.json")]
        try:
            ended = run_process(command, Path(request.tree), variables, timeout, on_slow)
        except OSError as error:
            reason = error.strerror or str(error)
            return _failed("environment", f"`{interpreter.path}` cannot be started: {reason}"), Ending(None, "", 0.0)
        # The worker turns the project's output into a file of the scratch folder as soon as it can.
        ending = replace(ended, output=ended.output + _read_output(folder / "scratch" / "output.txt"))
        return _read_response(Path(request.response), ending, timeout), ending


def _read_output(file: Path) -> str:
    try:
        with file.open("rb") as stream:
            size = stream.seek(0, os.SEEK_END)
            stream.seek(max(0, size - MOST_OUTPUT))
            return stream.read(MOST_OUTPUT).decode("utf-8", "replace")
    except OSError:
        return ""


def _read_response(file: Path, ending: Ending, timeout: float) -> Response:
    if ending.status is None:
        # An answer that was written is not taken: the code that gave it went on for too long.
        return _failed("timeout", f"the project's code took longer than {timeout:g} s", ending)
    try:
        return load_response(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        died = f"was killed by signal {-ending.status}" if ending.status < 0 else f"exited with {ending.status}"
        return _failed("worker", f"the project's Python {died} without an answer", ending)
    except (OSError, ValueError) as error:
        return _failed("worker", f"the worker's answer cannot be read: {error}", ending)


def _failed(kind: str, message: str, ending: Ending | None = None) -> Response:
    lines = [line for line in (ending.output if ending else "").splitlines() if line.strip()]
    return Response(failure=Failure(kind=kind, message=message, frames=lines[-_LAST_LINES:]))


def _find_main_top(repository: Repository) -> str:
    """The main work tree where this is a linked one, else ""."""
    common = repository.common_dir
    return str(common.parent) if common.name == ".git" and common.parent != repository.top else ""


def _describe_environment(environment: Environment) -> WorkerEnvironment:
    return WorkerEnvironment(
        kind=environment.kind,
        config_path=environment.config_path,
        section=environment.section,
        script_location=environment.script_location,
        version_locations=list(environment.version_locations),
        project_dir=environment.project_dir,
        x=list(environment.x),
        flask_app=environment.flask_app,
        script_location_configured="script_location" in environment.overrides,
    )


def _fail(error: MigguardError) -> SchemaResult:
    """What kept the worker from being started, as an answer: other environments may still have one."""
    is_interpreter = isinstance(error, InterpreterNotFound)
    failure = Failure(
        kind="interpreter" if is_interpreter else "snapshot",
        message=error.message,
        place=None if error.path is None else Place(error.path),
    )
    notes = tuple(attempt.describe() for attempt in error.attempts) if isinstance(error, InterpreterNotFound) else ()
    return SchemaResult(Response(failure=failure), notes=notes, helps=(error.hint,) if error.hint else ())


def _add(result: SchemaResult, response: Response, explanation: Explanation) -> SchemaResult:
    return SchemaResult(
        response=response,
        interpreter=result.interpreter,
        notes=(*result.notes, *explanation.notes),
        helps=(*result.helps, *explanation.helps),
        output=result.output,
        seconds=result.seconds,
    )


def _raise_failure(result: SchemaResult) -> None:
    failure = result.response.failure
    if failure is None:
        return
    hint = "; ".join(result.helps) or None
    place = failure.place.path if failure.place else None
    raise MigguardError(failure.message, hint, path=place)
