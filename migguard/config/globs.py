"""The one meaning of a glob in the settings: that of a line in `.gitignore`, without negation.

`*` and `?` stop at a slash, `[a-z]` is a class, `**` between slashes is any number of folders. A pattern with a slash
before its end is anchored at the top of the repository; one without matches a name at any depth. A pattern that
matches a folder matches everything in it, and one that ends with a slash matches folders only.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable


def matches_glob(path: str, pattern: str) -> bool:
    """Whether the file at this repository path is meant by the pattern, which `find_glob_fault` has passed."""
    return _compile(pattern).fullmatch(path) is not None


def matches_any(path: str, patterns: Iterable[str]) -> bool:
    """Whether one of the patterns means the file."""
    return any(matches_glob(path, pattern) for pattern in patterns)


def find_glob_fault(pattern: str) -> str | None:
    """Why the pattern could never match as meant, or None."""
    if not pattern.strip("/"):
        return "an empty glob"
    if pattern.startswith("!"):
        return "a glob cannot be negated"
    if ".." in pattern.split("/"):
        return "a glob cannot leave the repository"
    if pattern.startswith("./"):
        return "a glob starts at the top of the repository without `./`"
    try:
        _compile(pattern)
    except ValueError as error:
        return str(error)
    return None


@functools.lru_cache(maxsize=256)
def _compile(pattern: str) -> re.Pattern[str]:
    body = pattern.rstrip("/")
    folders_only = body != pattern
    anchored = "/" in body
    body = body.removeprefix("/")
    start = "" if anchored else "(?:.*/)?"
    end = "/.*" if folders_only else "(?:/.*)?"
    return re.compile(start + _translate(body) + end, re.DOTALL)


def _translate(body: str) -> str:
    translated: list[str] = []
    position = 0
    while position < len(body):
        text, position = _translate_next(body, position)
        translated.append(text)
    return "".join(translated)


def _translate_next(body: str, position: int) -> tuple[str, int]:
    """The regular expression of the next piece of the pattern, and where the one after it starts."""
    at_name_start = position == 0 or body[position - 1] == "/"
    if at_name_start and body.startswith("**/", position):
        return "(?:.*/)?", position + 3
    if at_name_start and body[position:] == "**":
        return ".+", position + 2
    character = body[position]
    if character == "*":
        return "[^/]*", position + 1
    if character == "?":
        return "[^/]", position + 1
    if character == "[":
        return _translate_class(body, position)
    if character == "\\":
        if position + 1 == len(body):
            raise ValueError("a glob cannot end with a backslash")
        return re.escape(body[position + 1]), position + 2
    return re.escape(character), position + 1


def _translate_class(body: str, position: int) -> tuple[str, int]:
    end = position + 1
    if body[end : end + 1] in ("!", "^"):
        end += 1
    # A bracket right after the opening one stands for itself.
    end = body.find("]", end + 1)
    if end == -1:
        raise ValueError("`[` without `]`")
    inner = body[position + 1 : end]
    negation = "^" if inner[0] in "!^" else ""
    members = re.sub(r"([\\\[\]^&~|])", r"\\\1", inner[len(negation) :])
    try:
        re.compile(f"[{members}]")
    except re.error as error:
        raise ValueError(f"`[{inner}]`: {error.msg}") from error
    return f"(?!/)[{negation}{members}]", end + 1
