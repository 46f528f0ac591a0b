"""MG301 unstaged-revision: a revision file exists, is not part of this commit, and would mend it.

## What it does
When the index has a fault, asks the same question once more with the revision files that stand in the work tree
but not in the index (untracked, ignored by git, or edited since they were staged). If faults vanish with them, and
nothing new keeps the check from looking, it reports as few of the files as mend all that, instead of those faults. A
revision that mends nothing is only mentioned. Faults that are ignored or allowed need no mending; where this rule is
ignored or a warning, the faults themselves are reported.

## Why is this bad
The commit works for its author, whose folder has the file, and for nobody else. A database that was upgraded with the
forgotten file cannot even be opened by Alembic on another checkout: "can't locate revision".

## Example
```
error[MG301 unstaged-revision]: `c4d5e6_add_index.py` exists but is not part of this commit
help: git add migrations/versions/c4d5e6_add_index.py
```

## Options
None.

## Fix safety
`git add` changes only the index.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import PurePosixPath

from migguard.diagnostics import Diagnostic, Help, Location, Note
from migguard.git.shell import quote_paths

CODE = "MG301"

_NAME_IT = Help("then name it in `git commit` as well, or name no files there")


def report(
    files: Mapping[str, bytes],
    mended: Sequence[Diagnostic],
    *,
    tracked: Collection[str],
    ignored: Collection[str],
    environment: str,
    prefix: str = "",
    is_partial: bool = False,
) -> Diagnostic:
    """The diagnostic for files that, if they were staged, would make the `mended` ones vanish.

    `files` maps repository paths to contents; `tracked` are those of which the index has an older state, `ignored`
    those that git ignores. `prefix` is the folder where the user stands; `is_partial` is a commit of named paths, which
    takes nothing from the index but these.
    """
    paths = list(files)
    force = "-f " if any(path in ignored for path in paths) else ""
    notes = [Note(f"it mends: {item.message}") for item in mended]
    notes += [Note(f"git ignores `{path}`") for path in paths if path in ignored]
    return Diagnostic(
        code=CODE,
        message=_message(paths, tracked),
        location=Location(paths[0]),
        notes=tuple(notes),
        helps=(Help("", f"git add {force}{quote_paths(paths, prefix)}"), *([_NAME_IT] if is_partial else [])),
        environment=environment,
    )


def _message(paths: Sequence[str], tracked: Collection[str]) -> str:
    names = ", ".join(f"`{PurePosixPath(path).name}`" for path in paths)
    if all(path in tracked for path in paths):
        return f"the latest edits of {names} are not part of this commit"
    return f"{names} {'exists but is' if len(paths) == 1 else 'exist but are'} not part of this commit"
