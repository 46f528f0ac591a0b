"""`migguard rebase`: your own unpublished revisions behind upstream's, by hand."""

from __future__ import annotations

import os

from migguard.commands.check import require_known_environments
from migguard.commands.next_steps import finish
from migguard.commands.options import RebaseOptions
from migguard.commands.terminal import Terminal
from migguard.context import CheckContext, EnvironmentView, open_snapshot
from migguard.errors import EXIT_CLEAN, MigguardError
from migguard.fixes.plan import Plan, apply_plan, recover, render_diff
from migguard.fixes.rebase import Rebase, describe_moves, plan_rebase
from migguard.fixes.staging import prepare_undo
from migguard.fixes.verification import list_remaining_faults
from migguard.git.moment import detect_moment
from migguard.git.repository import Repository
from migguard.git.snapshot import IndexSnapshot


def run(options: RebaseOptions) -> int:
    """Re-parent what may be moved in the index plus the untracked revisions; the exit status."""
    repository = Repository.discover()
    terminal = Terminal(options.color)
    moment = detect_moment(repository, None, os.environ)
    if not moment.may_write and not options.dry_run:
        raise MigguardError("a rebase, cherry-pick or revert is under way", "finish it first: git status says how")
    context = CheckContext(repository, IndexSnapshot(repository), moment)
    context.select((options.environment,) if options.environment else ())
    require_known_environments(context)
    if not options.dry_run:
        for path in recover(repository):
            terminal.note(f"an interrupted run was undone: {path}")
    known = _with_untracked(context)
    onto = open_snapshot(repository, ref=options.onto) if options.onto else None
    found = [plan_rebase(known, EnvironmentView(view.environment, known.snapshot), onto) for view in context.views]
    rebases = [one for one in found if one is not None]
    if not rebases:
        terminal.say("your revisions are in line: nothing to move")
        return EXIT_CLEAN
    plan = Plan("; ".join(one.plan.title for one in rebases), tuple(c for one in rebases for c in one.plan.changes))
    if options.dry_run:
        terminal.show_file(render_diff(plan))
        return EXIT_CLEAN
    for one in rebases:
        _require_unapplied(one, options)
    remaining = list_remaining_faults(known, plan, "nothing was moved, as this would be wrong then")
    _apply(terminal, repository, plan, rebases, options)
    for line in remaining:
        terminal.note(line)
    return EXIT_CLEAN


def _with_untracked(context: CheckContext) -> CheckContext:
    """The index with the revisions that are not added yet; one with unstaged edits stands as it is staged."""
    recorded = context.snapshot.entries()
    unstaged = (context.unstaged_revisions(view.environment) for view in context.views)
    return context.overlaid({path: text for one in unstaged for path, text in one.items() if path not in recorded})


def _require_unapplied(rebase: Rebase, options: RebaseOptions) -> None:
    """A database that has applied a revision would never apply what is put below it."""
    if not rebase.touched:
        return
    moved = ", ".join(f"`{id_}`" for id_ in rebase.touched)
    commands = " and ".join(_downgrade_commands([rebase]))
    applied = rebase.applied
    names = applied.has_personal(rebase.touched)
    if names:
        listed = ", ".join(f"`{name}`" for name in names)
        raise MigguardError(
            f"the database {listed} has applied {moved}: it would never get what is put before them",
            f"run {commands} there first, then: migguard rebase",
        )
    if applied.unknown:
        name, reason = next(iter(applied.unknown.items()))
        raise MigguardError(f"whether the database `{name}` has applied {moved} is not known: {reason}")
    if not applied.is_asked and not options.unapplied:
        raise MigguardError(
            f"whether a database has applied {moved} is not known: it would never get what is put before them",
            f"where one has, run {commands} there first; then: migguard rebase --unapplied",
        )


def _downgrade_commands(rebases: list[Rebase]) -> list[str]:
    return [
        f"`{'flask db' if one.view.environment.kind == 'flask' else 'alembic'} downgrade {parent}`"
        for one in rebases
        for parent in one.downgrades
    ]


def _apply(
    terminal: Terminal, repository: Repository, plan: Plan, rebases: list[Rebase], options: RebaseOptions
) -> None:
    undo = prepare_undo(repository, plan, stage=options.stage)
    apply_plan(repository, plan)
    for one in rebases:
        for line in describe_moves(one):
            terminal.say(line)
        if one.newer:
            names = ", ".join(f"`{id_}`" for id_ in one.newer[:3])
            terminal.note(f"upstream has {names}, which this branch does not have yet: merge it, then rebase again")
    commands = " and ".join(_downgrade_commands(rebases))
    if commands:
        terminal.note(
            f"a database that has applied one of them needs {commands} before it is upgraded, with the old files"
        )
    finish(terminal, repository, plan, undo, stage=options.stage)
