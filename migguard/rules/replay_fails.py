"""MG203 replay-fails: a revision fails on the schema that the ones before it build.

## What it does
Reports the revision whose `upgrade()` raised while the whole history was replayed on an empty scratch database.

## Why is this bad
A new database (a colleague's, the test run's, a new customer's) cannot be built any more. If the revision is new, the
next deploy stops in the middle of it.

## Example
```
error[MG203 replay-fails]: revision `4c1d2e` fails on an empty database: OperationalError: no such table: users
 --> migrations/versions/4c1d2e_index.py:19
```

## Options
None. A history that does not start from an empty database (the app creates its tables and stamps) cannot be
replayed: set `schema-at = "ci"`, or ignore the rule for that environment. One whose old revisions fail today, but are
published, can start behind them: `migguard checkpoint --server URL` where a server still replays them.

## Fix safety
There is no automatic fix.
"""

from __future__ import annotations

from collections.abc import Iterator

from migguard.diagnostics import Diagnostic, Note
from migguard.schema.state import SchemaState

CODE = "MG203"


def check(state: SchemaState) -> Iterator[Diagnostic]:
    """One diagnostic where the replay stopped in a revision."""
    failure = state.response.failure
    if failure is None or failure.kind != "replay":
        return
    name = f"revision `{failure.revision}`" if failure.revision else "a revision"
    yield Diagnostic(
        code=CODE,
        message=f"{name} fails on an empty database: {failure.message}",
        location=state.locate(failure.place),
        notes=tuple(Note(frame) for frame in failure.frames) + tuple(Note(text) for text in state.notes),
        environment=state.environment,
        subject={"revision": failure.revision} if failure.revision else {},
    )
