"""What is said of every change of a published revision: where it is published, and how to take the change back."""

from __future__ import annotations

import shlex

from migguard.diagnostics import Help, Note
from migguard.rules.publication import PublishedChange

_SHORT = 10


def note_publication(change: PublishedChange) -> tuple[Note, ...]:
    """On which ref it is, or in which commit where no tip has it any more."""
    if change.ref is None:
        return (Note(f"it was published with commit {change.commit[:_SHORT]}"),)
    name = change.ref
    for start in ("refs/heads/", "refs/remotes/", "refs/"):
        name = name.removeprefix(start)
    return (Note(f"it is on `{name}`"),)


def restore(change: PublishedChange, text: str) -> tuple[Help, ...]:
    """The command that brings the published file back; without a command where its name was changed."""
    path, commit = change.before.path, change.commit[:_SHORT]
    if change.after is None or change.after.path == path:
        return (Help(text, f"git restore --source={commit} --staged --worktree -- {shlex.quote(path)}"),)
    return (Help(f"{text}: it is `{path}` in commit {commit}"),)
