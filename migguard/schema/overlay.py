"""Copies what git ignores and an import often needs (`.env`, `_version.py`, `*_pb2.py`) beside the snapshot's files."""

from __future__ import annotations

import contextlib
import glob
import json
import os
import re
import shutil
import stat
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from migguard.config.globs import matches_any, matches_glob

#: Bytes and files that are copied unless a setting asks for more.
BUDGET = 50 * 1024 * 1024
MOST_FILES = 20_000

_FOLDERS = frozenset(
    {
        "node_modules",
        "__pycache__",
        "__pypackages__",
        ".tox",
        ".nox",
        ".mypy_cache",
        ".pytest_cache",
        ".ruff_cache",
        ".hypothesis",
        ".eggs",
        ".ipynb_checkpoints",
        ".idea",
        ".vscode",
        ".terraform",
        "htmlcov",
    }
)
#: A folder that holds one of these is a Python of its own, or a repository of its own.
_MARKERS = ("pyvenv.cfg", "conda-meta", ".git")
#: Databases are never handed to project code, not even as copies; a lone .pyc imports like a module.
_FILES = re.compile(
    r"\.(db|db3|sqlite|sqlite3|s3db)(-(wal|shm|journal))?$|\.py[co]$|^\.coverage(\..*)?$", re.IGNORECASE
)


@dataclass(frozen=True)
class OverlayPlan:
    """What to copy: path → size and modification time in the work tree; the folders to have; what stays out and why."""

    files: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    folders: frozenset[str] = frozenset()
    left_out: Mapping[str, str] = field(default_factory=dict)


def plan_overlay(
    top: Path,
    ignored: Iterable[str],
    snapshot: Collection[str],
    versions: Collection[str],
    wanted: Collection[str],
) -> OverlayPlan:
    """Choose among the `ignored` entries of the work tree `top` (folders end with "/").

    Nothing that the `snapshot` has is ever covered, and nothing of the `versions` folders is taken: a revision that
    git ignores is not part of any commit. What the globs `wanted` match is taken whatever its kind and size.
    """
    walk = _Walk(top, tuple(f"{folder}/" for folder in versions), tuple(wanted))
    for entry in ignored:
        walk.visit(entry)
    taken = _Covered(snapshot)
    chosen: dict[str, tuple[int, int]] = {}
    spent = 0
    for path, size, modified in sorted(
        walk.files, key=lambda item: (not matches_any(item[0], wanted), item[1], item[0])
    ):
        if path in taken:
            continue
        if not matches_any(path, wanted):
            spent += size
            if spent > BUDGET:
                walk.left_out[path] = "what git ignores is copied up to 50 MiB"
                continue
        chosen[path] = (size, modified)
    folders = frozenset(folder for folder in walk.folders if folder not in taken)
    return OverlayPlan(chosen, folders, walk.left_out)


class _Covered:
    """Whether a path is in the snapshot, below one of its files, or above them."""

    def __init__(self, paths: Collection[str]) -> None:
        self._paths = paths
        self._folders: set[str] = set()
        for path in paths:
            parent = path.rpartition("/")[0]
            while parent and parent not in self._folders:
                self._folders.add(parent)
                parent = parent.rpartition("/")[0]

    def __contains__(self, path: str) -> bool:
        if path in self._folders:
            return True
        while path:
            if path in self._paths:
                return True
            path = path.rpartition("/")[0]
        return False


