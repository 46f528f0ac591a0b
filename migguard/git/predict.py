"""What merging two commits would give, as a tree; the index, the refs and the work tree are left alone."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from migguard.errors import GitError, MigguardError
from migguard.git.objects import EXECUTABLE, REGULAR, Entry, read_blobs, write_blob
from migguard.git.private_index import open_private_index, private_folder
from migguard.git.process import explain_failure
from migguard.git.repository import Repository
from migguard.git.snapshot import TreeSnapshot

#: `merge-tree` is git's own merge. `index` does the same with plumbing that every git has, without renames.
Method = Literal["merge-tree", "index"]

#: `merge-tree --write-tree` came with this version.
_MERGE_TREE_VERSION = (2, 38)
_OID = re.compile(rb"[0-9a-f]{40,64}")
_PLAIN_MODES = (REGULAR, EXECUTABLE)


@dataclass(frozen=True)
class Tip:
    """A commit to be merged. `name` is what a person calls it: `origin/main`, `HEAD`."""

    oid: str
    name: str


@dataclass(frozen=True)
class Prediction:
    """The tree of a merge to be. `conflicts` are the paths that git would leave to a person, sorted.

    In the tree a file in conflict holds the conflict markers; a file that one side deleted is as the other has it.
    """

    tree: str
    conflicts: tuple[str, ...] = ()


class PredictedSnapshot(TreeSnapshot):
    """The tree that a merge would give."""

    def __init__(self, repository: Repository, prediction: Prediction, label: str) -> None:
        super().__init__(repository, prediction.tree, label)
        self.conflicts = prediction.conflicts


def find_tip(repository: Repository, ref: str) -> Tip:
    """The commit that a ref names. Raises MigguardError, with the command that fetches it, where there is none."""
    oid = repository.resolve(ref)
    if oid is None:
        raise MigguardError(f"`{ref}` names no commit here", name_fetch_command(repository, ref))
    return Tip(oid, ref)


def predict_merge(repository: Repository, yours: Tip, upstream: Tip, method: Method | None = None) -> Prediction:
    """What `git merge UPSTREAM` on YOURS would give; by git's version unless `method` is given.

    Where one contains the other, that is the tree of the one. Raises MigguardError where it cannot be told: the
    histories are unrelated, or cut off between the two (a shallow clone).
    """
    bases = repository.merge_bases(yours.oid, upstream.oid)
    for contained, containing in ((upstream, yours), (yours, upstream)):
        if contained.oid in bases:
            return Prediction(repository.tree_of(containing.oid))
    if _is_cut_off(repository, yours, upstream):
        raise MigguardError(
            f"the history between `{yours.name}` and `{upstream.name}` is cut off in this shallow clone",
            name_fetch_command(repository, upstream.name),
        )
    if not bases:
        raise MigguardError(f"`{yours.name}` and `{upstream.name}` have no commit in common")
    try:
        if (method or _choose_method(repository)) == "merge-tree":
            return _merge_by_git(repository, yours.oid, upstream.oid)
        return _merge_trees(repository, _find_base_tree(repository, bases), (yours.oid, upstream.oid))
    except GitError as error:
        if "promisor remote" not in error.stderr:
            raise
        # Fetching is the user's decision.
        raise MigguardError(
            "the merge needs objects that are not in this partial clone", "git fetch --refetch --no-filter"
        ) from error


def name_fetch_command(repository: Repository, ref: str) -> str | None:
    """The command that brings a remote's branch, and what a shallow clone lacks of its history; None: no idea."""
    is_shallow = (repository.common_dir / "shallow").exists()
    unshallow = ["--unshallow"] if is_shallow else []
    short = ref.removeprefix("refs/remotes/")
    for remote in sorted(repository.remotes(), key=len, reverse=True):
        branch = short.removeprefix(f"{remote}/")
        if branch != short:
            # In full: a clone of a single branch would put it nowhere.
            refspec = f"+refs/heads/{branch}:refs/remotes/{remote}/{branch}"
            return shlex.join(["git", "fetch", *unshallow, remote, refspec])
    return "git fetch --unshallow" if is_shallow else None


def _choose_method(repository: Repository) -> Method:
    words = repository.run("version").decode("utf-8", "replace")
    numbers = re.search(r"(\d+)\.(\d+)", words)
    version = (int(numbers[1]), int(numbers[2])) if numbers else (0, 0)
    return "merge-tree" if version >= _MERGE_TREE_VERSION else "index"


