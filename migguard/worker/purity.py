"""Whether what a revision does is told by its own text: no code of the project, no files, no environment."""

from __future__ import annotations

import ast
import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Optional

from .ledger import ProjectPaths

#: Modules of Python that read nothing from outside (the clock and random numbers become rows, and rows are not kept).
_PURE = frozenset(
    """__future__ abc base64 binascii bisect builtins calendar collections colorsys contextlib copy dataclasses datetime
    decimal enum fractions functools hashlib heapq hmac html ipaddress itertools json logging math numbers operator
    pprint random re secrets string struct textwrap time types typing typing_extensions unicodedata uuid warnings zlib
    zoneinfo""".split()  # noqa: SIM905
)
_LIBRARIES = frozenset({"alembic", "sqlalchemy"})
_OPENING = frozenset({"open", "exec", "eval", "compile", "input", "__import__", "breakpoint", "__file__", "__path__"})
#: Attributes by which a revision would reach the configuration, or code that env.py gave it.
_REACHING = frozenset({"attributes", "opts", "config", "environment_context", "script"})
#: SQL that changes what belongs to the connection, which a state does not hold.
_OF_CONNECTION = re.compile(r"(^|;)\s*(set|use|reset)\s|search_path|set_config|\btemp(orary)?\b|pg_temp", re.IGNORECASE)


@dataclass
class Needs:
    """What a pure source needs beside itself: modules of distributions, and sources below the script location."""

    distributions: set[str] = field(default_factory=set)
    local: set[str] = field(default_factory=set)


class PurityJudge:
    """Judges the sources of one run; the modules that they import must have been loaded."""

    def __init__(self, paths: ProjectPaths, script_location: str) -> None:
        self._paths = paths
        self._location = os.path.realpath(script_location)
        self._judged: dict[str, Optional[Needs]] = {}

    def judge(self, source: bytes) -> Optional[Needs]:
        """What the source needs, None where it is not pure, or that cannot be told."""
        try:
            tree = ast.parse(source)
        except (SyntaxError, ValueError):
            return None
        needs = Needs()
        for node in ast.walk(tree):
            if _is_impure(node) or not all(self._admit(name, needs) for name in _imported(node)):
                return None
        return needs

    def _admit(self, name: str, needs: Needs) -> bool:
        top = name.split(".")[0]
        if top in _PURE or top in _LIBRARIES:
            return True
        if top in getattr(sys, "stdlib_module_names", ()) or name.startswith("."):
            return False
        file = getattr(sys.modules.get(name) or sys.modules.get(top), "__file__", None)
        if file is None:
            return False
        if self._is_local(file):
            return self._admit_local(file, needs)
        if self._paths.relative(file) is not None or not _is_distributed(file):
            return False
        needs.distributions.add(top)
        return True

    def _is_local(self, file: str) -> bool:
        return os.path.realpath(file).startswith(self._location + os.sep)

    def _admit_local(self, file: str, needs: Needs) -> bool:
        """A module beside env.py: its text takes part in the key, so that it only has to be pure itself."""
        if file not in self._judged:
            self._judged[file] = Needs()  # modules may import each other
            try:
                with open(file, "rb") as stream:
                    self._judged[file] = self.judge(stream.read())
            except OSError:
                self._judged[file] = None
        found = self._judged[file]
        if found is None:
            return False
        needs.local.add(file)
        needs.distributions |= found.distributions
        needs.local |= found.local
        return True


def _imported(node: ast.AST) -> Iterator[str]:
    """Absolute names of what a statement imports; a relative one begins with a dot."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        yield "." * node.level + (node.module or "")


def _is_impure(node: ast.AST) -> bool:
    if isinstance(node, ast.Name):
        return node.id in _OPENING
    if isinstance(node, ast.Attribute):
        return node.attr in _REACHING
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return _OF_CONNECTION.search(node.value) is not None
    return False


def _is_distributed(file: str) -> bool:
    parts = os.path.realpath(file).split(os.sep)
    return "site-packages" in parts or "dist-packages" in parts
