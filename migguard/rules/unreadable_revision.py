"""MG105 unreadable-revision: a file in a versions folder that Alembic cannot load.

## What it does
Reports revision files with conflict markers, Python 2 syntax or any other syntax error, files that declare no
usable `revision` or `down_revision`, and Python files in a versions folder that are no revisions at all.

## Why is this bad
Alembic loads every file of the folder before it does anything: one that cannot be loaded stops all its commands,
on every machine. Nothing can be said of the revisions that may hang on such a file either.

## Example
```python
<<<<<<< HEAD
down_revision = "9f8e7d"
=======
down_revision = "d4e5f6"
>>>>>>> main
```
Solve the conflict. Where both sides added a revision, keep your own `down_revision`: the two heads are joined by
`migguard merge`.

## Options
None.

## Fix safety
There is no automatic fix: only you know what the file should say.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from migguard.diagnostics import Diagnostic, Help
from migguard.git.shell import quote_paths
from migguard.revisions.model import NotARevision, UnreadableRevision
from migguard.revisions.state import GraphState

CODE = "MG105"


def check(state: GraphState) -> Iterator[Diagnostic]:
    """One diagnostic for each file."""
    files: list[UnreadableRevision | NotARevision] = [*state.unreadable, *state.strangers]
    for file in sorted(files, key=lambda file: file.path):
        yield _describe_stranger(state, file) if isinstance(file, NotARevision) else _describe(state, file)


def _describe(state: GraphState, file: UnreadableRevision) -> Diagnostic:
    return Diagnostic(
        CODE,
        f"`{posixpath.basename(file.path)}` {file.reason}",
        state.locate(file.path, file.span),
        helps=_find_helps(state, file),
        environment=state.environment,
        subject={"revision": file.ids[0]} if file.ids else {},
    )


def _find_helps(state: GraphState, file: UnreadableRevision) -> tuple[Help, ...]:
    if file.reason == "has conflict markers":
        return (Help("solve the conflict, then", f"git add {quote_paths([file.path], state.prefix)}"),)
    if file.reason.startswith("is Python 2"):
        return (Help("write it for Python 3, with the same effect"),)
    return ()


def _describe_stranger(state: GraphState, file: NotARevision) -> Diagnostic:
    name = posixpath.basename(file.path)
    return Diagnostic(
        CODE,
        f"`{name}` is in a versions folder and declares no `revision`",
        state.locate(file.path, None),
        helps=(Help("move it out of the versions folder, or declare `revision` and `down_revision`"),),
        environment=state.environment,
    )
