"""Errors that end a command."""

from __future__ import annotations

from migguard.errors import ConfigError, GitError, MigguardError
from migguard.report.errors import render_error


def test_error_has_place_and_help() -> None:
    error = MigguardError(
        "`tool.migguard.ignore[0]`: unknown rule `multiple-head`",
        "did you mean `multiple-heads` (MG101)?",
        path="pyproject.toml",
    )

    assert render_error(error) == (
        "error: `tool.migguard.ignore[0]`: unknown rule `multiple-head`\n"
        " --> pyproject.toml\n"
        "help: did you mean `multiple-heads` (MG101)?\n"
    )


def test_all_problems_of_the_configuration_are_shown() -> None:
    error = ConfigError((MigguardError("one", path="pyproject.toml"), MigguardError("two", "do\nboth")))

    assert render_error(error) == "error: one\n --> pyproject.toml\n\nerror: two\nhelp: do\nhelp: both\n"


def test_words_of_git_are_shown_unless_the_message_says_them() -> None:
    error = GitError(
        "git commit: cannot lock ref",
        status=128,
        stderr="fatal: cannot lock ref.\n\nhint: another process\x1b[0m\n",
    )

    assert render_error(error) == "error: git commit: cannot lock ref\nnote: git: hint: another process\\x1b[0m\n"


def test_colour_is_added_where_asked() -> None:
    assert render_error(MigguardError("x"), color=True) == "\x1b[31m\x1b[1merror\x1b[0m\x1b[1m: x\x1b[0m\n"
