"""The forms that a repository can take, each with the same files."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from tests.sandbox import GitRepository

#: Names that break whatever quotes, splits, decodes or globs carelessly.
ODD_NAMES = (
    "a b.py",
    'quo"te.py',
    "it's.py",
    "new\nline.py",
    "tab\t.py",
    "back\\slash.py",
    "ünï/cödé.py",
    "caf\udce9.py",
    "-dash.py",
    ":(top)magic.py",
    "[x]*?.py",
    "a,b.py",
)

FILES = {
    "app/models.py": "name = 1\n",
    "migrations/versions/a_first.py": "revision = 'a'\n",
    "outside/other.txt": "other\n",
    **{name: f"content of {index}\n" for index, name in enumerate(ODD_NAMES)},
}


def stage_all(repo: GitRepository) -> None:
    """Stage everything, whatever its name."""
    repo.git("add", "-A")


def _fill(repo: GitRepository) -> GitRepository:
    repo.write(FILES)
    (repo.path / "link").symlink_to("app/models.py")
    (repo.path / "run.sh").write_text("#!/bin/sh\n", encoding="utf-8")
    (repo.path / "run.sh").chmod(0o755)
    stage_all(repo)
    return repo


def make_plain(path: Path) -> GitRepository:
    """One commit on main."""
    repo = _fill(GitRepository.init(path / "plain"))
    repo.commit({}, "first")
    return repo


def make_unborn(path: Path) -> GitRepository:
    """Files staged, no commit yet."""
    return _fill(GitRepository.init(path / "unborn"))


def make_detached(path: Path) -> GitRepository:
    """HEAD on a commit."""
    repo = make_plain(path)
    repo.git("checkout", "-q", "--detach")
    return repo


def make_linked(path: Path) -> GitRepository:
    """A second work tree, in a folder with an odd name."""
    repo = make_plain(path)
    linked = path / "linked 'tree"
    repo.git("worktree", "add", "-q", "-b", "linked", str(linked))
    return GitRepository(linked)


def make_submodule(path: Path) -> GitRepository:
    """The inside of a submodule."""
    inner = make_plain(path)
    outer = GitRepository.init(path / "outer")
    outer.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(inner.path), "vendor/sub")
    outer.commit({}, "with a submodule")
    return GitRepository(outer.path / "vendor" / "sub")


def make_sha256(path: Path) -> GitRepository:
    """Another hash function."""
    repo = _fill(GitRepository.init(path / "sha256", "--object-format=sha256"))
    repo.commit({}, "first")
    return repo


def make_split_index(path: Path) -> GitRepository:
    """Most of the index stands in a file beside it."""
    repo = make_plain(path)
    repo.git("config", "core.splitIndex", "true")
    repo.git("update-index", "--split-index")
    repo.write({"late.py": "late\n"})
    stage_all(repo)
    assert list((repo.path / ".git").glob("sharedindex.*"))
    return repo


def make_sparse(path: Path) -> GitRepository:
    """Only some folders on disk, and an index that holds the others as folders."""
    repo = make_plain(path)
    repo.git("sparse-checkout", "set", "--cone", "--sparse-index", "app", "migrations")
    assert not (repo.path / "outside").exists()
    return repo


def make_newline(path: Path) -> GitRepository:
    """A folder whose name holds a newline and a byte that is not UTF-8."""
    repo = make_plain(path)
    odd = path / os.fsdecode(b"new\nline \xe9")
    repo.path.rename(odd)
    return GitRepository(odd)


FORMS: dict[str, Callable[[Path], GitRepository]] = {
    "plain": make_plain,
    "unborn": make_unborn,
    "detached": make_detached,
    "linked worktree": make_linked,
    "submodule": make_submodule,
    "sha256": make_sha256,
    "split index": make_split_index,
    "sparse index": make_sparse,
    "odd folder": make_newline,
}
