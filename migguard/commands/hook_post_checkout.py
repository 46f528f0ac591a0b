"""The post-checkout hook: named databases against the branch that has just been checked out."""

from __future__ import annotations

import os
from collections.abc import Sequence

from migguard.commands.terminal import Terminal
from migguard.context import CheckContext, EnvironmentView
from migguard.diagnostics import Diagnostic
from migguard.errors import EXIT_CLEAN
from migguard.git.moment import detect_moment
from migguard.git.repository import Repository
from migguard.git.snapshot import TreeSnapshot
from migguard.rules import database_behind, unknown_database_revision
from migguard.rules.policy import Policy


def run(terminal: Terminal, arguments: Sequence[str]) -> int:
    """Say what the databases of the branch are at. Always 0: another status would make `git checkout` fail (git 2.39).

    Nothing is asked where no database is named, when single files are checked out, or between the steps of a rebase.
    """
    old, new, is_branch = _read_arguments(arguments)
    repository = Repository.discover()
    moment = detect_moment(repository, "post-checkout", os.environ)
    if not is_branch or old == new or not moment.may_write or repository.head() is None:
        return EXIT_CLEAN
    context = CheckContext(repository, TreeSnapshot(repository, "HEAD", "HEAD"), moment)
    if not context.config.databases:
        return EXIT_CLEAN
    before = TreeSnapshot(repository, old) if repository.resolve(old) is not None else None
    found: list[Diagnostic] = []
    for view in context.views:
        databases = context.ask_databases(view.environment)
        for item in databases:
            if item.problem is not None:
                terminal.note(f"the database `{item.name}` was not asked: {item.problem}")
        command = "flask db" if view.environment.kind == "flask" else "alembic"
        graph = EnvironmentView(view.environment, before).graph if before is not None else None
        found += unknown_database_revision.check(view.state, databases, graph, command)
        found += database_behind.check(view.state, databases, command)
    terminal.show_diagnostics(Policy(context.config).apply(found))
    return EXIT_CLEAN


def _read_arguments(arguments: Sequence[str]) -> tuple[str, str, bool]:
    """What git tells the hook; the runners hand it over in the environment (pre-commit 4.7, prek 0.5)."""
    if len(arguments) == 3:
        return arguments[0], arguments[1], arguments[2] == "1"
    told = (os.environ.get(f"PRE_COMMIT_{name}", "") for name in ("FROM_REF", "TO_REF", "CHECKOUT_TYPE"))
    old, new, kind = told
    return old, new, kind == "1"
