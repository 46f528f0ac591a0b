"""What a merge would give, held against what git's own merge gives."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from migguard.errors import MigguardError
from migguard.git import predict
from migguard.git.predict import Method, PredictedSnapshot, Prediction, find_tip, predict_merge
from migguard.git.repository import Repository
from tests.git.forms import ODD_NAMES
from tests.sandbox import Files, GitRepository

TEXT = "".join(f"line {number}\n" for number in range(20))


@pytest.fixture(params=["merge-tree", "index"])
def method(request: pytest.FixtureRequest) -> Method:
    """git's own `merge-tree`, and what takes its place before git 2.38."""
    chosen: Method = request.param
    return chosen


def _predict(repo: GitRepository, method: Method | None, yours: str = "main", upstream: str = "side") -> Prediction:
    repository = Repository.discover(repo.path)
    return predict_merge(repository, find_tip(repository, yours), find_tip(repository, upstream), method)


def _part(repo: GitRepository, base: Files, main: Files, side: Files) -> None:
    """`main`, checked out, and `side`, with a commit each on top of the base."""
    repo.commit(base, "base")
    repo.git("switch", "-q", "-c", "side")
    repo.commit(side, "side")
    repo.git("switch", "-q", "main")
    repo.commit(main, "main")


@pytest.mark.parametrize(
    ("base", "main", "side"),
    [
        pytest.param({"a": "1"}, {"b": "2"}, {"c": "3"}, id="each adds a file"),
        pytest.param({"a": TEXT}, {"a": f"first\n{TEXT}"}, {"a": f"{TEXT}last\n"}, id="both edit one file"),
        pytest.param({"a": "1", "b": "2"}, {"a": None}, {"b": None}, id="each deletes a file"),
        pytest.param({"a": "1", "b": "2"}, {"a": None}, {"a": None}, id="both delete one file"),
        pytest.param({"a": "1"}, {"b": "2"}, {"b": "2"}, id="both add the same file"),
        pytest.param({"a": "1"}, {"b": b"\0\1"}, {"a": b"\0\2"}, id="files that are no text"),
        pytest.param({"a": "1"}, {"a": None, "a/b": "1"}, {"c": "2"}, id="a file becomes a folder"),
        pytest.param({"a": "1"}, dict.fromkeys(ODD_NAMES, "2"), {"b": "3"}, id="odd names"),
    ],
)
def test_tree_is_that_of_the_real_merge(
    repo: GitRepository, method: Method, monkeypatch: pytest.MonkeyPatch, base: Files, main: Files, side: Files
) -> None:
    monkeypatch.setenv("GIT_LITERAL_PATHSPECS", "1")
    _part(repo, base, main, side)

    prediction = _predict(repo, method)

    repo.git("merge", "-q", "--no-edit", "side")
    assert prediction == Prediction(repo.git("rev-parse", "HEAD^{tree}"))


def test_executable_bit_of_one_side_and_text_of_the_other(repo: GitRepository, method: Method) -> None:
    _part(repo, {"a": TEXT}, {"a": f"first\n{TEXT}"}, {"a": f"{TEXT}last\n"})
    repo.git("switch", "-q", "side")
    (repo.path / "a").chmod(0o755)
    repo.commit({"a": f"{TEXT}last\n"})
    repo.git("switch", "-q", "main")

    prediction = _predict(repo, method)

    repo.git("merge", "-q", "--no-edit", "side")
    assert prediction == Prediction(repo.git("rev-parse", "HEAD^{tree}"))
    assert repo.git("ls-tree", "HEAD", "a").startswith("100755 ")


def test_both_methods_leave_the_same_markers(repo: GitRepository) -> None:
    _part(
        repo,
        {"both.py": TEXT, "gone.py": TEXT, "odd ü.py": TEXT},
        {"both.py": TEXT.replace("line 9", "main 9"), "gone.py": None, "new.py": "main\n", "odd ü.py": "main\n"},
        {"both.py": TEXT.replace("line 9", "side 9"), "gone.py": f"{TEXT}side\n", "new.py": "side\n", "s": "1"},
    )

    first, second = (_predict(repo, method) for method in ("merge-tree", "index"))

    assert first == second
    assert first.conflicts == ("both.py", "gone.py", "new.py")
    assert "<<<<<<<" in repo.git("show", f"{first.tree}:both.py")
    assert "<<<<<<<" in repo.git("show", f"{first.tree}:new.py")
    assert repo.git("show", f"{first.tree}:gone.py").endswith("side")
    assert repo.git("show", f"{first.tree}:s") == "1"


