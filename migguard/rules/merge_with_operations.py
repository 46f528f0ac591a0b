"""MG109 merge-with-operations: a merge revision that also changes something.

## What it does
Warns where `upgrade` or `downgrade` of a revision with several parents does anything. Only revisions that may still be
changed are looked at: what is published stays as it is.

## Why is this bad
A merge revision is expected to be empty: it can be written again from its parents, dissolved when the branches become
one line, and passed without a look in a review. One with operations can be none of that, and its operations
depend on an order of the branches that nobody chose.

## Example
```python
down_revision = ("a1b2c3", "d4e5f6")


def upgrade():
    op.add_column("user", sa.Column("phone", sa.String(20)))
```
Put the operations into a revision of their own that follows the merge revision.

## Options
None.

## Fix safety
There is no automatic fix.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from migguard.diagnostics import Diagnostic, Help, Location, Severity
from migguard.revisions.meaning import read_meaning
from migguard.revisions.model import Revision
from migguard.revisions.state import GraphState

CODE = "MG109"


def check(state: GraphState, movable: Iterable[Revision]) -> Iterator[Diagnostic]:
    """One warning for each of some merge revisions that does something."""
    for revision in movable:
        operation = find_operation(state, revision)
        if operation is not None:
            yield Diagnostic(
                CODE,
                f"merge revision `{revision.id}` has operations",
                Location(revision.path, operation.lineno),
                helps=(Help("move them to a revision that follows it"),),
                severity=Severity.WARNING,
                environment=state.environment,
                subject={"revision": revision.id},
            )


def find_operation(state: GraphState, revision: Revision) -> ast.stmt | None:
    """The first statement of `upgrade` or `downgrade` that is no docstring, `pass` or bare `return`."""
    meaning = read_meaning(state.sources[revision.path].encode("utf-8", "replace"), revision)
    for statement in meaning.statements if meaning is not None else ():
        if isinstance(statement, ast.FunctionDef) and statement.name in {"upgrade", "downgrade"}:
            for inner in statement.body:
                if not _does_nothing(inner):
                    return inner
    return None


def _does_nothing(statement: ast.stmt) -> bool:
    if not isinstance(statement, ast.Return):
        return False
    return statement.value is None or isinstance(statement.value, ast.Constant)
