"""A plan of file changes: previewed as a diff, applied all or nothing, undone by the next run where it was killed."""

from __future__ import annotations

import base64
import difflib
import glob
import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from migguard.errors import MigguardError
from migguard.git.repository import Repository, cannot_write
from migguard.schema.folders import try_lock

JOURNAL = "journal.json"
_LOCK = "journal.lock"

Step = Callable[[str], None]


def no_step(_name: str) -> None:
    """Nothing happens between the steps, outside tests that end the process there."""


@dataclass(frozen=True)
class FileChange:
    """One file of the work tree: what stands there now (None: nothing) and what shall (None: nothing)."""

    path: str
    before: bytes | None
    after: bytes | None


@dataclass(frozen=True)
class Plan:
    """File changes that belong together. `title` says what they do, in the imperative."""

    title: str
    changes: tuple[FileChange, ...]

    @property
    def written_paths(self) -> tuple[str, ...]:
        """The paths that exist afterwards."""
        return tuple(change.path for change in self.changes if change.after is not None)

    @property
    def removed_paths(self) -> tuple[str, ...]:
        """The paths that are gone afterwards."""
        return tuple(change.path for change in self.changes if change.after is None)

    @property
    def files(self) -> dict[str, bytes]:
        """What is written, by path."""
        return {change.path: change.after for change in self.changes if change.after is not None}


def render_diff(plan: Plan) -> str:
    """The plan as a unified diff with git's `a/` and `b/` prefixes."""
    return "".join(line for change in plan.changes for line in _diff_file(change))


def apply_plan(repository: Repository, plan: Plan, *, on_step: Step = no_step) -> None:
    """Write the files. All of them appear, each whole, or none does.

    Before the first change a journal goes into migguard's state folder; `recover` uses it after a kill. Raises
    MigguardError, with everything put back, where a file is not what the plan was made for or cannot be written, or
    where another process writes.
    """
    with _only_writer(repository):
        for change in plan.changes:
            _require_unchanged(repository, change)
        journal = _write_journal(repository, plan)
        on_step("journal")
        done: list[FileChange] = []
        try:
            for change in plan.changes:
                done.append(change)
                _apply_change(repository.top / change.path, change)
                on_step(f"file {change.path}")
        except BaseException as error:  # ^C too leaves nothing half done
            _put_back(repository, done)
            journal.unlink()
            if isinstance(error, OSError):
                raise MigguardError(f"cannot write `{change.path}`: {error.strerror}") from error
            raise
        journal.unlink()


def undo_plan(repository: Repository, plan: Plan) -> None:
    """Put back what `apply_plan` changed; files that were edited since stay as they are."""
    _put_back(repository, plan.changes)


def recover(repository: Repository) -> tuple[str, ...]:
    """Undo what a killed run left half done; the paths that were put back, empty where there was nothing."""
    journal = repository.state_dir / JOURNAL
    if not journal.exists():
        return ()
    with _only_writer(repository):
        try:
            recorded = json.loads(journal.read_text("utf-8"))
            changes = tuple(_decode_change(item) for item in recorded["changes"])
        except FileNotFoundError:
            return ()
        except (ValueError, KeyError, TypeError):
            # The journal itself was cut short: it is written before the first change, so nothing was changed.
            journal.unlink()
            return ()
        restored = _put_back(repository, changes)
        journal.unlink()
    return restored


@contextmanager
def _only_writer(repository: Repository) -> Iterator[None]:
    """Nobody else applies or undoes a plan meanwhile; the kernel ends this with the process, however it ends."""
    lock = repository.make_state_dir() / _LOCK
    try:
        descriptor = try_lock(lock)
    except OSError as error:
        raise cannot_write(lock, error) from error
    if descriptor is None:
        raise MigguardError("another migguard is writing to this repository", "wait until it is done, then try again")
    try:
        yield
    finally:
        os.close(descriptor)


def _diff_file(change: FileChange) -> list[str]:
    lines = difflib.unified_diff(
        _lines(change.before),
        _lines(change.after),
        f"a/{change.path}" if change.before is not None else "/dev/null",
        f"b/{change.path}" if change.after is not None else "/dev/null",
    )
    return [line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines]


def _lines(content: bytes | None) -> list[str]:
    return (content or b"").decode("utf-8", "replace").splitlines(keepends=True)


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None


def _require_unchanged(repository: Repository, change: FileChange) -> None:
    if _read(repository.top / change.path) == change.before:
        return
    if change.before is None:
        raise MigguardError(f"`{change.path}` already exists with other content", "move it away, or delete it")
    raise MigguardError(f"`{change.path}` has changed meanwhile", "run the command again")


def _apply_change(target: Path, change: FileChange) -> None:
    if change.after is None:
        target.unlink()
        return
    try:
        _write_whole(target, change.after, is_new=change.before is None)
    except FileExistsError as error:
        raise MigguardError(f"`{change.path}` already exists", "move it away, or delete it") from error


def _write_whole(target: Path, content: bytes, *, is_new: bool) -> None:
    """Write a file so that nobody ever sees a part of it. Raises FileExistsError where a new one exists already."""
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.parent / f".{target.name}.{os.getpid()}.migguard"
    try:
        temporary.write_bytes(content)
        if is_new:
            # A hard link never replaces what someone else has created meanwhile.
            os.link(temporary, target)
        else:
            temporary.chmod(target.stat().st_mode)
            temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


def _put_back(repository: Repository, changes: Sequence[FileChange]) -> tuple[str, ...]:
    restored = []
    for change in reversed(changes):
        target = repository.top / change.path
        for leftover in target.parent.glob(f".{glob.escape(target.name)}.*.migguard"):
            leftover.unlink()
        if _read(target) != change.after or change.after == change.before:
            continue
        if change.before is None:
            target.unlink()
        else:
            _write_whole(target, change.before, is_new=change.after is None)
        restored.append(change.path)
    return tuple(restored)


def _write_journal(repository: Repository, plan: Plan) -> Path:
    journal = repository.make_state_dir() / JOURNAL
    recorded = {"title": plan.title, "changes": [_encode_change(item) for item in plan.changes]}
    temporary = journal.with_suffix(".new")
    temporary.write_text(json.dumps(recorded), "utf-8")
    temporary.replace(journal)
    return journal


def _encode_change(change: FileChange) -> list[str | None]:
    return [change.path, _encode(change.before), _encode(change.after)]


def _decode_change(item: list[str | None]) -> FileChange:
    path, before, after = item
    if path is None:
        raise ValueError("a change without a path")
    return FileChange(path, _decode(before), _decode(after))


def _encode(content: bytes | None) -> str | None:
    return None if content is None else base64.b64encode(content).decode("ascii")


def _decode(text: str | None) -> bytes | None:
    return None if text is None else base64.b64decode(text)
