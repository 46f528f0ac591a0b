"""The worker's answer for one environment, with what the parent knows about it."""

from __future__ import annotations

from dataclasses import dataclass

from migguard.schema.interpreter import Interpreter
from migguard.schema.protocol import Response


@dataclass(frozen=True)
class SchemaResult:
    """The worker's answer for one environment, or the failure that stands for it.

    Beside the worker's own kinds of failure there are `interpreter` (no Python that will do), `snapshot` (it cannot be
    put on disk), `timeout`, and `worktree-read` (a file of the work tree was opened: no verdict about a snapshot).
    `notes` are facts that explain a failure or why nothing could be told, `helps` what to do about it: commands to
    paste, or a setting.
    `interpreter` is None where none was found. `output` is what the project's code printed.
    """

    response: Response
    interpreter: Interpreter | None = None
    notes: tuple[str, ...] = ()
    helps: tuple[str, ...] = ()
    output: str = ""
    seconds: float = 0.0
