"""A revision file's bytes as text, and places in that text."""

from __future__ import annotations

import ast
import io
import re
import tokenize

from migguard.revisions.model import Span

#: What ends a line for Python; `str.splitlines` knows many more.
_LINE_END = re.compile(r"\r\n|\r|\n")


class UndecodableSource(Exception):
    """The bytes are not what their encoding declaration (or UTF-8) says. `line` is 1-based."""

    def __init__(self, reason: str, line: int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.line = line


def decode_source(source: bytes) -> str:
    """The text of a Python file, by its byte order mark and PEP 263 declaration.

    Raises UndecodableSource.
    """
    encoding = detect_encoding(source)
    try:
        return source.decode(encoding)
    except UnicodeDecodeError as error:
        line = source.count(b"\n", 0, error.start) + 1
        raise UndecodableSource(f"is not text in {encoding}", line) from error
    except LookupError as error:
        raise UndecodableSource(f"declares `{encoding}`, which is no text encoding", 1) from error


def detect_encoding(source: bytes) -> str:
    """The codec of a Python file (`utf-8-sig` with a byte order mark). Raises UndecodableSource."""
    try:
        return tokenize.detect_encoding(io.BytesIO(source).readline)[0]
    except SyntaxError as error:
        if error.msg is not None and error.msg.startswith("invalid or missing"):
            # No declaration, and not UTF-8: decoding tells where.
            return "utf-8"
        raise UndecodableSource("declares an encoding that Python does not know or that does not fit", 1) from error


def split_lines(text: str) -> list[str]:
    """Lines as Python counts them, without their ends."""
    return _LINE_END.split(text)


class Places:
    """Turns the syntax tree's positions (bytes of UTF-8) into spans (characters)."""

    def __init__(self, text: str) -> None:
        self._lines = split_lines(text)

    def span(self, node: ast.AST) -> Span | None:
        """Where a node stands, or None for what has no place."""
        line, end_line = getattr(node, "lineno", None), getattr(node, "end_lineno", None)
        if line is None or end_line is None:
            return None
        start = self._character(line, getattr(node, "col_offset", 0))
        end = self._character(end_line, getattr(node, "end_col_offset", None) or 0)
        return Span(line, start, end_line, end)

    def _character(self, line: int, byte_offset: int) -> int:
        if line > len(self._lines):
            return byte_offset + 1
        encoded = self._lines[line - 1].encode("utf-8", "surrogatepass")
        return len(encoded[:byte_offset].decode("utf-8", "replace")) + 1
