"""What a command says once files are written: they were staged, or how to stage them, and how to undo all."""

from __future__ import annotations

from migguard.commands.terminal import Terminal
from migguard.fixes.plan import Plan
from migguard.fixes.staging import add_command, stage_plan
from migguard.git.repository import Repository


def finish(terminal: Terminal, repository: Repository, plan: Plan, undo: str, *, stage: bool) -> None:
    """Stage what a plan has written, or say how; `undo` is the command that `prepare_undo` gave before."""
    if stage:
        stage_plan(repository, plan)
        terminal.say(f"staged {', '.join(plan.written_paths)}")
    else:
        terminal.help("read it, then", add_command(repository, plan))
    if undo:
        terminal.help("undo", undo)