def test_conflict_in_a_file_that_is_no_text_keeps_yours(repo: GitRepository, method: Method) -> None:
    _part(repo, {"a": b"\0\0"}, {"a": b"\0main"}, {"a": b"\0side", "b": "2"})

    prediction = _predict(repo, method)

    assert prediction.conflicts == ("a",)
    assert repo.git("rev-parse", f"{prediction.tree}:a") == repo.git("rev-parse", "main:a")
    assert repo.git("show", f"{prediction.tree}:b") == "2"


def test_crossed_merges_have_several_bases(repo: GitRepository, method: Method) -> None:
    """Each branch merged the other one's first commit: two best common ancestors."""
    _part(repo, {"a": TEXT}, {"a": TEXT.replace("line 1\n", "main 1\n")}, {"a": TEXT.replace("line 18\n", "side 18\n")})
    first = repo.head()
    repo.git("merge", "-q", "--no-edit", "side")
    repo.git("switch", "-q", "side")
    repo.git("merge", "-q", "--no-edit", first)
    repo.commit({"a": f"{repo.read('a')}side\n"})
    repo.git("switch", "-q", "main")
    repo.commit({"a": f"main\n{repo.read('a')}"})
    assert len(repo.git("merge-base", "--all", "main", "side").split()) == 2

    prediction = _predict(repo, method)

    repo.git("merge", "-q", "--no-edit", "side")
    assert prediction == Prediction(repo.git("rev-parse", "HEAD^{tree}"))


@pytest.mark.parametrize(("yours", "upstream"), [("main", "main~1"), ("main~1", "main"), ("main", "main")])
def test_one_that_contains_the_other_is_the_merge_itself(repo: GitRepository, yours: str, upstream: str) -> None:
    repo.commit({"a": "1"})
    repo.commit({"a": "2"})

    prediction = _predict(repo, None, yours, upstream)

    assert prediction == Prediction(repo.git("rev-parse", "main^{tree}"))


def test_nothing_but_objects_is_written(form: GitRepository, method: Method) -> None:
    if form.run("git", "rev-parse", "-q", "--verify", "HEAD", check=False).returncode:
        form.commit({}, "born")
    head = form.head()
    other = form.git("commit-tree", "HEAD^{tree}", "-p", head, "-m", "other")
    mine = form.git("commit-tree", form.git("mktree"), "-p", head, "-m", "mine: an empty tree")
    before = form.state(), form.git("for-each-ref")

    prediction = _predict(form, method, mine, other)

    assert (form.state(), form.git("for-each-ref")) == before
    assert prediction == Prediction(form.git("rev-parse", f"{mine}^{{tree}}"))


@pytest.mark.parametrize(
    ("words", "chosen"),
    [
        pytest.param("git version 2.37.7\n", "index", id="the last without merge-tree"),
        pytest.param("git version 2.38.0\n", "merge-tree", id="the first with it"),
        pytest.param("git version 2.50.1 (Apple Git-155)\n", "merge-tree", id="Apple's"),
        pytest.param("git version 3.0.rc1\n", "merge-tree", id="the next major version"),
        pytest.param("hub\n", "index", id="whatever that is"),
    ],
)
def test_method_follows_the_version(
    repo: GitRepository, monkeypatch: pytest.MonkeyPatch, words: str, chosen: str
) -> None:
    repository = Repository.discover(repo.path)
    monkeypatch.setattr(repository, "run", lambda *_: words.encode())

    assert predict._choose_method(repository) == chosen


def test_unrelated_histories_cannot_be_told(repo: GitRepository) -> None:
    repo.commit({"a": "1"})
    repo.git("switch", "-q", "--orphan", "side")
    repo.commit({"b": "1"})

    with pytest.raises(MigguardError, match="`main` and `side` have no commit in common"):
        _predict(repo, None)


def test_name_that_names_nothing_is_an_error_and_no_conflict(repo: GitRepository) -> None:
    repo.commit({"a": "1"})

    with pytest.raises(MigguardError, match="`mian` names no commit here") as caught:
        _predict(repo, None, upstream="mian")

    assert caught.value.hint is None


