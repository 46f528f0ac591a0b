"""Folders of one run: locked while it lasts, removed when it ends, or by the next run where it was killed."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

_MARKER = "migguard.owner"
_PREFIX = "migguard-"
_YOUNG = 60.0
_SMALLEST_MEMORY = 256 * 1024 * 1024


def try_lock(path: Path) -> int | None:
    """Lock a file (made if missing) for this process; its descriptor, or None where another process holds it.

    The kernel lets go of the lock when the process ends, however it ends: there are no stale locks. Raises OSError
    where the file cannot be opened or the file system knows no locks.
    """
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(descriptor)
            if error.errno in (errno.EWOULDBLOCK, errno.EACCES):
                return None
            raise
        if _is_same_file(descriptor, path):
            return descriptor
        # Whoever held it removed the file before letting go: this lock protects nothing.
        os.close(descriptor)


def wait_for_lock(path: Path, seconds: float, on_wait: Callable[[], None] | None = None) -> int | None:
    """Lock a file, waiting up to `seconds`; `on_wait` is called once if there is a wait. None: still held."""
    descriptor = try_lock(path)
    if descriptor is None and seconds > 0 and on_wait is not None:
        on_wait()
    deadline = time.monotonic() + seconds
    while descriptor is None and time.monotonic() < deadline:
        time.sleep(0.05)
        descriptor = try_lock(path)
    return descriptor


@contextmanager
def run_folder(parent: Path | None = None, kind: str = "run") -> Iterator[Path]:
    """A new folder of ours, readable by nobody else, removed afterwards; those of killed runs are removed before.

    `parent` None means memory where there is enough of it, else the folder for temporary files.
    """
    parent = _fast_folder() if parent is None else parent
    remove_abandoned(parent, kind)
    folder = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{kind}-", dir=parent))
    descriptor = try_lock(folder / _MARKER)
    if descriptor is not None:
        os.write(descriptor, str(os.getpid()).encode())
    try:
        yield folder
    finally:
        remove_folder(folder)
        if descriptor is not None:
            os.close(descriptor)


def remove_abandoned(parent: Path, kind: str) -> None:
    """Remove folders of ours whose process is gone. Whatever cannot be removed stays."""
    for folder in parent.glob(f"{_PREFIX}{kind}-*"):
        try:
            descriptor = _lock_abandoned(folder)
        except OSError:
            continue
        if descriptor is not None:
            remove_folder(folder)
            os.close(descriptor)


def remove_folder(folder: Path) -> None:
    """Remove a folder that only we write to, with whatever permissions project code left in it; never fails."""
    shutil.rmtree(folder, ignore_errors=True)
    if not folder.exists():
        return
    with contextlib.suppress(OSError):
        folder.chmod(0o700)
        for name, below, _ in os.walk(folder):
            for child in (Path(name) / item for item in below):
                # A link would hand its target's permissions to us.
                if not child.is_symlink():
                    child.chmod(0o700)
    shutil.rmtree(folder, ignore_errors=True)


def _lock_abandoned(folder: Path) -> int | None:
    status = folder.lstat()
    if folder.is_symlink() or status.st_uid != os.getuid() or not (folder / _MARKER).is_file():
        return None
    if time.time() - status.st_mtime < _YOUNG and not (folder / _MARKER).stat().st_size:
        # Between its making and its locking a folder belongs to nobody: leave young ones alone.
        return None
    return try_lock(folder / _MARKER)


def _is_same_file(descriptor: int, path: Path) -> bool:
    try:
        named = path.lstat()
    except FileNotFoundError:
        return False
    opened = os.fstat(descriptor)
    return (named.st_dev, named.st_ino) == (opened.st_dev, opened.st_ino)


def _fast_folder() -> Path:
    memory = Path("/dev/shm")
    if memory.is_dir() and os.access(memory, os.W_OK | os.X_OK):
        status = os.statvfs(memory)
        if status.f_bavail * status.f_frsize >= _SMALLEST_MEMORY:
            return memory
    return Path(tempfile.gettempdir())
