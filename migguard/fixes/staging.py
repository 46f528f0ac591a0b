"""After a plan: its files in the index, and the commands that add or undo them, to be pasted where the user stands."""

from __future__ import annotations

import hashlib
import shlex
from collections.abc import Iterator
from pathlib import Path

from migguard.fixes.plan import Plan
from migguard.git.objects import REGULAR, Entry
from migguard.git.repository import Repository, cannot_write
from migguard.git.shell import quote_paths
from migguard.git.stage import find_staged, store_file, write_entries


def stage_plan(repository: Repository, plan: Plan) -> None:
    """Stage what the plan wrote, as it is on disk now, and what it removed; all of it or, with GitError, nothing."""
    before = find_staged(repository, plan.written_paths)
    entries: dict[str, Entry | None] = {}
    for path in plan.written_paths:
        mode = before[path].mode if path in before else REGULAR
        entries[path] = Entry(path, mode, store_file(repository, path, (repository.top / path).read_bytes()))
    entries.update(dict.fromkeys(repository.tracked_paths(plan.removed_paths)))
    write_entries(repository, entries)


def add_command(repository: Repository, plan: Plan) -> str:
    """The command that stages what the plan wrote and removed."""
    removed = repository.tracked_paths(plan.removed_paths)
    return f"git add {quote_paths([*plan.written_paths, *sorted(removed)], repository.prefix)}"


def prepare_undo(repository: Repository, plan: Plan, *, stage: bool) -> str:
    """The command that undoes a plan, empty where it changes nothing. To be called before the plan is applied.

    What the plan replaces or removes is kept in migguard's state folder. With `stage` the plan is also staged, and the
    command puts the index back too.
    """
    return " && ".join(_list_undo(repository, plan, stage=stage))


def _list_undo(repository: Repository, plan: Plan, *, stage: bool) -> Iterator[str]:
    prefix = repository.prefix
    old = {item.path: item.before for item in plan.changes if item.before is not None and item.before != item.after}
    for path, content in old.items():
        yield f"cp {shlex.quote(str(_keep_backup(repository, path, content)))} {quote_paths([path], prefix)}"
    new = [change.path for change in plan.changes if change.before is None]
    if new:
        yield f"{'git rm -q -f' if stage else 'rm'} {quote_paths(new, prefix)}"
    if not stage:
        return
    tracked = repository.tracked_paths(old)
    if tracked:
        yield f"git add {quote_paths(sorted(tracked), prefix)}"
    untracked = [path for path in plan.written_paths if path in old and path not in tracked]
    if untracked:
        yield f"git rm -q -f --cached {quote_paths(untracked, prefix)}"


def _keep_backup(repository: Repository, path: str, content: bytes) -> Path:
    digest = hashlib.sha256(content).hexdigest()[:12]
    backup = repository.make_state_dir() / "backup" / f"{digest}-{Path(path).name}"
    try:
        backup.parent.mkdir(parents=True, exist_ok=True)
        backup.write_bytes(content)
    except OSError as error:
        raise cannot_write(backup, error) from error
    return backup
