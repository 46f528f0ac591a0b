"""Stand where the user would stand: folder, environment, sys.path, all inside the tree."""

from __future__ import annotations

import importlib
import os
import sys
from typing import Any

from .ledger import is_below
from .protocol import Request


class TreeMapping:
    """Maps paths of the work tree to the same paths below the tree; of a linked work tree, those of the main one too.

    An editable install that linked work trees share points into the main one.
    """

    def __init__(self, request: Request) -> None:
        self.tops = [os.path.realpath(top) for top in (request.top, request.main) if top]
        self.tree = os.path.realpath(request.tree)
        prefixes = (request.git_dir, request.tree, sys.prefix, sys.base_prefix)
        self._kept = [os.path.realpath(prefix) for prefix in prefixes]

    def map_path(self, entry: str) -> str:
        """The path below the tree; the entry itself where it is not the project's own source."""
        real = os.path.realpath(entry)
        parts = real.split(os.sep)
        top = next((one for one in self.tops if is_below(real, one)), None)
        if top is None or "site-packages" in parts or "dist-packages" in parts:
            return entry
        # a prefix that holds the work tree itself (`/usr` and `/usr/src/app`) must not keep all of it
        if any(is_below(real, kept) for kept in self._kept if not is_below(top, kept)):
            return entry
        return os.path.normpath(os.path.join(self.tree, os.path.relpath(real, top)))

    def map_import_paths(self) -> None:
        """sys.path, PYTHONPATH, and the finders of editable installs."""
        sys.path[:] = [self._map_entry(entry) for entry in sys.path]
        if os.environ.get("PYTHONPATH"):
            entries = os.environ["PYTHONPATH"].split(os.pathsep)
            os.environ["PYTHONPATH"] = os.pathsep.join(self._map_entry(entry) for entry in entries)
        for finder in sys.meta_path:
            self._map_finder(finder)
        importlib.invalidate_caches()

    def _map_entry(self, entry: str) -> str:
        # editable installs put placeholders for their path hooks among the folders
        if not isinstance(entry, str) or (entry and not os.path.isabs(entry) and not os.path.isdir(entry)):
            return entry
        return self.map_path(entry) if entry else entry

    def _map_finder(self, finder: Any) -> None:
        kind = finder if isinstance(finder, type) else type(finder)
        if kind.__module__ in {"_frozen_importlib", "_frozen_importlib_external"}:
            return
        module = sys.modules.get(kind.__module__)
        for name in ("MAPPING", "NAMESPACES"):
            self._map_values(getattr(module, name, None))
        if not isinstance(finder, type):
            for value in vars(finder).values():
                self._map_values(value)

    def _map_values(self, mapping: Any) -> None:
        if not isinstance(mapping, dict):
            return
        for name, value in list(mapping.items()):
            if isinstance(value, str) and os.path.isabs(value):
                mapping[name] = self.map_path(value)
            elif isinstance(value, list):
                value[:] = [
                    self.map_path(item) if isinstance(item, str) and os.path.isabs(item) else item for item in value
                ]


def stand_in(request: Request, root: str, arguments: list[str]) -> None:
    """Change into the project's folder below `root` (tree or work tree), as if `arguments` had been typed there.

    The folder and `root` come last on sys.path, so that projects run as `python -m alembic` or with `PYTHONPATH=.`
    find their modules, and nothing of theirs shadows what is installed.
    """
    folder = os.path.normpath(os.path.join(root, request.environment.project_dir))
    os.environ.update(request.environment_variables)
    os.chdir(folder)
    os.environ["PWD"] = folder
    sys.argv = arguments
    for entry in (folder, os.path.normpath(root)):
        if entry not in sys.path:
            sys.path.append(entry)


def redirect_output(request: Request) -> None:
    """Whatever the project prints goes into a file: a daemon it leaves behind must not hold the parent's pipes."""
    sys.stdout.flush()
    sys.stderr.flush()
    target = os.open(os.path.join(request.scratch, "output.txt"), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(target, 1)
    os.dup2(target, 2)
    os.close(target)
    os.close(nothing)