def _is_cut_off(repository: Repository, yours: Tip, upstream: Tip) -> bool:
    """Whether a commit that only one side has lost its parents: a better common ancestor may be behind it."""
    try:
        cut = (repository.common_dir / "shallow").read_text(encoding="ascii").split()
    except FileNotFoundError:
        return False
    between = repository.run("rev-list", f"{yours.oid}...{upstream.oid}").decode().split()
    return not set(cut).isdisjoint(between)


def _merge_by_git(repository: Repository, one: str, other: str) -> Prediction:
    arguments = ("merge-tree", "--write-tree", "-z", "--name-only", "--no-messages", one, other)
    status, out, err = repository.run_status(*arguments)
    tree, *paths = out.split(b"\0")
    # Status 1 is a conflict, and also a name that names nothing.
    if status not in (0, 1) or not _OID.fullmatch(tree):
        raise explain_failure(arguments, status, err)
    return Prediction(tree.decode(), tuple(sorted({os.fsdecode(path) for path in paths if path})))


def _find_base_tree(repository: Repository, bases: Sequence[str]) -> str:
    """The tree of the common ancestor; of several, what merging them gives, as git's own merge does."""
    first, *others = bases
    tree = repository.tree_of(first)
    for other in others:
        below = repository.merge_bases(first, other)
        start = _find_base_tree(repository, below) if below else repository.empty_tree()
        tree = _merge_trees(repository, start, (tree, other)).tree
    return tree


def _merge_trees(repository: Repository, base: str, sides: tuple[str, str]) -> Prediction:
    with open_private_index(repository) as index:
        index.run("read-tree", "-i", "-m", "--aggressive", base, *sides)
        null = "0" * len(base)
        records = []
        conflicts = []
        for path, stages in _parse_unmerged(index.run("ls-files", "-u", "-z")).items():
            entry, is_conflict = _merge_entry(repository, stages, sides)
            records.append(f"{entry.mode} {entry.oid}\t{path}" if entry else f"0 {null}\t{path}")
            if is_conflict:
                conflicts.append(path)
        if records:
            stdin = b"".join(os.fsencode(record) + b"\0" for record in records)
            index.run("update-index", "-z", "--index-info", stdin=stdin)
        return Prediction(index.write_tree(), tuple(sorted(conflicts)))


def _parse_unmerged(listing: bytes) -> Mapping[str, Mapping[int, Entry]]:
    """Path → the stages that are there: 1 the base, 2 the one side, 3 the other."""
    found: dict[str, dict[int, Entry]] = {}
    for record in listing.split(b"\0")[:-1]:
        meta, _, raw = record.partition(b"\t")
        mode, oid, stage = meta.decode("ascii").split(" ")
        path = os.fsdecode(raw)
        found.setdefault(path, {})[int(stage)] = Entry(path, mode, oid)
    return found


def _merge_entry(
    repository: Repository, stages: Mapping[int, Entry], sides: tuple[str, str]
) -> tuple[Entry | None, bool]:
    """What becomes of one path (None: it goes), and whether a person would have to decide."""
    base, one, other = stages.get(1), stages.get(2), stages.get(3)
    # read-tree leaves some of these open too, where a file became a folder.
    if other in (base, one):
        return one, False
    if one == base:
        return other, False
    if one is None or other is None:
        return one or other, True
    if one.mode not in _PLAIN_MODES or other.mode not in _PLAIN_MODES:
        return one, True
    mode = other.mode if base is not None and base.mode == one.mode else one.mode
    if one.oid == other.oid:
        return Entry(one.path, mode, one.oid), False
    oid, is_conflict = _merge_contents(repository, base, one, other, sides)
    return Entry(one.path, mode, oid), is_conflict


def _merge_contents(
    repository: Repository, base: Entry | None, one: Entry, other: Entry, sides: tuple[str, str]
) -> tuple[str, bool]:
    """The blob of the merged file; the one side's own where it is no text."""
    blobs = read_blobs(repository, [entry.oid for entry in (base, one, other) if entry is not None])
    with private_folder(repository) as folder:
        for name, entry in (("one", one), ("base", base), ("other", other)):
            (folder / name).write_bytes(blobs[entry.oid] if entry is not None else b"")
        labels = (word for label in (sides[0], "base", sides[1]) for word in ("-L", label))
        files = (str(folder / name) for name in ("one", "base", "other"))
        # The status is the number of conflicts, at most 127.
        status, out, _ = repository.run_status("merge-file", "-p", "-q", *labels, *files)
    if status > 127:
        return one.oid, True
    return write_blob(repository, out), status != 0
