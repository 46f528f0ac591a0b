"""Where the locations of Alembic's settings lead to among the files of a snapshot."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from migguard.environments.model import join_path, parent_of
from migguard.environments.settings import TOP, AlembicSettings


@dataclass(frozen=True)
class Place:
    """Where settings lead to. `is_complete` is False where env.py is missing there; `outside` are the version
    locations that are not in the repository."""

    script_location: str
    project_dir: str
    version_locations: tuple[str, ...]
    is_complete: bool
    outside: tuple[str, ...] = ()


class Files:
    """The names in a snapshot: files and the folders that hold them."""

    def __init__(self, paths: Iterable[str]) -> None:
        self.paths = frozenset(paths)
        self.folders = _find_folders(self.paths)

    def find_place(self, settings: AlembicSettings, project_dir: str | None = None) -> Place | None:
        """Where the settings' script location is; None where it is nowhere in the snapshot.

        A relative location is relative to where the user stands: the given `project_dir`, else the file's folder or
        the first folder above it from which env.py or its versions are found. A location that is absolute
        (`%(here)s`) or names a package does not tell where the user stands: then it is the file's folder, or the
        first one above that is no package.
        """
        location = settings.script_location
        if location is None:
            return None
        above = list(_folders_above(settings.folder))
        standing = above if project_dir is None else [project_dir]
        if _is_relative(location):
            candidates = [(folder, found) for folder in standing for found in self._resolve(location, folder)]
        else:
            home = self.find_import_root(settings.folder)
            standing = [home, *above] if project_dir is None else [project_dir]
            candidates = [(folder, found) for found in self._resolve(location, home) for folder in standing]
        # A nearer folder with revisions and without env.py has lost it: one further up is then another environment.
        usable = [pair for pair in candidates if self._is_home(pair[1])] or [
            pair for pair in candidates if pair[1] and pair[1] in self.folders
        ]
        if not usable:
            return None
        versions = settings.version_locations or ()
        same = [folder for folder, found in usable if found == usable[0][1]]
        folder = next((folder for folder in same if self._has_all(versions, folder)), same[0])
        return self.describe(usable[0][1], folder, versions)

    def expect_place(self, settings: AlembicSettings, project_dir: str | None) -> Place | None:
        """Where the settings' script location would be; None where that is outside the repository."""
        standing = settings.folder if project_dir is None else project_dir
        candidates = self._resolve(settings.script_location or "", standing)
        return self.describe(candidates[0], standing, settings.version_locations or ()) if candidates else None

    def describe(self, script_location: str, project_dir: str, versions: Sequence[str]) -> Place:
        """A place with its version locations resolved: by default `versions` in the script location."""
        resolved = {location: self._resolve_one(location, project_dir) for location in versions}
        found = [location for location in resolved.values() if location is not None]
        return Place(
            script_location,
            project_dir,
            tuple(dict.fromkeys(found)) if versions else (join_path(script_location, "versions"),),
            is_complete=join_path(script_location, "env.py") in self.paths,
            outside=tuple(written for written, location in resolved.items() if location is None),
        )

    def _is_home(self, folder: str) -> bool:
        return join_path(folder, "env.py") in self.paths or bool(folder and f"{folder}/versions" in self.folders)

    def _has_all(self, locations: Sequence[str], project_dir: str) -> bool:
        return all(self._resolve_one(location, project_dir) in self.folders for location in locations)

    def _resolve_one(self, location: str, project_dir: str) -> str | None:
        candidates = self._resolve(location, project_dir)
        return next((found for found in candidates if found in self.folders), candidates[0] if candidates else None)

    def _resolve(self, location: str, project_dir: str) -> list[str]:
        """The folders that a location may mean; empty where it is outside the repository."""
        if not location.startswith("/") and ":" in location:
            return self._find_resources(location, project_dir)
        path = posixpath.normpath(posixpath.join(TOP, project_dir, location))
        if path != TOP and not path.startswith(f"{TOP}/"):
            return []
        return [path[len(TOP) + 1 :]]

    def _find_resources(self, location: str, project_dir: str) -> list[str]:
        """Where `package:path` lies: from the usual import roots, else the only such folder of the repository."""
        package, *rest = location.split(":")
        inside = posixpath.normpath("/".join([package.replace(".", "/"), *rest]))
        if inside.startswith(("../", "/")):
            return []
        roots = [root for folder in _folders_above(project_dir) for root in (folder, join_path(folder, "src"))]
        found = [join_path(root, inside) for root in roots if join_path(root, inside) in self.folders]
        if found:
            return found
        anywhere = [folder for folder in self.folders if folder.endswith(f"/{inside}")]
        return anywhere if len(anywhere) == 1 else []

    def find_import_root(self, folder: str) -> str:
        """The first folder from here upwards that is no package: nobody runs a command inside a package."""
        while folder and join_path(folder, "__init__.py") in self.paths:
            folder = parent_of(folder)
        return folder


def _is_relative(location: str) -> bool:
    return not location.startswith("/") and ":" not in location


def _folders_above(folder: str) -> Iterator[str]:
    """The folder, then each one above it, up to the top."""
    while folder:
        yield folder
        folder = parent_of(folder)
    yield ""


def _find_folders(paths: Iterable[str]) -> frozenset[str]:
    folders = {""}
    for path in paths:
        folder = parent_of(path)
        while folder not in folders:
            folders.add(folder)
            folder = parent_of(folder)
    return frozenset(folders)
