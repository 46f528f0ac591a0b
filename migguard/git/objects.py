"""Blobs and tree listings, many at a time."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass

from migguard.errors import MigguardError
from migguard.git.process import explain_failure
from migguard.git.repository import Repository

REGULAR = "100644"
EXECUTABLE = "100755"
SUBMODULE = "160000"


@dataclass(frozen=True)
class Entry:
    """A path of a tree. `mode` is git's: 100644, 100755, 120000 (symbolic link) or 160000 (submodule)."""

    path: str
    mode: str
    oid: str

    @property
    def is_file(self) -> bool:
        """Whether it is a regular file, executable or not."""
        return self.mode in (REGULAR, EXECUTABLE)


def list_tree(repository: Repository, tree: str) -> dict[str, Entry]:
    """Every path of a tree, in git's order (bytewise by path)."""
    listing = repository.run("ls-tree", "-r", "-z", "--full-tree", tree)
    entries = {}
    for record in listing.split(b"\0")[:-1]:
        meta, _, raw = record.partition(b"\t")
        mode, _, oid = meta.decode("ascii").split(" ")
        path = os.fsdecode(raw)
        entries[path] = Entry(path, mode, oid)
    return entries


def read_blobs(repository: Repository, oids: Iterable[str]) -> dict[str, bytes]:
    """The bytes of each blob, in one process. Raises MigguardError for one that this clone does not hold."""
    wanted = list(dict.fromkeys(oids))
    if not wanted:
        return {}
    answer = read_objects(repository, wanted)
    blobs = {}
    position = 0
    for oid in wanted:
        end = answer.find(b"\n", position)
        words = answer[position:end].split(b" ")
        if end < 0 or len(words) != 3:
            raise _explain_absence(oid)
        start = end + 1
        position = start + int(words[2])
        blobs[oid] = answer[start:position]
        position += 1
    return blobs


def read_objects(repository: Repository, oids: Iterable[str]) -> bytes:
    """What `cat-file --batch` says of objects. Raises MigguardError where a partial clone lacks one."""
    arguments = ("cat-file", "--batch", "--buffer")
    status, out, err = repository.run_status(*arguments, stdin="".join(f"{oid}\n" for oid in oids).encode())
    if status == 0:
        return out
    absent = re.search(rb"could not fetch ([0-9a-f]+) from promisor remote", err)
    raise _explain_absence(absent.group(1).decode()) if absent else explain_failure(arguments, status, err)


def _explain_absence(oid: str) -> MigguardError:
    """In a partial clone, fetching is the user's decision."""
    return MigguardError(f"the object {oid} is not in this clone", "git fetch --refetch --no-filter")


def write_blob(repository: Repository, content: bytes) -> str:
    """Store bytes as they are (no filters) and return the blob's oid."""
    return repository.run("hash-object", "-w", "--stdin", stdin=content).decode().strip()
