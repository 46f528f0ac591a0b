"""What the project's code tried besides what it was asked: facts that outlive a swallowed exception."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, field
from types import FrameType
from typing import Optional

from .protocol import Place

_OWN = os.path.dirname(os.path.abspath(__file__)) + os.sep


class LeftScratch(Exception):
    """A connection would have reached a database that is not the scratch."""


class NotFollowable(Exception):
    """The comparison cannot be made; `kind` and the text become a `NotFollowed`."""

    def __init__(self, kind: str, text: str, place: Optional[Place] = None) -> None:
        super().__init__(text)
        self.kind = kind
        self.place = place


class UnsupportedDialect(NotFollowable):
    """A connection to a database for which there is no engine."""


class ProjectPaths:
    """Turns file names of frames into paths relative to the tree; None for what is not the project's own code."""

    def __init__(self, tree: str) -> None:
        self.tree = os.path.realpath(tree)
        self._known: dict[str, Optional[str]] = {}

    def relative(self, filename: str) -> Optional[str]:
        """The path below the tree (POSIX), or None: outside, installed, or not a file at all."""
        if filename not in self._known:
            self._known[filename] = self._find(filename)
        return self._known[filename]

    def _find(self, filename: str) -> Optional[str]:
        if filename.startswith(("<", _OWN)):
            return None
        real = os.path.realpath(filename)
        if not real.startswith(self.tree + os.sep) or is_installed(real, self.tree):
            return None
        return os.path.relpath(real, self.tree).replace(os.sep, "/")

    def innermost_place(self, frame: Optional[FrameType]) -> Optional[Place]:
        """Where the project's own code stands in this stack."""
        while frame is not None:
            path = self.relative(frame.f_code.co_filename)
            if path is not None:
                return Place(path, frame.f_lineno)
            frame = frame.f_back
        return None


def is_installed(path: str, project: str) -> bool:
    """Whether a real path belongs to the interpreter or to an installed distribution.

    A prefix that holds the project itself (`/usr` where it lives in `/usr/src/app`) says nothing.
    """
    if "site-packages" in path.split(os.sep) or "dist-packages" in path.split(os.sep):
        return True
    prefixes = [os.path.realpath(prefix) for prefix in {sys.prefix, sys.base_prefix}]
    return any(is_below(path, prefix) for prefix in prefixes if not is_below(project, prefix))


def is_below(path: str, folder: str) -> bool:
    """Whether a real path is `folder` or inside it."""
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)


@dataclass
class Ledger:
    """Recorded while the project's code runs, judged at the end.

    outside: database files that would have been opened. refused: `host:port` or socket paths that were not connected.
    unsupported: dialects that were to be connected, with the first place. dialects: dialects that were connected.
    programs: commands that would have reached the project's own database. declined: why an engine gave up.
    """

    outside: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    unsupported: dict[str, Optional[Place]] = field(default_factory=dict)
    dialects: list[str] = field(default_factory=list)
    programs: list[str] = field(default_factory=list)
    declined: list[NotFollowable] = field(default_factory=list)

    def note_outside(self, path: str) -> LeftScratch:
        """Record a database file; the exception to raise."""
        if path not in self.outside:
            self.outside.append(path)
        return LeftScratch(f"a connection to {path} would have left the scratch database")

    def note_program(self, command: str) -> LeftScratch:
        """Record a program that was not started; the exception to raise."""
        if command not in self.programs:
            self.programs.append(command)
        return LeftScratch(f"`{command}` would have reached the project's own database")

    def note_refused(self, address: str) -> str:
        """Record an address that was not connected; the text for the exception."""
        if address not in self.refused:
            self.refused.append(address)
        return f"connection to {address} refused: the network is closed while migrations are replayed"

    def note_dialect(self, name: str) -> None:
        """Record a dialect that connects."""
        if name not in self.dialects:
            self.dialects.append(name)

    def note_declined(self, kind: str, text: str, place: Optional[Place] = None) -> NotFollowable:
        """Record that an engine cannot go on; the exception to raise."""
        self.declined.append(NotFollowable(kind, text, place))
        return self.declined[-1]

    def note_unsupported(self, name: str, place: Optional[Place]) -> UnsupportedDialect:
        """Record a dialect without an engine; the exception to raise."""
        self.note_dialect(name)
        self.unsupported.setdefault(name, place)
        return UnsupportedDialect("dialect", unsupported_text(name), place)


def unsupported_text(name: str) -> str:
    """What is said about a dialect without an engine."""
    return f"{name}: no engine for this dialect yet"
