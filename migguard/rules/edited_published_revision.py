"""MG401 edited-published-revision: a revision that others may have applied does something else than it did.

## What it does
Reports revisions that are published and whose operations, data or helper functions differ from what was published:
by what the file does, not by its bytes. Comments, docstrings, formatting, annotations, unused imports and the order of
imports may change; so may the file's name, because Alembic knows a revision by its id.

Compared is the newest commit of your history that a published ref has; on a published branch itself, the commit before
the change. A branch that is merely behind has edited nothing, and neither has one that made the same change as
upstream. Published are the default branch of every remote, `release/*`, `hotfix/*`, every branch that somebody else
has pushed and, without a remote, `main` and `master`.

## Why is this bad
A database that has applied the revision never applies it again. It keeps the old schema, new databases get the new
one, and nothing tells them apart: both are "at head".

## Example
```
error[MG401 edited-published-revision]: the published revision `a1b2c3` was edited
 --> migrations/versions/a1b2c3_add_email.py:21
note: it is on `origin/main`
help: take the edit back: git restore --source=9f8e7d6c5b --staged --worktree -- migrations/versions/a1b2c3_add_email.py
help: make the change in a new revision: migguard revision
```

## Options
`published` names the refs that count. A change that is meant gets a waiver in `pyproject.toml`, which is shown, and is
void once upstream has the change:
```toml
[[tool.migguard.waivers]]
rule = "MG401"
revision = "a1b2c3"
reason = "never ran anywhere: it failed on PostgreSQL"
```

## Fix safety
There is no automatic fix. `git restore` throws away your edit of that file.
"""

from __future__ import annotations

from collections.abc import Iterator

from migguard.diagnostics import Diagnostic, Help, Location
from migguard.revisions.meaning import find_difference
from migguard.rules.publication import Publication, PublishedChange
from migguard.rules.restoring import note_publication, restore

CODE = "MG401"


def check(publication: Publication) -> Iterator[Diagnostic]:
    """One diagnostic for each revision."""
    for change in publication.changes:
        if change.is_edited and change.after is not None:
            yield Diagnostic(
                CODE,
                f"the published revision `{change.name}` was edited",
                _locate(publication, change),
                notes=note_publication(change),
                helps=(
                    *restore(change, "take the edit back"),
                    Help("make the change in a new revision", "migguard revision"),
                ),
                environment=publication.state.environment,
                subject={"revision": change.name},
            )


def _locate(publication: Publication, change: PublishedChange) -> Location:
    assert change.after is not None
    path = change.after.path
    if change.before.meaning is None or change.after.meaning is None:
        return Location(path)
    statement = find_difference(change.before.meaning, change.after.meaning)
    return Location(path, statement.lineno) if statement is not None else Location(path)
