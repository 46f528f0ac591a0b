"""MG102 missing-parent: a revision follows or depends on one that is not there.

## What it does
Reports ids (and, in `depends_on`, branch labels) that revisions name and that no revision file declares. What may
be a file that could not be understood (MG004, MG105) is left to that file.

## Why is this bad
Alembic loads no revision of the folder. The usual cause is a revision file that was not staged, or that came with
a branch which was merged without it.

## Example
```python
revision = "d4e5f6"
down_revision = "a1b2c3"  # the file is in the work tree, and in no commit
```

## Options
None.

## Fix safety
There is no automatic fix: migguard stages nothing that you did not ask for.
"""

from __future__ import annotations

import difflib
import itertools
from collections.abc import Iterator

from migguard.diagnostics import Diagnostic, Help, Note
from migguard.git.shell import quote_paths
from migguard.revisions.graph import MissingReference
from migguard.revisions.state import GraphState, may_be_unread

CODE = "MG102"
_VERBS = {"down_revision": "follows", "depends_on": "depends on"}


def check(state: GraphState) -> Iterator[Diagnostic]:
    """One diagnostic for each reference that leads nowhere, however many revisions share it."""
    by_reference = itertools.groupby(state.graph.missing, key=lambda missing: missing.reference)
    for reference, group in by_reference:
        if reference == "":
            yield from (_describe_empty(state, missing) for missing in group)
        elif not may_be_unread(state, reference):
            yield _describe(state, reference, tuple(group))


def _describe(state: GraphState, reference: str, users: tuple[MissingReference, ...]) -> Diagnostic:
    revisions = state.graph.revisions
    shown_revision = state.pick_editable(*(revisions[user.revision] for user in users))
    shown = next(user for user in users if user.revision == shown_revision.id)
    return Diagnostic(
        CODE,
        f"revision `{shown.revision}` {_VERBS[shown.attribute]} `{reference}`, which does not exist",
        state.locate_value(shown_revision, shown.attribute, reference),
        notes=tuple(_note_user(state, user) for user in users if user is not shown) + _note_label(state, shown),
        helps=_advise(state, shown),
        environment=state.environment,
        subject={"revision": shown.revision, "reference": reference},
    )


def _note_user(state: GraphState, user: MissingReference) -> Note:
    revision = state.graph.revisions[user.revision]
    text = f"`{user.revision}` {_VERBS[user.attribute]} it too"
    return Note(text, state.locate_value(revision, user.attribute, user.reference))


def _note_label(state: GraphState, missing: MissingReference) -> tuple[Note, ...]:
    declaring = next(
        (one for one in state.graph.revisions.values() if missing.reference in one.branch_labels),
        None,
    )
    if declaring is None:
        return ()
    text = f"`{missing.reference}` is a branch label, and `down_revision` names revisions by their id"
    return (Note(text, state.locate_value(declaring, "branch_labels", missing.reference)),)


def _advise(state: GraphState, missing: MissingReference) -> tuple[Help, ...]:
    similar = _find_similar(state, missing)
    if similar is not None:
        return (Help(f"did you mean `{similar}`?"),)
    folder = quote_paths([state.folder_of(state.graph.revisions[missing.revision])], state.prefix)
    return (Help("if its file is there and not staged", f"git add {folder}"),)


def _find_similar(state: GraphState, missing: MissingReference) -> str | None:
    reference, graph = missing.reference, state.graph
    labelled = [revision.id for revision in graph.revisions.values() if reference in revision.branch_labels]
    candidates = [id_ for id_ in graph.ids if id_ != missing.revision]
    # Alembic's commands take the beginning of an id; its files do not.
    begun = [id_ for id_ in candidates if len(reference) >= 4 and id_.startswith(reference)]
    close = difflib.get_close_matches(reference, candidates, n=1, cutoff=0.8) if len(reference) >= 6 else []
    return next(iter((*labelled, *begun, *close)), None)


def _describe_empty(state: GraphState, missing: MissingReference) -> Diagnostic:
    revision = state.graph.revisions[missing.revision]
    return Diagnostic(
        CODE,
        f"revision `{revision.id}` {_VERBS[missing.attribute]} an empty string",
        state.locate_value(revision, missing.attribute, label="Alembic looks for a revision of this name"),
        helps=(Help(f"write `{missing.attribute} = None`"),),
        environment=state.environment,
        subject={"revision": revision.id},
    )
