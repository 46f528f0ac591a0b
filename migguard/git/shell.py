"""Repository paths as words for the user's shell, in the folder where the user stands."""

from __future__ import annotations

import posixpath
import shlex
from collections.abc import Iterable


def quote_paths(paths: Iterable[str], prefix: str = "") -> str:
    """The paths as arguments of one command, to be pasted in the subfolder `prefix` ("" = top) of the work tree."""
    return shlex.join(_relate(path, prefix) for path in paths)


def _relate(path: str, prefix: str) -> str:
    relative = posixpath.relpath(f"/{path}", f"/{prefix}")
    # A command would take these for an option, git for a pathspec with magic.
    return f"./{relative}" if relative.startswith(("-", ":")) else relative
