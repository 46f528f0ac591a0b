"""MG202 unmodelled-schema: the revisions build something that the models do not have.

## What it does
Reports each table, column, index or constraint that the revisions of the tree build and that its models lack.

## Why is this bad
Either a model was removed and its migration forgotten, so that every database keeps what nobody uses any more, or the
table belongs to something that Alembic should not look at, and the next autogenerate will drop it.

## Example
```
error[MG202 unmodelled-schema]: table `audit` is built by the staged revisions but is not in the staged models
help: drop it with a revision: migguard revision
help: keep it: add it to `expected-drift`, or to `include_name` of env.py
```

## Options
`expected-drift` accepts one difference, with a reason; `include_name` and `include_object` of env.py hide objects
from autogenerate, and so from this rule.

## Fix safety
`migguard revision` writes a revision that drops the object, and the data in it. A hook never writes such a
revision on its own.
"""

from __future__ import annotations

from collections.abc import Iterator

from migguard.diagnostics import Applicability, Diagnostic, Fix, Help, Note
from migguard.schema.operations import gather_findings, is_removal, name_object, subject_of
from migguard.schema.state import SchemaState

CODE = "MG202"


def check(state: SchemaState) -> Iterator[Diagnostic]:
    """One diagnostic for each cause that is on the revisions' side."""
    for finding in gather_findings(state.operations):
        if not is_removal(finding.operation):
            continue
        what = name_object(finding.operation)
        yield Diagnostic(
            code=CODE,
            message=f"{what} is built by the {state.adjective}revisions but is not in the {state.adjective}models",
            location=state.locate(finding.operation.place),
            notes=tuple(Note(f"with it {name_object(follower)}") for follower in finding.followers),
            helps=(
                Help("drop it with a revision", state.command),
                Help("keep it: add it to `expected-drift`, or hide it with `include_name` in env.py"),
            ),
            fix=Fix("revision", applicability=Applicability.UNSAFE),
            environment=state.environment,
            subject=subject_of(finding.operation),
        )
