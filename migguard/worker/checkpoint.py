"""The schema behind published revisions, as a file of the repository: replays start there."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Optional

#: In the script location.
NAME = "migguard-checkpoint.sql"
_FIRST = "-- migguard checkpoint: the schema behind these revisions. Replays start here."
_FIELD = re.compile(r"-- ([a-z-]+): (.*)")


@dataclass
class Checkpoint:
    """A checkpoint as its file says it. `digest` is that of the revisions up to it: another one makes it void."""

    revisions: list[str]
    digest: str
    dialect: str
    made: str
    text: str

    def render(self) -> str:
        """The file."""
        lines = [
            _FIRST,
            "-- Made by `migguard checkpoint`; void as soon as one of the revisions up to it changes.",
            f"-- revisions: {', '.join(self.revisions)}",
            f"-- digest: {self.digest}",
            f"-- dialect: {self.dialect}",
            f"-- made: {self.made}",
            "",
        ]
        return "\n".join(lines) + "\n" + self.text


def read_checkpoint(script_location: str) -> Optional[Checkpoint]:
    """The checkpoint of an environment, None where there is none. ValueError where the file is no checkpoint."""
    try:
        with open(os.path.join(script_location, NAME), encoding="utf-8", newline="") as file:
            content = file.read()
    except FileNotFoundError:
        return None
    head, _, text = content.replace("\r\n", "\n").partition("\n\n")
    fields = {found[1]: found[2] for found in map(_FIELD.fullmatch, head.splitlines()) if found}
    if not head.startswith(_FIRST) or not {"revisions", "digest", "dialect"} <= set(fields):
        raise ValueError("it does not begin like a checkpoint")
    revisions = [name for name in fields["revisions"].split(", ") if name]
    return Checkpoint(revisions, fields["digest"], fields["dialect"], fields.get("made", ""), text)


def find_checkpoint(script: Any, script_location: str) -> Optional[tuple[Checkpoint, list[Any]]]:
    """The checkpoint with the revisions behind it, None where there is none.

    ValueError and LookupError say why the one that is there is void.
    """
    checkpoint = read_checkpoint(script_location)
    if checkpoint is None:
        return None
    ancestors = list_ancestors(script, checkpoint.revisions)
    if digest_revisions(ancestors) != checkpoint.digest:
        raise LookupError("one of the revisions up to it has changed")
    return checkpoint, ancestors


def digest_revisions(scripts: Iterable[Any]) -> str:
    """One digest for the contents of revisions, in whatever order they come."""
    found = []
    for script in scripts:
        with open(script.path, "rb") as file:
            found.append((script.revision, hashlib.sha256(file.read()).hexdigest()))
    return hashlib.sha256(repr(sorted(found)).encode()).hexdigest()


def list_ancestors(script: Any, revisions: list[str]) -> list[Any]:
    """The revisions themselves and all that come before them. LookupError where one is not there."""
    found: dict[str, Any] = {}
    nothing: Any = ()
    for revision in revisions:
        try:
            steps = script._upgrade_revs(revision, nothing)
        except Exception as error:  # Alembic's CommandError, ResolutionError
            raise LookupError(f"there is no revision `{revision}`") from error
        found.update((step.revision.revision, step.revision) for step in steps)
    return list(found.values())
