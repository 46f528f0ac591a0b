"""States of an environment made from lines or files, and diagnostics as text to compare whole."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from migguard.diagnostics import Diagnostic, Location
from migguard.revisions.graph import RevisionGraph
from migguard.revisions.model import Revision
from migguard.revisions.parse import parse_revision
from migguard.revisions.state import GraphState
from tests.revisions.histories import revisions


def write_files(*lines: str) -> dict[str, str]:
    """Revision files from lines as `revisions` takes them, by repository path."""
    return {revision.path: write_source(revision) for revision in revisions(*lines)}


def write_source(revision: Revision) -> str:
    """A short revision file: `revision` stands in line 2, `down_revision` in 3, then labels and dependencies."""
    down = revision.down_revisions[0] if len(revision.down_revisions) == 1 else revision.down_revisions or None
    lines = [f'"""about {revision.id}"""', f"revision = {revision.id!r}", f"down_revision = {down!r}"]
    if revision.branch_labels:
        lines.append(f"branch_labels = {revision.branch_labels!r}")
    if revision.depends_on:
        lines.append(f"depends_on = {revision.depends_on!r}")
    return "\n".join(lines) + "\n"


def make_state(
    files: Mapping[str, str],
    *,
    heads: int | tuple[str, ...] = 1,
    configured: bool = True,
    yours: Iterable[str] = (),
) -> GraphState:
    """The state of environment `main` in `versions/` with these files."""
    parsed = tuple(parse_revision(path, source.encode()) for path, source in sorted(files.items()))
    return GraphState(
        environment="main",
        script_location="migrations",
        heads=heads,
        configured=configured,
        graph=RevisionGraph(file for file in parsed if isinstance(file, Revision)),
        parsed=parsed,
        sources=files,
        yours=frozenset(yours),
    )


def state(
    *lines: str, heads: int | tuple[str, ...] = 1, files: Mapping[str, str] | None = None, yours: Iterable[str] = ()
) -> GraphState:
    """The state of a history written as lines, with more files as text."""
    return make_state({**write_files(*lines), **(files or {})}, heads=heads, yours=yours)


def show(diagnostics: Iterable[Diagnostic]) -> str:
    """Everything that a reader would see of diagnostics, one fact a line."""
    return "\n".join(line for diagnostic in diagnostics for line in _show_one(diagnostic))


def _show_one(diagnostic: Diagnostic) -> list[str]:
    lines = [f"{diagnostic.code} {diagnostic.message}"]
    if diagnostic.location is not None:
        lines.append(f"  at {_show_place(diagnostic.location)}")
    for note in diagnostic.notes:
        place = f" ({_show_place(note.location)})" if note.location is not None else ""
        lines.append(f"  note {note.text}{place}")
    for help_ in diagnostic.helps:
        lines.append(f"  help {help_.text}" + (f" $ {help_.command}" if help_.command is not None else ""))
    if diagnostic.fix is not None:
        lines.append(" ".join(["  fix", diagnostic.fix.kind, *diagnostic.fix.arguments]))
    return lines


def _show_place(place: Location) -> str:
    text = place.path if place.line is None else f"{place.path}:{place.line}"
    if place.source is not None and place.column is not None and place.end_column is not None:
        text += f" <{place.source[place.column - 1 : place.end_column - 1]}>"
    return text + (f" {place.label}" if place.label is not None else "")
