"""MG108 merge-not-allowed: a merge revision where the history is meant to be one line.

## What it does
Off by default. Where the configuration turns it on, it reports revisions with several parents that may still be
changed: what is published stays as it is.

## Why is this bad
Some teams want every revision to have one parent, so that `alembic history` is a list and a downgrade has one way to
go. A merge revision is then a branch that should have been put behind upstream's revisions before it was merged.

## Example
```toml
[tool.migguard]
on-divergence = "require"

[tool.migguard.severity]
merge-not-allowed = "error"
```

## Options
`severity` turns it on. `on-divergence = "require"` keeps hooks from writing merge revisions.

## Fix safety
There is no automatic fix. Only a revision that nobody has applied may be put behind another.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from migguard.diagnostics import Diagnostic, Help, Severity
from migguard.revisions.model import Revision
from migguard.revisions.state import GraphState

CODE = "MG108"


def check(state: GraphState, movable: Iterable[Revision]) -> Iterator[Diagnostic]:
    """One diagnostic for each of some merge revisions."""
    for revision in movable:
        parents = ", ".join(f"`{parent}`" for parent in revision.down_revisions)
        yield Diagnostic(
            CODE,
            f"revision `{revision.id}` merges {parents}, and merge revisions are not allowed here",
            state.locate_value(revision, "down_revision"),
            helps=(Help("put the one that nobody has applied behind the other, and remove this file"),),
            severity=Severity.OFF,
            environment=state.environment,
            subject={"revision": revision.id},
        )
