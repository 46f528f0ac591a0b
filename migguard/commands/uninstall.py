"""`migguard uninstall`: gives back the hooks as they were, touching only files that are still ours."""

from __future__ import annotations

import enum
import os
from pathlib import Path

import click

from migguard.commands.options import UninstallOptions
from migguard.errors import EXIT_CLEAN, EXIT_COULD_NOT_RUN
from migguard.git.hook_script import EVENTS, KEPT_SUFFIX, Owner, find_owner, has_made_folder
from migguard.git.hooks_folder import (
    is_same_hook,
    own_hooks_folder,
    remove_empty_folder,
    remove_leftovers,
    show_path,
)
from migguard.git.repository import Repository
from migguard.report.escape import escape_controls


class _Action(enum.Enum):
    NOTHING = "nothing to do"
    REMOVE = "removed"
    GIVE_BACK = "given back as it was"
    DROP_SECOND_NAME = "second name of an interrupted install removed"
    LEAVE_EDITED = "left: it was edited since the install"
    LEAVE_MOVED = "left: pre-commit or prek moved migguard's hook to `{name}.legacy`, and runs it from there"
    LEAVE_REPLACED = "left: it was replaced since the install; what was there before is `{name}" + KEPT_SUFFIX + "`"


def run(options: UninstallOptions) -> int:
    """Uninstall and say so; not EXIT_CLEAN where something of migguard's had to be left."""
    repository = Repository.discover()
    # Ours are there even where core.hooksPath has been set since.
    folder = own_hooks_folder(repository)
    made_folder = any(has_made_folder(folder / event) for event in EVENTS)
    actions = {folder / event: _choose(folder / event) for event in EVENTS}
    for path, action in actions.items():
        if not options.dry_run:
            _apply(path, action)
        would = "would be " if options.dry_run and not _is_left(action) and action is not _Action.NOTHING else ""
        click.echo(escape_controls(f"{show_path(repository, path)}: {would}{action.value.format(name=path.name)}"))
    if not options.dry_run:
        remove_leftovers(folder, EVENTS, KEPT_SUFFIX)
        if made_folder:
            remove_empty_folder(folder)
    return EXIT_COULD_NOT_RUN if any(map(_is_left, actions.values())) else EXIT_CLEAN


def _is_left(action: _Action) -> bool:
    return action.name.startswith("LEAVE")


def _kept(path: Path) -> Path:
    return path.with_name(path.name + KEPT_SUFFIX)


def _choose(path: Path) -> _Action:
    owner = find_owner(path)
    is_kept = os.path.lexists(_kept(path))
    if owner is Owner.US_EDITED:
        return _Action.LEAVE_EDITED
    if owner is Owner.OTHERS:
        if find_owner(path.with_name(f"{path.name}.legacy")) in {Owner.US, Owner.US_EDITED}:
            return _Action.LEAVE_MOVED
        if not is_kept:
            return _Action.NOTHING
        return _Action.DROP_SECOND_NAME if is_same_hook(path, _kept(path)) else _Action.LEAVE_REPLACED
    if is_kept:
        return _Action.GIVE_BACK
    return _Action.REMOVE if owner is Owner.US else _Action.NOTHING


def _apply(path: Path, action: _Action) -> None:
    """Each is one step, so that git runs either what it ran before or what it will run after."""
    if action is _Action.REMOVE:
        path.unlink()
    elif action is _Action.GIVE_BACK:
        _kept(path).replace(path)
    elif action is _Action.DROP_SECOND_NAME:
        _kept(path).unlink()
