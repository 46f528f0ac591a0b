"""`migguard checkpoint`: the schema behind a published revision as a file, where replays start from then on."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import replace

from migguard.commands.check import require_known_environments
from migguard.commands.next_steps import finish
from migguard.commands.options import CheckpointOptions
from migguard.commands.terminal import Terminal
from migguard.context import CheckContext, EnvironmentView
from migguard.environments import Environment
from migguard.errors import EXIT_CLEAN, EXIT_COULD_NOT_RUN, EXIT_FINDINGS, MigguardError
from migguard.fixes.plan import FileChange, Plan, apply_plan, recover, render_diff
from migguard.fixes.staging import prepare_undo
from migguard.git.moment import detect_moment
from migguard.git.repository import Repository
from migguard.git.snapshot import IndexSnapshot
from migguard.revisions.model import Revision
from migguard.rules import environment_unavailable, replay_fails, replay_unsupported
from migguard.rules.movable import find_movable
from migguard.schema.client import SchemaResult
from migguard.schema.state import SchemaState

#: What differs between two machines, and says nothing about the schema.
_MADE = re.compile(rb"^-- made: .*$", re.MULTILINE)


def run(options: CheckpointOptions) -> int:
    """Make the file, write it unless asked otherwise; the exit status."""
    repository = Repository.discover()
    terminal = Terminal(options.color)
    context = CheckContext(repository, IndexSnapshot(repository), detect_moment(repository, None, os.environ))
    context.select((options.environment,) if options.environment else ())
    context.checker.on_slow = terminal.tell_progress
    require_known_environments(context)
    if len(context.views) > 1:
        names = ", ".join(f"`{view.environment.name}`" for view in context.views)
        raise MigguardError("a checkpoint is of one environment, and there are several", f"--environment: {names}")
    (view,) = context.views
    revisions = _find_published(context, view, options.revision)
    if options.server and options.database:
        raise MigguardError("`--server` and `--database` are two ways to make one file: give one of them")
    environment, database = _choose_server(view.environment, options), _expand(options.database)
    result = context.checker.checkpoint(context.snapshot, environment, revisions, database)
    if _report_trouble(terminal, context, result):
        return EXIT_COULD_NOT_RUN
    return _write(terminal, repository, options, result)


def _find_published(context: CheckContext, view: EnvironmentView, wanted: str | None) -> list[str]:
    """The revision that was asked for, or the newest published ones; MigguardError where they may still change."""
    if not context.published.can_tell:
        raise MigguardError(f"what is published cannot be told: {context.published.reason}", context.published.hint)
    movable = {revision.id for revision in find_movable(context, view.revisions)}
    published = [revision for revision in view.revisions if revision.id not in movable]
    if wanted is None:
        if not published:
            raise MigguardError("no revision is published yet: each of them may still change")
        parents = {parent for revision in published for parent in (*revision.down_revisions, *revision.depends_on)}
        return sorted(revision.id for revision in published if revision.id not in parents)
    found = _find_revision(view.revisions, wanted)
    if found.id in movable:
        hint = "a checkpoint is void as soon as a revision up to it changes: wait until this one is published"
        raise MigguardError(f"revision `{found.id}` is not published, and may still change", hint)
    return [found.id]


def _find_revision(revisions: Sequence[Revision], wanted: str) -> Revision:
    found = [one for one in revisions if one.id == wanted] or [one for one in revisions if one.id.startswith(wanted)]
    if len(found) != 1:
        raise MigguardError(f"{'several revisions begin with' if found else 'there is no revision'} `{wanted}`")
    return found[0]


def _choose_server(environment: Environment, options: CheckpointOptions) -> Environment:
    if options.server is None:
        return environment
    engines = replace(environment.engines, order=("server",), scratch_servers=(options.server,))
    return replace(environment, engines=engines)


def _expand(url: str | None) -> str | None:
    """A URL, or the value of the variable that holds it."""
    if url is None or not url.startswith("$"):
        return url
    name = url[1:].strip("{}")
    if not os.environ.get(name):
        raise MigguardError(f"the variable `{name}` is not set")
    return os.environ[name]


def _write(terminal: Terminal, repository: Repository, options: CheckpointOptions, result: SchemaResult) -> int:
    (file,) = result.response.files
    path = repository.top / file.path
    before = path.read_bytes() if path.exists() else None
    after = file.content.encode()
    is_same = before is not None and _MADE.sub(b"", before) == _MADE.sub(b"", after)
    if options.check:
        terminal.say(f"`{file.path}` {'is' if is_same else 'is not'} what the revisions give")
        return EXIT_CLEAN if is_same else EXIT_FINDINGS
    if is_same:
        terminal.say(f"`{file.path}` is up to date: nothing to write")
        return EXIT_CLEAN
    plan = Plan(f"record the schema at {file.revision}", (FileChange(file.path, before, after),))
    if options.dry_run:
        terminal.show_file(render_diff(plan))
        return EXIT_CLEAN
    for name in recover(repository):
        terminal.note(f"an interrupted run was undone: {name}")
    undo = prepare_undo(repository, plan, stage=options.stage)
    apply_plan(repository, plan)
    terminal.say(f"wrote {file.path}: replays start behind {file.revision}")
    finish(terminal, repository, plan, undo, stage=options.stage)
    return EXIT_CLEAN


def _report_trouble(terminal: Terminal, context: CheckContext, result: SchemaResult) -> bool:
    """Show why there is no checkpoint, if there is none."""
    state = SchemaState(None, result.response, context.adjective(), tuple(result.notes), tuple(result.helps))
    found = [item for rule in (environment_unavailable, replay_unsupported, replay_fails) for item in rule.check(state)]
    is_followed = result.response.failure is not None or not found
    terminal.show_diagnostics(found if is_followed else [replace(item, helps=()) for item in found])
    if not is_followed:
        terminal.help("make it on a real server", "migguard checkpoint --server URL")
    return bool(found)
