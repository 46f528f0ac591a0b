"""Starts git. Nothing else in the package does."""

from __future__ import annotations

import functools
import logging
import os
import re
import shlex
import time
from collections.abc import Mapping, Sequence
from subprocess import PIPE
from typing import TYPE_CHECKING

from migguard.errors import GitError

if TYPE_CHECKING:
    from git import Git

_logger = logging.getLogger("migguard.git")

#: What `env` ends with where it does not find the program; git has no such status.
_NOT_FOUND_BY_ENV = 127


@functools.cache
def _load_git() -> Git:
    """GitPython's process layer. Loaded late: importing it takes longer than most git commands and needs git."""
    try:
        from git import Git
    except ImportError as error:
        raise GitError(f"git cannot be started: {str(error).strip().splitlines()[0]}", "install git") from error
    return Git()


def run_git(
    arguments: Sequence[str],
    directory: str,
    *,
    environment: Mapping[str, str | None],
    stdin: bytes | None = None,
) -> tuple[int, bytes, bytes]:
    """Run git in `directory` and return its status, stdout and stderr.

    `environment` changes what is inherited; None unsets. Raises GitError where git cannot be started.
    """
    git = _load_git()
    from git.exc import GitCommandNotFound

    # GitPython can add variables but not remove any.
    unset = [name for name, value in environment.items() if value is None and name in os.environ]
    command = [word for name in unset for word in ("-u", name)]
    if command:
        command.insert(0, "env")
    # -C, because GitPython falls back to the current folder in silence where it cannot enter another.
    command += [git.GIT_PYTHON_GIT_EXECUTABLE or "git", "-C", directory, *arguments]
    started = time.perf_counter()
    try:
        process = git.execute(
            command,
            # communicate() feeds and drains at once; a pipe written to first would block at 64 KiB.
            istream=None if stdin is None else PIPE,
            as_process=True,
            env={name: value for name, value in environment.items() if value is not None},
        )
    except GitCommandNotFound as error:
        raise _explain_missing() from error
    out, err = process.communicate(stdin)
    status = int(process.returncode)
    if unset and status == _NOT_FOUND_BY_ENV:
        raise _explain_missing()
    if _logger.isEnabledFor(logging.DEBUG):
        shown = shlex.join(["git", *arguments]).encode("utf-8", "backslashreplace").decode()
        _logger.debug("%s: %d, %.1f ms", shown, status, (time.perf_counter() - started) * 1000)
    return status, out, err


def _explain_missing() -> GitError:
    return GitError("git was not found", "install git, or put it on PATH")


def explain_failure(arguments: Sequence[str], status: int, stderr: bytes) -> GitError:
    """An error with git's own words."""
    words = os.fsdecode(stderr).strip()
    subcommand = next((word for word in arguments if not word.startswith("-") and "=" not in word), "git")
    told = re.search(r"^(?:fatal|error): (.+)$", words, re.MULTILINE)
    reason = told.group(1) if told else (words.splitlines() or [f"status {status}"])[-1]
    advice = re.search(r"^\s+(git config .+safe\.directory .+)$", words, re.MULTILINE)
    return GitError(
        f"git {subcommand}: {reason.rstrip('.')}",
        advice.group(1) if advice else None,
        status=status,
        stderr=words,
    )
