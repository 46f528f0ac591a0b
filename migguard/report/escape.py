"""Makes text safe for a terminal and for line-based output."""

from __future__ import annotations

import re

# Control characters, what reorders or hides text (https://trojansource.codes), line separators, lone surrogates.
_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")


def escape_controls(text: str) -> str:
    """`text` on one line: every character that could move the cursor or hide text as a backslash escape.

    An undecodable byte of a path (surrogateescape) is shown as that byte: `\\xff`.
    """
    return _UNSAFE.sub(_escape, text)


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    if 0xDC80 <= code <= 0xDCFF:
        return f"\\x{code - 0xDC00:02x}"
    return match[0].encode("unicode_escape").decode("ascii")


def escape_command(command: str) -> str:
    """A shell command that can still be pasted: words with control characters are written as `$'…'`."""
    if not _UNSAFE.search(command):
        return command
    import shlex

    try:
        words = shlex.split(command)
    except ValueError:
        return escape_controls(command)
    return " ".join(_quote_word(word) if _UNSAFE.search(word) else shlex.quote(word) for word in words)


def _quote_word(word: str) -> str:
    quoted = word.replace("\\", "\\\\").replace("'", "\\'")
    return f"$'{escape_controls(quoted)}'"
