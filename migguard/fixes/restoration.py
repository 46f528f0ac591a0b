"""Merge revisions that a rebase dropped, as they were: `git rebase` leaves out what a merge commit itself added."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from migguard.config import CommitMode
from migguard.context import CheckContext, EnvironmentView
from migguard.fixes.merge import find_surplus
from migguard.fixes.merge_commit import MergeOutcome, Told, commit_plan, recover_first
from migguard.fixes.plan import FileChange, Plan
from migguard.git.snapshot import Snapshot
from migguard.revisions.model import Revision


def plan_restoration(context: CheckContext, views: Sequence[EnvironmentView], before: Snapshot) -> Plan | None:
    """The merge revisions that `before` had and HEAD lost, where they make every graph whole; None where they do not.

    Only those whose parents are all there: what was removed on purpose, together with a branch of it, stays away.
    """
    changes = [change for view in views for change in _list_dropped(view, before)]
    if not changes:
        return None
    plan = Plan("restore merge revisions", tuple(changes))
    after = context.overlaid(plan.files)
    for view in views:
        graph = EnvironmentView(view.environment, after.snapshot).graph
        if graph.missing or graph.duplicates or graph.cycles or find_surplus(graph, view.environment.heads):
            return None
    return plan


def commit_restoration(context: CheckContext, plan: Plan, mode: CommitMode) -> MergeOutcome:
    """Commit what `plan_restoration` gave on top of HEAD (there is no merge commit any more to fold it into)."""
    told = Told(
        "Restore Alembic merge revisions",
        "restored what the rebase dropped",
        "the rebase dropped it",
        "migguard: merge revision restored",
        "the merge revision was taken back",
    )
    return commit_plan(context, plan, told, "none" if mode == "none" else "new", recover_first(context))


def _list_dropped(view: EnvironmentView, before: Snapshot) -> Iterator[FileChange]:
    old = EnvironmentView(view.environment, before)
    known = set(view.graph.ids)
    left = [item for item in old.revisions if item.is_merge and item.id not in known]
    while ready := [item for item in left if known.issuperset(item.down_revisions) and _is_free(view, item)]:
        for item in ready:
            left.remove(item)
            known.add(item.id)
            yield FileChange(item.path, None, old.sources[item.path])


def _is_free(view: EnvironmentView, revision: Revision) -> bool:
    return revision.path not in view.snapshot.entries()
