"""The materialised snapshot: exact, repaired whatever happened to it, and never the work tree."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from migguard.config import Config
from migguard.errors import MigguardError
from migguard.git.repository import Repository
from migguard.git.snapshot import TreeSnapshot
from migguard.schema import tree as tree_module
from tests.sandbox import GitRepository
from tests.schema.project import ENVIRONMENT, list_files, materialised, run_python


def test_staged_half_of_an_edit_is_what_stands_in_the_tree(repo: GitRepository) -> None:
    """The index, not the work tree and not HEAD."""
    repo.commit({"app/models.py": "committed\n", "gone.py": "x\n"})
    repo.stage({"app/models.py": "staged\n", "gone.py": None})
    repo.write({"app/models.py": "unstaged\n", "untracked.py": "x\n"})
    before = repo.state()
    with materialised(repo) as tree:
        assert list_files(tree.path) == {"app/models.py": "staged\n"}
    assert repo.state() == before


def test_unchanged_file_keeps_its_time(repo: GitRepository) -> None:
    """Only what differs from the last snapshot is written, so that .pyc files stay valid."""
    repo.commit({"a.py": "1\n", "b.py": "1\n"})
    with materialised(repo) as tree:
        before = (tree.path / "a.py").stat().st_mtime_ns
    repo.stage({"b.py": "2\n"})
    with materialised(repo) as tree:
        assert (tree.path / "a.py").stat().st_mtime_ns == before
        assert list_files(tree.path) == {"a.py": "1\n", "b.py": "2\n"}


def test_whatever_project_code_did_to_the_tree_is_put_right(repo: GitRepository, tmp_path: Path) -> None:
    """Edits, deletions, strays, folders for files and links to elsewhere."""
    outside = tmp_path / "outside"
    outside.mkdir(mode=0o750)
    (outside / "f.py").write_text("keep\n")
    files = {"a/f.py": "a\n", "b/f.py": "b\n", "c.py": "c\n", "d.py": "d\n"}
    repo.commit(dict(files))
    with materialised(repo) as tree:
        top = tree.path
        (top / "a" / "f.py").unlink()
        (top / "a").rmdir()
        (top / "a").symlink_to(outside)
        (top / "b" / "f.py").write_text("B\n")
        (top / "c.py").unlink()
        (top / "c.py").mkdir()
        (top / "c.py" / "x").write_text("x")
        (top / "d.py").chmod(0o755)
        (top / "stray" / "deep").mkdir(parents=True)
        (top / "stray" / "deep" / "x.py").write_text("x")
        (top / "stray" / "deep" / "out").symlink_to(outside)
        (top / "stray" / "deep").chmod(0)
        (top / "stray").chmod(0o500)
        (top / "link").symlink_to(outside)
        (top / ".git").unlink()
    with materialised(repo) as tree:
        assert list_files(tree.path) == files
        assert not os.path.lexists(tree.path / "link")
        assert not os.path.lexists(tree.path / "stray")
        assert not os.access(tree.path / "d.py", os.X_OK)
        assert (tree.path / ".git").is_file()
    assert list_files(outside) == {"f.py": "keep\n"}
    assert outside.stat().st_mode & 0o777 == 0o750


def test_same_size_edit_within_a_second_is_not_hidden_by_a_stale_pyc(repo: GitRepository) -> None:
    """Python compares whole seconds and the size: the .pyc would pass."""
    second = int(time.time())
    repo.commit({"m.py": "value = 1\n"})
    with materialised(repo) as tree:
        os.utime(tree.path / "m.py", (second, second))
        assert run_python(tree.path, "import m; print(m.value)") == "1"
    repo.stage({"m.py": "value = 2\n"})
    with materialised(repo) as tree:
        # As if the file system kept whole seconds, or git had been this quick.
        os.utime(tree.path / "m.py", (second, second))
        assert run_python(tree.path, "import m; print(m.value)") == "2"


def test_pyc_of_an_unchanged_file_is_kept(repo: GitRepository) -> None:
    """Otherwise every commit would compile the whole project."""
    repo.commit({"pkg/__init__.py": "", "pkg/m.py": "value = 1\n", "other.py": ""})
    with materialised(repo) as tree:
        run_python(tree.path, "import pkg.m")
        (cached,) = (tree.path / "pkg" / "__pycache__").glob("m.*.pyc")
        before = cached.stat().st_mtime_ns
    repo.stage({"other.py": "x = 1\n"})
    with materialised(repo) as tree:
        assert cached.stat().st_mtime_ns == before


def test_deleted_package_cannot_be_imported(repo: GitRepository) -> None:
    """Its `__pycache__` alone would make it a namespace package."""
    repo.commit({"pkg/__init__.py": "", "pkg/m.py": "", "other.py": ""})
    with materialised(repo) as tree:
        run_python(tree.path, "import pkg.m")
    repo.stage({"pkg/__init__.py": None, "pkg/m.py": None})
    with materialised(repo) as tree:
        assert run_python(tree.path, "import importlib.util as u; print(u.find_spec('pkg'))") == "None"


def test_project_code_that_calls_git_is_answered_from_the_snapshot(repo: GitRepository) -> None:
    """`git describe`, the top level and the files, as in a linked work tree."""
    head = repo.commit({"a.py": "1\n", "sub/b.py": "1\n"})
    repo.git("tag", "-a", "v1.0", "-m", "v1.0")
    repo.git("config", "core.worktree", str(repo.path))
    repo.stage({"new.py": ""})
    with materialised(repo) as tree:
        here = GitRepository(tree.path)
        assert here.git("describe", "--tags") == "v1.0"
        assert here.git("rev-parse", "HEAD") == head
        assert here.git("rev-parse", "--show-toplevel", cwd="sub") == str(tree.path)
        assert here.git("ls-files").splitlines() == ["a.py", "new.py", "sub/b.py"]
        assert here.git("status", "--porcelain") == "A  new.py"


def test_first_commit_has_a_tree_too(repo: GitRepository) -> None:
    """HEAD is unborn."""
    repo.stage({"a.py": "1\n"})
    with materialised(repo) as tree:
        assert list_files(tree.path) == {"a.py": "1\n"}
        assert GitRepository(tree.path).git("symbolic-ref", "HEAD") == "refs/heads/main"


def test_linked_worktree_has_a_tree_of_its_own(repo: GitRepository, tmp_path: Path) -> None:
    """Its index, and a state folder that goes with it."""
    repo.commit({"a.py": "1\n"})
    repo.git("worktree", "add", "-q", str(tmp_path / "linked"))
    linked = GitRepository(tmp_path / "linked")
    linked.stage({"a.py": "2\n"})
    with materialised(linked) as tree, materialised(repo) as main:
        assert list_files(tree.path) == {"a.py": "2\n"}
        assert list_files(main.path) == {"a.py": "1\n"}
        assert GitRepository(tree.path).git("diff", "--cached", "--name-only") == "a.py"


def test_sha256_repository_has_a_tree(tmp_path: Path) -> None:
    """Oids are of any length."""
    repo = GitRepository.init(tmp_path / "new", "--object-format=sha256")
    repo.commit({"a.py": "1\n"})
    with materialised(repo) as tree:
        assert list_files(tree.path) == {"a.py": "1\n"}


def test_names_of_any_bytes_are_written_and_cleaned(repo: GitRepository) -> None:
    """Spaces, quotes, newlines, and bytes that are no text."""
    names = ["a b.py", 'q"uote.py', "new\nline.py", os.fsdecode(b"latin-\xe9.py"), "ä/ö.py"]
    repo.commit(dict.fromkeys(names, "x\n"))
    with materialised(repo) as tree:
        assert sorted(list_files(tree.path)) == sorted(names)
    repo.stage({names[3]: None, names[2]: None})
    with materialised(repo) as tree:
        assert sorted(list_files(tree.path)) == sorted([names[0], names[1], names[4]])


def test_other_commit_stands_there_after_the_index_did(repo: GitRepository) -> None:
    """Any snapshot can follow any other."""
    repo.commit({"a.py": "1\n", "old.py": ""})
    repo.commit({"a.py": "2\n", "old.py": None, "new.py": ""})
    with materialised(repo) as tree:
        assert list_files(tree.path) == {"a.py": "2\n", "new.py": ""}
    snapshot = TreeSnapshot(Repository.discover(repo.path), "HEAD~1")
    with materialised(repo, snapshot=snapshot) as tree:
        assert list_files(tree.path) == {"a.py": "1\n", "old.py": ""}


def test_pruned_objects_of_an_earlier_snapshot_do_no_harm(repo: GitRepository) -> None:
    """What only our index still names is collected like anything else."""
    repo.commit({"a.py": "1\n", "sub/b.py": "1\n"})
    repo.stage({"a.py": "never committed\n", "sub/b.py": "never committed\n"})
    with materialised(repo):
        repo.git("reset", "-q", "--hard")
        repo.git("gc", "-q", "--prune=now")
    with materialised(repo) as tree:
        assert list_files(tree.path) == {"a.py": "1\n", "sub/b.py": "1\n"}


def test_second_run_waits_for_the_first_and_then_takes_a_tree_of_its_own(repo: GitRepository) -> None:
    """Two commands at once never share files, and the spare tree is gone afterwards."""
    repo.commit({"a.py": "1\n"})
    waited: list[str] = []
    with materialised(repo) as first:
        with materialised(repo, patience=0.2, on_wait=lambda: waited.append("waited")) as second:
            assert second.path != first.path
            assert list_files(second.path) == list_files(first.path)
            assert GitRepository(second.path).git("ls-files") == "a.py"
        assert waited == ["waited"]
        assert not second.path.exists()
    with materialised(repo, patience=0) as third:
        assert third.path == first.path


def test_second_run_goes_on_when_the_first_ends(repo: GitRepository) -> None:
    """No spare tree where a short wait is enough."""
    repo.commit({"a.py": "1\n"})
    script = """
        import sys, time
        from pathlib import Path
        from tests.sandbox import GitRepository
        from tests.schema.project import materialised
        with materialised(GitRepository(Path(sys.argv[1]))):
            print("held", flush=True)
            time.sleep(0.5)
    """
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(script), str(repo.path)], stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with materialised(repo, patience=20) as tree:
            assert tree.path == repo.path / ".git" / "migguard" / "tree"


def test_run_that_was_killed_midway_is_repaired(repo: GitRepository) -> None:
    """SIGKILL with the lock held, git's own lock left behind, the index damaged and half of the files missing."""
    repo.commit({"a.py": "1\n", "b.py": "1\n"})
    script = """
        import os, sys
        from pathlib import Path
        from tests.sandbox import GitRepository
        from tests.schema.project import materialised
        with materialised(GitRepository(Path(sys.argv[1]))) as tree:
            (tree.path / "a.py").unlink()
            (tree.path / "half.py").write_text("x")
            (tree.git_dir / "index.lock").write_text("")
            index = (tree.git_dir / "index").read_bytes()
            (tree.git_dir / "index").write_bytes(index[:40])
            os.kill(os.getpid(), 9)
    """
    killed = subprocess.run([sys.executable, "-c", textwrap.dedent(script), str(repo.path)], check=False)
    assert killed.returncode == -9
    with materialised(repo, patience=0) as tree:
        assert tree.path == repo.path / ".git" / "migguard" / "tree"
        assert list_files(tree.path) == {"a.py": "1\n", "b.py": "1\n"}


