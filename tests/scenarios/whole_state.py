"""All that a folder of repositories holds, digested, and a way to run the same thing twice from the same start."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

#: In a git folder: what anything may add to, and what git writes whether or not a hook runs.
_OF_GIT = frozenset({"objects", "COMMIT_EDITMSG", "migguard", "addp-hunk-edit.diff"})


def read_everything(root: Path, *, index: bool = True) -> dict[str, str]:
    """Every file and link below `root` (of git folders too: refs, reflogs, hooks, the index), with mode and digest.

    Left out are objects, migguard's own folder in the git folder, and `__pycache__`. Without `index` the raw index
    files are left out: git writes them anew whenever it looks at files that were touched.
    """
    found = {}
    for folder, folders, files in os.walk(root):
        inside_git = ".git" in Path(folder).relative_to(root).parts
        skipped = _OF_GIT | (frozenset() if index else frozenset({"index"})) if inside_git else {"__pycache__"}
        folders[:] = sorted(set(folders) - skipped)
        for name in sorted(set(files) - skipped):
            path = Path(folder, name)
            content = os.fsencode(path.readlink()) if path.is_symlink() else path.read_bytes()
            digest = hashlib.sha256(content).hexdigest()[:16]
            found[str(path.relative_to(root))] = f"{path.lstat().st_mode:o} {digest}"
    return found


@contextmanager
def put_back(root: Path) -> Iterator[None]:
    """After the block the folder is again what it was before, in the same place and with the same times."""
    saved = root.with_name(f"{root.name}.saved")
    shutil.copytree(root, saved, symlinks=True)
    try:
        yield
    finally:
        shutil.rmtree(root)
        saved.rename(root)
