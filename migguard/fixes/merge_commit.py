"""After a merge that left several heads: the merge revision, in a commit of its own, folded in, or as a file."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from migguard.config import CommitMode
from migguard.context import CheckContext, EnvironmentView
from migguard.errors import MigguardError
from migguard.fixes.merge import find_heads, find_surplus, plan_merge
from migguard.fixes.plan import FileChange, Plan, Step, apply_plan, no_step, recover, undo_plan
from migguard.fixes.staging import add_command
from migguard.fixes.verification import list_remaining_faults
from migguard.git.commit import CommitResult, commit_on_head, undo_commit
from migguard.git.objects import Entry
from migguard.git.repository import Repository
from migguard.git.stage import find_staged, write_entries


@dataclass(frozen=True)
class MergeOutcome:
    """What was done, to be said. `is_complete` is False where something is left to do."""

    lines: tuple[str, ...]
    notes: tuple[str, ...] = ()
    helps: tuple[tuple[str, str], ...] = ()
    is_complete: bool = True


def commit_merge(
    context: CheckContext,
    mode: CommitMode | None = None,
    *,
    views: Sequence[EnvironmentView] | None = None,
    revisions: Sequence[str] = (),
    message: str | None = None,
    on_step: Step = no_step,
) -> MergeOutcome:
    """Join the surplus heads of HEAD in every environment (or in `views`), by the configured `commit` mode.

    `revisions` are the heads to join where not all surplus ones are, `message` that of the merge revision and of the
    commit. Afterwards the graph and the schema are checked again. Where that finds something that was not there
    before, or the graph is not whole, everything is put back and MigguardError says why; ^C puts everything back, too.
    "Could not check" undoes nothing.
    """
    notes = recover_first(context)
    plan, heads = _plan_all(context, context.views if views is None else views, revisions, message)
    joined = ", ".join(f"`{head}`" for head in heads)
    told = Told(
        message or f"Merge Alembic heads {', '.join(heads)}",
        f"joined {joined}",
        f"it joins {joined}",
        f"migguard: merge revision for {joined}",
        "the merge revision was taken back",
    )
    return commit_plan(context, plan, told, mode or context.config.commit, notes, on_step=on_step)


@dataclass(frozen=True)
class Told:
    """The words for one repair: of the commit, of what was done, of what the files do, of the reflog, of a refusal."""

    commit: str
    done: str
    purpose: str
    reflog: str
    refusal: str


def recover_first(context: CheckContext) -> list[str]:
    """Undo what a killed run left half done; a line for each file."""
    return [f"an interrupted run was undone: {path}" for path in recover(context.repository)]


def commit_plan(
    context: CheckContext, plan: Plan, told: Told, mode: CommitMode, notes: list[str], *, on_step: Step = no_step
) -> MergeOutcome:
    """Write the new files of a plan and commit them on HEAD, check again, and put all back where that is worse."""
    repository = context.repository
    old, staged = repository.head(), find_staged(repository, plan.files)
    apply_plan(repository, plan, on_step=on_step)
    if mode == "none":
        return MergeOutcome(
            (f"wrote {', '.join(plan.written_paths)}: {told.purpose}",),
            tuple(notes),
            (("commit it", f"{add_command(repository, plan)} && git commit -m {shlex.quote(told.commit)}"),),
            is_complete=False,
        )
    try:
        result = commit_on_head(
            repository, plan.files, told.commit, fold=mode == "fold", reflog=told.reflog, on_step=on_step
        )
        notes += list_remaining_faults(context, plan, told.refusal)
    except BaseException:
        _take_back(repository, plan, old, staged)
        raise
    where = "into the merge commit" if mode == "fold" else "in a commit of its own"
    return MergeOutcome(
        (f"{told.done}: {', '.join(plan.written_paths)} ({where}, {result.new[:10]})",),
        tuple(notes),
        (("undo", f"git reset --keep {result.old}"),),
    )


def _plan_all(
    context: CheckContext, views: Sequence[EnvironmentView], revisions: Sequence[str], message: str | None
) -> tuple[Plan, list[str]]:
    """One plan for all environments, and the heads that it joins."""
    changes: list[FileChange] = []
    heads: list[str] = []
    for view in views:
        groups = [find_heads(view.graph, revisions)] if revisions else find_surplus(view.graph, view.environment.heads)
        plan = plan_merge(context, view, groups if revisions else None, message)
        if plan is not None:
            changes += plan.changes
            heads += [head for group in groups for head in group]
    if not changes:
        raise MigguardError("there are no heads to join")
    return Plan("merge revision", tuple(changes)), heads


def _take_back(repository: Repository, plan: Plan, old: str | None, staged: Mapping[str, Entry]) -> None:
    """HEAD, the index entries of the plan and its files as they were before."""
    new = repository.head()
    if old is not None and new is not None:
        undo_commit(repository, CommitResult(old, new), ())
    write_entries(repository, {path: staged.get(path) for path in plan.files})
    undo_plan(repository, plan)
