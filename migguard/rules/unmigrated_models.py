"""MG201 unmigrated-models: the models have or change something that no revision does.

## What it does
Replays every revision of the tree that is being committed on an empty scratch database, lets Alembic's own
autogenerate compare the result with the models of the same tree, and reports each table, column, index or
constraint that the models have and the revisions do not build, and each column that they build otherwise.

## Why is this bad
The code that is deployed from this commit expects a schema that `alembic upgrade head` does not produce. Its first
query on the new column fails in production, and works on the machine of whoever wrote it.

## Example
```
error[MG201 unmigrated-models]: column `user.email` is in the staged models but in no staged revision
 --> app/models.py:31
help: create the revision: migguard revision
```

## Options
`expected-drift` accepts one difference, with a reason. `schema-at` moves the check to a later moment.
`MIGGUARD_ALLOW=MG201 git commit …` lets one commit through: models first, the revision in the next one.

## Fix safety
`migguard revision` writes a new file and changes no other. As with all that autogenerate writes, read it before
you commit it: a renamed column shows up as a drop and an addition.
"""

from __future__ import annotations

from collections.abc import Iterator

from migguard.diagnostics import Diagnostic, Fix, Help, Note
from migguard.schema.operations import (
    Finding,
    gather_findings,
    is_removal,
    name_change,
    name_object,
    subject_of,
)
from migguard.schema.state import SchemaState

CODE = "MG201"


def check(state: SchemaState) -> Iterator[Diagnostic]:
    """One diagnostic for each cause that is on the models' side."""
    for finding in gather_findings(state.operations):
        if not is_removal(finding.operation):
            yield _report(state, finding)


def _report(state: SchemaState, finding: Finding) -> Diagnostic:
    operation = finding.operation
    what, change = name_object(operation), name_change(operation)
    if change is None:
        message = f"{what} is in the {state.adjective}models but in no {state.adjective}revision"
    else:
        detail = f" ({operation.detail})" if operation.detail else ""
        message = f"{change} of {what} differs between the {state.adjective}models and revisions{detail}"
    return Diagnostic(
        code=CODE,
        message=message,
        location=state.locate(operation.place),
        notes=tuple(Note(f"with it {name_object(follower)}") for follower in finding.followers),
        helps=(Help("create the revision", state.command),),
        fix=Fix("revision"),
        environment=state.environment,
        subject=subject_of(operation),
    )
