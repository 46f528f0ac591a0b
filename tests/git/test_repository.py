"""Where the repository is, and the questions that git answers."""

from __future__ import annotations

import logging
import os
from pathlib import Path

import pytest

from migguard.errors import GitError
from migguard.git.repository import Change, Repository
from tests.git.forms import FORMS, ODD_NAMES
from tests.sandbox import GitRepository


def test_every_form_is_found_from_a_subfolder(form: GitRepository) -> None:
    """Top, folders and prefix are what git itself says."""
    repository = Repository.discover(form.path / "app")
    assert repository.top == form.path.resolve()
    assert str(repository.git_dir) == form.git("rev-parse", "--absolute-git-dir")
    assert repository.common_dir == (form.path / form.git("rev-parse", "--git-common-dir")).resolve()
    assert repository.prefix == "app"
    assert str(repository.state_dir) == form.git("rev-parse", "--path-format=absolute", "--git-path", "migguard")


def test_head_and_branch_of_every_form(form: GitRepository) -> None:
    """Unborn and detached have one each."""
    repository = Repository.discover(form.path)
    has_head = form.run("git", "rev-parse", "--verify", "-q", "HEAD", check=False).stdout.strip() or None
    assert repository.head() == has_head
    assert repository.branch() == (form.run("git", "symbolic-ref", "-q", "HEAD", check=False).stdout.strip() or None)
    assert repository.resolve("HEAD") == has_head
    assert repository.empty_tree() == form.git("hash-object", "-t", "tree", "/dev/null")


def test_no_repository_is_an_error_with_advice(tmp_path: Path) -> None:
    """The message is ours, git's words are kept."""
    with pytest.raises(GitError, match=r"^not a git repository$") as caught:
        Repository.discover(tmp_path)
    assert caught.value.hint == "run it inside one, or `git init`"
    assert "fatal: not a git repository" in caught.value.stderr


@pytest.mark.parametrize(
    "place",
    [pytest.param("", id="in a bare repository"), pytest.param(".git", id="inside the git folder")],
)
def test_no_work_tree_is_an_error(tmp_path: Path, place: str) -> None:
    """There is nothing to check."""
    repo = GitRepository.init(tmp_path / "it", *([] if place else ["--bare"]))
    with pytest.raises(GitError, match="there is no work tree here"):
        Repository.discover(repo.path / place)


