"""The folder that git takes a repository's hooks from, and changes to it that a kill cannot leave half done."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from migguard.errors import MigguardError
from migguard.git.repository import Repository

_NEW_SUFFIX = ".migguard-new"


def own_hooks_folder(repository: Repository) -> Path:
    """The hooks folder in the repository, shared by its work trees. It may not exist, or not be in use."""
    return repository.common_dir / "hooks"


def require_own_hooks(repository: Repository, events: Sequence[str]) -> None:
    """Raise MigguardError, with the lines to add for `events`, where git takes hooks from another folder.

    That is so with `core.hooksPath`, or where the hooks folder is a link: a tracked, global or foreign folder is not
    one repository's alone.
    """
    # The answer is relative to where git runs, the top. (--path-format=absolute is newer than many gits in use.)
    asked = os.fsdecode(repository.run("rev-parse", "--git-path", "hooks")).removesuffix("\n")
    folder = repository.top / asked
    if os.path.realpath(folder) == os.path.join(os.path.realpath(repository.common_dir), "hooks"):  # noqa: PTH118
        return
    # Not resolved: a link is named by its own name.
    shown = show_path(repository, Path(os.path.normpath(folder)))
    origin = _find_origin(repository)
    why = f"`core.hooksPath`, set in `{origin}`" if origin else "a link"
    # husky writes `.husky/_` and has people edit its parent.
    editable = shown.removesuffix("/_") if shown.endswith(".husky/_") else shown
    raise MigguardError(
        f"git takes the hooks of this repository from `{shown}` ({why}), which is not migguard's to write to",
        "\n".join(f'add to `{editable}/{event}`: migguard hook {event} "$@"' for event in events),
    )


def _find_origin(repository: Repository) -> str | None:
    """The file (or other source) that sets core.hooksPath."""
    status, out, _ = repository.run_status("config", "--show-origin", "--get", "-z", "core.hooksPath")
    return None if status else os.fsdecode(out.split(b"\0")[0]).removeprefix("file:")


def show_path(repository: Repository, path: Path) -> str:
    """`path` as a person at the top of the work tree would name it."""
    try:
        return path.relative_to(repository.top).as_posix()
    except ValueError:
        return str(path)


def write_hook(path: Path, content: bytes) -> None:
    """Put an executable file at `path` in one step, in place of whatever is there."""
    new = path.with_name(path.name + _NEW_SUFFIX)
    new.unlink(missing_ok=True)
    # 0o777 and the user's umask: a repository may be shared.
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o777), "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    new.replace(path)


def keep_hook(path: Path, kept: Path) -> None:
    """Give the hook at `path` a second name, `kept`: until `path` is replaced, it is run as before."""
    try:
        os.link(path, kept, follow_symlinks=False)
    except (OSError, NotImplementedError):
        # No hard links here (some network and removable file systems): a copy with mode and times.
        new = kept.with_name(kept.name + _NEW_SUFFIX)
        new.unlink(missing_ok=True)
        shutil.copy2(path, new, follow_symlinks=False)
        new.rename(kept)


def is_same_hook(one: Path, other: Path) -> bool:
    """Whether two paths are names of one hook, or a hook and its exact copy."""
    first, second = one.lstat(), other.lstat()
    if os.path.samestat(first, second):
        return True
    if first.st_mode != second.st_mode:
        return False
    if one.is_symlink():
        return one.readlink() == other.readlink()
    return one.is_file() and one.read_bytes() == other.read_bytes()


def remove_leftovers(folder: Path, events: Sequence[str], kept_suffix: str) -> None:
    """Remove the unfinished files of an interrupted write."""
    for event in events:
        for name in (event, event + kept_suffix):
            (folder / (name + _NEW_SUFFIX)).unlink(missing_ok=True)


def remove_empty_folder(folder: Path) -> None:
    """Remove the folder unless something is in it."""
    with contextlib.suppress(OSError):
        folder.rmdir()
