"""One line of source with the cells that an underline covers."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from migguard.report.escape import escape_controls

_TAB = "    "
_LONGEST = 160
_BEFORE = 40


@dataclass(frozen=True)
class Excerpt:
    """A source line ready to print. `start` and `width` are terminal cells; `width` 0 means no underline."""

    text: str
    start: int
    width: int


def cut_excerpt(source: str, column: int | None, end_column: int | None) -> Excerpt:
    """The printable form of `source` and where the 1-based characters from `column` up to `end_column` stand in it.

    Without a column the whole line is underlined, without an end one character.
    """
    line = source.rstrip("\r\n")
    first, last = _find_span(line, column, end_column)
    left = max(0, first - _BEFORE) if len(line) > _LONGEST else 0
    right = min(len(line), left + _LONGEST)
    head, tail = ("…" if left else ""), ("…" if right < len(line) else "")
    before = head + "".join(map(_show, line[left:first]))
    covered = "".join(map(_show, line[first : min(last, right)]))
    after = "".join(map(_show, line[min(last, right) : right])) + tail
    # A span at the very end of a line (an unfinished statement) still gets one caret.
    return Excerpt(
        (before + covered + after).rstrip(), count_cells(before), max(1, count_cells(covered)) if line.strip() else 0
    )


def _find_span(line: str, column: int | None, end_column: int | None) -> tuple[int, int]:
    if column is None:
        stripped = line.strip()
        first = len(line) - len(line.lstrip())
        return first, first + len(stripped)
    first = min(max(column - 1, 0), len(line))
    last = end_column - 1 if end_column is not None else first + 1
    return first, min(max(last, first), len(line))


def _show(character: str) -> str:
    return _TAB if character == "\t" else escape_controls(character)


def count_cells(text: str) -> int:
    """How many terminal cells `text` takes: two for wide characters, none for combining ones."""
    return sum(map(_cells, text))


def _cells(character: str) -> int:
    if character.isascii():
        return 1
    if unicodedata.category(character) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
