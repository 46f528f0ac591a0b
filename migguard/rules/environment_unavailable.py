"""MG001 environment-unavailable: env.py, the models or the interpreter cannot be loaded.

## What it does
Says why the project's own code could not be run on the tree that is being checked: no interpreter that has Alembic
and SQLAlchemy, an import that fails, a file that is not part of the commit, a connection that would have left the
scratch database, a run that took longer than `timeout`. Also names places that look like an environment, but whose
settings cannot be told from the files.

## Why is this bad
Without the models there is no verdict about them. "Could not check" is not "clean": the exit status is 2.

## Example
```
error[MG001 environment-unavailable]: env.py cannot be loaded: ModuleNotFoundError: No module named 'app.tags'
 --> migrations/env.py:9
note: `app/tags.py` exists in the work tree but is not part of this commit
help: git add app/tags.py
```

## Options
`python` (or `MIGGUARD_PYTHON`) names the interpreter, `env` sets variables that the project wants, `overlay` brings
files that git ignores, `timeout` is in seconds, `network = true` allows connections while the project is loaded.
`on-cannot-check = "warn"` lets commits through on a machine that cannot check; CI always fails.

## Fix safety
There is no automatic fix.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from migguard.diagnostics import Diagnostic, Help, Location, Note
from migguard.environments import UnresolvedEnvironment
from migguard.schema.state import SchemaState

CODE = "MG001"


def check(state: SchemaState) -> Iterator[Diagnostic]:
    """One diagnostic where the worker gave no answer for a reason other than a failing revision."""
    failure = state.response.failure
    if failure is None or failure.kind == "replay":
        return
    yield Diagnostic(
        code=CODE,
        message=failure.message,
        location=state.locate(failure.place),
        notes=tuple(Note(frame) for frame in failure.frames) + tuple(Note(text) for text in state.notes),
        helps=tuple(Help("", command) for command in state.helps),
        environment=state.environment,
    )


def check_unresolved(unresolved: Iterable[UnresolvedEnvironment]) -> Iterator[Diagnostic]:
    """One diagnostic for each place that looks like an environment, and whose settings cannot be told."""
    for item in unresolved:
        yield Diagnostic(
            code=CODE,
            message=item.reason,
            location=Location(item.path),
            helps=(Help(item.hint),),
            environment=item.path,
        )
