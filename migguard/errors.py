"""The errors that end a command with a short message instead of a traceback."""

from __future__ import annotations

EXIT_CLEAN = 0
EXIT_FINDINGS = 1
EXIT_COULD_NOT_RUN = 2
EXIT_BUG = 3
EXIT_INTERRUPTED = 130


class MigguardError(Exception):
    """What the user can understand and mend.

    `message` is one line, lower case, without a full stop and without advice; `hint` is the one
    thing to do about it, or None. `path` is the repository path (POSIX) it is about, or None.
    """

    exit_code: int = EXIT_COULD_NOT_RUN

    def __init__(self, message: str, hint: str | None = None, *, path: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.path = path


class GitError(MigguardError):
    """git answered with an unexpected status. `stderr` holds git's own words."""

    def __init__(self, message: str, hint: str | None = None, *, status: int | None = None, stderr: str = "") -> None:
        super().__init__(message, hint)
        self.status = status
        self.stderr = stderr


class ConfigError(MigguardError):
    """Every mistake in the configuration, collected: `problems` are errors with a message, hint and path each."""

    def __init__(self, problems: tuple[MigguardError, ...]) -> None:
        first = problems[0]
        super().__init__(first.message, first.hint, path=first.path)
        self.problems = problems
