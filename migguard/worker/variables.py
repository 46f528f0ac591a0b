"""Environment variables that the project's code asked for in vain."""

from __future__ import annotations

import os
import re
import sys
from types import FrameType
from typing import Any, Optional

from .failures import chain, find_original
from .ledger import ProjectPaths
from .settings_error import settings_names


class AbsentVariables:
    """Remembers the names that the project's own code looked up, that are not set and for which it gave no default."""

    def __init__(self, paths: ProjectPaths) -> None:
        self._names: dict[str, None] = {}
        self._paths = paths

    def install(self) -> None:
        """Start watching `os.environ`; `os.getenv` goes through it."""
        kind: Any = type(os.environ)
        look_up = kind.__getitem__

        def getitem(environ: Any, name: Any) -> Any:
            try:
                return look_up(environ, name)
            except KeyError:
                self._note(name)
                raise

        def get(environ: Any, name: Any, default: Any = None) -> Any:
            try:
                return look_up(environ, name)
            except KeyError:
                if default is None:
                    self._note(name)
                return default

        kind.__getitem__ = getitem
        kind.get = get

    def explain(self, error: BaseException) -> list[str]:
        """Names that may be why the project could not be loaded; none where the exception speaks of something else."""
        causes = list(chain(find_original(error)))
        wanted = [name for one in causes for name in settings_names(one)]
        if wanted or any(isinstance(one, (ImportError, OSError, SyntaxError, NameError)) for one in causes):
            return list(dict.fromkeys(wanted))
        if isinstance(error, KeyError):
            return [name for name in map(str, error.args) if name in self._names]
        told = [name for name in self._names if re.search(rf"\b{re.escape(name)}\b", str(error))]
        return told or list(self._names)

    def _note(self, name: Any) -> None:
        frame: Optional[FrameType] = sys._getframe(2)
        while frame is not None and frame.f_globals.get("__name__") in {"os", "_collections_abc"}:
            frame = frame.f_back
        if isinstance(name, str) and frame is not None and self._paths.relative(frame.f_code.co_filename):
            self._names[name] = None
