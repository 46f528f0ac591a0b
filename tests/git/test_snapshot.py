"""Snapshots hold exactly what git would commit, in every form of repository, and change nothing."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from migguard.errors import MigguardError
from migguard.git.repository import Repository
from migguard.git.snapshot import Entry, IndexSnapshot, OverlaidSnapshot, Snapshot, TreeSnapshot, WorktreeSnapshot
from tests.git.forms import FORMS, ODD_NAMES
from tests.sandbox import GitRepository


def _listing(repo: GitRepository, treeish: str) -> dict[str, tuple[str, str]]:
    """What `git ls-tree` says: path → (mode, oid)."""
    records = repo.run("git", "ls-tree", "-r", "-z", "--full-tree", treeish).stdout.split("\0")[:-1]
    meta = (record.partition("\t") for record in records)
    return {path: (words.split(" ")[0], words.split(" ")[2]) for words, _, path in meta}


def _staged(repo: GitRepository) -> dict[str, tuple[str, str]]:
    """What `git ls-files` says of the index: path → (mode, oid)."""
    records = repo.run("git", "ls-files", "-s", "-z").stdout.split("\0")[:-1]
    meta = (record.partition("\t") for record in records)
    return {path: (words.split(" ")[0], words.split(" ")[1]) for words, _, path in meta}


def _flat(entries: Mapping[str, Entry]) -> dict[str, tuple[str, str]]:
    return {path: (entry.mode, entry.oid) for path, entry in entries.items()}


def _raw_state(repo: GitRepository) -> dict[str, str | bytes]:
    index = Path(repo.git("rev-parse", "--absolute-git-dir")) / "index"
    return {**repo.state(), "<index bytes>": index.read_bytes(), "<stash>": repo.git("for-each-ref")}


def _discover(repo: GitRepository) -> Repository:
    return Repository.discover(repo.path)


def test_index_snapshot_is_what_is_staged(form: GitRepository) -> None:
    """Staged content counts, in every form; unstaged edits, untracked and intended files do not."""
    form.write({"app/new.py": "staged\n", "app/models.py": "staged\n"})
    form.git("add", "app")
    expected = _staged(form)
    form.write({"app/new.py": "unstaged\n", "app/untracked.py": "", "app/intended.py": "intended\n"})
    form.git("add", "-N", "app/intended.py")
    before = _raw_state(form)
    snapshot = IndexSnapshot(_discover(form))
    assert _flat(snapshot.entries()) == expected
    assert _listing(form, snapshot.tree()) == expected
    assert snapshot.read("app/new.py") == b"staged\n"
    assert _raw_state(form) == before


def test_tree_snapshot_is_what_was_committed(form: GitRepository) -> None:
    """HEAD by name, whatever is staged or edited since."""
    form.git("commit", "-q", "--no-verify", "--allow-empty", "-m", "now")
    form.write({"app/models.py": "later\n"})
    form.git("add", "app")
    snapshot = TreeSnapshot(_discover(form), "HEAD")
    assert _flat(snapshot.entries()) == _listing(form, "HEAD")
    assert snapshot.tree() == form.git("rev-parse", "HEAD^{tree}")
    assert snapshot.read("app/models.py") == b"name = 1\n"
    assert snapshot.label == "`HEAD`"


def test_worktree_snapshot_is_what_add_all_would_stage(form: GitRepository) -> None:
    """Edited, deleted and new files as on disk; ignored ones not; files that are sparse as they were."""
    form.write({".gitignore": "*.env\n", "app/x.env": "secret", "app/models.py": "edited\n", "app/ne\nw.py": "new\n"})
    form.write({"migrations/versions/a_first.py": None, "app/staged.py": "staged\n"})
    form.git("add", "app/staged.py")
    form.write({"app/staged.py": "edited again\n"})
    before = _raw_state(form)
    snapshot = WorktreeSnapshot(_discover(form))
    found = _flat(snapshot.entries())
    assert _raw_state(form) == before
    assert snapshot.read_many(["app/models.py", "app/ne\nw.py", "app/staged.py", "app/x.env"]) == {
        "app/models.py": b"edited\n",
        "app/ne\nw.py": b"new\n",
        "app/staged.py": b"edited again\n",
    }
    form.git("add", "-A")
    assert found == _staged(form)
    assert "outside/other.txt" in found


def test_overlaid_snapshot_adds_and_removes(form: GitRepository) -> None:
    """The result is a tree like any other, and nothing is on disk."""
    before = _raw_state(form)
    base = IndexSnapshot(_discover(form))
    snapshot = OverlaidSnapshot(
        base,
        {"app/models.py": b"overlaid\n", "app/caf\udce9\n.py": b"\xff\0", "run.sh": b"other", "link": b"plain"},
        removed=["migrations/versions/a_first.py", "not/there.py"],
        label="what would be",
    )
    expected = dict(_flat(base.entries()))
    del expected["migrations/versions/a_first.py"]
    found = _flat(snapshot.entries())
    changed = {path for path in found if found[path] != expected.get(path)}
    assert changed == {"app/models.py", "app/caf\udce9\n.py", "run.sh", "link"}
    assert expected.keys() - found.keys() == set()
    assert snapshot.read("app/caf\udce9\n.py") == b"\xff\0"
    assert (found["run.sh"][0], found["link"][0]) == ("100755", "100644")
    assert _listing(form, snapshot.tree()) == found
    assert snapshot.label == "what would be"
    assert _raw_state(form) == before


def test_overlaid_file_may_take_the_place_of_a_folder(repo: GitRepository) -> None:
    """And a folder the place of a file."""
    repo.commit({"a/b": "1", "c": "2"})
    snapshot = OverlaidSnapshot(TreeSnapshot(_discover(repo), "main"), {"a": b"file", "c/d": b"deep"})
    assert list(snapshot.entries()) == ["a", "c/d"]


def test_odd_names_are_read_in_one_process(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """One cat-file for all, nothing for what has been read before."""
    repo = FORMS["plain"](tmp_path)
    snapshot = IndexSnapshot(_discover(repo))
    snapshot.entries()
    caplog.set_level("DEBUG", logger="migguard.git")
    expected = {name: f"content of {index}\n".encode() for index, name in enumerate(ODD_NAMES)}
    assert snapshot.read_many([*ODD_NAMES, "nothing"]) == expected
    assert snapshot.read(ODD_NAMES[3]) == b"content of 3\n"
    assert [record.message.split(":")[0] for record in caplog.records] == ["git cat-file --batch --buffer"]


def test_entries_are_sorted_and_know_their_kind(tmp_path: Path) -> None:
    """A symbolic link reads as its target; a submodule and a folder cannot be read."""
    repo = FORMS["submodule"](tmp_path)
    outer = GitRepository(tmp_path / "outer")
    snapshot = IndexSnapshot(_discover(repo))
    assert list(snapshot.entries()) == sorted(snapshot.entries(), key=os.fsencode)
    assert snapshot.entries()["run.sh"].mode == "100755"
    assert snapshot.read("link") == b"app/models.py"
    assert not snapshot.entries()["link"].is_file
    around = IndexSnapshot(_discover(outer))
    assert around.entries()["vendor/sub"] == Entry("vendor/sub", "160000", repo.head())
    for path in ("vendor/sub", "vendor", "nothing"):
        with pytest.raises(FileNotFoundError):
            around.read(path)
    assert around.read_many(["vendor/sub", ".gitmodules"]).keys() == {".gitmodules"}


def test_unmerged_index_is_an_error_that_names_the_paths(repo: GitRepository) -> None:
    """There is no tree to look at before the conflict is resolved."""
    repo.commit({"a.py": "1", "b c.py": "1"})
    repo.git("checkout", "-q", "-b", "side")
    repo.commit({"a.py": "2", "b c.py": "2"})
    repo.git("checkout", "-q", "main")
    repo.commit({"a.py": "3", "b c.py": "3"})
    assert repo.run("git", "merge", "side", check=False).returncode == 1
    before = _raw_state(repo)
    with pytest.raises(MigguardError, match=r"^unmerged paths: `a.py`, `b c.py`$") as caught:
        IndexSnapshot(_discover(repo)).entries()
    assert caught.value.hint == "resolve the conflicts and `git add` them"
    assert "<<<<<<<" in WorktreeSnapshot(_discover(repo)).read("a.py").decode()
    assert _raw_state(repo) == before


@pytest.mark.parametrize("name", ["nothing", "--all", "HEAD:app/models.py", ""])
def test_name_of_no_tree_is_an_error(tmp_path: Path, name: str) -> None:
    """Options are not names."""
    repo = FORMS["plain"](tmp_path)
    with pytest.raises(MigguardError, match="names no commit or tree here"):
        TreeSnapshot(_discover(repo), name).tree()


def test_folder_and_tag_are_trees(tmp_path: Path) -> None:
    """Whatever git can peel."""
    repo = FORMS["plain"](tmp_path)
    repo.git("tag", "-a", "-m", "it", "v1")
    assert TreeSnapshot(_discover(repo), "v1").read("app/models.py") == b"name = 1\n"
    assert list(TreeSnapshot(_discover(repo), "HEAD:app").entries()) == ["models.py"]


def test_repository_without_an_index_is_empty(repo: GitRepository) -> None:
    """Just after `git init`."""
    repository = _discover(repo)
    for snapshot in (IndexSnapshot(repository), WorktreeSnapshot(repository)):
        assert (snapshot.entries(), snapshot.tree()) == ({}, repository.empty_tree())


def test_index_that_another_program_holds_is_read(form: GitRepository) -> None:
    """An editor's lock is no reason to fail."""
    repository = _discover(form)
    Path(f"{repository.index_path}.lock").touch()
    assert "app/models.py" in IndexSnapshot(repository).entries()
    assert "app/models.py" in WorktreeSnapshot(repository).entries()


