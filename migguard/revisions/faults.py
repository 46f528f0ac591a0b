"""Why Python 3 cannot parse a file: conflict markers, Python 2, or something else; and where exactly."""

from __future__ import annotations

import re
from collections.abc import Sequence

from migguard.revisions.model import Span

_MARKER = re.compile(r"(<{7}|>{7}|\|{7})( |$)")
_DIVIDER = re.compile(r"={7}$")
_REVISION_LINE = re.compile(r"""^revision\s*(?::[^=]*)?=\s*(['"])(?P<id>[^'"]*)\1\s*(?:#.*)?$""", re.MULTILINE)

#: What Python 3 says of Python 2 (its message), how that looks, and what it is.
_PYTHON_2 = tuple(
    (re.compile(said), re.compile(looks), what)
    for said, looks, what in (
        (r"in call to 'print'", r"\bprint\b.*", "a `print` statement"),
        (r"in call to 'exec'", r"\bexec\b.*", "an `exec` statement"),
        (r"leading zeros", r"\b0\d+\b", "an octal number without `0o`"),
        (r"multiple exception types", r"\bexcept\b.*?(?=:)", "`except` with a comma"),
        (
            r"invalid (decimal|hexadecimal|octal|binary)? ?(literal|syntax)",
            r"\b0?[xX]?[0-9a-fA-F]+[lL]\b",
            "a long number",
        ),
        (r"invalid syntax", r"\braise\s+[\w.]+\s*,.*", "`raise` with a comma"),
        (r"invalid syntax", r"\b[uU][rR](?=['\"])", "a `ur` string"),
        (r"invalid syntax", r"<>", "the operator `<>`"),
        (r"invalid syntax", r"`[^`]*`", "backquotes"),
        (r"invalid syntax", r"\bprint\s+[^(\s=].*", "a `print` statement"),
        (r"inconsistent use of tabs", r"^\s+", "tabs mixed with spaces"),
        (r"cannot be parenthesized|invalid syntax", r"\bdef\s+\w+\(.*\(.*\).*\)", "an unpacked parameter"),
    )
)


def describe_syntax_error(lines: Sequence[str], error: SyntaxError) -> tuple[str, Span | None]:
    """The reason (it goes on from the file's name) and the place of a syntax error."""
    number = error.lineno if error.lineno is not None and 1 <= error.lineno <= len(lines) else None
    marker = _find_marker(lines, number)
    if marker is not None:
        return "has conflict markers", Span(marker, 1, marker, len(lines[marker - 1]) + 1)
    if number is None:
        return f"is not valid Python: {error.msg}", None
    line = lines[number - 1]
    start = max(error.offset or 1, 1)
    for said, looks, what in _PYTHON_2:
        if said.search(error.msg or "") and (found := _find_around(looks, line, start)):
            return f"is Python 2: {what}", Span(number, found.start() + 1, number, found.start() + 1 + _length(found))
    return f"is not valid Python: {error.msg}", _span_of_error(error, line, number, start)


def find_declared_ids(text: str) -> tuple[str, ...]:
    """The revision ids that a text which cannot be parsed seems to declare, in order."""
    return tuple(dict.fromkeys(match["id"] for match in _REVISION_LINE.finditer(text) if match["id"]))


def _find_marker(lines: Sequence[str], error_line: int | None) -> int | None:
    for number, line in enumerate(lines, start=1):
        if _MARKER.match(line):
            return number
    # `=======` alone also underlines headings in docstrings, so it counts only where Python stumbles over it.
    if error_line is not None and _DIVIDER.match(lines[error_line - 1]):
        return error_line
    return None


def _find_around(looks: re.Pattern[str], line: str, column: int) -> re.Match[str] | None:
    """The match that holds the column where Python stumbled, else the last one before it, else the first."""
    found = list(looks.finditer(line))
    before = [match for match in found if match.start() < column]
    return before[-1] if before else next(iter(found), None)


def _length(found: re.Match[str]) -> int:
    return len(found[0].rstrip()) or len(found[0])


def _span_of_error(error: SyntaxError, line: str, number: int, start: int) -> Span:
    start = min(start, len(line) + 1)
    end = error.end_offset or 0
    if error.end_lineno != number or end <= start:
        end = start + 1
    return Span(number, start, number, end)
