"""MG004 dynamic-revision-id: an identifier that only running the file can tell.

## What it does
Reports revision files whose `revision` or `down_revision` is not written in the file: it comes from a call, an
import, an environment variable, or a branch or loop decides about it.

## Why is this bad
Such a file may be another revision on every machine, and nothing can be said of the graph around it without
running it.

## Example
```python
revision = make_id(__file__)
```
Write the value itself: `revision = "3f2a9c"`. Concatenation, f-strings and names that the file assigns are fine.

## Options
None.

## Fix safety
There is no automatic fix.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from migguard.diagnostics import Diagnostic, Help
from migguard.revisions.model import DynamicRevision
from migguard.revisions.state import GraphState

CODE = "MG004"


def check(state: GraphState) -> Iterator[Diagnostic]:
    """One diagnostic for each file."""
    for file in sorted(state.dynamic, key=lambda file: file.path):
        yield _describe(state, file)


def _describe(state: GraphState, file: DynamicRevision) -> Diagnostic:
    return Diagnostic(
        CODE,
        f"only running `{posixpath.basename(file.path)}` can tell its `{file.attribute}`",
        state.locate(file.path, file.span, file.reason),
        helps=(Help("write the value itself as a string"),),
        environment=state.environment,
        subject={"revision": file.id} if file.id is not None else {},
    )
