"""`migguard hook NAME`: the one entry behind pre-commit, prek and the plain git hooks."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from migguard.commands.options import HookOptions
from migguard.errors import EXIT_CLEAN, MigguardError
from migguard.git.repository import Repository
from migguard.git.staged import is_only_inert

if TYPE_CHECKING:
    from migguard.commands.terminal import Terminal

# What follows is imported by the hook that needs it: a commit that cannot matter pays for none of it.


def run(options: HookOptions) -> int:
    """Do what the git event asks for; the exit status for git. MigguardError for an event that has no hook here."""
    if options.name == "pre-commit":
        # GIT_INDEX_FILE is there in a real commit only, not when a runner is started by hand (git 2.39).
        if "GIT_INDEX_FILE" in os.environ and is_only_inert(Repository.discover()):
            return EXIT_CLEAN
        from migguard.commands import hook_pre_commit
        from migguard.commands.terminal import Terminal

        return hook_pre_commit.run(Terminal(options.color, verbose=options.verbose), graph_only=options.graph_only)
    from migguard.git.hook_script import EVENTS

    if options.name not in EVENTS:
        raise MigguardError(f"there is no hook for `{options.name}`", f"the hooks are: {', '.join(EVENTS)}")
    from migguard.commands.terminal import Terminal

    return _run_other(options, Terminal(options.color, verbose=options.verbose))


def _run_other(options: HookOptions, terminal: Terminal) -> int:
    if options.name == "pre-merge-commit":
        from migguard.commands import hook_pre_merge_commit

        return hook_pre_merge_commit.run(terminal)
    if options.name == "post-merge":
        from migguard.commands import hook_post_merge

        return hook_post_merge.run(terminal, options.arguments)
    if options.name == "post-rewrite":
        from migguard.commands import hook_post_rewrite

        return hook_post_rewrite.run(terminal, options.arguments)
    if options.name == "post-checkout":
        from migguard.commands import hook_post_checkout

        return hook_post_checkout.run(terminal, options.arguments)
    from migguard.commands import hook_pre_push

    return hook_pre_push.run(terminal, options.arguments)
