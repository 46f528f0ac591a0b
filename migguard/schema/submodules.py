"""Puts submodules into the materialised tree, each at the commit that the snapshot records for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from migguard.errors import GitError, MigguardError
from migguard.git.repository import Repository
from migguard.schema.checkout import Checkout


@dataclass
class Submodules:
    """What was put into the tree: `files` (their `.git` files too) and `folders`, relative to its top.

    `absent` are submodules that the work tree does not have either; their folders are empty.
    """

    files: set[str] = field(default_factory=set)
    folders: set[str] = field(default_factory=set)
    absent: list[str] = field(default_factory=list)


def fill_submodules(parent: Checkout, source: Path, git_dirs: Path, label: str) -> Submodules:
    """Write the files of every submodule of `parent`, and of theirs.

    They come from the submodule's own objects, at the recorded commit: what is checked out, staged or edited in
    `source` (the work tree of `parent`) does not matter. `git_dirs` is where their private git folders are kept.
    Raises MigguardError where the commit is not there.
    """
    found = Submodules()
    _fill(parent, source, git_dirs, label, "", found)
    return found


def _fill(parent: Checkout, source: Path, git_dirs: Path, label: str, prefix: str, found: Submodules) -> None:
    for path, commit in parent.list_submodules().items():
        shown = prefix + path
        found.folders.add(shown)
        repository = _find_git_dir(source / path)
        if repository is None:
            (parent.path / path).mkdir(parents=True, exist_ok=True)
            found.absent.append(shown)
            continue
        place = git_dirs / quote(shown, safe="", errors="surrogateescape")
        checkout = Checkout(parent.repository, parent.path / path, place, repository)
        _check_out(checkout, commit, shown, label)
        files, _ = checkout.list_files()
        found.files.update(f"{shown}/{name}" for name in files)
        found.files.add(f"{shown}/.git")
        _fill(checkout, source / path, git_dirs, label, f"{shown}/", found)


def _check_out(checkout: Checkout, commit: str, shown: str, label: str) -> None:
    try:
        checkout.prepare(commit)
        checkout.read_tree(f"{commit}^{{tree}}", None)
    except GitError as error:
        raise MigguardError(
            f"submodule `{shown}` does not have the commit {commit[:12]} that {label} records",
            f"git submodule update --init -- {shown}",
            path=shown,
        ) from error


def _find_git_dir(work_tree: Path) -> Path | None:
    """The repository of a submodule's work tree (of all its work trees, where it has several), or None."""
    link = work_tree / ".git"
    try:
        git_dir = (
            link if link.is_dir() else work_tree / link.read_text(encoding="utf-8").removeprefix("gitdir:").strip()
        )
        if not (git_dir / "HEAD").exists():
            return None
        common = git_dir / "commondir"
        return ((git_dir / common.read_text(encoding="utf-8").strip()) if common.exists() else git_dir).resolve()
    except OSError:
        return None


def find_submodule(repository: Repository, path: str) -> str | None:
    """The submodule of the index that a path of the work tree lies in, or None."""
    parts = path.split("/")
    folders = ["/".join(parts[:length]) for length in range(1, len(parts))]
    tracked = repository.tracked_paths(folders)
    return next((folder for folder in folders if folder in tracked), None)
