"""The post-rewrite hook: what a rebase left of the revision graph, and the merge revisions that it dropped."""

from __future__ import annotations

import os
from collections.abc import Sequence

from migguard.commands.hook_post_merge import find_mendable, join_or_rebase, show_outcome
from migguard.commands.terminal import Terminal
from migguard.context import CheckContext
from migguard.errors import EXIT_CLEAN, EXIT_FINDINGS, MigguardError
from migguard.fixes.merge_commit import MergeOutcome
from migguard.fixes.restoration import commit_restoration, plan_restoration
from migguard.git.moment import Moment, detect_moment
from migguard.git.repository import Repository
from migguard.git.snapshot import TreeSnapshot
from migguard.rules.policy import Policy
from migguard.rules.verdict import Verdict, downgrade_cannot_check, judge


def run(terminal: Terminal, arguments: Sequence[str]) -> int:
    """Look at HEAD after a rebase or an amend. git ignores the status of this hook; 1: something is left to do."""
    repository = Repository.discover()
    moment = detect_moment(repository, "post-rewrite", os.environ, arguments)
    head = repository.head()
    if head is None or not moment.may_write:
        # A `squash` or `reword` in the middle of a rebase: its end is looked at.
        return EXIT_CLEAN
    context = CheckContext(repository, TreeSnapshot(repository, head, "HEAD"), moment)
    if not context.discovery.environments:
        return EXIT_CLEAN
    verdict = judge(context, Policy(context.config), schema=False, publication=False)
    if context.config.on_cannot_check.get("merge", "fail") == "warn":
        verdict = downgrade_cannot_check(verdict)
    if not verdict.errors:
        return EXIT_CLEAN
    try:
        outcome = _repair(context, moment, verdict)
    except MigguardError as error:
        terminal.show_findings(verdict, verdict.diagnostics)
        terminal.error(error)
        return EXIT_FINDINGS
    if outcome is None:
        terminal.show_findings(verdict, verdict.diagnostics)
        return EXIT_FINDINGS
    show_outcome(terminal, outcome)
    return EXIT_CLEAN if outcome.is_complete else EXIT_FINDINGS


def _repair(context: CheckContext, moment: Moment, verdict: Verdict) -> MergeOutcome | None:
    """Mend all of it or nothing; None where that cannot be done here."""
    codes = {item.code for item in verdict.errors}
    if context.config.on_divergence == "require" or moment.rewritten_by != "rebase" or not codes <= {"MG101", "MG102"}:
        return None
    if context.repository.resolve("ORIG_HEAD") is not None:
        before = TreeSnapshot(context.repository, "ORIG_HEAD")
        plan = plan_restoration(context, context.views, before)
        if plan is not None:
            return commit_restoration(context, plan, context.config.commit)
    views = find_mendable(context, verdict)
    if {item.environment for item in verdict.errors} != {view.environment.name for view in views}:
        return None
    return join_or_rebase(context, moment, views, "none" if context.config.commit == "none" else "new")