def test_index_of_the_hook_is_the_one_that_is_read(repo: GitRepository, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not the usual one, in a partial commit."""
    repo.commit({"a": "1"})
    other = {"GIT_INDEX_FILE": ".git/next-index-1.lock"}
    repo.write({"b": "1"})
    repo.git("read-tree", "HEAD", env=other)
    repo.git("add", "b", env=other)
    monkeypatch.setenv("GIT_INDEX_FILE", other["GIT_INDEX_FILE"])
    assert list(IndexSnapshot(_discover(repo)).entries()) == ["a", "b"]


def test_users_hooks_and_settings_do_not_interfere(repo: GitRepository, tmp_path: Path) -> None:
    """No hook fires, a failing safecrlf and a mode for errors are not ours, no index file appears beside theirs."""
    repo.commit({"a": "1"})
    hook = repo.path / ".git/hooks/post-index-change"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntouch '{tmp_path}/fired'\n", encoding="utf-8")
    hook.chmod(0o755)
    for key, value in {
        "core.safecrlf": "true",
        "core.autocrlf": "true",
        "core.splitIndex": "true",
        "diff.ignoreSubmodules": "all",
        "core.untrackedCache": "true",
    }.items():
        repo.git("config", key, value)
    repo.write({"b": "lf\n"})
    repository = _discover(repo)
    assert WorktreeSnapshot(repository).read("b") == b"lf\n"
    assert OverlaidSnapshot(IndexSnapshot(repository), {"c": b"\r\n"}).read("c") == b"\r\n"
    assert not (tmp_path / "fired").exists()
    assert not list((repo.path / ".git").glob("sharedindex.*"))


def test_filters_apply_to_the_work_tree(repo: GitRepository) -> None:
    """A snapshot holds what git would store."""
    repo.git("config", "filter.upper.clean", "tr a-z A-Z")
    repo.commit({".gitattributes": "*.up filter=upper\n*.txt text eol=crlf\n"})
    repo.write({"x.up": "abc", "y.txt": "a\r\n"})
    assert WorktreeSnapshot(_discover(repo)).read_many(["x.up", "y.txt"]) == {"x.up": b"ABC", "y.txt": b"a\n"}


def test_repositories_inside_are_left_out_of_the_work_tree(repo: GitRepository) -> None:
    """Even one without a commit, at which `git add -A` fails."""
    repo.commit({"a": "1"})
    GitRepository.init(repo.path / "empty")
    GitRepository.init(repo.path / "full").commit({"x": "1"})
    assert list(WorktreeSnapshot(_discover(repo)).entries()) == ["a"]


def test_submodule_in_the_work_tree_is_at_its_checked_out_commit(tmp_path: Path) -> None:
    """As `git add` would record it."""
    inner = FORMS["submodule"](tmp_path)
    later = inner.commit({"later": "1"})
    outer = GitRepository(tmp_path / "outer")
    assert WorktreeSnapshot(_discover(outer)).entries()["vendor/sub"].oid == later
    assert IndexSnapshot(_discover(outer)).entries()["vendor/sub"].oid != later


def test_file_that_became_a_folder_and_the_reverse(repo: GitRepository) -> None:
    """On disk only."""
    repo.commit({"file": "1", "folder/x": "1"})
    repo.write({"file": None, "folder/x": None})
    (repo.path / "folder").rmdir()
    repo.write({"file/x": "2", "folder": "2"})
    assert list(WorktreeSnapshot(_discover(repo)).entries()) == ["file/x", "folder"]


def test_blob_that_was_not_fetched_is_an_error_and_nothing_is_fetched(repo: GitRepository, tmp_path: Path) -> None:
    """In a partial clone a read must not reach for the network."""
    repo.commit({"big.py": "big\n", "small.py": "small\n"})
    repo.git("config", "uploadpack.allowFilter", "true")
    url = f"file://{repo.path}"
    repo.git("clone", "-q", "--filter=blob:none", "--no-checkout", url, str(tmp_path / "partial"))
    partial = GitRepository(tmp_path / "partial")
    snapshot = TreeSnapshot(_discover(partial), "HEAD")
    assert list(snapshot.entries()) == ["big.py", "small.py"]
    with pytest.raises(MigguardError, match="is not in this clone"):
        snapshot.read("big.py")
    assert partial.run("git", "rev-list", "--objects", "--all", "--missing=print").stdout.count("\n?") == 2
    partial.git("read-tree", "HEAD")
    assert list(IndexSnapshot(_discover(partial)).entries()) == ["big.py", "small.py"]
    partial.git("fetch", "--refetch", "--no-filter", "-q")
    assert snapshot.read("big.py") == b"big\n"


def test_nothing_of_ours_stays_behind(form: GitRepository) -> None:
    """Private indexes are gone, strays of killed processes too once they are old."""
    repository = _discover(form)
    stray, recent = (repository.make_state_dir() / name for name in ("private-old", "private-recent"))
    for folder in (stray, recent):
        folder.mkdir()
        (folder / "index").touch()
    os.utime(stray, (1, 1))
    snapshots: list[Snapshot] = [IndexSnapshot(repository), WorktreeSnapshot(repository)]
    for snapshot in snapshots:
        snapshot.entries()
    assert [path.name for path in repository.state_dir.iterdir()] == ["private-recent"]