def test_spare_tree_of_a_killed_run_is_removed(repo: GitRepository) -> None:
    """By the next run that needs one."""
    repo.commit({"a.py": "1\n"})
    script = """
        import os, sys
        from pathlib import Path
        from tests.sandbox import GitRepository
        from tests.schema.project import materialised
        with materialised(GitRepository(Path(sys.argv[1])), patience=0):
            os.kill(os.getpid(), 9)
    """
    state = repo.path / ".git" / "migguard"
    with materialised(repo):
        subprocess.run([sys.executable, "-c", textwrap.dedent(script), str(repo.path)], check=False)
        assert len(list(state.glob("migguard-tree-*"))) == 1
        with materialised(repo, patience=0) as spare:
            assert list(state.glob("migguard-tree-*")) == [spare.path.parent]
        assert list(state.glob("migguard-tree-*")) == []


def test_folder_that_is_not_ours_is_never_cleaned(repo: GitRepository) -> None:
    """Without our mark nothing is removed."""
    repo.commit({"a.py": "1\n"})
    theirs = repo.path / ".git" / "migguard" / "tree" / "precious"
    theirs.parent.mkdir(parents=True)
    theirs.write_text("x")
    with pytest.raises(MigguardError, match="was not made by migguard"), materialised(repo):
        pass
    assert theirs.read_text() == "x"


