"""MG502 database-behind: a named database lacks revisions that this branch has.

## What it does
After a checkout, asks the databases of `[[tool.migguard.databases]]` what they are at, and says how many revisions of
the branch they have not applied. Off unless it is turned on. Nothing is written.

## Why is this bad
It is not; but the application will miss tables and columns until the database is upgraded.

## Example
```console
$ git switch email
warning[MG502 database-behind]: the database `mine` lacks 2 revisions of this branch
```

## Options
`severity = { MG502 = "warning" }` turns it on.

## Fix safety
The help is `alembic upgrade heads`, to be run when you mean it.
"""

from __future__ import annotations

from collections.abc import Iterator

from migguard.diagnostics import Diagnostic, Help, Location, Severity
from migguard.revisions.state import GraphState
from migguard.schema.databases import DatabaseState

CODE = "MG502"


def check(state: GraphState, databases: tuple[DatabaseState, ...], command: str) -> Iterator[Diagnostic]:
    """One diagnostic for each database that can be asked and knows no strange revision. `command` runs Alembic."""
    graph = state.graph
    for database in databases:
        if database.problem is not None or any(id_ not in graph for id_ in database.revisions):
            continue
        applied = {id_ for one in database.revisions for id_ in (one, *graph.ancestors(one, include_dependencies=True))}
        missing = len(graph) - len(applied)
        if missing:
            noun = "revision" if missing == 1 else "revisions"
            yield Diagnostic(
                CODE,
                f"the database `{database.name}` lacks {missing} {noun} of this branch",
                Location(state.script_location or "."),
                helps=(Help("apply them", f"{command} upgrade heads"),),
                severity=Severity.OFF,
                environment=state.environment,
                subject={"database": database.name},
            )
