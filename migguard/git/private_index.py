"""A private index: trees are built in it, so that the user's own index is only ever read."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from migguard.git.repository import Repository, cannot_write

_PREFIX = "private-"
#: Folders of this age were left behind by a killed process.
_STRAY_SECONDS = 24 * 3600


class PrivateIndex:
    """An index file of our own, and git commands that use it instead of the user's."""

    #: Configuration under which nothing but this index is touched: no hooks (`read-tree` and others fire
    #: post-index-change), no daemon, no shared index file written beside the user's.
    _SETTINGS = (
        "-c", "core.hooksPath=/dev/null",
        "-c", "core.fsmonitor=false",
        "-c", "core.splitIndex=false",
        "-c", "core.safecrlf=false",
        "-c", "add.ignoreErrors=false",
        "-c", "submodule.recurse=false",
    )  # fmt: skip

    def __init__(self, repository: Repository, path: Path) -> None:
        self._repository = repository
        self.path = path

    def run(self, *args: str, stdin: bytes | None = None) -> bytes:
        """Standard output of `git args` with this index. Raises GitError."""
        return self._repository.run(*self._SETTINGS, *args, stdin=stdin, env={"GIT_INDEX_FILE": str(self.path)})

    def write_tree(self) -> str:
        """The tree of the index. Objects that are not in this clone are neither missed nor fetched."""
        return self.run("write-tree", "--missing-ok").decode().strip()


@contextlib.contextmanager
def open_private_index(repository: Repository, *, copy_of: Path | None = None) -> Iterator[PrivateIndex]:
    """A private index, empty or a copy of an index file (empty where that does not exist), gone afterwards."""
    with private_folder(repository) as folder:
        index = PrivateIndex(repository, folder / "index")
        if copy_of is not None:
            # An index that was never written is an empty one.
            with contextlib.suppress(FileNotFoundError):
                shutil.copyfile(copy_of, index.path)
        yield index


@contextlib.contextmanager
def private_folder(repository: Repository) -> Iterator[Path]:
    """An empty folder in our state folder, gone afterwards."""
    state = repository.make_state_dir()
    _remove_strays(state)
    try:
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=state))
    except OSError as error:
        raise cannot_write(state, error) from error
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _remove_strays(state: Path) -> None:
    oldest = time.time() - _STRAY_SECONDS
    for stray in state.glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError):
            if stray.stat().st_mtime < oldest:
                shutil.rmtree(stray, ignore_errors=True)
