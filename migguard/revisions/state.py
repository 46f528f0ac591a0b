"""What the rules about revision files look at: one environment's files and graph in one snapshot."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass, field

from migguard.diagnostics import Location
from migguard.revisions.graph import RevisionGraph
from migguard.revisions.model import (
    DynamicRevision,
    NotARevision,
    ParsedFile,
    Revision,
    Span,
    UnreadableRevision,
)
from migguard.revisions.source import split_lines

#: What Alembic makes `version_num` unless the project says otherwise.
VERSION_COLUMN_LENGTH = 32


@dataclass(frozen=True)
class GraphState:
    """One environment, statically.

    `heads` is how many heads it is meant to have, or the labels that each have one. `configured` is whether the
    user named the environment in migguard's own settings. `sources` maps the paths of `parsed` to their text.
    `yours` are the paths of files that this branch added: places are shown there where there is a choice.
    `is_established` is whether the environment was there before this change, or has revision files on disk: then there
    must be revisions. `prefix` is the folder where the user stands, for commands to paste.
    """

    environment: str
    script_location: str
    heads: int | tuple[str, ...]
    configured: bool
    graph: RevisionGraph
    parsed: tuple[ParsedFile, ...]
    sources: Mapping[str, str] = field(default_factory=dict)
    yours: frozenset[str] = frozenset()
    version_column_length: int = VERSION_COLUMN_LENGTH
    is_established: bool = False
    prefix: str = ""

    @property
    def unreadable(self) -> tuple[UnreadableRevision, ...]:
        """Files that cannot be loaded."""
        return tuple(file for file in self.parsed if isinstance(file, UnreadableRevision))

    @property
    def dynamic(self) -> tuple[DynamicRevision, ...]:
        """Files that only running them can tell."""
        return tuple(file for file in self.parsed if isinstance(file, DynamicRevision))

    @property
    def obscure(self) -> tuple[UnreadableRevision | DynamicRevision, ...]:
        """Files that are revisions, nobody can tell which."""
        return (*self.unreadable, *self.dynamic)

    @property
    def strangers(self) -> tuple[NotARevision, ...]:
        """Files that are no revisions."""
        return tuple(file for file in self.parsed if isinstance(file, NotARevision))

    def locate(self, path: str, span: Span | None, label: str | None = None) -> Location:
        """The place of a span, with its line of source; the file alone where there is no span."""
        if span is None:
            return Location(path, label=label)
        lines = split_lines(self.sources.get(path, ""))
        source = lines[span.line - 1] if path in self.sources and span.line <= len(lines) else None
        is_one_line = span.end_line == span.line
        end_column = span.end_column if is_one_line else len(source or "") + 1
        return Location(path, span.line, span.column, max(end_column, span.column + 1), source, label)

    def locate_value(
        self, revision: Revision, attribute: str, reference: str | None = None, label: str | None = None
    ) -> Location:
        """The place of a revision's attribute, or of one of the strings in it."""
        return self.locate(revision.path, revision.span_of(attribute, reference), label)

    def pick_editable(self, *candidates: Revision) -> Revision:
        """The one that is best shown: yours, else the newest by its Create Date, else the last by path."""
        return max(candidates, key=lambda one: (one.path in self.yours, one.create_date or "", one.path))

    def folder_of(self, revision: Revision) -> str:
        """The folder of a revision's file, `.` for the repository's top."""
        return posixpath.dirname(revision.path) or "."


@dataclass(frozen=True)
class Gap:
    """Something that is not known to the graph and may change what follows from it.

    `reference` is an id that no file declares, `path` a file that could not be understood; one of them, or
    both, where the file is known to be that revision.
    """

    reference: str | None
    path: str | None


def find_gaps(state: GraphState) -> tuple[Gap, ...]:
    """Every hole of the graph: files that could not be understood, and references that lead nowhere."""
    gaps: dict[tuple[str | None, str | None], Gap] = {}
    by_id = {id_: file.path for file in state.obscure for id_ in _ids_of(file)}
    for reference in sorted({one.reference for one in state.graph.missing} - {""}):
        gaps[reference, None] = Gap(reference, by_id.get(reference))
    matched = {gap.path for gap in gaps.values()}
    for file in state.obscure:
        if file.path not in matched:
            gaps[None, file.path] = Gap(None, file.path)
    return tuple(gaps.values())


def may_be_unread(state: GraphState, reference: str) -> bool:
    """Whether a reference that leads nowhere may well be a file that could not be understood."""
    for file in state.obscure:
        ids = _ids_of(file)
        if reference in ids or reference in posixpath.basename(file.path) or not ids:
            return True
    return False


def _ids_of(file: UnreadableRevision | DynamicRevision) -> tuple[str, ...]:
    if isinstance(file, UnreadableRevision):
        return file.ids
    return (file.id,) if file.id is not None else ()
