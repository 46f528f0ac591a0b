"""The pre-commit hook: the verdict about the index that is being committed, and what may be generated for it."""

from __future__ import annotations

import os
import shlex
from collections.abc import Sequence

from migguard.commands.check import require_environments
from migguard.commands.terminal import Terminal
from migguard.config import parse_allow
from migguard.context import CheckContext, EnvironmentView
from migguard.diagnostics import Diagnostic
from migguard.errors import EXIT_CLEAN, EXIT_FINDINGS, MigguardError
from migguard.fixes.merge import plan_merge
from migguard.fixes.plan import Plan, apply_plan, recover
from migguard.fixes.revision import plan_revision, run_write_hooks
from migguard.fixes.staging import add_command, stage_plan
from migguard.git.moment import IndexKind, Moment, Operation, detect_moment
from migguard.git.repository import Repository
from migguard.git.shell import quote_paths
from migguard.git.snapshot import IndexSnapshot
from migguard.rules.policy import Policy
from migguard.rules.verdict import Verdict, downgrade_cannot_check, judge
from migguard.schema.client import RevisionRequest
from migguard.schema.operations import name_object


def run(terminal: Terminal, *, graph_only: bool) -> int:
    """Judge the index; 0 lets the commit through, anything else stops it."""
    repository = Repository.discover()
    moment = detect_moment(repository, "pre-commit", os.environ)
    context = CheckContext(repository, IndexSnapshot(repository), moment)
    context.checker.on_slow = terminal.tell_progress
    if not context.discovery.environments and not context.discovery.unresolved:
        # Branches without Alembic exist (gh-pages), and hooks are installed for all branches.
        terminal.note("no Alembic environment in this tree: nothing to check")
        return EXIT_CLEAN
    if moment.is_real_commit and not context.is_relevant:
        return EXIT_CLEAN
    require_environments(context)
    context.revision_command = _name_command(context)
    verdict = _judge(context, graph_only=graph_only)
    if verdict.diagnostics or verdict.schema_skipped is None or terminal.verbose:
        terminal.show_verdict(verdict)
    if not verdict.errors or graph_only:
        return verdict.exit_code
    for path in recover(repository):
        terminal.note(f"an interrupted run was undone: {path}")
    if _conclude_merge(terminal, context, verdict) or _generate(terminal, context, verdict):
        return EXIT_FINDINGS
    return verdict.exit_code


def _name_command(context: CheckContext) -> str:
    """What writes the revision. After `commit -a` or `commit PATH` stopped, nothing of it is staged any more."""
    if context.moment.index_kind is IndexKind.REAL:
        return context.revision_command
    paths = [change.path for change in context.changes]
    if context.repository.modified_paths(paths):
        # Only some hunks of a file were chosen (`commit -p`).
        return f"git add -p && {context.revision_command}"
    # What `commit -a` takes, wherever the user stands.
    named = "-u :/" if len(paths) > 3 else quote_paths(paths, context.repository.prefix)
    return f"git add {named} && {context.revision_command}"


def _judge(context: CheckContext, *, graph_only: bool) -> Verdict:
    skipped = None
    if graph_only:
        skipped = "this hook looks at the graph only"
    elif context.config.schema_at != "commit":
        skipped = f'`schema-at = "{context.config.schema_at}"`'
    verdict = judge(
        context,
        Policy(context.config, parse_allow(os.environ.get("MIGGUARD_ALLOW", ""))),
        schema=skipped is None,
        schema_skipped=skipped,
    )
    # `pre-commit run` in CI is this hook too, and nobody is there to read a warning (CI=true: all usual services).
    is_ci = bool(os.environ.get("CI")) and not context.moment.is_real_commit
    if context.config.on_cannot_check.get("commit", "fail") == "warn" and not is_ci:
        return downgrade_cannot_check(verdict)
    return verdict


def _with_code(verdict: Verdict, code: str) -> tuple[Diagnostic, ...]:
    return tuple(item for item in verdict.errors if item.code == code)


def _views_of(context: CheckContext, diagnostics: Sequence[Diagnostic]) -> list[EnvironmentView]:
    names = {item.environment for item in diagnostics}
    return [view for view in context.views if view.environment.name in names]


def _conclude_merge(terminal: Terminal, context: CheckContext, verdict: Verdict) -> bool:
    """In the commit that concludes a conflicted merge: write and stage the merge revision, and stop once.

    Such a merge runs no post-merge hook (git 2.39), so this is where most divergences can be mended.
    """
    found = _with_code(verdict, "MG101")
    if not found or context.moment.operation is not Operation.MERGE or context.config.on_divergence == "require":
        return False
    if context.config.on_divergence == "rebase":
        terminal.note("merged, not rebased: a commit that is being made takes in no edits of other files")
    done = False
    for view in _views_of(context, found):
        plan = plan_merge(context, view)
        if plan is None:
            continue
        apply_plan(context.repository, plan)
        terminal.say(f"wrote {', '.join(plan.written_paths)}: it joins the heads of this merge")
        _stage_or_tell(terminal, context, plan)
        done = True
    return done


def _generate(terminal: Terminal, context: CheckContext, verdict: Verdict) -> bool:
    """With `on-missing = "generate"`: write the revision, show it, and stop the commit for review."""
    found = _with_code(verdict, "MG201")
    if not found or context.config.on_missing != "generate" or not context.moment.may_write:
        return False
    done = False
    for view in _views_of(context, found):
        revision = plan_revision(context, view, RevisionRequest(allow_drops=False))
        drops = revision.result.response.blocked_drops
        if drops:
            lost = ", ".join(name_object(item) for item in drops)
            terminal.note(f"no revision was generated, because it would drop {lost}: a hook never does that")
            terminal.help("if you mean it", f"migguard revision{_option(context, view)}")
        if revision.plan is None:
            continue
        apply_plan(context.repository, revision.plan)
        # Said at once: the project's hooks that follow may be interrupted.
        terminal.say(f"wrote {', '.join(revision.plan.written_paths)}")
        problem = run_write_hooks(context, view, revision.plan)
        for path in revision.plan.written_paths:
            terminal.show_file((context.repository.top / path).read_text("utf-8", "replace"))
        if problem:
            terminal.note(problem)
        if context.config.stage:
            _stage_or_tell(terminal, context, revision.plan)
        else:
            terminal.help("read it, then", add_command(context.repository, revision.plan))
        done = True
    return done


def _option(context: CheckContext, view: EnvironmentView) -> str:
    return f" --environment {shlex.quote(view.environment.name)}" if len(context.views) > 1 else ""


def _stage_or_tell(terminal: Terminal, context: CheckContext, plan: Plan) -> None:
    """Stage new files in a plain commit; in any other form git would lose or split what a hook stages."""
    if not context.moment.may_stage:
        reason = _why_not_staged(context.moment)
        terminal.help(f"read it, then ({reason})", add_command(context.repository, plan))
        return
    try:
        stage_plan(context.repository, plan)
    except MigguardError as error:
        terminal.error(error)
        terminal.help("stage it yourself", add_command(context.repository, plan))
        return
    terminal.say(f"staged {', '.join(plan.written_paths)}; read it, then commit again")


def _why_not_staged(moment: Moment) -> str:
    if moment.index_kind is IndexKind.PARTIAL:
        return "a commit of named paths cannot take in another file"
    if moment.index_kind is IndexKind.LOCKED:
        return "git drops what a hook stages when `commit -a` stops"
    return "it was not staged for you"
