"""MG002 replay-unsupported: the comparison cannot be made, or would prove nothing.

## What it does
Reports what keeps the replay from being a proof: a database for which there is no engine, an application that makes
tables by itself while the revisions are replayed, an env.py without `target_metadata` or one that runs no migration,
a revision with an ALTER that SQLite does not have (`alembic upgrade` fails on it as well).

## Why is this bad
If something other than a revision builds the tables, models and schema agree whatever the revisions say. Such
an answer would look clean and mean nothing.

## Example
```
error[MG002 replay-unsupported]: table `users` was made by `app/__init__.py:14`, not by a revision
```

## Options
`on-cannot-check = "warn"` lets commits through; CI always fails. `schema-at = "ci"` leaves the check to CI.

## Fix safety
There is no automatic fix.
"""

from __future__ import annotations

from collections.abc import Iterator

from migguard.diagnostics import Diagnostic, Help, Note
from migguard.schema.state import SchemaState

CODE = "MG002"

_BATCH_MODE = Help("in a revision that nobody has applied yet", "with op.batch_alter_table(…) as batch_op:")
_HELPS = {"sqlite-alter": (_BATCH_MODE,)}


def check(state: SchemaState) -> Iterator[Diagnostic]:
    """One diagnostic for each thing that was not followed."""
    if state.response.failure is not None:
        return
    reasons = state.response.not_followed
    for item in reasons:
        # what holds for all of them is said once, at the end
        is_last = item is reasons[-1]
        settings = tuple(Help("under [tool.migguard]", line) for line in state.helps)
        yield Diagnostic(
            code=CODE,
            message=item.text,
            location=state.locate(item.place),
            notes=tuple(Note(text) for text in state.notes) if is_last else (),
            helps=_HELPS.get(item.kind, ()) + (settings if is_last else ()),
            environment=state.environment,
            subject={"kind": item.kind},
        )
