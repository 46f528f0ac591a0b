"""MG106 diverges-from-upstream: merging with upstream would break a revision graph that is whole on either side.

## What it does
Predicts the merge of a commit with a branch, in memory, and judges the revision graph of the result: several heads,
two files with one id, a parent that is not there, conflict markers in a revision, a cycle. What one of the sides has
already is not reported here. `migguard check --against REF` reports an error. The pre-push hook reports an error for
a push over a published branch that has gone another way, and otherwise a warning about the default branch.

## Why is this bad
Both branches are fine, and their tests pass. git merges them without a conflict, a server does so with one click and
without a hook, and then `alembic upgrade head` refuses to run: in the next deployment.

## Example
```
error[MG106 diverges-from-upstream]: merging with `origin/main` would give 2 heads: `a1b2c3`, `d4e5f6`
 --> migrations/versions/a1b2c3_add_email.py:14:17
note: `d4e5f6` (add phone) is a head too, on `origin/main`
help: merge, and join the heads: git merge origin/main && migguard merge
```

## Options
`severity = { MG106 = "error" }` makes every push fail for it, `"warning"` none. `published` names the branches, beside
the default ones, that databases may be deployed from.

## Fix safety
There is no automatic fix: migguard does not merge branches for you. In the merge, its post-merge hook joins the heads.
"""

from __future__ import annotations

import shlex
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from migguard.diagnostics import Diagnostic, Help, Location, Note, Severity
from migguard.revisions.state import GraphState

CODE = "MG106"


@dataclass(frozen=True)
class PredictedMerge:
    """One environment in a merge to be: as each side has it, and as the merge would. `upstream_name` is a ref.

    `conflicts` are the paths that hold conflict markers in the merge.
    """

    yours: GraphState
    upstream: GraphState
    merged: GraphState
    upstream_name: str
    conflicts: Collection[str] = ()


def check(merge: PredictedMerge, faults: Iterable[Diagnostic], severity: Severity) -> Iterator[Diagnostic]:
    """One diagnostic for each of `faults`, which the rules found in the merge and on neither side."""
    for fault in faults:
        yield Diagnostic(
            CODE,
            _describe(merge, fault),
            _locate(merge, fault),
            notes=(*_note_places(merge, fault), *_note_removals(merge, fault)),
            helps=_advise(merge, fault),
            severity=severity,
            environment=fault.environment,
            subject=fault.subject,
        )


def _describe(merge: PredictedMerge, fault: Diagnostic) -> str:
    if fault.code == "MG101":
        return f"merging with `{merge.upstream_name}` would give {fault.message}"
    return f"merged with `{merge.upstream_name}`, {fault.message}"


def _locate(merge: PredictedMerge, fault: Diagnostic) -> Location | None:
    """The markers of a conflict are in no file that the user could open."""
    place = fault.location
    return Location(place.path) if place is not None and place.path in merge.conflicts else place


def _note_places(merge: PredictedMerge, fault: Diagnostic) -> Iterator[Note]:
    place = fault.location
    if place is not None and place.path not in merge.yours.sources:
        yield Note(f"this file is {_name_side(merge, place.path)}")
    for note in fault.notes:
        if note.location is None:
            yield note
        else:
            yield Note(f"{note.text}, {_name_side(merge, note.location.path)}", note.location)


def _name_side(merge: PredictedMerge, path: str) -> str:
    if path not in merge.yours.sources:
        return f"on `{merge.upstream_name}`"
    return "on both sides" if path in merge.upstream.sources else "on yours"


def _note_removals(merge: PredictedMerge, fault: Diagnostic) -> Iterator[Note]:
    """Which side no longer has the parent that is missing in the merge."""
    if fault.code != "MG102":
        return
    for missing in merge.merged.graph.missing:
        if missing.revision != fault.subject.get("revision") or f"`{missing.reference}`" not in fault.message:
            continue
        removed_by, kept = f"`{merge.upstream_name}`", merge.yours.graph.revisions.get(missing.reference)
        if kept is None:
            removed_by, kept = "yours", merge.upstream.graph.revisions.get(missing.reference)
        if kept is not None:
            yield Note(f"`{kept.id}` was in `{kept.path}`, and {removed_by} has it no more")
            return


def _advise(merge: PredictedMerge, fault: Diagnostic) -> tuple[Help, ...]:
    command = f"git merge {shlex.quote(merge.upstream_name)}"
    if fault.code == "MG103":
        return fault.helps
    if fault.code == "MG105":
        return (Help("merge, and solve the conflict", command),)
    joining = next((help_.command for help_ in fault.helps if help_.command), None)
    if fault.code == "MG101" and joining is not None:
        return (Help("merge, and join the heads", f"{command} && {joining}"),)
    return (Help("merge, and mend it there", command),)
