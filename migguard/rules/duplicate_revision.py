"""MG103 duplicate-revision: two files with one id.

## What it does
Reports ids that several revision files declare, branch labels that several revisions declare, and labels that are
also an id.

## Why is this bad
Alembic warns about a duplicate id and goes on with one of the files, and nobody can tell which: the other is never
applied. A duplicate label stops all its commands.

## Example
A revision file was copied to start a new one, and its `revision` was left as it was. The remedy is a new id for
the newer file, not a merge revision.

## Options
None.

## Fix safety
There is no automatic fix: a database may hold the id, and only you know which file it means there.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from migguard.diagnostics import Diagnostic, Help, Note
from migguard.git.shell import quote_paths
from migguard.revisions.model import Revision
from migguard.revisions.state import GraphState

CODE = "MG103"


def check(state: GraphState) -> Iterator[Diagnostic]:
    """One diagnostic for each id and each label; labels of files that share an id are left to the id."""
    for id_, files in state.graph.duplicates.items():
        yield _describe_id(state, id_, files)
    for label, files in sorted(state.graph.label_conflicts.items()):
        ids = [revision.id for revision in files]
        if len(set(ids)) > 1 or (label in ids and label not in state.graph.duplicates):
            yield _describe_label(state, label, files)


def _describe_id(state: GraphState, id_: str, files: tuple[Revision, ...]) -> Diagnostic:
    shown = state.pick_editable(*files)
    others = tuple(revision for revision in files if revision is not shown)
    texts = {state.sources.get(revision.path, revision.path) for revision in files}
    return Diagnostic(
        CODE,
        f"{len(files)} files declare revision `{id_}`",
        state.locate_value(shown, "revision"),
        notes=tuple(Note(f"`{id_}` is also here", state.locate_value(other, "revision")) for other in others),
        helps=_advise(state, shown, is_copy=len(texts) == 1),
        environment=state.environment,
        subject={"revision": id_},
    )


def _advise(state: GraphState, shown: Revision, *, is_copy: bool) -> tuple[Help, ...]:
    if is_copy:
        return (Help("the files are the same, remove this one", f"git rm {quote_paths([shown.path], state.prefix)}"),)
    new_id = hashlib.sha256(f"{shown.id}\0{shown.path}".encode("utf-8", "surrogateescape")).hexdigest()[:12]
    return (Help(f'give this file a new id, `revision = "{new_id}"`, and name that in the revisions that follow it'),)


def _describe_label(state: GraphState, label: str, files: tuple[Revision, ...]) -> Diagnostic:
    shown = state.pick_editable(*(revision for revision in files if label in revision.branch_labels))
    others = [revision for revision in files if revision is not shown]
    is_id = label in state.graph.revisions
    message = f"branch label `{label}` is also a revision id" if is_id else f"branch label `{label}` is declared twice"
    return Diagnostic(
        CODE,
        message,
        state.locate_value(shown, "branch_labels", label),
        notes=tuple(_note_label(state, label, other) for other in others),
        helps=(Help("give this branch another label"),),
        environment=state.environment,
        subject={"revision": shown.id},
    )


def _note_label(state: GraphState, label: str, revision: Revision) -> Note:
    attribute = "branch_labels" if label in revision.branch_labels else "revision"
    return Note(f"`{label}` is also here", state.locate_value(revision, attribute, label))
