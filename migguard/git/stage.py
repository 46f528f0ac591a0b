"""Writes to the user's index: single entries, never the whole."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Mapping

from migguard.git.objects import Entry
from migguard.git.process import explain_failure
from migguard.git.repository import Repository

#: How long another program (an editor, a shell prompt) may hold the index before we give up.
_PATIENCE_SECONDS = 3.0
_PAUSE_SECONDS = 0.05


def store_file(repository: Repository, path: str, content: bytes) -> str:
    """Store a file's content in the object database, through the filters of its path; returns the oid."""
    return repository.run("hash-object", "-w", "--stdin", "--path", path, stdin=content).decode().strip()


def find_staged(repository: Repository, paths: Iterable[str]) -> dict[str, Entry]:
    """The index entries of some paths, as they are now; paths that are not there are left out.

    Unmerged and intent-to-add entries count as not there.
    """
    wanted = set(paths)
    if not wanted:
        return {}
    found = {}
    # Unlike `ls-files`, a diff can leave out what is only intended to be added.
    listing = repository.run(
        "diff-index", "--cached", "--ita-invisible-in-index", "--raw", "-z", "--no-renames", "--no-abbrev",
        "--ignore-submodules=none", repository.empty_tree(), "--", *sorted(wanted),
    ).split(b"\0")[:-1]  # fmt: skip
    for meta, raw in zip(listing[::2], listing[1::2], strict=True):
        _, mode, _, oid, status = meta.decode("ascii").removeprefix(":").split(" ")
        path = os.fsdecode(raw)
        if status == "A" and path in wanted:
            found[path] = Entry(path, mode, oid)
    return found


def write_entries(repository: Repository, entries: Mapping[str, Entry | None]) -> None:
    """Set (or with None remove) index entries in one go; all other entries stay as they are.

    Waits for a while where another program holds the index. Raises GitError.
    """
    null = "0" * len(repository.empty_tree())
    records = (f"{entry.mode} {entry.oid}\t{path}" if entry else f"0 {null}\t{path}" for path, entry in entries.items())
    stdin = b"".join(os.fsencode(record) + b"\0" for record in records)
    arguments = ("update-index", "-z", "--index-info")
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while True:
        status, _, err = repository.run_status(*arguments, stdin=stdin)
        # A path that no index may hold is skipped with a message, and success.
        if status == 0 and not err.startswith(b"Ignoring path"):
            break
        is_locked = b".lock'" in err and b"File exists" in err
        if not is_locked or time.monotonic() > deadline:
            raise explain_failure(arguments, status, err)
        time.sleep(_PAUSE_SECONDS)
    _refresh(repository, [path for path, entry in entries.items() if entry])


def _refresh(repository: Repository, paths: list[str]) -> None:
    """Let the index know that files on disk are as staged, where they are.

    Otherwise `git reset --keep`, the undo that we print, takes them for edited. Best effort: `git status` would do
    the same later.
    """
    if paths:
        arguments = ("status", "--porcelain", "--untracked-files=no", "--ignore-submodules=all", "--", *paths)
        repository.run_status(*arguments, env={"GIT_OPTIONAL_LOCKS": "1"})
