"""Read-only views of one tree: the index, a commit, the work tree, or any of them with some files changed."""

from __future__ import annotations

import abc
import os
from collections.abc import Collection, Iterable, Mapping

from migguard.errors import GitError, MigguardError
from migguard.git.objects import REGULAR, SUBMODULE, Entry, list_tree, read_blobs, write_blob
from migguard.git.private_index import PrivateIndex, open_private_index
from migguard.git.repository import Repository

__all__ = ["Entry", "IndexSnapshot", "OverlaidSnapshot", "Snapshot", "TreeSnapshot", "WorktreeSnapshot"]


class Snapshot(abc.ABC):
    """A tree that does not change while it is looked at. `label` names it in messages.

    A symbolic link reads as its target's path; a submodule is an entry that cannot be read.
    """

    def __init__(self, repository: Repository, label: str) -> None:
        self.repository = repository
        self.label = label
        self._tree: str | None = None
        self._entries: Mapping[str, Entry] | None = None
        self._blobs: dict[str, bytes] = {}

    @abc.abstractmethod
    def _write_tree(self) -> str:
        """Find or write the tree."""

    def tree(self) -> str:
        """The tree's oid; the object exists in the repository."""
        if self._tree is None:
            self._tree = self._write_tree()
        return self._tree

    def entries(self) -> Mapping[str, Entry]:
        """Every path with its mode and oid, sorted."""
        if self._entries is None:
            self._entries = list_tree(self.repository, self.tree())
        return self._entries

    def read(self, path: str) -> bytes:
        """The content stored at a path, as git stores it. Raises FileNotFoundError."""
        content = self.read_many((path,)).get(path)
        if content is None:
            raise FileNotFoundError(f"`{path}` is not in {self.label}")
        return content

    def read_many(self, paths: Iterable[str]) -> dict[str, bytes]:
        """The content of every path that is there, in one git process; the others are left out."""
        entries = self.entries()
        found = {
            path: entries[path].oid
            for path in dict.fromkeys(paths)
            if path in entries and entries[path].mode != SUBMODULE
        }
        self._blobs.update(read_blobs(self.repository, [oid for oid in found.values() if oid not in self._blobs]))
        return {path: self._blobs[oid] for path, oid in found.items()}


class IndexSnapshot(Snapshot):
    """What is staged, in the index that git names (the one being committed, inside a hook).

    Intent-to-add entries are not staged content and are left out, as in a commit. Raises MigguardError on use
    while paths are unmerged.
    """

    def __init__(self, repository: Repository) -> None:
        super().__init__(repository, "the index")

    def _write_tree(self) -> str:
        with open_private_index(self.repository, copy_of=self.repository.index_path) as index:
            try:
                return index.write_tree()
            except GitError as error:
                raise _explain_unmerged(index) or error from error


class TreeSnapshot(Snapshot):
    """The tree of a commit, a tag, or a tree itself. Raises MigguardError on use where there is none."""

    def __init__(self, repository: Repository, treeish: str, label: str | None = None) -> None:
        super().__init__(repository, label or f"`{treeish}`")
        self.treeish = treeish

    def _write_tree(self) -> str:
        name = self.treeish
        # In `REF:folder` a suffix would belong to the folder's name.
        for question in ("{}", "{}^{{tree}}"):
            status, out, _ = self.repository.run_status("rev-parse", "--verify", "--quiet", question.format(name))
            if status != 0 or self.treeish.startswith("-"):
                raise MigguardError(f"`{self.treeish}` names no commit or tree here")
            name = out.decode().strip()
        return name


class WorktreeSnapshot(Snapshot):
    """The work tree: tracked files as they are on disk, and untracked ones that are not ignored.

    Submodules are at their checked out commit; other repositories inside this one are left out, like files
    that a sparse checkout does not have on disk are kept as the index has them.
    """

    def __init__(self, repository: Repository) -> None:
        super().__init__(repository, "the work tree")

    def _write_tree(self) -> str:
        with open_private_index(self.repository, copy_of=self.repository.index_path) as index:
            index.run("add", "-u")
            untracked = self.repository.untracked_paths()
            if untracked:
                paths = b"".join(os.fsencode(path) + b"\0" for path in untracked)
                index.run("update-index", "--add", "--remove", "-z", "--stdin", stdin=paths)
            return index.write_tree()


class OverlaidSnapshot(Snapshot):
    """Another snapshot plus and minus some files, in the object database only.

    `added` holds content as git is to store it (no filters are applied); a path that the base has keeps its
    mode. Removing a path that is not there changes nothing.
    """

    def __init__(
        self,
        base: Snapshot,
        added: Mapping[str, bytes],
        removed: Collection[str] = (),
        label: str | None = None,
    ) -> None:
        super().__init__(base.repository, label or base.label)
        self._base = base
        self._added = dict(added)
        self._removed = frozenset(removed) - self._added.keys()

    def _write_tree(self) -> str:
        known = self._base.entries()
        null = "0" * len(self.repository.empty_tree())
        records = [f"0 {null}\t{path}" for path in sorted(self._removed) if path in known]
        for path, content in self._added.items():
            oid = write_blob(self.repository, content)
            self._blobs[oid] = content
            mode = known[path].mode if path in known and known[path].is_file else REGULAR
            records.append(f"{mode} {oid}\t{path}")
        with open_private_index(self.repository) as index:
            index.run("read-tree", self._base.tree())
            stdin = b"".join(os.fsencode(record) + b"\0" for record in records)
            index.run("update-index", "-z", "--index-info", stdin=stdin)
            return index.write_tree()


def _explain_unmerged(index: PrivateIndex) -> MigguardError | None:
    """The error that names the unmerged paths of an index, if there are any."""
    records = os.fsdecode(index.run("ls-files", "-u", "-z")).split("\0")
    paths = list(dict.fromkeys(record.partition("\t")[2] for record in records if record))
    if not paths:
        return None
    named = ", ".join(f"`{path}`" for path in paths[:10]) + (", …" if len(paths) > 10 else "")
    return MigguardError(
        f"unmerged paths: {named}",
        "resolve the conflicts and `git add` them",
        path=paths[0] if len(paths) == 1 else None,
    )
