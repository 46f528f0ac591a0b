"""Renders the errors that end a command."""

from __future__ import annotations

from migguard.diagnostics import Help, Location
from migguard.errors import ConfigError, GitError, MigguardError
from migguard.report.color import paint
from migguard.report.escape import escape_controls
from migguard.report.text import render_helps, render_location


def render_error(error: MigguardError, *, color: bool = False) -> str:
    """The error, or every problem of a ConfigError, with place, git's own words and help; ends with a newline."""
    problems = error.problems if isinstance(error, ConfigError) else (error,)
    return "\n".join(f"{_render_one(problem, color=color)}\n" for problem in problems)


def _render_one(error: MigguardError, *, color: bool) -> str:
    title = paint("error", "error", color=color)
    lines = [title + paint(f": {escape_controls(error.message)}", "message", color=color)]
    if error.path is not None:
        lines += render_location(Location(error.path), "error", color=color)
    if isinstance(error, GitError):
        lines += [
            f"{paint('note', 'note', color=color)}: git: {escape_controls(line)}"
            for line in map(str.strip, error.stderr.splitlines())
            if line and not _repeats(line, error)
        ]
    hints = error.hint.splitlines() if error.hint else []
    return "\n".join([*lines, *render_helps([Help(hint) for hint in hints], color=color)])


def _repeats(line: str, error: GitError) -> bool:
    """Whether the message or the hint says already what this line of git's says."""
    words = line.removeprefix("fatal: ").removeprefix("error: ").rstrip(".")
    return words in error.message or error.message in words or words == error.hint