def test_link_in_place_of_the_tree_is_replaced_and_not_followed(repo: GitRepository, tmp_path: Path) -> None:
    """Even where it leads to a folder full of files."""
    repo.commit({"a.py": "1\n"})
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs" / "precious").write_text("x")
    (repo.path / ".git" / "migguard").mkdir()
    (repo.path / ".git" / "migguard" / "tree").symlink_to(tmp_path / "theirs")
    with materialised(repo) as tree:
        assert list_files(tree.path) == {"a.py": "1\n"}
    assert list_files(tmp_path / "theirs") == {"precious": "x"}


@pytest.mark.parametrize(
    "block",
    [
        pytest.param("", id="the state folder cannot be made"),
        pytest.param("tree.lock", id="the lock cannot be written"),
        pytest.param("gitdir", id="the private git folder cannot be written"),
    ],
)
def test_git_folder_that_cannot_be_written_is_an_error_and_no_traceback(repo: GitRepository, block: str) -> None:
    """Something that is no folder (or no file) stands in the way, which holds for root too."""
    repo.commit({"a.py": "1\n"})
    place = repo.path / ".git" / "migguard" / block
    if block == "tree.lock":
        place.mkdir(parents=True)
    else:
        place.parent.mkdir(exist_ok=True)
        place.write_text("in the way")
    snapshot = TreeSnapshot(Repository.discover(repo.path), "HEAD")
    with (
        pytest.raises(MigguardError, match=r"cannot be written (to|below)"),
        materialised(repo, snapshot=snapshot),
    ):
        pass


