"""Removes from a tree of ours what belongs neither to the snapshot nor to the overlay. Never follows a link."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Collection, Iterable
from pathlib import Path

from migguard.schema.folders import remove_folder

_CACHED = re.compile(r"^(?P<module>.+)\.[^.]+?(\.opt-[^.]+)?\.pyc$")


def remove_strays(top: Path, files: Collection[str], folders: Iterable[str] = ()) -> None:
    """Leave under `top` only the `files` (relative POSIX paths), their folders, `folders`, and valid .pyc files.

    A .pyc is valid only if it was written after its source was. Python itself compares size and whole seconds, which
    an edit that comes soon enough passes.
    """
    known = files if isinstance(files, (set, frozenset)) else frozenset(files)
    _clean(str(top), "", known, _parents(known, folders))


def _parents(files: Iterable[str], folders: Iterable[str]) -> set[str]:
    found = {folder.rstrip("/") for folder in folders}
    for path in [*files, *found]:
        parent = path.rpartition("/")[0]
        while parent and parent not in found:
            found.add(parent)
            parent = parent.rpartition("/")[0]
    return found


def _clean(folder: str, prefix: str, files: Collection[str], folders: set[str]) -> None:
    with os.scandir(folder) as listing:
        entries = list(listing)
    for entry in entries:
        path = prefix + entry.name
        if entry.is_dir(follow_symlinks=False):
            if path in folders:
                _clean(entry.path, f"{path}/", files, folders)
            elif entry.name == "__pycache__":
                _clean_cache(entry.path, prefix, files)
            elif path != ".git":
                _remove_folder(entry.path)
        elif path not in files and path != ".git":
            os.unlink(entry.path)  # noqa: PTH108 - thousands of entries, and names that are not valid Unicode


def _clean_cache(folder: str, prefix: str, files: Collection[str]) -> None:
    with os.scandir(folder) as listing:
        entries = list(listing)
    parent = os.path.dirname(folder)  # noqa: PTH120
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            _remove_folder(entry.path)
            continue
        match = _CACHED.match(entry.name)
        source = f"{match['module']}.py" if match else ""
        if prefix + source not in files or not _is_newer(entry, os.path.join(parent, source)):  # noqa: PTH118
            os.unlink(entry.path)  # noqa: PTH108


def _is_newer(cached: os.DirEntry[str], source: str) -> bool:
    try:
        return cached.stat(follow_symlinks=False).st_mtime_ns > os.stat(source).st_mtime_ns  # noqa: PTH116
    except OSError:
        return False


def _remove_folder(path: str) -> None:
    remove_folder(Path(path))
    if os.path.lexists(path):
        # Not removed, and this says why.
        shutil.rmtree(path)
