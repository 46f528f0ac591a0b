"""`migguard completion SHELL`: the script that makes a shell complete our commands and options."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from migguard.errors import EXIT_CLEAN, MigguardError


def run(command: click.Command, shell: str, variable: str) -> int:
    """Print click's own completion script for `command`. Raises MigguardError for a shell that click does not know."""
    completion = get_completion_class(shell)
    if completion is None:
        raise MigguardError(f"no completion for `{shell}`")
    click.echo(completion(command, {}, "migguard", variable).source())
    return EXIT_CLEAN
