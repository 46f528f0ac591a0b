"""Renders diagnostics for people: what is wrong, where, why, and the commands that mend it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from migguard.diagnostics import Diagnostic, Help, Location, Note
from migguard.report.color import paint
from migguard.report.escape import escape_command, escape_controls
from migguard.report.excerpt import count_cells, cut_excerpt


def render_text(diagnostics: Iterable[Diagnostic], *, color: bool = False) -> str:
    """All diagnostics in the given order, a blank line between them; ends with a newline unless there are none."""
    return "\n".join(f"{_render_one(diagnostic, color=color)}\n" for diagnostic in diagnostics)


def _render_one(diagnostic: Diagnostic, *, color: bool) -> str:
    level = "waived" if diagnostic.waived is not None else diagnostic.severity.value
    title = paint(f"{level}[{diagnostic.code} {diagnostic.name}]", level, color=color)
    lines = [title + paint(f": {escape_controls(diagnostic.message)}", "message", color=color)]
    if diagnostic.location is not None:
        lines += render_location(diagnostic.location, level, with_source=diagnostic.waived is None, color=color)
    if diagnostic.environment is not None:
        lines += _render_note(Note(f"in the environment `{diagnostic.environment}`"), color=color)
    if diagnostic.waived is not None:
        # What does not count needs no facts and no remedies, only the reason why.
        return "\n".join([*lines, *_render_note(Note(f"waived: {diagnostic.waived}"), color=color)])
    for note in diagnostic.notes:
        lines += _render_note(note, color=color)
    return "\n".join([*lines, *render_helps(diagnostic.helps, color=color)])


def render_place(location: Location) -> str:
    """`path`, `path:line` or `path:line:column`."""
    place = escape_controls(location.path)
    if location.line is None:
        return place
    return f"{place}:{location.line}" if location.column is None else f"{place}:{location.line}:{location.column}"


def render_location(location: Location, level: str, *, with_source: bool = True, color: bool = False) -> list[str]:
    """The lines ` --> place` and, where the source is known, the source line with its underline in `level`'s colour."""
    lines = [f" {paint('-->', 'frame', color=color)} {render_place(location)}"]
    if not with_source or location.source is None or location.line is None:
        return lines
    excerpt = cut_excerpt(location.source, location.column, location.end_column)
    number = str(location.line)
    margin = paint(f"{' ' * len(number)} |", "frame", color=color)
    lines += [margin, f"{paint(f'{number} |', 'frame', color=color)} {excerpt.text}".rstrip()]
    underline = f"{'^' * excerpt.width} {escape_controls(location.label or '')}".strip()
    if underline:
        lines.append(f"{margin} {' ' * excerpt.start}{paint(underline, level, color=color)}")
    return lines


def _render_note(note: Note, *, color: bool) -> list[str]:
    lines = [f"{paint('note', 'note', color=color)}: {escape_controls(note.text)}"]
    return lines if note.location is None else [*lines, *render_location(note.location, "note", color=color)]


def render_helps(helps: Sequence[Help], *, color: bool = False) -> list[str]:
    """One line per help, the commands under one another."""
    phrases = [escape_controls(item.text) + (":" if item.text and item.command else "") for item in helps]
    widest = max((count_cells(phrase) for phrase, item in zip(phrases, helps, strict=True) if item.command), default=0)
    lines = []
    for phrase, item in zip(phrases, helps, strict=True):
        words = phrase
        if item.command is not None:
            gap = " " * (widest - count_cells(phrase) + 1) if phrase else ""
            words = f"{phrase}{gap}{escape_command(item.command)}"
        lines.append(f"{paint('help', 'help', color=color)}: {words}")
    return lines
