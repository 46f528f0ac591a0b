"""The files of a snapshot that configure Alembic, read in one go."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from migguard.environments.model import join_path
from migguard.environments.settings import (
    DEFAULT_SECTION,
    AlembicSettings,
    UnreadableSettings,
    read_ini,
    read_pyproject,
)

if TYPE_CHECKING:
    from migguard.git.snapshot import Snapshot

INI_NAME = "alembic.ini"
TOML_NAME = "pyproject.toml"

_ByFile = Mapping[str, Sequence[AlembicSettings]]


@dataclass(frozen=True)
class Sources:
    """All sections found, in the order of the paths. `faults` tells by path why a file could not be read."""

    settings: Sequence[AlembicSettings]
    faults: Mapping[str, str]

    def find(self, path: str, section: str) -> AlembicSettings | None:
        """The settings of one section of one file, or of the `pyproject.toml` beside it that has them instead."""
        beside = join_path(path.rpartition("/")[0], TOML_NAME)
        for wanted in (path, beside):
            for found in self.settings:
                if found.path == wanted and (found.section == section or found.kind == "pyproject"):
                    return found
        return None


def read_sources(snapshot: Snapshot, wanted: Mapping[str, Collection[str]]) -> Sources:
    """Read every ini file that speaks of a script location and every `[tool.alembic]`.

    `wanted` are the files that our settings name, whatever they are called, with the sections that they name.
    """
    entries = snapshot.entries()
    names = [path for path in entries if path.endswith((".ini", TOML_NAME)) or path in wanted]
    contents = snapshot.read_many(path for path in names if entries[path].is_file)
    by_file: dict[str, Sequence[AlembicSettings]] = {}
    faults: dict[str, str] = {}
    for path, data in contents.items():
        if path not in wanted and not _may_configure(path, data):
            continue
        try:
            by_file[path] = _read(path, data, wanted.get(path, ()))
        except UnreadableSettings as error:
            faults[path] = str(error)
    return Sources([found for path in by_file for found in _complete(path, by_file)], faults)


def _may_configure(path: str, data: bytes) -> bool:
    name = path.rpartition("/")[2]
    if name == TOML_NAME:
        return b"alembic" in data
    return name == INI_NAME or b"script_location" in data


def _read(path: str, data: bytes, sections: Collection[str]) -> Sequence[AlembicSettings]:
    if not path.endswith(".toml"):
        return read_ini(path, data, sections)
    settings = read_pyproject(path, data)
    return () if settings is None else (settings,)


def _complete(path: str, by_file: _ByFile) -> Iterator[AlembicSettings]:
    """The sections of a file, with what they leave out taken from where Alembic takes it.

    Alembic asks an `alembic.ini` first and the `pyproject.toml` beside it second, so where only the second names the
    script location the environment is the second's.
    """
    folder, _, name = path.rpartition("/")
    if name == TOML_NAME:
        ini = _find_default(by_file.get(join_path(folder, INI_NAME), ()))
        for found in by_file[path]:
            if ini is None or ini.script_location is None:
                yield found if ini is None else replace(ini.completed_by(found), path=path, kind="pyproject")
        return
    toml = _find_default(by_file.get(join_path(folder, TOML_NAME), ())) if name == INI_NAME else None
    for found in by_file[path]:
        if toml is None:
            yield found
        elif found.script_location is not None or toml.script_location is None:
            yield found.completed_by(toml)


def _find_default(settings: Sequence[AlembicSettings]) -> AlembicSettings | None:
    return next((found for found in settings if found.section == DEFAULT_SECTION), None)
