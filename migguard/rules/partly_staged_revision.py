"""MG302 partly-staged-revision: the staged revision differs from the one on disk.

## What it does
Warns where a revision that this commit adds or changes has been edited since it was staged.

## Why is this bad
What is reviewed and deployed is the staged text. The edit (a data migration, a renamed constraint) stays behind on
one machine, and that machine's database has it.

## Example
```
warning[MG302 partly-staged-revision]: `c4d5e6_add_index.py` was edited after it was staged
 --> migrations/versions/c4d5e6_add_index.py
help: stage the edit: git add migrations/versions/c4d5e6_add_index.py
```

## Options
None. pre-commit puts unstaged edits aside before hooks run, so that there only `migguard check` by hand sees them.

## Fix safety
`git add` changes only the index.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from pathlib import PurePosixPath

from migguard.diagnostics import Diagnostic, Help, Location, Severity
from migguard.git.shell import quote_paths

CODE = "MG302"


def check(
    edited: Iterable[str], changed: Collection[str], *, environment: str, prefix: str = ""
) -> Iterator[Diagnostic]:
    """One warning for each path that was `edited` since it was staged and that the commit itself has `changed`.

    `prefix` is the folder where the user stands.
    """
    for path in edited:
        if path in changed:
            yield Diagnostic(
                code=CODE,
                message=f"`{PurePosixPath(path).name}` was edited after it was staged",
                location=Location(path),
                helps=(Help("stage the edit", f"git add {quote_paths([path], prefix)}"),),
                severity=Severity.WARNING,
                environment=environment,
            )
