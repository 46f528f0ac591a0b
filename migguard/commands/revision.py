"""`migguard revision`: the revision that the staged models lack, written by the project's own Alembic."""

from __future__ import annotations

import os
from dataclasses import replace

from migguard.commands.check import require_known_environments
from migguard.commands.next_steps import finish
from migguard.commands.options import RevisionOptions
from migguard.commands.terminal import Terminal
from migguard.context import CheckContext, EnvironmentView, open_snapshot
from migguard.errors import EXIT_CLEAN, EXIT_COULD_NOT_RUN, EXIT_FINDINGS, MigguardError
from migguard.fixes.plan import apply_plan, recover, render_diff
from migguard.fixes.revision import RevisionPlan, plan_revision, plan_update, run_write_hooks
from migguard.fixes.staging import prepare_undo
from migguard.git.moment import detect_moment
from migguard.git.repository import Repository
from migguard.git.shell import quote_paths
from migguard.rules import environment_unavailable, replay_fails, replay_unsupported
from migguard.schema.client import RevisionRequest
from migguard.schema.operations import find_drops, name_object
from migguard.schema.state import SchemaState

#: Options that speak of one environment's graph, and so make no sense for several.
_ONE_ENVIRONMENT = ("head", "version_path", "branch_label", "depends_on", "rev_id")


def run(options: RevisionOptions) -> int:
    """Write what is missing, environment by environment; the exit status."""
    repository = Repository.discover()
    terminal = Terminal(options.color)
    snapshot = open_snapshot(repository, worktree=options.worktree)
    context = CheckContext(repository, snapshot, detect_moment(repository, None, os.environ))
    context.select((options.environment,) if options.environment else ())
    context.checker.on_slow = terminal.tell_progress
    require_known_environments(context)
    if len(context.views) > 1 and any(getattr(options, name) for name in _ONE_ENVIRONMENT):
        names = ", ".join(f"`{view.environment.name}`" for view in context.views)
        raise MigguardError("this option is about one environment, and there are several", f"--environment: {names}")
    if not options.dry_run:
        for path in recover(repository):
            terminal.note(f"an interrupted run was undone: {path}")
    plan = plan_update if options.update else plan_revision
    statuses = []
    for view in context.views:
        chosen = EnvironmentView(replace(view.environment, x=(*view.environment.x, *options.x)), view.snapshot)
        statuses.append(_write(terminal, context, chosen, options, plan(context, chosen, _request(options))))
    return max(statuses)


def _request(options: RevisionOptions) -> RevisionRequest:
    return RevisionRequest(
        message=options.message,
        head=options.head,
        version_path=options.version_path,
        branch_label=options.branch_label,
        depends_on=list(options.depends_on) or None,
        splice=options.splice,
        rev_id=options.rev_id,
    )


def _write(
    terminal: Terminal, context: CheckContext, view: EnvironmentView, options: RevisionOptions, revision: RevisionPlan
) -> int:
    if _report_trouble(terminal, context, view, revision):
        return EXIT_COULD_NOT_RUN
    name = f"{view.environment.name}: " if len(context.views) > 1 else ""
    if revision.plan is None:
        return _explain_nothing(terminal, context, revision, name)
    if options.dry_run:
        terminal.show_file(render_diff(revision.plan))
        return EXIT_CLEAN
    undo = prepare_undo(context.repository, revision.plan, stage=options.stage)
    apply_plan(context.repository, revision.plan)
    # Said at once: the project's hooks that follow may be interrupted.
    for written, path in zip(revision.written, revision.plan.written_paths, strict=True):
        terminal.say(f"{name}wrote {path}" + (f": {written.message}" if written.message else ""))
    problem = run_write_hooks(context, view, revision.plan)
    for operation in find_drops(revision.result.response.operations):
        terminal.note(f"it drops {name_object(operation)}, and the data in it")
    for path in _list_edited(context, view):
        terminal.note(f"the unstaged edits of `{path}` were not looked at")
    if problem:
        terminal.note(problem)
    finish(terminal, context.repository, revision.plan, undo, stage=options.stage)
    return EXIT_FINDINGS if problem else EXIT_CLEAN


def _list_edited(context: CheckContext, view: EnvironmentView) -> list[str]:
    """Revision files with edits that are not staged, and so are no part of what was compared."""
    recorded = context.snapshot.entries()
    return [path for path in context.unstaged_revisions(view.environment) if path in recorded]


def _explain_nothing(terminal: Terminal, context: CheckContext, revision: RevisionPlan, name: str) -> int:
    replaced = revision.replaced
    if replaced is not None:
        terminal.say(f"{name}the models no longer need `{replaced.id}`: nothing was changed")
        remove = "git rm -f" if context.repository.tracked_paths([replaced.path]) else "rm"
        terminal.help("take it away", f"{remove} {quote_paths([replaced.path], context.repository.prefix)}")
        return EXIT_FINDINGS
    terminal.say(f"{name}{context.adjective()}models and revisions agree: nothing to write")
    unstaged = (
        [path for path in context.repository.modified_paths() if path.endswith(".py")] if context.is_staged else []
    )
    if unstaged:
        others = f" and {len(unstaged) - 1} more" if len(unstaged) > 1 else ""
        terminal.note(f"the unstaged edits of `{unstaged[0]}`{others} were not looked at")
        terminal.help("look at them too", "migguard revision --worktree")
    return EXIT_CLEAN


def _report_trouble(terminal: Terminal, context: CheckContext, view: EnvironmentView, revision: RevisionPlan) -> bool:
    """Show why there is no answer, if there is none."""
    result = revision.result
    state = SchemaState(
        view.environment.name if len(context.views) > 1 else None,
        result.response,
        context.adjective(),
        tuple(result.notes),
        tuple(result.helps),
    )
    found = [item for rule in (environment_unavailable, replay_unsupported, replay_fails) for item in rule.check(state)]
    terminal.show_diagnostics(found)
    return bool(found)
