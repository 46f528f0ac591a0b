"""MG005 publication-unknown: a revision was changed, and it cannot be told whether others have it.

## What it does
Reports, once for each environment, that a change edits, removes or repoints revisions that were there before it, where
this clone does not have the refs that say what is published: its history is shallow, it fetches some branches only, or
nothing was fetched from its remotes yet. A change that touches no earlier revision is never reported.

## Why is this bad
If the revision is published, this is MG401, MG402 or MG403. An answer that does not know must not look clean.

## Example
```
error[MG005 publication-unknown]: cannot tell whether `a1b2c3`, changed here, is published: the history is shallow
 --> migrations/versions/a1b2c3_add_email.py
help: fetch what is missing: git fetch --unshallow
```

## Options
`on-cannot-check = "warn"` lets commits through; CI always fails. In a CI job, fetch the whole history
(`fetch-depth: 0` on GitHub, `GIT_DEPTH: 0` on GitLab).

## Fix safety
`git fetch` changes no branch of yours.
"""

from __future__ import annotations

from collections.abc import Iterator

from migguard.diagnostics import Diagnostic, Help, Location
from migguard.rules.publication import Publication

CODE = "MG005"
_MOST_NAMED = 8


def check(publication: Publication) -> Iterator[Diagnostic]:
    """One diagnostic for all revisions that were changed."""
    changes = publication.unknown
    if not changes:
        return
    names = sorted({change.name for change in changes})
    named = ", ".join(f"`{name}`" for name in names[:_MOST_NAMED])
    if len(names) > _MOST_NAMED:
        named += f" and {len(names) - _MOST_NAMED} more"
    verb = "is" if len(names) == 1 else "are"
    shown = changes[0].after or changes[0].before
    yield Diagnostic(
        CODE,
        f"cannot tell whether {named}, changed here, {verb} published: {publication.reason}",
        Location(shown.path),
        helps=(Help("fetch what is missing", publication.hint),),
        environment=publication.state.environment,
        subject={"revision": names[0]},
    )