@pytest.mark.parametrize("is_used", [pytest.param(False, id="at the first run"), pytest.param(True, id="later")])
def test_read_only_git_folder_is_an_error(repo: GitRepository, is_used: bool) -> None:
    """As on a read-only mount."""
    repo.commit({"a.py": "1\n"})
    snapshot = TreeSnapshot(Repository.discover(repo.path), "HEAD")
    if is_used:
        with materialised(repo):
            repo.stage({"a.py": "2\n"})
    repo.run("chmod", "-R", "a-w", str(repo.path / ".git"))
    if os.access(repo.path / ".git", os.W_OK):
        pytest.skip("root may write everywhere")
    try:
        with pytest.raises(MigguardError, match="cannot be written"), materialised(repo, snapshot=snapshot):
            pass
    finally:
        repo.run("chmod", "-R", "u+w", str(repo.path / ".git"))


def test_git_folder_is_only_ever_read_by_the_users_side(repo: GitRepository) -> None:
    """Index, HEAD, refs, reflog and configuration are byte for byte as before."""
    repo.commit({"a.py": "1\n"})
    repo.stage({"a.py": "2\n"})
    git = repo.path / ".git"
    watched = [git / "index", git / "HEAD", git / "config", git / "logs" / "HEAD", git / "refs" / "heads" / "main"]
    before = [file.read_bytes() for file in watched]
    with materialised(repo):
        pass
    assert [file.read_bytes() for file in watched] == before
    assert not list(git.glob("*.lock"))


def test_hooks_do_not_run_when_the_tree_is_written(repo: GitRepository, tmp_path: Path) -> None:
    """post-index-change fires on read-tree."""
    repo.commit({"a.py": "1\n"})
    hook = repo.path / ".git" / "hooks" / "post-index-change"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntouch '{tmp_path}/ran'\n")
    hook.chmod(0o755)
    with materialised(repo):
        pass
    assert not (tmp_path / "ran").exists()


def test_large_files_stay_pointers(repo: GitRepository) -> None:
    """A smudge filter that would fetch, and that must succeed, is not run."""
    repo.git("config", "filter.lfs.smudge", "false")
    repo.git("config", "filter.lfs.required", "true")
    repo.git("config", "filter.lfs.clean", "cat")
    repo.commit({".gitattributes": "*.bin filter=lfs\n", "big.bin": "pointer\n"})
    with materialised(repo) as tree:
        assert list_files(tree.path)["big.bin"] == "pointer\n"


