"""Renders what we did not foresee: a short message, and the traceback in a file."""

from __future__ import annotations

import datetime
import platform
import re
import sys
import traceback
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path

from migguard import __version__
from migguard.diagnostics import Help
from migguard.errors import MigguardError
from migguard.report.color import paint
from migguard.report.escape import escape_controls
from migguard.report.text import render_helps


def render_bug(error: Exception, arguments: Sequence[str], *, color: bool = False) -> str:
    """The message for a bug. The traceback goes to a file in the git folder, or follows here where that cannot be."""
    details = _describe(error, arguments)
    log = _write_log(details)
    title = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    lines = [
        paint("error", "error", color=color)
        + paint(f": this is a bug in migguard: {escape_controls(title)}", "message", color=color),
        f"{paint('note', 'note', color=color)}: {_describe_versions()}",
    ]
    if log is None:
        return "\n".join([*lines, *render_helps([Help("report it with the text below")], color=color), "", details])
    return "\n".join([*lines, *render_helps([Help("report it with the text of this file", str(log))], color=color), ""])


def _describe(error: Exception, arguments: Sequence[str]) -> str:
    # What follows "=" may be a password (`-x url=…`).
    shown = " ".join(re.sub("=.*", "=…", argument, flags=re.DOTALL) for argument in arguments)
    trace = "".join(traceback.format_exception(error))
    return f"{_describe_versions()}\ncommand: migguard {escape_controls(shown)}\n\n{trace}"


def _describe_versions() -> str:
    versions = [f"migguard {__version__}", f"Python {platform.python_version()} ({sys.platform})"]
    for name in ("click", "gitpython", "alembic", "sqlalchemy"):
        try:
            versions.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            versions.append(f"no {name}")
    return ", ".join(versions)


def _write_log(details: str) -> Path | None:
    """The file that holds `details` now, or None. git itself may be what is broken."""
    try:
        from migguard.git.repository import Repository

        now = datetime.datetime.now(tz=datetime.timezone.utc)
        log = Repository.discover().make_state_dir() / f"bug-{now:%Y%m%d-%H%M%S-%f}.log"
        log.write_text(details, encoding="utf-8", errors="backslashreplace")
    except (MigguardError, OSError, ImportError):
        return None
    return log
