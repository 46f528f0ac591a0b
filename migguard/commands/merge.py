"""`migguard merge`: the revision that joins the heads, by hand."""

from __future__ import annotations

import os

from migguard.commands.check import require_known_environments
from migguard.commands.hook_post_merge import show_outcome
from migguard.commands.next_steps import finish
from migguard.commands.options import MergeOptions
from migguard.commands.terminal import Terminal
from migguard.context import CheckContext, EnvironmentView
from migguard.errors import EXIT_CLEAN, MigguardError
from migguard.fixes.merge import find_heads, plan_merge
from migguard.fixes.merge_commit import commit_merge
from migguard.fixes.plan import apply_plan, recover, render_diff
from migguard.fixes.staging import prepare_undo
from migguard.git.moment import detect_moment
from migguard.git.repository import Repository
from migguard.git.shell import quote_paths
from migguard.git.snapshot import IndexSnapshot, TreeSnapshot


def run(options: MergeOptions) -> int:
    """Join the surplus heads of the index plus the untracked revisions; the exit status."""
    repository = Repository.discover()
    terminal = Terminal(options.color)
    context = CheckContext(repository, IndexSnapshot(repository), detect_moment(repository, None, os.environ))
    context.select((options.environment,) if options.environment else ())
    require_known_environments(context)
    if options.revisions and len(context.views) > 1:
        raise MigguardError("revisions to join are of one environment", "name it: --environment NAME")
    if not options.dry_run:
        for path in recover(repository):
            terminal.note(f"an interrupted run was undone: {path}")
    if options.commit in ("new", "fold") and not options.dry_run:
        return _commit(terminal, repository, options)
    for view in context.views:
        _merge(terminal, context, view, options)
    return EXIT_CLEAN


def _commit(terminal: Terminal, repository: Repository, options: MergeOptions) -> int:
    """Join the heads of HEAD itself, as the post-merge hook does."""
    head = repository.head()
    if head is None:
        raise MigguardError("there is no commit yet", "leave out --commit")
    moment = detect_moment(repository, None, os.environ)
    context = CheckContext(repository, TreeSnapshot(repository, head, "HEAD"), moment)
    context.select((options.environment,) if options.environment else ())
    outcome = commit_merge(context, options.commit, revisions=options.revisions, message=options.message)
    show_outcome(terminal, outcome)
    return EXIT_CLEAN


def _merge(terminal: Terminal, context: CheckContext, view: EnvironmentView, options: MergeOptions) -> None:
    unstaged = context.unstaged_revisions(view.environment)
    known = context.overlaid(unstaged)
    view = EnvironmentView(view.environment, known.snapshot)
    groups = [find_heads(view.graph, options.revisions)] if options.revisions else None
    plan = plan_merge(known, view, groups, options.message)
    if plan is None:
        terminal.say(f"{view.environment.name}: {_count_heads(view)}, nothing to join")
        joining = [revision.path for revision in view.revisions if revision.is_merge and revision.path in unstaged]
        if joining:
            # Left by `commit = "none"`, or by a run that was killed before it could commit.
            paths = quote_paths(joining, context.repository.prefix)
            terminal.help("the revision that joins them is not staged", f"git add {paths}")
        return
    if options.dry_run:
        terminal.show_file(render_diff(plan))
        return
    undo = prepare_undo(context.repository, plan, stage=options.stage)
    apply_plan(context.repository, plan)
    terminal.say(f"wrote {', '.join(plan.written_paths)}: {plan.title}")
    finish(terminal, context.repository, plan, undo, stage=options.stage)


def _count_heads(view: EnvironmentView) -> str:
    number = len(view.graph.heads)
    return "1 head" if number == 1 else f"{number} heads"