def test_foreign_owner_is_refused_with_the_words_of_git(repo: GitRepository, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command that git proposes becomes the hint."""
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    with pytest.raises(GitError, match="dubious ownership") as caught:
        Repository.discover(repo.path)
    assert caught.value.hint == f"git config --global --add safe.directory {repo.path}"


def test_git_that_is_missing_is_an_error(repo: GitRepository, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No traceback where PATH has no git."""
    repository = Repository.discover(repo.path)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(GitError, match="git was not found"):
        repository.head()


def test_relative_git_dir_of_a_hook_is_honoured(repo: GitRepository, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is relative to the folder that the hook starts in."""
    repo.commit({"sub/a": "a"})
    monkeypatch.setenv("GIT_DIR", ".git")
    monkeypatch.chdir(repo.path)
    repository = Repository.discover()
    assert repository.head() == repo.head()
    monkeypatch.chdir(repo.path / "sub")
    assert repository.head() == repo.head()


def test_runner_that_changes_folder_under_git_dir_keeps_the_top(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With GIT_DIR alone git takes its current folder for the top: not where it is the folder's own repository."""
    linked = FORMS["linked worktree"](tmp_path)
    monkeypatch.setenv("GIT_DIR", linked.git("rev-parse", "--absolute-git-dir"))
    repository = Repository.discover(linked.path / "app")
    assert (repository.top, repository.prefix) == (linked.path, "app")
    assert repository.tracked_paths(["app/models.py"]) == {"app/models.py"}


def test_git_dir_of_another_work_tree_wins_over_the_current_folder(
    repo: GitRepository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A repository that the user names is the one that is used."""
    repo.commit({"a": "a"})
    other = tmp_path / "elsewhere"
    other.mkdir()
    monkeypatch.setenv("GIT_DIR", str(repo.path / ".git"))
    repository = Repository.discover(other)
    assert (repository.top, repository.head()) == (other, repo.head())


def test_work_tree_away_from_its_repository_is_found(
    repo: GitRepository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """GIT_DIR and GIT_WORK_TREE may both be relative."""
    repo.commit({"a": "a"})
    (tmp_path / "tree" / "sub").mkdir(parents=True)
    (tmp_path / "tree" / "b").touch()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_DIR", "project/.git")
    monkeypatch.setenv("GIT_WORK_TREE", "tree")
    repository = Repository.discover()
    assert (repository.top, repository.untracked_paths()) == (tmp_path / "tree", ("b",))


@pytest.mark.parametrize("cwd", [pytest.param("", id="at the top"), pytest.param("app", id="in a subfolder")])
def test_relative_index_file_is_resolved_against_the_top(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cwd: str
) -> None:
    """A runner may change the folder, but not what git meant."""
    repo = FORMS["plain"](tmp_path)
    (repo.path / ".git/index").rename(repo.path / ".git/other-index")
    monkeypatch.setenv("GIT_INDEX_FILE", ".git/other-index")
    repository = Repository.discover(repo.path / cwd)
    assert repository.index_path == repo.path / ".git/other-index"
    assert repository.tracked_paths(["app/models.py"]) == {"app/models.py"}


def test_prefix_comes_from_git_where_a_hook_starts_at_the_top(
    repo: GitRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The user's own folder, for commands to print."""
    monkeypatch.setenv("GIT_PREFIX", "app/sub/")
    assert Repository.discover(repo.path).prefix == "app/sub"


def test_failure_carries_the_words_of_git_and_its_status(repo: GitRepository) -> None:
    """One line for the message, all of it for -v."""
    with pytest.raises(GitError) as caught:
        Repository.discover(repo.path).run("-c", "core.abbrev=9", "show", "nothing")
    assert caught.value.message.startswith("git show: ambiguous argument 'nothing'")
    assert (caught.value.status, caught.value.hint) == (128, None)


def test_input_larger_than_any_pipe_comes_back(repo: GitRepository) -> None:
    """Reading and writing go on at once."""
    repository = Repository.discover(repo.path)
    oid = repository.run("hash-object", "-w", "--stdin", stdin=b"x" * 1_000_000).decode().strip()
    answer = repository.run("cat-file", "--batch", stdin=f"{oid}\n".encode() * 20)
    assert len(answer) > 20_000_000


def test_variable_that_is_none_does_not_reach_git(repo: GitRepository, monkeypatch: pytest.MonkeyPatch) -> None:
    """GitPython alone can only add."""
    repository = Repository.discover(repo.path)
    monkeypatch.setenv("GIT_AUTHOR_NAME", "Outer")
    repo.git("config", "user.name", "Inner")
    assert repository.run("var", "GIT_AUTHOR_IDENT").startswith(b"Outer ")
    assert repository.run("var", "GIT_AUTHOR_IDENT", env={"GIT_AUTHOR_NAME": None}).startswith(b"Inner ")


def test_every_command_is_logged_with_its_time(repo: GitRepository, caplog: pytest.LogCaptureFixture) -> None:
    """For -v, even where an argument is not text."""
    repository = Repository.discover(repo.path)
    with caplog.at_level(logging.DEBUG, logger="migguard.git"):
        repository.tracked_paths(["caf\udce9 x"])
    (message,) = [record.message for record in caplog.records if record.name == "migguard.git"]
    assert message.startswith(r"git ls-files -z -- 'caf\udce9 x': 0, ")
    assert message.endswith(" ms")


def test_names_of_nothing_resolve_to_none(repo: GitRepository) -> None:
    """Neither an error nor an option."""
    repo.commit({"a": "a"})
    repository = Repository.discover(repo.path)
    for name in ("nothing", "", "--all", "HEAD~7", "@{upstream}", "HEAD:a"):
        assert repository.resolve(name) is None
    assert repository.resolve("main") == repo.head()


def test_history_questions(repo: GitRepository) -> None:
    """Parents in order, all merge bases, trees."""
    base = repo.commit({"a": "a"})
    repo.git("checkout", "-q", "-b", "side")
    side = repo.commit({"b": "b"})
    repo.git("checkout", "-q", "main")
    main = repo.commit({"c": "c"})
    repo.git("merge", "-q", "--no-edit", "side")
    repository = Repository.discover(repo.path)
    assert repository.parents(repo.head()) == (main, side)
    assert repository.parents(base) == ()
    assert repository.merge_bases(main, side) == (base,)
    assert set(repository.merge_bases(repo.head(), main, side)) == {main, side}
    assert repository.newest_commits((base, side, main)) == (side, main)
    assert repository.refs_containing(side) == {"refs/heads/main", "refs/heads/side"}
    assert repository.refs_containing(main) == {"refs/heads/main"}
    assert repository.tree_of(side) == repo.git("rev-parse", "side^{tree}")
    assert repository.refs("refs/heads/") == {"refs/heads/main": repo.head(), "refs/heads/side": side}
    repo.git("checkout", "-q", "--orphan", "apart")
    assert repository.merge_bases(repo.commit({"d": "d"}), main) == ()


def test_changed_paths_know_no_renames(repo: GitRepository) -> None:
    """An added and a deleted revision that look alike stay two."""
    text = "same\n" * 20
    old = repo.commit({"old.py": text, "kept.py": "1", "gone.py": "1", "kind.py": "target"})
    repo.write({"old.py": None, "new\n.py": text, "kept.py": "2", "gone.py": None, "kind.py": None})
    (repo.path / "kind.py").symlink_to("target")
    repo.git("add", "-A")
    new = repo.commit({})
    oid = repo.git("rev-parse", f"{old}:old.py")
    changes = {change.path: change for change in Repository.discover(repo.path).changed_paths(old, new)}
    assert {path: change.status for path, change in changes.items()} == {
        "old.py": "D",
        "new\n.py": "A",
        "kept.py": "M",
        "gone.py": "D",
        "kind.py": "T",
    }
    assert changes["new\n.py"] == Change("new\n.py", "A", None, oid, None, "100644")
    assert changes["old.py"] == Change("old.py", "D", oid, None, "100644", None)
    assert (changes["kind.py"].old_mode, changes["kind.py"].new_mode) == ("100644", "120000")


def test_tracked_untracked_and_ignored_paths_with_odd_names(tmp_path: Path) -> None:
    """Names are literal: nothing is quoted, split or globbed."""
    repo = FORMS["plain"](tmp_path)
    repo.write({f"new/{name}": "" for name in ODD_NAMES})
    repo.write({".gitignore": "*.env\nbuild/\n", "x.env": "", "build/a/b": "", "new/deep/y.env": "", "new/deep/z": ""})
    repo.git("add", ".gitignore")
    repository = Repository.discover(repo.path)
    new = {f"new/{name}" for name in ODD_NAMES}
    assert repository.tracked_paths([*ODD_NAMES, *new, "app", "x*"]) == set(ODD_NAMES)
    assert repository.tracked_paths([*(f"n{i}" for i in range(300)), *ODD_NAMES]) == set(ODD_NAMES)
    assert set(repository.untracked_paths()) == {*new, "new/deep/z"}
    assert repository.untracked_paths(["new/[x]*?.py", "new/:(top)magic.py"]) == (
        "new/:(top)magic.py",
        "new/[x]*?.py",
    )
    assert set(repository.ignored_entries()) == {"x.env", "build/", "new/deep/y.env"}
    assert repository.ignored_paths([*new, "x.env", "build/a/b", "app/models.py"]) == {"x.env", "build/a/b"}


def test_ignored_paths_survive_places_that_git_does_not_enter(repo: GitRepository) -> None:
    """Beyond a symbolic link and outside nothing is ignored, and the others are still told."""
    repo.commit({".gitignore": "*.env\n", "d/a": "a"})
    (repo.path / "link").symlink_to("d")
    repository = Repository.discover(repo.path)
    assert repository.ignored_paths(["link/x.env", "../x.env", ":(top)x.env", "x.env", "y"]) == {":(top)x.env", "x.env"}
    assert repository.ignored_paths([]) == frozenset()


def test_tracked_file_is_never_ignored(repo: GitRepository) -> None:
    """A pattern that matches it changes nothing."""
    repo.commit({"x.env": "1"})
    repo.write({".gitignore": "*.env\n"})
    assert Repository.discover(repo.path).ignored_paths(["x.env"]) == frozenset()


def test_repository_inside_is_not_an_untracked_file(repo: GitRepository) -> None:
    """Its files are its own."""
    GitRepository.init(repo.path / "inner").commit({"a": "a"})
    repo.write({"b": "b"})
    assert Repository.discover(repo.path).untracked_paths() == ("b",)


def test_settings_and_remotes(repo: GitRepository) -> None:
    """Absent is None, empty is empty, and a value may hold newlines."""
    repo.git("config", "migguard.text", "a\nb\n")
    repo.git("config", "migguard.empty", "")
    repo.git("remote", "add", "origin", "/nowhere")
    repository = Repository.discover(repo.path)
    assert repository.config("migguard.text") == "a\nb\n"
    assert repository.config("migguard.empty") == ""
    assert repository.config("migguard.nothing") is None
    assert repository.remotes() == ("origin",)


def test_git_of_the_user_on_the_command_line_counts(repo: GitRepository, monkeypatch: pytest.MonkeyPatch) -> None:
    """`git -c x.y=z commit` reaches its hooks."""
    monkeypatch.setenv("GIT_CONFIG_PARAMETERS", "'migguard.text=here'")
    assert Repository.discover(repo.path).config("migguard.text") == "here"


def test_reads_leave_the_index_alone_and_need_no_lock(form: GitRepository) -> None:
    """Not even its stat data is refreshed; another program may hold the lock."""
    repository = Repository.discover(form.path)
    index = repository.index_path
    # Stat data that `git status` would refresh.
    os.utime(form.path / "app/models.py", (1, 1))
    before = (index.read_bytes(), index.stat().st_mtime_ns)
    repository.run("status")
    Path(f"{index}.lock").touch()
    repository.untracked_paths()
    repository.ignored_paths(["x"])
    repository.tracked_paths(["x"])
    assert (index.read_bytes(), index.stat().st_mtime_ns) == before