def test_large_repository_has_only_what_an_import_needs(repo: GitRepository, monkeypatch: pytest.MonkeyPatch) -> None:
    """Code and settings everywhere, the environment, what stands at the top, and what the setting adds."""
    monkeypatch.setattr(tree_module, "MOST_FILES", 3)
    repo.commit(
        {
            "README": "",
            "app/models.py": "",
            "assets/logo.svg": "",
            "data/names.txt": "",
            "migrations/README": "",
            "migrations/versions/notes.txt": "",
        }
    )
    with materialised(repo) as tree:
        assert sorted(list_files(tree.path)) == [
            "README",
            "app/models.py",
            "migrations/README",
            "migrations/versions/notes.txt",
        ]
        assert tree.skipped == {"assets/logo.svg", "data/names.txt"}
        assert GitRepository(tree.path).git("status", "--porcelain") == ""
    with materialised(repo, Config(snapshot=("data/*.txt",))) as tree:
        assert "data/names.txt" in list_files(tree.path)
    monkeypatch.setattr(tree_module, "MOST_FILES", 30)
    with materialised(repo) as tree:
        assert "assets/logo.svg" in list_files(tree.path)


@pytest.mark.parametrize("options", [pytest.param((), id="old configuration"), pytest.param(("--cone",), id="cone")])
def test_sparse_patterns_of_the_user_are_kept(repo: GitRepository, options: tuple[str, ...]) -> None:
    """And let go when the user lets them go."""
    repo.commit({"top.py": "", "a/x.py": "", "b/x.py": ""})
    repo.git("sparse-checkout", "set", *(options or ("--no-cone",)), *(["a"] if options else ["/*", "!/*/", "/a/"]))
    with materialised(repo) as tree:
        assert sorted(list_files(tree.path)) == ["a/x.py", "top.py"]
        assert tree.skipped == {"b/x.py"}
        assert tree.is_sparse
    with materialised(repo, Config(snapshot=("/b/",))) as tree:
        assert sorted(list_files(tree.path)) == ["a/x.py", "b/x.py", "top.py"]
    repo.git("sparse-checkout", "disable")
    with materialised(repo) as tree:
        assert sorted(list_files(tree.path)) == ["a/x.py", "b/x.py", "top.py"]


def make_partial_clone(repo: GitRepository, target: Path) -> GitRepository:
    """A sparse clone without the blobs outside its patterns."""
    repo.commit({"top.py": "1\n", "a/x.py": "1\n", "b/x.py": "b\n"})
    repo.git("config", "uploadpack.allowFilter", "true")
    repo.git("config", "uploadpack.allowAnySHA1InWant", "true")
    repo.git("clone", "-q", "--filter=blob:none", "--sparse", f"file://{repo.path}", str(target))
    clone = GitRepository(target)
    clone.git("sparse-checkout", "set", "a")
    return clone


def test_partial_clone_fetches_nothing(repo: GitRepository, tmp_path: Path) -> None:
    """What the user's patterns leave out is not wanted here either."""
    clone = make_partial_clone(repo, tmp_path / "partial")
    objects = clone.git("count-objects", "-v")
    with materialised(clone) as tree:
        assert sorted(list_files(tree.path)) == ["a/x.py", "top.py"]
    assert clone.git("count-objects", "-v") == objects


def test_missing_blob_is_an_error_with_the_command_that_fetches_it(repo: GitRepository, tmp_path: Path) -> None:
    """And that command is enough."""
    clone = make_partial_clone(repo, tmp_path / "partial")
    before = clone.git("rev-list", "--objects", "--all", "--missing=print")
    with pytest.raises(MigguardError) as caught, materialised(clone, Config(snapshot=("/b/",))):
        pass
    assert caught.value.message == "1 files of the index are not in this partial clone: `b/x.py`"
    assert clone.git("rev-list", "--objects", "--all", "--missing=print") == before
    assert caught.value.hint is not None
    clone.run("sh", "-c", caught.value.hint)
    with materialised(clone, Config(snapshot=("/b/",))) as tree:
        assert list_files(tree.path)["b/x.py"] == "b\n"


