"""The revision that autogenerate asks for, written by Alembic itself from a snapshot, as a plan."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from migguard.context import CheckContext, EnvironmentView
from migguard.errors import MigguardError
from migguard.fixes.plan import FileChange, Plan
from migguard.git.publish import PublishedRefs
from migguard.revisions.model import Revision
from migguard.schema.client import RevisionRequest, SchemaResult

if TYPE_CHECKING:
    from migguard.worker.protocol import WrittenFile


@dataclass(frozen=True)
class RevisionPlan:
    """What `migguard revision` would do for one environment.

    `plan` is None where there is nothing to write. `result` is the worker's whole answer, also where there is none.
    `replaced` is the revision that `--update` writes anew, or None.
    """

    environment: str
    result: SchemaResult
    plan: Plan | None
    written: tuple[WrittenFile, ...] = ()
    replaced: Revision | None = None


def plan_revision(context: CheckContext, view: EnvironmentView, request: RevisionRequest) -> RevisionPlan:
    """Replay the revisions of the context's snapshot plus the untracked ones, and write what the models lack.

    Untracked revisions count, so that asking twice writes once. Raises MigguardError where the worker cannot be
    started; a verdict of "could not check" is in the result.
    """
    known = _with_untracked(context, view)
    result = known.checker.revise(known.snapshot, view.environment, request)
    return _to_plan(context, view, result, replaced=None)


def plan_update(context: CheckContext, view: EnvironmentView, request: RevisionRequest) -> RevisionPlan:
    """Write your own unpublished head anew, from the models as they are staged now: same id, same place.

    Raises MigguardError where there is not exactly one head, or it is a merge revision or published, or the file has
    edits that are not in the index.
    """
    known = _with_untracked(context, view)
    head = _require_own_head(known, EnvironmentView(view.environment, known.snapshot))
    reduced = known.overlaid({}, (head.path,))
    kept = replace(
        request,
        rev_id=head.id,
        head=head.down_revisions[0] if head.down_revisions else "base",
        splice=True,
        message=request.message or head.message,
        branch_label=request.branch_label or next(iter(head.branch_labels), None),
        depends_on=request.depends_on or list(head.depends_on) or None,
    )
    result = reduced.checker.revise(reduced.snapshot, view.environment, kept)
    return _to_plan(context, view, result, replaced=head)


def run_write_hooks(context: CheckContext, view: EnvironmentView, plan: Plan) -> str | None:
    """Run the project's post_write_hooks on the files where they now stand; what went wrong, or None."""
    result = context.checker.run_write_hooks(view.environment, list(plan.written_paths))
    failure = result.response.failure
    return None if failure is None else f"post_write_hooks failed, the file was kept: {failure.message}"


def _with_untracked(context: CheckContext, view: EnvironmentView) -> CheckContext:
    recorded = context.snapshot.entries()
    unstaged = context.unstaged_revisions(view.environment)
    return context.overlaid({path: source for path, source in unstaged.items() if path not in recorded})


def _to_plan(
    context: CheckContext, view: EnvironmentView, result: SchemaResult, *, replaced: Revision | None
) -> RevisionPlan:
    written = tuple(result.response.files)
    if result.response.failure is not None or not written:
        return RevisionPlan(view.environment.name, result, None, replaced=replaced)
    changes = []
    for item in written:
        # `--update` keeps the file where it is, unless Alembic itself now names it otherwise by a new message.
        same = replaced is not None and item.revision == replaced.id and len(written) == 1
        path = replaced.path if same and replaced is not None and item.message == replaced.message else item.path
        changes.append(FileChange(path, _content(context, path), item.content.encode()))
    if replaced is not None and replaced.path not in {change.path for change in changes}:
        changes.append(FileChange(replaced.path, _content(context, replaced.path), None))
    if replaced is None and (taken := [change.path for change in changes if change.before is not None]):
        raise MigguardError(f"`{taken[0]}` already exists", "give another message: migguard revision -m ...")
    title = f"revision {', '.join(item.revision for item in written)}"
    return RevisionPlan(view.environment.name, result, Plan(title, tuple(changes)), written, replaced)


def _content(context: CheckContext, path: str) -> bytes | None:
    try:
        return (context.repository.top / path).read_bytes()
    except FileNotFoundError:
        return None


def _require_own_head(known: CheckContext, view: EnvironmentView) -> Revision:
    heads = view.graph.heads
    if len(heads) != 1:
        raise MigguardError(f"--update needs one head, and there are {len(heads)}", "join them first: migguard merge")
    head = view.graph.revisions.get(heads[0])
    if head is None or head.is_merge:
        raise MigguardError(f"`{heads[0]}` is a merge revision", "write a new revision: migguard revision")
    repository, base = known.repository, known.base
    committed = base is not None and head.path in base.entries()
    if committed:
        published = PublishedRefs.read(repository, known.config.published)
        if not published.is_movable(head.path):
            raise MigguardError(
                f"`{head.id}` is committed and may be published or applied",
                "write a new revision: migguard revision",
            )
    if head.path in repository.modified_paths((head.path,)):
        raise MigguardError(
            f"`{head.path}` has edits that are not staged", "stage or undo them first: git add, or git restore"
        )
    return head
