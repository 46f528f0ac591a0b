"""MG501 unknown-database-revision: a named database is at a revision that this branch does not have.

## What it does
After a checkout, asks the databases of `[[tool.migguard.databases]]` what they are at, and warns where that is a
revision that the branch does not have. Nothing is written.

## Why is this bad
`alembic upgrade head` stops with "Can't locate revision": Alembic does not know how to get from there to here. The
revision that the other branch applied stays in the schema, and the application of this branch does not expect it.

## Example
```console
$ git switch main
warning[MG501 unknown-database-revision]: the database `mine` is at `3d1f0a9b8c7e`, which `main` does not have
```

## Options
`[[tool.migguard.databases]]`: which databases are asked.

## Fix safety
There is no automatic fix: a downgrade may lose data. The help names the one to run on the branch that you came from.
"""

from __future__ import annotations

from collections.abc import Iterator

from migguard.diagnostics import Diagnostic, Help, Location, Severity
from migguard.revisions.graph import RevisionGraph
from migguard.revisions.state import GraphState
from migguard.schema.databases import DatabaseState

CODE = "MG501"


def check(
    state: GraphState, databases: tuple[DatabaseState, ...], before: RevisionGraph | None, command: str
) -> Iterator[Diagnostic]:
    """One warning for each database. `before` is the graph that was checked out before; `command` runs Alembic."""
    for database in databases:
        strange = [id_ for id_ in database.revisions if id_ not in state.graph]
        if not strange:
            continue
        yield Diagnostic(
            CODE,
            f"the database `{database.name}` is at `{strange[0]}`, which this branch does not have",
            Location(state.script_location or "."),
            helps=_help(state.graph, strange[0], before, command),
            severity=Severity.WARNING,
            environment=state.environment,
            subject={"revision": strange[0], "database": database.name},
        )


def _help(graph: RevisionGraph, id_: str, before: RevisionGraph | None, command: str) -> tuple[Help, ...]:
    """The downgrade on the branch that has it: to the newest revision below it that both branches have."""
    if before is None or id_ not in before:
        return (Help("find the branch that has it", f"git log --all --oneline -S {id_}"),)
    target, seen = id_, set[str]()
    while target not in graph:
        seen.add(target)
        parents = [parent for parent in before.parents(target) if parent not in seen]
        if not parents:
            return (Help("take it down where you came from", f"git switch - && {command} downgrade base"),)
        target = parents[0]
    return (Help("take it down where you came from", f"git switch - && {command} downgrade {target} && git switch -"),)