@pytest.fixture
def submodule(repo: GitRepository, tmp_path: Path) -> GitRepository:
    """The submodule `lib` of `repo`, at its first commit; it has a second."""
    library = GitRepository.init(tmp_path / "library")
    first = library.commit({"lib.py": "1\n", "deep/more.py": "1\n"})
    library.commit({"lib.py": "2\n"})
    repo.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", str(library.path), "lib")
    checked_out = GitRepository(repo.path / "lib")
    checked_out.git("checkout", "-q", first)
    repo.git("add", "lib")
    repo.commit({"top.py": ""})
    return checked_out


def test_clean_submodule_is_in_the_tree(repo: GitRepository, submodule: GitRepository) -> None:
    """With the files of the recorded commit, and a git of its own."""
    with materialised(repo) as tree:
        files = list_files(tree.path)
        assert files["lib/lib.py"] == "1\n"
        assert files["lib/deep/more.py"] == "1\n"
        assert GitRepository(tree.path / "lib").git("rev-parse", "--show-toplevel") == str(tree.path / "lib")
        assert GitRepository(tree.path).git("status", "--porcelain") == ""
    assert submodule.git("config", "core.worktree") == "../../../lib"


def test_dirty_submodule_is_in_the_tree_as_it_was_recorded(repo: GitRepository, submodule: GitRepository) -> None:
    """Edits, strays and another commit checked out are not part of the commit that is being made."""
    submodule.git("checkout", "-q", "-")
    submodule.write({"lib.py": "edited\n", "untracked.py": ""})
    with materialised(repo) as tree:
        assert list_files(tree.path)["lib/lib.py"] == "1\n"
        assert "lib/untracked.py" not in list_files(tree.path)
        (tree.path / "lib" / "stray.py").write_text("")
    repo.git("add", "lib")
    with materialised(repo) as tree:
        assert list_files(tree.path)["lib/lib.py"] == "2\n"
        assert not (tree.path / "lib" / "stray.py").exists()


def test_submodule_without_the_recorded_commit_is_an_error(repo: GitRepository, submodule: GitRepository) -> None:
    """With the command that gets it."""
    missing = "1" * 40
    repo.git("update-index", "--cacheinfo", f"160000,{missing},lib")
    with pytest.raises(MigguardError) as caught, materialised(repo):
        pass
    assert caught.value.message == "submodule `lib` does not have the commit 111111111111 that the index records"
    assert caught.value.hint == "git submodule update --init -- lib"


def test_submodule_that_is_not_initialised_is_an_empty_folder(repo: GitRepository, submodule: GitRepository) -> None:
    """As it is in the work tree."""
    repo.git("submodule", "deinit", "-q", "-f", "lib")
    with materialised(repo) as tree:
        assert (tree.path / "lib").is_dir()
        assert tree.absent == ("lib",)


def test_removed_submodule_leaves_nothing(repo: GitRepository, submodule: GitRepository) -> None:
    """Neither its files nor its `.git` file."""
    with materialised(repo):
        pass
    repo.git("rm", "-q", "-f", "lib")
    with materialised(repo) as tree:
        assert sorted(list_files(tree.path)) == [".gitmodules", "top.py"]
        assert not (tree.path / "lib").exists()


def test_project_inside_a_submodule_has_a_tree(repo: GitRepository, submodule: GitRepository) -> None:
    """Its git folder lies in the outer repository and names a work tree by a relative path."""
    submodule.stage({"lib.py": "staged\n"})
    with materialised(submodule) as tree:
        assert list_files(tree.path)["lib.py"] == "staged\n"
        assert GitRepository(tree.path).git("rev-parse", "--show-toplevel") == str(tree.path)


def test_ignored_revision_is_not_in_the_tree(repo: GitRepository) -> None:
    """It is part of no commit."""
    assert ENVIRONMENT.version_locations == ("migrations/versions",)
    repo.commit({".gitignore": "*_local.py\n", "migrations/versions/a.py": ""})
    repo.write({"migrations/versions/b_local.py": "", "settings_local.py": ""})
    with materialised(repo) as tree:
        assert "settings_local.py" in list_files(tree.path)
        assert "migrations/versions/b_local.py" not in list_files(tree.path)
