"""`migguard check`: the verdict about the index, the work tree or a ref, by hand and in CI."""

from __future__ import annotations

import os
from dataclasses import replace

from migguard.commands.options import CheckOptions
from migguard.commands.terminal import Terminal
from migguard.context import CheckContext, open_snapshot
from migguard.diagnostics import Severity
from migguard.errors import EXIT_CLEAN, MigguardError
from migguard.git.moment import detect_moment
from migguard.git.predict import Tip, find_tip
from migguard.git.repository import Repository
from migguard.git.snapshot import TreeSnapshot
from migguard.rules.merge_verdict import judge_merge
from migguard.rules.policy import Policy
from migguard.rules.verdict import Verdict, judge


def run(options: CheckOptions) -> int:
    """Check and report; the exit status. Raises MigguardError where no check can be made."""
    repository = Repository.discover()
    ref = options.to_ref or options.ref or ("HEAD" if options.against else None)
    snapshot = open_snapshot(repository, ref=ref, worktree=options.worktree)
    sides = (find_tip(repository, ref), find_tip(repository, options.against)) if ref and options.against else None
    context = CheckContext(repository, snapshot, detect_moment(repository, None, os.environ))
    if options.from_ref:
        context.base = TreeSnapshot(repository, options.from_ref)
    elif sides is not None:
        _set_base(context, *sides)
    context.select(options.environments)
    if options.worktree:
        context.revision_command = "migguard revision --worktree"
    terminal = Terminal(options.color, options.format, options.verbose)
    context.checker.on_slow = terminal.tell_progress
    require_environments(context)
    skipped = _why_no_schema(options, context)
    policy = Policy(context.config)
    verdict = judge(context, policy, schema=skipped is None, schema_skipped=skipped)
    problem = None
    if sides is not None:
        verdict, problem = _add_merge(context, policy, verdict, sides, options)
    terminal.show_verdict(verdict)
    if problem is None:
        return verdict.exit_code
    terminal.error(problem)
    return verdict.exit_code if verdict.exit_code != EXIT_CLEAN else problem.exit_code


def _set_base(context: CheckContext, yours: Tip, upstream: Tip) -> None:
    """A branch is a change of what it has in common with the branch that it goes to."""
    bases = context.repository.merge_bases(yours.oid, upstream.oid)
    if bases:
        context.base = TreeSnapshot(context.repository, bases[0])


def _add_merge(
    context: CheckContext, policy: Policy, verdict: Verdict, sides: tuple[Tip, Tip], options: CheckOptions
) -> tuple[Verdict, MigguardError | None]:
    """The verdict with what merging the two commits would break, and why that could not be told."""
    try:
        found = judge_merge(context, *sides, Severity.ERROR, options.environments)
    except MigguardError as error:
        return replace(verdict, is_complete=False), error
    return replace(verdict, diagnostics=policy.apply([*verdict.diagnostics, *found])), None


def _why_no_schema(options: CheckOptions, context: CheckContext) -> str | None:
    if options.graph_only:
        return "only the graph was asked for"
    if options.from_ref and not context.is_relevant:
        return f"nothing relevant changed since `{options.from_ref}`"
    return None


def require_environments(context: CheckContext) -> None:
    """Raise MigguardError where there is nothing to check at all: an empty answer is never a clean one."""
    if not context.discovery.environments and not context.discovery.unresolved:
        raise MigguardError(
            f"no Alembic environment in {context.snapshot.label}",
            "name it in pyproject.toml: [[tool.migguard.environments]]",
        )


def require_known_environments(context: CheckContext) -> None:
    """Raise MigguardError where there is no environment, or one whose settings cannot be told: nothing is written."""
    require_environments(context)
    for first in context.discovery.unresolved:
        raise MigguardError(first.reason, first.hint, path=first.path)
