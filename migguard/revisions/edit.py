"""A revision file with other parents: `down_revision` and the docstring's `Revises:` line, and not a byte more."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping, Sequence

from migguard.revisions.model import Revision, Span
from migguard.revisions.parse import parse_revision
from migguard.revisions.source import decode_source, detect_encoding

_REVISES = re.compile(r"^(?P<before>[^\r\n]*?\bRevises:[ \t]*)(?P<ids>[^\r\n]*?)[ \t]*(?=[\r\n]|\Z)", re.MULTILINE)
_STRING = re.compile(r"(?s)(?P<prefix>[A-Za-z]*)(?P<quote>\"\"\"|'''|\"|').*(?P=quote)")
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|$)")


class NotEditable(Exception):
    """The value is written so that no text can take its place: computed, or declared elsewhere."""


def write_parents(source: bytes, revision: Revision, parents: Sequence[str]) -> bytes:
    """The file with `parents` as its `down_revision`.

    As many parents as before keep the form of the value: each id is replaced where it stands, in its quotes. Otherwise
    the whole value is written anew, as Alembic writes it. Encoding, line ends and all other text stay. Raises
    NotEditable, also where the file would not say afterwards what it was told to.
    """
    encoding = detect_encoding(source)
    text = decode_source(source)
    edits = _edit_value(text, revision, parents)
    edits.update(_edit_docstring(text, parents))
    written = _apply(text, edits).encode(encoding)
    after = parse_revision(revision.path, written)
    if not isinstance(after, Revision) or after.id != revision.id or set(after.down_revisions) != set(parents):
        raise NotEditable("its `down_revision` is not written as text in one place")
    return written


def write_revises(source: bytes) -> bytes:
    """The file with a `Revises:` line that names the parents that its `down_revision` names (MG107).

    Raises NotEditable where there is no such line.
    """
    revision = parse_revision("revision.py", source)
    if not isinstance(revision, Revision) or not revision.has_revises:
        raise NotEditable("its docstring has no `Revises:` line")
    text = decode_source(source)
    return _apply(text, _edit_docstring(text, revision.down_revisions)).encode(detect_encoding(source))


def _edit_value(text: str, revision: Revision, parents: Sequence[str]) -> dict[tuple[int, int], str]:
    old, new = list(revision.down_revisions), list(parents)
    replaced = _pair(old, new)
    whole = revision.spans.get("down_revision")
    if whole is None:
        raise NotEditable("it has no `down_revision` of its own")
    spans = {id_: _find_element(revision, id_, whole) for id_ in replaced}
    if len(old) == len(new) and all(spans.values()):
        return {
            _offsets(text, span): _requote(text, span, replaced[id_]) for id_, span in spans.items() if span is not None
        }
    start, end = _offsets(text, whole)
    try:
        ast.literal_eval(text[start:end])
    except (ValueError, SyntaxError) as error:
        raise NotEditable("its `down_revision` is computed") from error
    return {(start, end): _write_value(new)}


def _find_element(revision: Revision, id_: str, whole: Span) -> Span | None:
    """Where the id stands within the value; None where it comes from a name that is assigned elsewhere."""
    found = revision.element_spans.get(("down_revision", id_))
    if found is None:
        return None
    starts = (whole.line, whole.column) <= (found.line, found.column)
    ends = (found.end_line, found.end_column) <= (whole.end_line, whole.end_column)
    return found if starts and ends else None


def _pair(old: Iterable[str], new: Iterable[str]) -> Mapping[str, str]:
    """Which id takes whose place; what is in both stays."""
    before, after = list(old), list(new)
    gone = [id_ for id_ in before if id_ not in after]
    came = [id_ for id_ in after if id_ not in before]
    return dict(zip(gone, came, strict=False))


def _write_value(parents: Sequence[str]) -> str:
    if not parents:
        return "None"
    quoted = [f'"{id_}"' for id_ in parents]
    return quoted[0] if len(quoted) == 1 else f"({', '.join(quoted)})"


def _requote(text: str, span: Span, id_: str) -> str:
    start, end = _offsets(text, span)
    found = _STRING.fullmatch(text[start:end])
    if found is None:
        raise NotEditable("its `down_revision` is computed")
    return f"{found['prefix']}{found['quote']}{id_}{found['quote']}"


def _edit_docstring(text: str, parents: Sequence[str]) -> dict[tuple[int, int], str]:
    """The `Revises:` line names the parents; nothing where the docstring has none."""
    module = ast.parse(text)
    first = module.body[0] if module.body else None
    if not (
        isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str)
    ):
        return {}
    lines = _line_starts(text)
    start, end = lines[first.lineno - 1], lines[first.end_lineno or first.lineno]
    found = _REVISES.search(text, start, end)
    return {} if found is None else {found.span("ids"): ", ".join(parents)}


def _apply(text: str, edits: Mapping[tuple[int, int], str]) -> str:
    for (start, end), replacement in sorted(edits.items(), reverse=True):
        text = text[:start] + replacement + text[end:]
    return text


def _line_starts(text: str) -> list[int]:
    """The offset at which each line starts, and the end of the text."""
    starts = [0]
    for found in _LINE.finditer(text):
        if found.end() > starts[-1]:
            starts.append(found.end())
    return starts if starts[-1] == len(text) else [*starts, len(text)]


def _offsets(text: str, span: Span) -> tuple[int, int]:
    lines = _line_starts(text)
    return lines[span.line - 1] + span.column - 1, lines[span.end_line - 1] + span.end_column - 1