class _Walk:
    """Gathers files under ignored entries, with the folders that were entered and what was passed over."""

    def __init__(self, top: Path, versions: tuple[str, ...], wanted: tuple[str, ...]) -> None:
        self._top = top
        self._versions = versions
        self._wanted = wanted
        self.files: list[tuple[str, int, int]] = []
        self.folders: set[str] = set()
        self.left_out: dict[str, str] = {}

    def visit(self, entry: str, *, only_wanted: bool = False) -> None:
        """Take an entry, or what is in it; with `only_wanted` no more than a glob means."""
        if entry.startswith(self._versions):
            self.left_out[entry] = "revision files that git ignores are part of no commit"
        elif entry.endswith("/"):
            self._enter(entry.rstrip("/"), only_wanted=only_wanted)
        elif not only_wanted or matches_any(entry, self._wanted):
            with contextlib.suppress(OSError):
                self._add(entry, (self._top / entry).lstat())

    def _enter(self, folder: str, *, only_wanted: bool) -> None:
        is_passed_over = only_wanted or folder.rpartition("/")[2] in _FOLDERS
        if is_passed_over and not self._is_wanted(folder):
            return
        try:
            with os.scandir(self._top / folder) as listing:
                entries = sorted(listing, key=lambda entry: entry.name)
        except OSError:
            self.left_out[folder] = "it cannot be read"
            return
        is_passed_over = is_passed_over or not {entry.name for entry in entries}.isdisjoint(_MARKERS)
        if is_passed_over and not self._is_wanted(folder):
            return
        self.folders.add(folder)
        for entry in entries:
            path = f"{folder}/{entry.name}"
            if len(self.files) >= MOST_FILES and not self._is_wanted(path):
                self.left_out[path] = f"what git ignores is copied up to {MOST_FILES} files"
            elif entry.is_dir(follow_symlinks=False):
                self.visit(f"{path}/", only_wanted=is_passed_over)
            else:
                self.visit(path, only_wanted=is_passed_over)

    def _add(self, path: str, status: os.stat_result) -> None:
        if _FILES.search(path.rpartition("/")[2]) and not matches_any(path, self._wanted):
            return
        if stat.S_ISLNK(status.st_mode):
            # The file it leads to is copied; a folder would let project code write into the real one.
            status = (self._top / path).stat()
        if stat.S_ISREG(status.st_mode):
            self.files.append((path, status.st_size, status.st_mtime_ns))
        elif stat.S_ISDIR(status.st_mode):
            self.left_out[path] = "a symbolic link to a folder is not copied"

    def _is_wanted(self, path: str) -> bool:
        """Whether a glob means this path or something that may lie below it."""
        return any(matches_glob(path, one) or one.lstrip("/").startswith(f"{path}/") for one in self._wanted)


def copy_overlay(plan: OverlayPlan, top: Path, tree: Path, record: Path) -> frozenset[str]:
    """Bring the planned files into `tree`, from which strays have been removed; those that are there now.

    `record` remembers what was copied, so that an unchanged file is not copied again and its .pyc stays valid.
    """
    known = _load(record)
    fresh: dict[str, list[int]] = {}
    for folder in plan.folders:
        (tree / folder).mkdir(parents=True, exist_ok=True)
    for path, (size, modified) in plan.files.items():
        target = tree / path
        before = known.get(path)
        if before is not None and before == [size, modified, *_describe(target)]:
            fresh[path] = before
            continue
        with contextlib.suppress(FileNotFoundError, PermissionError):
            _copy(top / path, target)
            fresh[path] = [size, modified, *_describe(target)]
    if fresh != known:
        record.write_text(json.dumps(fresh), encoding="ascii")
    return frozenset(fresh)


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = target.with_name(f"{target.name}.migguard")
    shutil.copyfile(source, fresh)
    # Not its times: a .pyc is judged by when its source was written here.
    shutil.copymode(source, fresh)
    fresh.replace(target)
    if target.suffix == ".py":
        for cached in (target.parent / "__pycache__").glob(f"{glob.escape(target.stem)}.*.pyc"):
            cached.unlink(missing_ok=True)


def _describe(target: Path) -> Iterator[int]:
    with contextlib.suppress(OSError):
        status = target.lstat()
        if stat.S_ISREG(status.st_mode):
            yield from (status.st_size, status.st_mtime_ns)


def _load(record: Path) -> dict[str, list[int]]:
    try:
        return dict(json.loads(record.read_text(encoding="ascii")))
    except (OSError, ValueError, TypeError):
        return {}
