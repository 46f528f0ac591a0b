"""A copy of the project (`pip install .`, another checkout) that was imported in place of the tree's own sources."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Optional

from .ledger import is_below

#: Made by build tools, ignored by git, and different in every build.
_GENERATED = {"_version.py", "__version__.py", "version.py"}


@dataclass(frozen=True)
class InstalledCopy:
    """A package outside of the tree that the tree has too: its name, its folder, the tree's file that differs."""

    package: str
    folder: str
    path: str

    def describe(self) -> str:
        """One phrase for the user."""
        return f"`{self.package}` was imported from {self.folder}, which differs from the project's own"


def find_installed_copy(tree: str, project_dir: str) -> Optional[InstalledCopy]:
    """The first loaded package that is a copy of one in the tree with other contents, or None.

    A package is a copy where most of its loaded modules have a counterpart: a migrations folder that is named
    `alembic` is none.
    """
    top = os.path.realpath(tree)
    for name, folder, files in _foreign_packages(top):
        for root in _roots(project_dir):
            own = os.path.join(top, root, name)
            if not os.path.isdir(own):
                continue
            pairs = [(file, os.path.join(own, os.path.relpath(file, folder))) for file in files]
            present = [(file, counterpart) for file, counterpart in pairs if os.path.isfile(counterpart)]
            if 2 * len(present) < len(pairs):
                continue
            for file, counterpart in present:
                if os.path.basename(file) not in _GENERATED and _read(file) != _read(counterpart):
                    return InstalledCopy(name, folder, os.path.relpath(counterpart, top).replace(os.sep, "/"))
    return None


def _foreign_packages(top: str) -> Iterator[tuple[str, str, list[str]]]:
    """Name, folder and loaded source files of each package outside of the tree."""
    loaded: dict[str, list[str]] = {}
    for name, module in sorted(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if isinstance(file, str) and file.endswith(".py"):
            loaded.setdefault(name.partition(".")[0], []).append(file)
    for name, files in loaded.items():
        module_file = getattr(sys.modules.get(name), "__file__", None)
        if not isinstance(module_file, str) or os.path.basename(module_file) != "__init__.py":
            continue
        folder = os.path.dirname(module_file)
        if not is_below(os.path.realpath(folder), top):
            yield name, folder, [file for file in files if file.startswith(folder + os.sep)]


def _roots(project_dir: str) -> list[str]:
    """The folders of the tree that packages are usually imported from."""
    parts = project_dir.split("/") if project_dir else []
    folders = ["/".join(parts[:length]) for length in range(len(parts), -1, -1)]
    return [os.path.join(folder, below) for folder in folders for below in ("", "src")]


def _read(file: str) -> bytes:
    with open(file, "rb") as stream:
        return stream.read()
