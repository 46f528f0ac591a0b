"""The post-merge hook: a merge that left several heads gets its merge revision."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace

from migguard.commands.terminal import Terminal
from migguard.config import CommitMode
from migguard.context import CheckContext, EnvironmentView
from migguard.errors import EXIT_CLEAN, EXIT_FINDINGS, MigguardError
from migguard.fixes.merge_commit import MergeOutcome, commit_merge
from migguard.fixes.rebase_commit import commit_rebase
from migguard.git.moment import Moment, Operation, detect_moment
from migguard.git.repository import Repository
from migguard.git.snapshot import IndexSnapshot, TreeSnapshot
from migguard.rules.policy import Policy
from migguard.rules.verdict import Verdict, downgrade_cannot_check, judge


def run(terminal: Terminal, arguments: Sequence[str]) -> int:
    """Look at HEAD after a merge. git ignores the status of this hook; 1 says that something is left to do."""
    repository = Repository.discover()
    moment = detect_moment(repository, "post-merge", os.environ, arguments)
    context = _open_context(repository, moment)
    if context is None or not context.is_relevant:
        return EXIT_CLEAN
    verdict = judge(context, Policy(context.config), schema=False, publication=False)
    if context.config.on_cannot_check.get("merge", "fail") == "warn":
        verdict = downgrade_cannot_check(verdict)
    if not verdict.errors:
        return EXIT_CLEAN
    views = find_mendable(context, verdict) if _may_repair(context, moment) else []
    names = {view.environment.name for view in views}
    if not views:
        terminal.show_findings(verdict, verdict.diagnostics)
        return EXIT_FINDINGS
    try:
        outcome = join_or_rebase(context, moment, views)
    except MigguardError as error:
        terminal.show_findings(verdict, verdict.diagnostics)
        terminal.error(error)
        return EXIT_FINDINGS
    left = [item for item in verdict.errors if item.environment not in names]
    terminal.show_findings(verdict, left)
    show_outcome(terminal, outcome)
    return EXIT_CLEAN if outcome.is_complete and not left else EXIT_FINDINGS


def _open_context(repository: Repository, moment: Moment) -> CheckContext | None:
    """What the merge has made, as a change of what was there before; None where there is nothing of Alembic in it.

    `merge --squash` leaves it in the index. A fast-forward may have brought many commits at once.
    """
    head = repository.head()
    if head is None:
        return None
    snapshot = IndexSnapshot(repository) if moment.is_squash else TreeSnapshot(repository, head, "HEAD")
    context = CheckContext(repository, snapshot, moment)
    if not moment.is_squash and repository.resolve("ORIG_HEAD") is not None:
        context.base = TreeSnapshot(repository, "ORIG_HEAD")
    return context if context.discovery.environments or context.discovery.unresolved else None


def find_mendable(context: CheckContext, verdict: Verdict) -> list[EnvironmentView]:
    """The environments of which a merge revision mends all that is wrong."""
    codes: dict[str | None, set[str]] = {}
    for item in verdict.errors:
        codes.setdefault(item.environment, set()).add(item.code)
    return [view for view in context.views if codes.get(view.environment.name) == {"MG101"}]


def _may_repair(context: CheckContext, moment: Moment) -> bool:
    """Only after a real merge commit: a fast-forward brought upstream's own commits, a squash made none yet."""
    return (
        context.config.on_divergence in ("merge", "rebase")
        and moment.operation is Operation.MERGE
        and not moment.is_squash
        and moment.may_write
    )


def join_or_rebase(
    context: CheckContext, moment: Moment, views: Sequence[EnvironmentView], mode: CommitMode | None = None
) -> MergeOutcome:
    """The repair that is configured; a merge revision, and why, where a rebase may not be made here."""
    if context.config.on_divergence != "rebase":
        return commit_merge(context, mode, views=views)
    try:
        return commit_rebase(context, moment, views)
    except MigguardError as error:
        outcome = commit_merge(context, mode, views=views)
        return replace(outcome, notes=(*outcome.notes, f"merged, not rebased: {error.message}"))


def show_outcome(terminal: Terminal, outcome: MergeOutcome) -> None:
    """What was done, what was found on the way, and how to undo it."""
    for line in outcome.lines:
        terminal.say(line)
    for note in outcome.notes:
        terminal.note(note)
    for text, command in outcome.helps:
        terminal.help(text, command)
