"""MG107 stale-revises: the docstring says that a revision follows another one than it does.

## What it does
Warns where the `Revises:` line that Alembic's template writes names other revisions than `down_revision`. Only
revisions that may still be changed are looked at: what is published stays as it is. A docstring without such a line
says nothing wrong.

## Why is this bad
The line is what people read in a review and when they mend a conflict. Alembic goes by `down_revision`, so the two
drift apart whenever a revision is put behind another by hand.

## Example
```python
\"\"\"add email

Revision ID: a1b2c3
Revises: 9f8e7d
\"\"\"
down_revision = "d4e5f6"
```

## Options
None.

## Fix safety
`migguard rebase` writes the line anew. A docstring changes nothing in a database.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from migguard.diagnostics import Diagnostic, Help, Location, Severity
from migguard.revisions.model import Revision, Span
from migguard.revisions.source import split_lines
from migguard.revisions.state import GraphState

CODE = "MG107"
_LINE = re.compile(r"^.*?\bRevises:\s*(?P<ids>.*?)\s*$")


def find_stale(state: GraphState) -> list[Revision]:
    """The revisions whose docstring names other parents than they have."""
    return [
        revision
        for revision in state.graph.revisions.values()
        if revision.has_revises and set(_read_said(revision)) != set(revision.down_revisions)
    ]


def check(state: GraphState, movable: Iterable[Revision]) -> Iterator[Diagnostic]:
    """One warning for each of the revisions, which are those of `find_stale` that may be changed."""
    for revision in movable:
        said, parents = _name(_read_said(revision)), _name(revision.down_revisions)
        yield Diagnostic(
            CODE,
            f"revision `{revision.id}` follows {parents}, and its docstring says that it revises {said}",
            _locate(state, revision),
            helps=(Help("correct the docstring", "migguard rebase"),),
            severity=Severity.WARNING,
            environment=state.environment,
            subject={"revision": revision.id},
        )


def _read_said(revision: Revision) -> tuple[str, ...]:
    """The ids of the line, without the brackets of a tuple and without what is said of an id after it."""
    words = (part.split()[0].strip("()[]'\"`") for part in revision.revises if part.split())
    return tuple(word for word in words if word and word.lower() not in {"none", "base", "<base>"})


def _name(ids: Iterable[str]) -> str:
    return ", ".join(f"`{id_}`" for id_ in ids) or "nothing"


def _locate(state: GraphState, revision: Revision) -> Location:
    for number, line in enumerate(split_lines(state.sources.get(revision.path, "")), start=1):
        found = _LINE.match(line)
        if found is not None:
            start, end = found.span("ids") if found["ids"] else (line.index("Revises:"), len(line.rstrip()))
            return state.locate(revision.path, Span(number, start + 1, number, end + 1))
    return state.locate(revision.path, None)
