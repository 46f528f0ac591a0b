"""`migguard install`: puts the plain git hooks in place, in front of migguard what was there before."""

from __future__ import annotations

import difflib
import os
import shlex
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from migguard.commands.options import InstallOptions
from migguard.errors import EXIT_CLEAN, MigguardError
from migguard.git.hook_script import EVENTS, KEPT_SUFFIX, Owner, find_owner, has_made_folder, render_script
from migguard.git.hooks_folder import (
    is_same_hook,
    keep_hook,
    own_hooks_folder,
    require_own_hooks,
    show_path,
    write_hook,
)
from migguard.git.repository import Repository
from migguard.report.escape import escape_controls


@dataclass(frozen=True)
class _Plan:
    """What to do for one event. No `script`: nothing. `keeps`: the hook that is there gets its second name first."""

    path: Path
    kept: Path
    remark: str
    script: bytes | None = None
    keeps: bool = False


def run(options: InstallOptions) -> int:
    """Install the hooks and say so. MigguardError, before anything is written, where one cannot be put in place."""
    events = _choose_events(options.hook_types)
    repository = Repository.discover()
    require_own_hooks(repository, events)
    folder = own_hooks_folder(repository)
    made_folder = not folder.exists() or any(has_made_folder(folder / event) for event in EVENTS)
    plans = [_plan(repository, folder / event, made_folder=made_folder) for event in events]
    if not options.dry_run:
        for plan in plans:
            _apply(plan)
    for plan in plans:
        words = f"{'would be ' if options.dry_run and plan.script is not None else ''}{plan.remark}"
        click.echo(escape_controls(f"{show_path(repository, plan.path)}: {words}"))
    if not options.dry_run and any(plan.script is not None for plan in plans):
        click.echo("undo: migguard uninstall")
    return EXIT_CLEAN


def _choose_events(wanted: Sequence[str]) -> tuple[str, ...]:
    for name in wanted:
        if name not in EVENTS:
            near = difflib.get_close_matches(name, EVENTS, n=1)
            hint = f"did you mean `{near[0]}`?" if near else f"the hooks are: {', '.join(EVENTS)}"
            raise MigguardError(f"there is no hook for `{name}`", hint)
    return tuple(event for event in EVENTS if event in wanted) or EVENTS


def _plan(repository: Repository, path: Path, *, made_folder: bool) -> _Plan:
    kept = path.with_name(path.name + KEPT_SUFFIX)
    owner = find_owner(path)
    shown = show_path(repository, path)
    if owner is Owner.US_EDITED:
        raise MigguardError(
            f"`{shown}` is migguard's hook, but was edited since",
            f"remove it and install again: rm {shlex.quote(shown)}",
        )
    if owner is Owner.OTHERS and is_moved_away(path):
        return _Plan(path, kept, f"nothing to do, it runs migguard's hook as `{path.name}.legacy`")
    script = render_script(path.name, sys.executable, made_folder=made_folder)
    if owner is Owner.US:
        if path.read_bytes() == script:
            return _Plan(path, kept, "installed already")
        return _Plan(path, kept, "brought up to date", script)
    if owner is Owner.OTHERS:
        _require_free(repository, path, kept)
        return _Plan(path, kept, f"installed; the hook that is there goes first, as `{kept.name}`", script, keeps=True)
    if os.path.lexists(kept):
        return _Plan(path, kept, f"installed; what an earlier install kept goes first, as `{kept.name}`", script)
    return _Plan(path, kept, "installed", script)


def is_moved_away(path: Path) -> bool:
    """Whether pre-commit or prek took over `path` and runs migguard's hook from beside it."""
    return find_owner(path.with_name(f"{path.name}.legacy")) in {Owner.US, Owner.US_EDITED}


def _require_free(repository: Repository, path: Path, kept: Path) -> None:
    """The place for the hook that is there must not hold another one."""
    if path.is_dir():
        raise MigguardError(f"`{show_path(repository, path)}` is a folder", "git runs files only: move it away")
    if os.path.lexists(kept) and not is_same_hook(path, kept):
        raise MigguardError(
            f"`{show_path(repository, kept)}` is in the way: a hook from an earlier install",
            "move it away, or make it one with the hook that is there now",
        )


def _apply(plan: _Plan) -> None:
    if plan.script is None:
        return
    plan.path.parent.mkdir(parents=True, exist_ok=True)
    # Wherever this is interrupted, git runs what it ran before, or all of it.
    if plan.keeps and not os.path.lexists(plan.kept):
        keep_hook(plan.path, plan.kept)
    write_hook(plan.path, plan.script)
