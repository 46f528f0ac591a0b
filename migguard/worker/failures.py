"""Exceptions of the project's code, shortened to what its authors can read."""

from __future__ import annotations

import linecache
import os
import re
import traceback
from collections.abc import Iterator
from types import TracebackType
from typing import Optional

from .ledger import ProjectPaths
from .protocol import Failure, Place
from .settings_error import describe_settings_error

_BACKGROUND = re.compile(r"\n?\(Background on this error at: [^)]*\)")
#: SQLAlchemy puts the class of the driver's error first; ours has a driver's name, but lives in this package.
_OWN_CLASS = re.compile(r"\(_migguard_worker\.[\w.]*?\.?(\w+)\) ")
_NO_PATH = re.compile(r"Path doesn't exist: (.+?)\.\s")
_OWN = os.path.dirname(os.path.abspath(__file__)) + os.sep


def explain_failure(kind: str, error: BaseException, paths: ProjectPaths, revision: Optional[str] = None) -> Failure:
    """What is told about an exception; `kind` as in Failure. A fault of the worker itself is always `worker`."""
    if _is_own_fault(error):
        text = "".join(traceback.format_exception(type(error), error, error.__traceback__))
        return Failure("worker", text, type(error).__name__)
    error = find_original(error)
    frames, place = project_frames(error, paths)
    if isinstance(error, SyntaxError) and error.filename and paths.relative(error.filename):
        place = Place(paths.relative(error.filename) or "", error.lineno)
    return Failure(
        kind,
        _without_tree(error, paths),
        type(error).__name__,
        frames,
        place,
        revision,
        _missing_module(error),
        _missing_path(error, paths),
    )


def _without_tree(error: BaseException, paths: ProjectPaths) -> str:
    """The message, with files named as the project's authors name them.

    Where sys.path holds ".", Python 3.9 gives modules a `__file__` of "<folder>/./models.py".
    """
    text = error_text(error)
    name = error.path if isinstance(error, ImportError) else None
    relative = paths.relative(name) if name else None
    if name and relative:
        text = text.replace(f"({name})", f"({relative})")
    return text.replace(paths.tree + os.sep, "")


def error_text(error: BaseException) -> str:
    """The message of an exception on one line, without SQLAlchemy's links and the values of settings."""
    if isinstance(error, SystemExit):
        return f"the project's code left with sys.exit({error.code!r})"
    if isinstance(error, SyntaxError):
        return str(error.msg)
    text = describe_settings_error(error) or " ".join(_BACKGROUND.sub("", _OWN_CLASS.sub("", str(error))).split())
    if isinstance(error, KeyError):
        return f"{type(error).__name__}: {text}"
    return text or type(error).__name__


def project_frames(error: BaseException, paths: ProjectPaths) -> tuple[list[str], Optional[Place]]:
    """The project's own frames of the first exception in the chain that has any, and the place of the innermost."""
    for one in chain(error):
        frames, place = _frames_of(one.__traceback__, paths)
        if frames:
            return frames, place
    return [], None


def chain(error: BaseException) -> Iterator[BaseException]:
    """The exception and what led to it, as Python would print them, last first."""
    seen: set[int] = set()
    current: Optional[BaseException] = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)


def _frames_of(trace: Optional[TracebackType], paths: ProjectPaths) -> tuple[list[str], Optional[Place]]:
    frames, place = [], None
    while trace is not None:
        code = trace.tb_frame.f_code
        path = paths.relative(code.co_filename)
        if path is not None:
            source = linecache.getline(code.co_filename, trace.tb_lineno).strip()
            frames.append(f"{path}:{trace.tb_lineno} in {code.co_name}: {source}")
            place = Place(path, trace.tb_lineno)
        trace = trace.tb_next
    return frames, place


def find_original(error: BaseException) -> BaseException:
    """Flask prints an app's ImportError into the message of its own exception, and hides the original."""
    hidden = error.__context__
    if type(error).__name__ == "NoAppException" and isinstance(hidden, ImportError) and hidden.__traceback__:
        return hidden if hidden.__traceback__.tb_next is not None else error
    return error


def _is_own_fault(error: BaseException) -> bool:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None or isinstance(error, ImportError):
        return False
    return trace.tb_frame.f_code.co_filename.startswith(_OWN) and isinstance(
        error, (AttributeError, TypeError, KeyError, IndexError, AssertionError, NameError)
    )


def _missing_module(error: BaseException) -> Optional[str]:
    for one in chain(error):
        if isinstance(one, ImportError) and one.name:
            return one.name
    return None


def _missing_path(error: BaseException, paths: ProjectPaths) -> Optional[str]:
    for one in chain(error):
        name: Optional[str] = None
        if isinstance(one, FileNotFoundError) and isinstance(one.filename, (str, bytes, os.PathLike)):
            name = os.fsdecode(one.filename)
        elif type(one).__name__ == "CommandError" and _NO_PATH.match(str(one)):
            name = _NO_PATH.match(str(one)).group(1)  # type: ignore[union-attr]
        if name is not None:
            absolute = os.path.realpath(name)
            below = absolute.startswith(paths.tree + os.sep)
            return os.path.relpath(absolute, paths.tree).replace(os.sep, "/") if below else absolute
    return None
