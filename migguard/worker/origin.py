"""Who makes tables: a revision, Alembic itself for its version table, or something else."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from types import FrameType
from typing import Optional

from .ledger import ProjectPaths
from .protocol import Place

REVISION = "revision"
VERSION_TABLE = "version table"
FOREIGN = "foreign"

#: Kinds of objects that autogenerate compares. What else env.py makes (a schema, a type) hides nothing.
_COMPARED = frozenset({"table", "index"})


@dataclass(frozen=True)
class Origin:
    """Who runs a statement, and where the project's code stands."""

    by: str
    place: Optional[Place]


@dataclass(frozen=True)
class TableChange:
    """A change of the schema that no revision made."""

    database: str
    verb: str
    kind: str
    name: str
    place: Optional[Place]

    def describe(self) -> str:
        """One phrase for the user."""
        where = f" by {self.place.path}:{self.place.line}" if self.place else ""
        return f"{self.kind} `{self.name}` was {self.verb}{where}, not by a revision"


class TableWatch:
    """Sees every change of a scratch database's schema, and remembers those that no revision made.

    While `active` is false (the app is being loaded) only tables that Alembic's operations make are: an app may bring
    its tables up to date by itself, and its plugins may bring migrations of their own.
    """

    def __init__(self, paths: ProjectPaths) -> None:
        self.active = False
        self.changes: list[TableChange] = []
        #: Table → its making, while the app was loaded; gone with the wipe that follows.
        self.made_while_loading: dict[str, TableChange] = {}
        #: How many changes there were, whoever made them.
        self.heard = 0
        #: Whether code beside revisions and env.py changed a schema in whatever way.
        self.is_disturbed = False
        self._own_folder = ""
        self._paths = paths
        self._revision_files: frozenset[str] = frozenset()
        self._remembered: list[Origin] = []

    def name_revision_files(self, files: Iterable[str]) -> None:
        """Tell which files are revisions of this environment."""
        names = set(self._revision_files)
        for name in files:
            names.update((name, os.path.abspath(name), os.path.realpath(name)))
        self._revision_files = frozenset(names)

    def name_own_folder(self, folder: str) -> None:
        """Tell where env.py lives: what is done there is done again in every run."""
        self._own_folder = (self._paths.relative(os.path.join(folder, "env.py")) or "").rpartition("/")[0]

    def find_origin(self, frame: Optional[FrameType]) -> Origin:
        """Who runs the code of this stack."""
        place = self._paths.innermost_place(frame)
        while frame is not None:
            code = frame.f_code
            if code.co_filename in self._revision_files:
                return Origin(REVISION, place)
            if code.co_name == "_ensure_version_table" and frame.f_globals.get("__name__", "").startswith("alembic."):
                return Origin(VERSION_TABLE, place)
            frame = frame.f_back
        return Origin(FOREIGN, place)

    @contextlib.contextmanager
    def remember_origin(self) -> Iterator[None]:
        """Keep the origin of this stack for the thread in which an async driver runs the statement."""
        origin = self.find_origin(sys._getframe(2))
        self._remembered.append(origin)
        try:
            yield
        finally:
            self._remembered.remove(origin)

    def note(self, database: str, verb: str, kind: str, name: str) -> None:
        """Take one change that the running statement makes; temporary objects and mere attempts are not told.

        database: as `Engine.database_of` has it. verb: created, altered, dropped. kind: table, index, … name: as the
        project writes it, with the schema where that is not the default one.
        """
        self.heard += 1
        if not self.active:
            self._note_while_loading(TableChange(database, verb, kind, name, None))
            return
        origin = self._current_origin()
        if origin.by != FOREIGN:
            return
        is_own = origin.place is not None and origin.place.path.startswith(self._own_folder + "/")
        self.is_disturbed = self.is_disturbed or not is_own
        if kind in _COMPARED:
            self.changes.append(TableChange(database, verb, kind, name, origin.place))

    def _note_while_loading(self, change: TableChange) -> None:
        frame = sys._getframe(2)
        if change.kind == "table" and change.verb != "dropped" and _is_operation(frame):
            place = self._paths.innermost_place(frame)
            self.made_while_loading.setdefault(change.name, replace(change, place=place))

    def _current_origin(self) -> Origin:
        frame = sys._getframe(2)
        origin = self.find_origin(frame)
        elsewhere = threading.current_thread() is not threading.main_thread()
        if origin.by == FOREIGN and self._remembered and elsewhere and _is_async_driver(frame):
            return self._remembered[-1]
        return origin


def _is_operation(frame: Optional[FrameType]) -> bool:
    """Whether Alembic's operations run the statement, and not `create_all` of the models."""
    while frame is not None:
        if frame.f_globals.get("__name__", "").startswith("alembic.operations."):
            return True
        frame = frame.f_back
    return False


def _is_async_driver(frame: Optional[FrameType]) -> bool:
    while frame is not None:
        if frame.f_globals.get("__name__", "").startswith("aiosqlite"):
            return True
        frame = frame.f_back
    return False