@pytest.fixture
def hub(repo: GitRepository, tmp_path: Path) -> GitRepository:
    """A remote with `main` and `side`, three commits each since they parted."""
    repo.commit({"a": TEXT})
    repo.git("switch", "-q", "-c", "side")
    for number in range(3):
        repo.commit({f"side{number}": "1"})
    repo.git("switch", "-q", "main")
    for number in range(3):
        repo.commit({f"main{number}": "1"})
    repo.git("clone", "-q", "--bare", ".", str(tmp_path / "hub"))
    return GitRepository(tmp_path / "hub")


def _clone(hub: GitRepository, *options: str) -> GitRepository:
    path = hub.path.with_name("clone")
    hub.git("clone", "-q", *options, f"file://{hub.path}", str(path))
    return GitRepository(path)


@pytest.mark.parametrize(
    "options",
    [
        pytest.param(("--depth=1", "--branch=side"), id="one branch, one commit"),
        pytest.param(("--depth=2", "--branch=side", "--no-single-branch"), id="all branches, two commits"),
    ],
)
def test_shallow_clone_says_what_to_fetch_and_that_helps(hub: GitRepository, options: tuple[str, ...]) -> None:
    clone = _clone(hub, *options)

    with pytest.raises(MigguardError) as caught:
        _predict(clone, None, "HEAD", "origin/main")

    assert caught.value.hint == "git fetch --unshallow origin +refs/heads/main:refs/remotes/origin/main"
    clone.run(*shlex.split(caught.value.hint))
    assert _predict(clone, None, "HEAD", "origin/main").conflicts == ()


def test_history_that_is_cut_off_between_the_two_is_no_history(repo: GitRepository) -> None:
    """An old common ancestor is in sight, the best one is behind the cut: the file that was taken back would return."""
    repo.commit({"a": "1"})
    old = repo.head()
    repo.commit({"taken back": "1"})
    shared = repo.head()
    repo.git("branch", "side")
    repo.commit({"taken back": None})
    merged = repo.git("commit-tree", "HEAD^{tree}", "-p", "HEAD", "-p", old, "-m", "crossing")
    repo.git("reset", "-q", "--hard", merged)
    assert _predict(repo, None).conflicts == ()
    (repo.path / ".git/shallow").write_text(f"{repo.git('rev-parse', 'HEAD^1')}\n")
    assert repo.git("merge-base", "main", "side") == old != shared

    with pytest.raises(MigguardError, match="cut off in this shallow clone") as caught:
        _predict(repo, None)

    assert caught.value.hint == "git fetch --unshallow"


def test_shallow_clone_with_all_that_matters_is_fine(hub: GitRepository) -> None:
    clone = _clone(hub, "--depth=5", "--no-single-branch", "--branch=side")

    assert _predict(clone, None, "HEAD", "origin/main").conflicts == ()
    assert _predict(clone, None, "HEAD", "HEAD~1") == Prediction(clone.git("rev-parse", "HEAD^{tree}"))


def test_snapshot_reads_from_the_predicted_tree(repo: GitRepository) -> None:
    _part(repo, {"a": "1"}, {"b": "2"}, {"c": "3"})
    repository = Repository.discover(repo.path)

    snapshot = PredictedSnapshot(repository, _predict(repo, None), "the merge with `side`")

    assert snapshot.read_many(["a", "b", "c", "d"]) == {"a": b"1", "b": b"2", "c": b"3"}
    assert (snapshot.label, snapshot.conflicts) == ("the merge with `side`", ())


@pytest.mark.parametrize("filters", ["blob:none", "tree:0"])
def test_partial_clone_is_told_what_to_fetch_and_that_helps(repo: GitRepository, method: Method, filters: str) -> None:
    """Both sides changed one file: to merge it git needs its content, and nothing is fetched for that."""
    _part(repo, {"a": TEXT}, {"a": f"first\n{TEXT}"}, {"a": f"{TEXT}last\n"})
    repo.git("config", "uploadpack.allowFilter", "true")
    clone = GitRepository(repo.path.with_name("clone"))
    repo.git("clone", "-q", "--no-checkout", f"--filter={filters}", f"file://{repo.path}", str(clone.path))

    with pytest.raises(MigguardError) as caught:
        _predict(clone, method, "origin/main", "origin/side")

    assert caught.value.hint == "git fetch --refetch --no-filter"
    clone.run(*shlex.split(caught.value.hint))
    assert _predict(clone, method, "origin/main", "origin/side").conflicts == ()
