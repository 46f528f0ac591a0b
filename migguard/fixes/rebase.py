"""Your own unpublished revisions behind those of upstream: re-parented files, and merge revisions not needed then."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from migguard.context import CheckContext, EnvironmentView
from migguard.errors import MigguardError
from migguard.fixes.applied import Applied, find_applied
from migguard.fixes.plan import FileChange, Plan
from migguard.fixes.published import find_published_ids
from migguard.git.snapshot import Snapshot
from migguard.revisions.edit import NotEditable, write_parents, write_revises
from migguard.revisions.line import CannotMove, Line, Move, find_line
from migguard.revisions.model import Revision
from migguard.rules.merge_with_operations import find_operation
from migguard.rules.stale_revises import find_stale


@dataclass(frozen=True)
class Rebase:
    """What is to be done to one environment.

    `corrected` are ids of which only the docstring's `Revises:` line is written anew (MG107). `newer` are published ids
    that the snapshot does not have yet.
    """

    view: EnvironmentView
    plan: Plan
    line: Line
    applied: Applied
    corrected: tuple[str, ...] = ()
    newer: tuple[str, ...] = ()

    @property
    def touched(self) -> tuple[str, ...]:
        """The revisions that get other parents or go away."""
        return (*(move.revision for move in self.line.moves), *self.line.dissolved)

    @property
    def downgrades(self) -> tuple[str, ...]:
        """The revisions to which a database that has applied what is moved must be taken down first, sorted."""
        moved = set(self.touched)
        return tuple(sorted({id_ for move in self.line.moves for id_ in move.before if id_ not in moved}))


def plan_rebase(context: CheckContext, view: EnvironmentView, onto: Snapshot | None = None) -> Rebase | None:
    """Put the movable revisions of one environment behind the others; None where they are in line already.

    `onto` is a branch, published or not, whose revisions stay where they are (stacked branches). Raises MigguardError
    where it cannot be told what is published, where a revision has no one head to go behind, where a file has unstaged
    edits, and where its `down_revision` cannot be written.
    """
    published = context.published
    if not published.can_tell:
        raise MigguardError(f"cannot tell which revisions are published: {published.reason}", published.hint)
    known = find_published_ids(context, view)
    applied = find_applied(view.graph, context.ask_databases(view.environment))
    fixed = (
        known
        | set(applied.shared)
        | (_ids(EnvironmentView(view.environment, onto).revisions) if onto is not None else set())
    )
    entries = context.snapshot.entries()
    own = {
        revision.id
        for revision in view.revisions
        if revision.id not in fixed and published.is_movable(revision.path, entries[revision.path].oid)
    }
    paths = {revision.path: revision.id for revision in view.revisions if revision.id in own}
    added = context.repository.order_of_addition(paths)
    order = {id_: added[path] for path, id_ in paths.items() if path in added}
    keeping = [id_ for id_ in own if find_operation(view.state, view.graph.revisions[id_]) is not None]
    try:
        line = find_line(view.graph, own, order, keeping)
    except CannotMove as error:
        raise MigguardError(f"nothing was moved: {error}", "join the heads instead: migguard merge") from error
    touched = {*(move.revision for move in line.moves), *line.dissolved}
    corrected = tuple(r.id for r in find_stale(view.state) if r.id in own and r.id not in touched)
    if not touched:
        _require_whole(view, applied)
    if not touched and not corrected:
        return None
    plan = Plan(_title(line), tuple(_change_files(context, view, line, corrected)))
    newer = tuple(sorted(known - set(view.graph.ids))) if not view.graph.missing else ()
    return Rebase(view, plan, line, applied, corrected, newer)


def _require_whole(view: EnvironmentView, applied: Applied) -> None:
    """Several heads of which none may be moved are no line."""
    wanted = view.environment.heads
    if len(view.graph.heads) > (wanted if isinstance(wanted, int) else len(wanted)):
        heads = ", ".join(f"`{head}`" for head in view.graph.heads)
        reason = "each is published, starts a line of its own, or is followed by one that is"
        names = sorted({applied.shared[head] for head in view.graph.heads if head in applied.shared})
        if names:
            reason = f"each is published, or applied in the database {', '.join(f'`{name}`' for name in names)}"
        raise MigguardError(
            f"none of {heads} may be moved: {reason}",
            "join the heads instead: migguard merge",
        )


def _ids(revisions: Iterable[Revision]) -> set[str]:
    return {revision.id for revision in revisions}


def _change_files(
    context: CheckContext, view: EnvironmentView, line: Line, corrected: Iterable[str]
) -> Iterable[FileChange]:
    moves = {move.revision: move for move in line.moves}
    edited = set(context.repository.modified_paths(view.environment.version_locations))
    for id_ in (*moves, *line.dissolved, *corrected):
        revision = view.graph.revisions[id_]
        if revision.path in edited:
            raise MigguardError(
                f"nothing was moved: `{revision.path}` has unstaged edits", "stage them, or put them aside: git stash"
            )
        source = view.sources[revision.path]
        after = None if id_ in line.dissolved else _write(revision, source, moves.get(id_))
        yield FileChange(revision.path, source, after)


def _write(revision: Revision, source: bytes, move: Move | None) -> bytes:
    try:
        return write_revises(source) if move is None else write_parents(source, revision, move.after)
    except NotEditable as error:
        raise MigguardError(f"nothing was moved: `{revision.path}`: {error}", path=revision.path) from error


def _title(line: Line) -> str:
    return f"rebase {', '.join(f'`{move.revision}`' for move in line.moves) or 'what needs no parents changed'}"


def describe_moves(rebase: Rebase) -> Iterable[str]:
    """A line for each revision: what it follows now, and what is gone."""
    revisions: Mapping[str, Revision] = rebase.view.graph.revisions
    for move in rebase.line.moves:
        before, after = (", ".join(f"`{id_}`" for id_ in ids) for ids in (move.before, move.after))
        yield f"`{move.revision}` follows {after} instead of {before}: {revisions[move.revision].path}"
    for id_ in rebase.line.dissolved:
        yield f"`{id_}` joins nothing any more and was removed: {revisions[id_].path}"
    for id_ in rebase.corrected:
        yield f"`{id_}`: its docstring names what it follows again: {revisions[id_].path}"
