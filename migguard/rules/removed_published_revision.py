"""MG402 removed-published-revision: a revision that others may have applied is not there any more.

## What it does
Reports revisions that are published and that no file declares any more, unless upstream removed them too. Alembic knows
a revision by its id, so a file that was only renamed, or moved to another versions folder of its environment, is left
alone. What counts as published says the page of MG401.

## Why is this bad
A database that stands at the revision, or has yet to pass it, cannot be upgraded: "can't locate revision". The schema
that the revision made stays behind in every database that has applied it.

## Example
```
error[MG402 removed-published-revision]: the published revision `a1b2c3` was removed
 --> migrations/versions/a1b2c3_add_email.py
note: it is on `origin/main`
help: bring it back: git restore --source=9f8e7d6c5b --staged --worktree -- migrations/versions/a1b2c3_add_email.py
help: undo what it does with a new revision: migguard revision
```

## Options
`published` and `[[tool.migguard.waivers]]`, as for MG401: for a history that is cut short on purpose.

## Fix safety
There is no automatic fix. `git restore` writes the file as it was.
"""

from __future__ import annotations

from collections.abc import Iterator

from migguard.diagnostics import Diagnostic, Help, Location
from migguard.rules.publication import Publication
from migguard.rules.restoring import note_publication, restore

CODE = "MG402"


def check(publication: Publication) -> Iterator[Diagnostic]:
    """One diagnostic for each revision."""
    for change in publication.changes:
        if change.after is None:
            yield Diagnostic(
                CODE,
                f"the published revision `{change.name}` was removed",
                Location(change.before.path),
                notes=note_publication(change),
                helps=(
                    *restore(change, "bring it back"),
                    Help("undo what it does with a new revision", "migguard revision"),
                ),
                environment=publication.state.environment,
                subject={"revision": change.name},
            )
