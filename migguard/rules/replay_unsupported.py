"""MG002 replay-unsupported: the comparison cannot be made, or would prove nothing.

## What it does
Reports what keeps the replay from being a proof. Two kinds of thing do.

The comparison would mean nothing: an application that makes tables by itself while the revisions are replayed, an
env.py without `target_metadata` or one that runs no migration, a database for which there is no engine, a
revision with an ALTER that SQLite does not have (`alembic upgrade` fails on it as well).

Or the catalog (the PostgreSQL, MySQL and MariaDB in memory) did not follow a revision exactly, and what it did not
follow matters for the answer:
- a statement that it does not know, on a table that is there at the end: a `DO` block that changes tables, a function
  that builds SQL. A statement on a table that a later revision drops does not matter;
- rows that the replay does not have, where they may decide what a revision does to the schema;
- an expression (of an index, of a default) that the server may print otherwise, where autogenerate compares it or
  writes it into the file;
- a revision that stops after one of these, or in a way that may be the catalog's own mistake.

## Why is this bad
If something other than a revision builds the tables, models and schema agree whatever the revisions say; and a guess
is no better. Such an answer would look clean and mean nothing. "Cannot tell" is neither clean nor wrong: the exit
status is 2.

## Example
```
error[MG002 replay-unsupported]: revision `4c1d2e` runs a statement that is not followed: a DO block that changes tables
 --> migrations/versions/4c1d2e_split.py:19
help: follow it on a real server, under [tool.migguard]: engine = ["catalog", "server"], scratch-server = "$VARIABLE"
help: once it is published, start the replay behind it: migguard checkpoint
```

## Options
What to do, in this order:
1. The revision is new and nobody has applied it: write it in a way that is followed, with Alembic's operations (`op.…`)
   or plain DDL instead of a block of procedural SQL; decide nothing by rows.
2. `engine = ["catalog", "server"]` with a `scratch-server`, or `engine = ["catalog", "embedded"]`: a real database is
   asked where the catalog cannot tell, and only there.
3. The revision is old: `migguard checkpoint` records the schema after it in a file, and every replay starts there.

`on-cannot-check = "warn"` lets commits through; CI always fails. `schema-at = "ci"` leaves the check to CI. A table
that `include_name` or `include_object` in env.py hides does not matter for the answer.

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
#: Kinds that stand in a revision: a replay that starts behind it does not meet them.
_IN_REVISIONS = frozenset({"opaque", "read", "steer", "rejected", "endless", "server-statement", "server-lack"})
_CHECKPOINT = Help("once that revision is published, start the replay behind it", "migguard checkpoint")


def check(state: SchemaState) -> Iterator[Diagnostic]:
    """One diagnostic for each thing that was not followed."""
    if state.response.failure is not None:
        return
    reasons = state.response.not_followed
    for item in reasons:
        # what holds for all of them is said once, at the end
        is_last = item is reasons[-1]
        last = _list_last_helps(state) if is_last else ()
        yield Diagnostic(
            code=CODE,
            message=item.text,
            location=state.locate(item.place),
            notes=tuple(Note(text) for text in state.notes) if is_last else (),
            helps=_HELPS.get(item.kind, ()) + last,
            environment=state.environment,
            subject={"kind": item.kind},
        )


def _list_last_helps(state: SchemaState) -> tuple[Help, ...]:
    settings = [Help("follow it on a real server, under [tool.migguard]", line) for line in state.helps]
    reasons = state.response.not_followed
    in_revisions = [item for item in reasons if item.kind in _IN_REVISIONS and item.revision]
    # behind a checkpoint nothing of these is left only where all of them stand in revisions
    checkpoint = [_CHECKPOINT] if len(in_revisions) == len(reasons) else []
    return (*settings, *checkpoint)
