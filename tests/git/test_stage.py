"""Single entries of the index are written, and everything else in it stays."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from migguard.errors import GitError
from migguard.git import stage
from migguard.git.objects import REGULAR, Entry
from migguard.git.repository import Repository
from migguard.git.stage import find_staged, store_file, write_entries
from tests.git.forms import ODD_NAMES
from tests.sandbox import GitRepository


def stage_file(repository: Repository, path: str, content: bytes, mode: str = REGULAR) -> str:
    """Stage content for a path; the blob's oid."""
    oid = store_file(repository, path, content)
    write_entries(repository, {path: Entry(path, mode, oid)})
    return oid


def unstage_file(repository: Repository, path: str, previous: Entry | None = None) -> None:
    """Put an entry back to what it was before."""
    write_entries(repository, {path: previous})


def _index(repo: GitRepository) -> set[str]:
    return set(repo.run("git", "ls-files", "-s", "-z").stdout.split("\0"))


def test_staged_file_is_what_git_add_would_stage(form: GitRepository) -> None:
    """In every form, and undone without a trace."""
    repository = Repository.discover(form.path)
    before = _index(form)
    form.write({"migrations/versions/b_second.py": "revision = 'b'\n"})
    stage_file(repository, "migrations/versions/b_second.py", b"revision = 'b'\n")
    ours = _index(form)
    assert form.git("status", "--porcelain", "migrations") in (
        "A  migrations/versions/b_second.py",
        # Before the first commit all is new.
        "A  migrations/versions/a_first.py\nA  migrations/versions/b_second.py",
    )
    form.git("add", "migrations/versions/b_second.py")
    assert _index(form) == ours
    unstage_file(repository, "migrations/versions/b_second.py")
    assert _index(form) == before


@pytest.mark.parametrize("name", ODD_NAMES)
def test_odd_names_are_staged_literally(repo: GitRepository, name: str) -> None:
    """No quoting, no magic, no commas."""
    repository = Repository.discover(repo.path)
    oid = stage_file(repository, f"d/{name}", b"1\n", "100755")
    assert find_staged(repository, [f"d/{name}"]) == {f"d/{name}": Entry(f"d/{name}", "100755", oid)}
    repo.write({f"d/{name}": "1\n"})
    assert find_staged(repository, ["d", "d/other"]) == {}


def test_filters_of_the_path_apply(repo: GitRepository) -> None:
    """Line ends, as `git add` would."""
    repo.commit({".gitattributes": "*.py text eol=crlf\n"})
    stage_file(Repository.discover(repo.path), "x.py", b"a\r\n")
    assert repo.run("git", "cat-file", "blob", ":x.py").stdout == "a\n"


def test_previous_entry_comes_back(repo: GitRepository) -> None:
    """Undoing gives what was staged, not what was committed."""
    repo.commit({"x.py": "1\n"})
    repo.stage({"x.py": "2\n"})
    repository = Repository.discover(repo.path)
    before = _index(repo)
    previous = find_staged(repository, ["x.py"])["x.py"]
    stage_file(repository, "x.py", b"3\n")
    assert _index(repo) != before
    unstage_file(repository, "x.py", previous)
    assert _index(repo) == before


def test_file_that_is_only_intended_is_not_staged(repo: GitRepository) -> None:
    """`git add -N` stages nothing yet; staging makes it real."""
    repo.write({"x.py": "1\n"})
    repo.git("add", "-N", "x.py")
    repository = Repository.discover(repo.path)
    assert find_staged(repository, ["x.py"]) == {}
    stage_file(repository, "x.py", b"1\n")
    assert repo.git("status", "--porcelain") == "A  x.py"


def test_short_lock_of_another_program_is_waited_for(repo: GitRepository) -> None:
    """An editor refreshes the index now and then."""
    lock = repo.path / ".git/index.lock"
    lock.touch()
    code = "import sys, time, pathlib; time.sleep(0.3); pathlib.Path(sys.argv[1]).unlink()"
    with subprocess.Popen([sys.executable, "-c", code, str(lock)]):
        stage_file(Repository.discover(repo.path), "x.py", b"1\n")
    assert repo.git("ls-files") == "x.py"


def test_lasting_lock_is_an_error(repo: GitRepository, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bounded patience; the lock is not ours to remove."""
    monkeypatch.setattr(stage, "_PATIENCE_SECONDS", 0.2)
    lock = repo.path / ".git/index.lock"
    lock.touch()
    with pytest.raises(GitError, match=r"index\.lock"):
        stage_file(Repository.discover(repo.path), "x.py", b"1\n")
    assert lock.exists()


def test_other_failures_are_not_retried(repo: GitRepository) -> None:
    """A path that no index may hold."""
    with pytest.raises(GitError, match="update-index"):
        stage_file(Repository.discover(repo.path), ".git/config", b"1\n")


def test_index_named_by_the_hook_is_written(
    repo: GitRepository, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """It is the one being committed."""
    repo.commit({"a": "1"})
    monkeypatch.setenv("GIT_INDEX_FILE", ".git/next-index-1.lock")
    repo.git("read-tree", "HEAD")
    stage_file(Repository.discover(repo.path), "x.py", b"1\n")
    assert repo.git("ls-files") == "a\nx.py"
    monkeypatch.delenv("GIT_INDEX_FILE")
    assert repo.git("ls-files") == "a"
