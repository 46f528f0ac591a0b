"""MG403 repointed-published-revision: a revision that others may have applied stands elsewhere in the history.

## What it does
Reports revisions that are published and whose id, `down_revision`, `depends_on` or `branch_labels` differ from what was
published. The order of several parents does not count. What counts as published says the page of MG401.

## Why is this bad
Production stands at `a1b2c3`. If `a1b2c3` is put behind a new `d4e5f6`, production is still "at head", and `d4e5f6` is
never applied there: the schema lacks a column that every developer's database has. A new id is one that no database
knows.

## Example
```
error[MG403 repointed-published-revision]: `down_revision` of the published revision `a1b2c3` was changed
 --> migrations/versions/a1b2c3_add_email.py:14:17
note: it was `9f8e7d` and is `d4e5f6`
note: it is on `origin/main`
```
Put the new revision last instead: it follows `a1b2c3`. `migguard merge` joins two lines without moving either.

## Options
`published` and `[[tool.migguard.waivers]]`, as for MG401.

## Fix safety
There is no automatic fix. `git restore` throws away your edit of that file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from migguard.diagnostics import Diagnostic, Help, Location, Note
from migguard.revisions.model import Revision
from migguard.rules.publication import Publication, PublishedChange
from migguard.rules.restoring import note_publication, restore

CODE = "MG403"


def check(publication: Publication) -> Iterator[Diagnostic]:
    """One diagnostic for each revision, whatever number of its attributes was changed."""
    for change in publication.changes:
        if change.attributes:
            named = ["id" if name == "revision" else f"`{name}`" for name in change.attributes]
            words = " and ".join(named) if len(named) < 3 else f"{', '.join(named[:-1])} and {named[-1]}"
            verb = "was" if len(named) == 1 else "were"
            yield Diagnostic(
                CODE,
                f"{words} of the published revision `{change.name}` {verb} changed",
                _locate(publication, change),
                notes=(*_note_values(change), *note_publication(change)),
                helps=(
                    *restore(change, "take the change back"),
                    Help("where two lines are to be joined", "migguard merge"),
                ),
                environment=publication.state.environment,
                subject={"revision": change.name},
            )


def _locate(publication: Publication, change: PublishedChange) -> Location:
    assert change.after is not None
    parsed = change.after.parsed
    if isinstance(parsed, Revision):
        return publication.state.locate_value(parsed, change.attributes[0])
    return Location(change.after.path)


def _note_values(change: PublishedChange) -> Iterator[Note]:
    assert change.after is not None
    before, after = change.before.parsed, change.after.parsed
    if not isinstance(before, Revision) or not isinstance(after, Revision):
        return
    for name in change.attributes:
        what = "it" if len(change.attributes) == 1 else f"`{name}`"
        yield Note(f"{what} was {_show(before, name)} and is {_show(after, name)}")


def _show(revision: Revision, attribute: str) -> str:
    values: Iterable[str] = {
        "revision": (revision.id,),
        "down_revision": revision.down_revisions,
        "depends_on": revision.depends_on,
        "branch_labels": revision.branch_labels,
    }[attribute]
    return ", ".join(f"`{value}`" for value in values) or ("`''`" if attribute in revision.empty_references else "none")
