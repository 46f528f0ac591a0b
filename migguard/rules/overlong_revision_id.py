"""MG110 overlong-revision-id: an id that does not fit into the version table.

## What it does
Reports revisions whose id has more characters than the version table's column holds: 32 unless the project makes
the table itself.

## Why is this bad
SQLite stores the id all the same, so that it works on a developer's machine. PostgreSQL refuses it after the
revision has run, and a MySQL server that is not strict cuts it and no longer knows where the database stands.

## Example
```python
revision = "2026_02_03_add_email_addresses_to_users"
```

## Options
None.

## Fix safety
There is no automatic fix: an id that some database already holds must not change.
"""

from __future__ import annotations

from collections.abc import Iterator

from migguard.diagnostics import Diagnostic, Help
from migguard.revisions.state import GraphState

CODE = "MG110"


def check(state: GraphState) -> Iterator[Diagnostic]:
    """One diagnostic for each id."""
    most = state.version_column_length
    for id_, revision in state.graph.revisions.items():
        if len(id_) > most:
            yield Diagnostic(
                CODE,
                f"revision id `{id_}` has {len(id_)} characters where the version table holds {most}",
                state.locate_value(revision, "revision", label=f"{len(id_)} characters"),
                helps=(Help(f"shorten it to {most} characters, here and in the revisions that name it"),),
                environment=state.environment,
                subject={"revision": id_},
            )
