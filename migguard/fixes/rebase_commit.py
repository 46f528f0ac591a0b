"""After a merge or rebase, where `on-divergence = "rebase"`: your own revisions behind upstream's, in a commit."""

from __future__ import annotations

from collections.abc import Sequence

from migguard.context import CheckContext, EnvironmentView
from migguard.errors import MigguardError
from migguard.fixes.merge_commit import MergeOutcome, Told, commit_plan, recover_first
from migguard.fixes.plan import Plan
from migguard.fixes.rebase import Rebase, describe_moves, plan_rebase
from migguard.git.moment import Moment


def commit_rebase(context: CheckContext, moment: Moment, views: Sequence[EnvironmentView]) -> MergeOutcome:
    """Re-parent and commit. MigguardError says why a hook may not do it: then a merge revision is the repair.

    A hook moves revisions on its own only where a personal database is named and says that it has none of them: without
    one, nothing is known about what is applied. It edits existing files neither under pre-commit and prek nor while git
    has put unstaged edits aside: they would be lost, or conflict.
    """
    if not moment.may_edit:
        raise MigguardError("no existing file is edited here: unstaged edits are put aside")
    notes = recover_first(context)
    rebases = [_plan(context, view) for view in views]
    plan = Plan("; ".join(one.plan.title for one in rebases), tuple(c for one in rebases for c in one.plan.changes))
    moved = ", ".join(f"`{id_}`" for one in rebases for id_ in one.touched)
    told = Told(
        f"Rebase Alembic revisions {', '.join(id_ for one in rebases for id_ in one.touched)}",
        "; ".join(line.partition(": ")[0] for one in rebases for line in describe_moves(one)),
        f"{moved} put behind upstream's",
        f"migguard: rebase of {moved}",
        "the rebase of revisions was taken back",
    )
    return commit_plan(context, plan, told, "none" if context.config.commit == "none" else "new", notes)


def _plan(context: CheckContext, view: EnvironmentView) -> Rebase:
    rebase = plan_rebase(context, view)
    if rebase is None or not rebase.line.moves:
        raise MigguardError("none of the revisions may be moved")
    if rebase.line.dissolved:
        raise MigguardError(f"the merge revision `{rebase.line.dissolved[0]}` would have to be removed")
    applied, personal = rebase.applied, [item for item in context.config.databases if item.personal]
    if not personal:
        raise MigguardError("no personal database is named, so it is not known what is applied")
    if applied.unknown:
        name, reason = next(iter(applied.unknown.items()))
        raise MigguardError(f"the database `{name}` cannot be asked: {reason}")
    names = applied.has_personal(rebase.touched)
    if names:
        raise MigguardError(
            f"the database `{names[0]}` has applied it: first `alembic downgrade {rebase.downgrades[0]}`"
        )
    return rebase
