"""A work tree of our own beside the user's: a private git folder, an index, and the files of one tree."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from migguard.errors import GitError, MigguardError
from migguard.git.objects import SUBMODULE
from migguard.git.repository import Repository
from migguard.schema.folders import remove_folder

#: Nothing but our own files is touched, nothing is fetched, and large files stay the pointers that they are in git.
_SETTINGS = (
    "-c", "core.hooksPath=/dev/null",
    "-c", "core.fsmonitor=false",
    "-c", "core.splitIndex=false",
    "-c", "index.sparse=false",
    "-c", "submodule.recurse=false",
    "-c", "advice.detachedHead=false",
    "-c", "filter.lfs.required=false",
    "-c", "filter.lfs.smudge=",
    "-c", "filter.lfs.process=",
)  # fmt: skip
_MARKER = "migguard.json"


@dataclass(frozen=True)
class SparsePatterns:
    """Which files of a tree are written to disk: the lines of git's `info/sparse-checkout`."""

    text: str
    cone: bool = False


@dataclass(frozen=True)
class Checkout:
    """The files in `path`, and the private git folder that they belong to.

    `common_dir` is the repository whose objects and refs it uses. In `path` a file `.git` leads to `git_dir`, so
    that git works there as in a linked work tree. git ignores core.worktree and core.bare in such a place.
    """

    repository: Repository
    path: Path
    git_dir: Path
    common_dir: Path

    def prepare(self, head: str) -> None:
        """Make both folders as git wants them. `head` is an oid, or `ref: …` before the first commit."""
        if self.path.is_symlink():
            self.path.unlink()
        self.path.mkdir(parents=True, exist_ok=True)
        (self.git_dir / "info").mkdir(parents=True, exist_ok=True)
        # We hold the lock on the whole folder: a lock of git's was left by a process that was killed.
        (self.git_dir / "index.lock").unlink(missing_ok=True)
        _write(self.git_dir / "HEAD", f"{head}\n")
        _write(self.git_dir / "commondir", f"{self.common_dir}\n")
        link = self.path / ".git"
        if link.is_dir() and not link.is_symlink():
            remove_folder(link)
        _write(link, f"gitdir: {self.git_dir}\n")

    def read_tree(self, tree: str, patterns: SparsePatterns | None) -> None:
        """Make the files those of `tree`; files of ours that anything changed are put right. Raises GitError.

        What git does not know about stays: see `remove_strays`.
        """
        options = self._apply(patterns)
        arguments = (*_SETTINGS, *options, "read-tree", "-u", "--reset", tree)
        status, _, _ = self.repository.run_status(*arguments, env=self._variables)
        if status != 0:
            # A damaged index would fail for ever, a missing object fails again.
            (self.git_dir / "index").unlink(missing_ok=True)
            (self.git_dir / "index.lock").unlink(missing_ok=True)
            self.repository.run(*arguments, env=self._variables)

    def list_files(self) -> tuple[dict[str, str], frozenset[str]]:
        """What read_tree wrote, submodules left out, and what the patterns kept from disk: paths with oids, paths."""
        written: dict[str, str] = {}
        skipped = set()
        for path, tag, mode, oid in self._list_index():
            if tag == "S":
                skipped.add(path)
            elif mode != SUBMODULE:
                written[path] = oid
        return written, frozenset(skipped)

    def list_submodules(self) -> Mapping[str, str]:
        """Path → commit of the submodules that the patterns keep."""
        return {path: oid for path, tag, mode, oid in self._list_index() if mode == SUBMODULE and tag != "S"}

    def list_missing(self, tree: str, patterns: SparsePatterns | None) -> list[str]:
        """The paths of `tree` that should be on disk and whose content this (partial) clone does not have."""
        index = self.git_dir / "probe.index"
        index.unlink(missing_ok=True)
        variables = {**self._variables, "GIT_INDEX_FILE": str(index)}
        options = self._apply(patterns)
        try:
            self.repository.run(*_SETTINGS, *options, "read-tree", "--reset", tree, env=variables)
            listed = self.repository.run("ls-files", "-z", "-t", "-s", env=variables)
            objects = self.repository.run("rev-list", "--objects", "--missing=print", "--no-object-names", tree)
        except GitError:
            return []
        finally:
            index.unlink(missing_ok=True)
        missing = {line[1:] for line in objects.decode().splitlines() if line.startswith("?")}
        return [path for path, tag, _, oid in _parse(listed) if tag != "S" and oid in missing]

    @property
    def _variables(self) -> dict[str, str | None]:
        return {
            "GIT_DIR": str(self.git_dir),
            "GIT_WORK_TREE": str(self.path),
            "GIT_INDEX_FILE": None,
            "GIT_COMMON_DIR": None,
            "GIT_LFS_SKIP_SMUDGE": "1",
        }

    def _list_index(self) -> list[tuple[str, str, str, str]]:
        return _parse(self.repository.run("ls-files", "-z", "-t", "-s", env=self._variables))

    def _apply(self, patterns: SparsePatterns | None) -> tuple[str, ...]:
        """Write the patterns and return the options that make git read them."""
        file, known = self.git_dir / "info" / "sparse-checkout", self.git_dir / "patterns"
        text = "" if patterns is None else f"{patterns.cone}\n{patterns.text}"
        if not known.exists() or _read(known) != text:
            # An entry once skipped stays skipped when the patterns go, until the index is emptied.
            (self.git_dir / "index").unlink(missing_ok=True)
            _write(known, text)
        if patterns is None:
            file.unlink(missing_ok=True)
            return ("-c", "core.sparseCheckout=false")
        _write(file, patterns.text)
        return ("-c", "core.sparseCheckout=true", "-c", f"core.sparseCheckoutCone={str(patterns.cone).lower()}")


def _parse(listed: bytes) -> list[tuple[str, str, str, str]]:
    """Records of `ls-files -t -s -z`: path, tag, mode, oid."""
    records = []
    for record in os.fsdecode(listed).split("\0"):
        meta, _, path = record.partition("\t")
        if meta:
            tag, mode, oid, _ = meta.split(" ")
            records.append((path, tag, mode, oid))
    return records


def mark(folder: Path, tree: Path) -> None:
    """Say in the private git folder that `tree` is ours to clean."""
    _write(folder / _MARKER, json.dumps({"tree": str(tree)}))


def require_mark(folder: Path, tree: Path) -> None:
    """Raise MigguardError unless `tree` is a folder that we made."""
    with contextlib.suppress(OSError, ValueError):
        if json.loads((folder / _MARKER).read_text())["tree"] == str(tree) and not tree.is_symlink():
            return
    raise MigguardError(f"`{tree}` was not made by migguard", f"remove it: rm -r '{tree}'")


def _read(file: Path) -> str:
    return os.fsdecode(file.read_bytes())


def _write(file: Path, text: str) -> None:
    """Replace a file in one step, unless it already says so; a symbolic link is replaced, not followed."""
    data = os.fsencode(text)
    with contextlib.suppress(OSError):
        if not file.is_symlink() and file.read_bytes() == data:
            return
    fresh = file.with_name(f"{file.name}.migguard")
    fresh.unlink(missing_ok=True)
    fresh.write_bytes(data)
    fresh.replace(file)
