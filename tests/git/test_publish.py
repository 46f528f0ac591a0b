"""What is published, by the trees of real refs."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from migguard.git.objects import read_blobs
from migguard.git.publish import PublishedRefs
from migguard.git.repository import Repository
from tests.git.forms import ODD_NAMES
from tests.sandbox import GitRepository

FOLDER = "migrations/versions"


def _file(name: str) -> str:
    return f"{FOLDER}/{name}.py"


def _revision(*names: str) -> dict[str, str]:
    return {_file(name): f"revision = '{name}'\n" for name in names}


def _read(repo: GitRepository, *patterns: str) -> PublishedRefs:
    return PublishedRefs.read(Repository.discover(repo.path), patterns)


@pytest.fixture
def hub(tmp_path: Path) -> GitRepository:
    """What everybody pushes to: main with revision `a`."""
    seed = GitRepository.init(tmp_path / "seed")
    seed.commit(_revision("a"))
    seed.git("clone", "-q", "--bare", ".", str(tmp_path / "hub"))
    return GitRepository(tmp_path / "hub")


@pytest.fixture
def clone(hub: GitRepository) -> GitRepository:
    """A developer's clone, on a branch of its own with revision `mine`."""
    path = hub.path.parent / "clone"
    hub.git("clone", "-q", str(hub.path), str(path))
    repo = GitRepository(path)
    repo.git("checkout", "-q", "-b", "feature")
    repo.commit(_revision("mine"))
    return repo


def _publish(clone: GitRepository, branch: str, *names: str) -> None:
    """A colleague pushes a branch off main with revisions, and it is fetched."""
    other = clone.path.parent / "colleague"
    if not other.exists():
        clone.git("clone", "-q", str(other.parent / "hub"), str(other))
    colleague = GitRepository(other)
    colleague.git("checkout", "-q", "-B", branch, "origin/main")
    colleague.commit(_revision(*names))
    colleague.git("push", "-q", "origin", branch)
    clone.git("fetch", "-q")


def test_what_no_ref_has_is_movable(clone: GitRepository) -> None:
    """Committed here only."""
    published = _read(clone)
    assert (published.can_tell, published.reason) == (True, None)
    assert published.find_published([_file("a"), _file("mine")]) == {_file("a"): "refs/remotes/origin/main"}
    assert published.is_movable(_file("mine"))
    assert not published.is_movable(_file("a"))


@pytest.mark.parametrize("branch", ["hotfix/1", "somebody/else", "main"])
def test_any_remote_branch_publishes(clone: GitRepository, branch: str) -> None:
    """A hotfix that production has applied is on no main."""
    _publish(clone, branch, "mine")
    published = _read(clone)
    assert published.find_published([_file("mine")]) == {_file("mine"): f"refs/remotes/origin/{branch}"}


@pytest.mark.parametrize(
    "default",
    [
        pytest.param("simple", id="push.default simple, with upstream main"),
        pytest.param("current", id="push.default current"),
        pytest.param("upstream", id="push.default upstream"),
    ],
)
def test_own_push_target_does_not_publish(clone: GitRepository, default: str) -> None:
    """Wherever the upstream is: what one pushes to the branch of the same name is still one's own."""
    clone.git("config", "push.default", default)
    clone.git("push", "-q", "origin", "feature")
    clone.git("branch", "-q", "--set-upstream-to", "origin/feature" if default == "upstream" else "origin/main")
    published = _read(clone)
    assert published.own_target == "refs/remotes/origin/feature"
    assert published.is_movable(_file("mine"))


def test_own_push_target_on_a_fork(clone: GitRepository, hub: GitRepository) -> None:
    """Triangular work: fetched from one remote, pushed to another."""
    hub.git("clone", "-q", "--bare", ".", str(hub.path.parent / "fork"))
    clone.git("remote", "add", "fork", str(hub.path.parent / "fork"))
    clone.git("config", "remote.pushDefault", "fork")
    clone.git("push", "-q", "fork", "feature")
    assert _read(clone).own_target == "refs/remotes/fork/feature"
    assert _read(clone).is_movable(_file("mine"))
    clone.git("push", "-q", "origin", "feature")
    assert not _read(clone).is_movable(_file("mine"))


def test_own_push_target_that_is_a_default_branch_publishes(clone: GitRepository) -> None:
    """On main everything committed is published, even before the push."""
    clone.git("checkout", "-q", "main")
    clone.commit(_revision("late"))
    published = _read(clone)
    assert published.own_target is None
    assert published.find_published([_file("late")]) == {_file("late"): "refs/heads/main"}
    assert published.is_movable(_file("not committed"))


def test_other_branches_here_do_not_publish_but_those_that_match(clone: GitRepository) -> None:
    """Nobody has them, unless their name says otherwise."""
    clone.git("branch", "other")
    assert _read(clone).is_movable(_file("mine"))
    clone.git("branch", "release/1.0/x")
    assert _read(clone).find_published([_file("mine")]) == {_file("mine"): "refs/heads/release/1.0/x"}


@pytest.mark.parametrize(
    ("pattern", "is_movable"),
    [
        pytest.param("feature", False, id="a branch here"),
        pytest.param("feat*", False, id="a glob"),
        pytest.param("origin/feature", False, id="a branch with its remote"),
        pytest.param("refs/remotes/origin/feat*", False, id="a full name"),
        pytest.param("refs/tags/v*", False, id="tags"),
        pytest.param("feat", True, id="part of a name"),
        pytest.param("v1", True, id="a tag by its short name"),
    ],
)
def test_patterns_match_names(clone: GitRepository, pattern: str, *, is_movable: bool) -> None:
    """The user's patterns replace the usual ones."""
    clone.git("push", "-q", "origin", "feature")
    clone.git("tag", "-a", "-m", "released", "v1")
    assert _read(clone, pattern).is_movable(_file("mine")) is is_movable


def test_refs_that_are_published_by_their_name_lead(clone: GitRepository) -> None:
    """The default branch and releases, before branches that somebody pushed."""
    _publish(clone, "release/1", "x")
    _publish(clone, "somebody", "y")
    published = _read(clone)
    leading = {"refs/remotes/origin/main", "refs/heads/main", "refs/remotes/origin/release/1"}
    assert published.leading == leading
    assert set(published.refs) == {*leading, "refs/remotes/origin/somebody"}


def test_narrowed_refs_know_their_own_files_only(clone: GitRepository) -> None:
    """Also where the files of all were asked for before."""
    _publish(clone, "somebody", "y")
    published = _read(clone)
    assert published.is_published(_file("y"))
    narrow = published.narrow({"refs/remotes/origin/main", "refs/heads/nothing"})
    assert narrow.find_published([_file("a"), _file("y")]) == {_file("a"): "refs/remotes/origin/main"}
    assert narrow.leading == {"refs/remotes/origin/main"}


@pytest.mark.parametrize("branch", ["main", "master"])
def test_without_remotes_the_main_branch_here_publishes(tmp_path: Path, branch: str) -> None:
    """By either of its usual names, but no other branch."""
    repo = GitRepository.init(tmp_path / "alone", "-b", branch)
    repo.commit(_revision("a"))
    repo.git("checkout", "-q", "-b", "side")
    repo.commit(_revision("b"))
    published = _read(repo)
    assert published.can_tell
    assert published.find_published([_file("a"), _file("b")]) == {_file("a"): f"refs/heads/{branch}"}


def test_default_branch_by_another_name(clone: GitRepository, hub: GitRepository) -> None:
    """The remote's HEAD says which."""
    _publish(clone, "trunk", "t")
    hub.git("symbolic-ref", "HEAD", "refs/heads/trunk")
    clone.git("remote", "set-head", "origin", "--auto")
    clone.git("checkout", "-q", "trunk")
    published = _read(clone)
    assert next(iter(published.refs)) == "refs/remotes/origin/trunk"
    assert published.own_target is None
    assert "refs/heads/trunk" in published.refs


def test_rebase_under_way_still_knows_its_branch(clone: GitRepository) -> None:
    """HEAD is detached, and the push target is the branch's."""
    clone.git("push", "-q", "-u", "origin", "feature")
    _publish(clone, "main", "b")
    clone.git("config", "sequence.editor", "sed -i '1ibreak'")
    clone.git("rebase", "-q", "-i", "origin/main")
    assert clone.run("git", "symbolic-ref", "-q", "HEAD", check=False).returncode == 1
    assert _read(clone).is_movable(_file("mine"))


def test_detached_head_has_no_push_target(clone: GitRepository) -> None:
    """Any remote branch may be somebody's."""
    clone.git("push", "-q", "-u", "origin", "feature")
    clone.git("checkout", "-q", "--detach")
    assert not _read(clone).is_movable(_file("mine"))


def test_renamed_revision_is_found_by_its_content(clone: GitRepository) -> None:
    """The same blob under another name in that folder; its id is for those who can read it."""
    _publish(clone, "other", "theirs")
    published = _read(clone)
    oid = clone.git("rev-parse", f"origin/other:{_file('theirs')}")
    assert not published.is_published(_file("renamed"))
    assert published.is_published(_file("renamed"), oid)
    assert not published.is_movable(_file("renamed"), oid)


def test_files_of_all_refs_are_listed_once_each(clone: GitRepository) -> None:
    """Every version of every file, with the most prominent ref that has it."""
    _publish(clone, "one", "x")
    _publish(clone, "two", "x", "y")
    _publish(clone, "three/four", "a", "z")
    clone.git("push", "-q", "origin", "feature:someone")
    published = _read(clone)
    files = published.list_files([FOLDER, "nothing/here"])
    assert {(Path(file.path).stem, file.ref.removeprefix("refs/remotes/origin/")) for file in files} == {
        ("a", "main"),
        ("x", "one"),
        ("y", "two"),
        ("z", "three/four"),
        ("mine", "someone"),
    }
    blobs = read_blobs(Repository.discover(clone.path), [file.oid for file in files])
    assert b"revision = 'x'\n" in blobs.values()


def test_subfolders_are_listed_where_asked_for(clone: GitRepository) -> None:
    """`recursive_version_locations`."""
    clone.commit({f"{FOLDER}/2026/01/deep.py": "1\n", f"{FOLDER}/2026/b.py": "1\n"})
    clone.git("push", "-q", "origin", "feature:someone")
    published = _read(clone)
    assert _file("2026/01/deep") not in {file.path for file in published.list_files([FOLDER])}
    found = {file.path for file in published.list_files([FOLDER], recursive=True)}
    assert found == {_file("a"), _file("mine"), _file("2026/b"), _file("2026/01/deep")}
    assert published.find_published([_file("2026/01/deep")]) == {_file("2026/01/deep"): "refs/remotes/origin/someone"}


def test_odd_names_and_the_top_folder(clone: GitRepository) -> None:
    """Names as git holds them, in folders with newlines as well."""
    paths = [*ODD_NAMES, *(f"new\nline/caf\udce9/{name}" for name in ODD_NAMES)]
    clone.write(dict.fromkeys(paths, "1\n"))
    clone.git("add", "-A")
    clone.commit({})
    clone.git("push", "-q", "origin", "feature:someone")
    assert _read(clone).find_published([*paths, "nothing", "new\nline"]).keys() == set(paths)


def test_folder_by_the_name_of_a_file_is_no_file(clone: GitRepository) -> None:
    """Neither is a file a folder, nor a submodule a file."""
    clone.git("update-index", "--add", "--cacheinfo", f"160000,{clone.head()},{FOLDER}/sub")
    clone.commit({})
    clone.git("push", "-q", "origin", "feature:someone")
    published = _read(clone)
    assert published.find_published([FOLDER, f"{_file('a')}/x", f"{FOLDER}/sub"]) == {}
    assert published.find_published([_file("mine")]) == {_file("mine"): "refs/remotes/origin/someone"}


@pytest.mark.parametrize(
    ("options", "reason", "hint"),
    [
        pytest.param(("--depth=1",), "the history is shallow", "git fetch --unshallow", id="shallow"),
        pytest.param(
            ("--single-branch",),
            "only some branches of `origin` are fetched",
            "git remote set-branches origin '*' && git fetch origin",
            id="single branch",
        ),
        pytest.param(
            ("--filter=tree:0",),
            "the trees of `origin` are not in this partial clone",
            "git config --unset remote.origin.partialclonefilter && git fetch --refetch origin",
            id="without trees",
        ),
    ],
)
def test_clone_that_is_not_whole_cannot_tell(
    hub: GitRepository, tmp_path: Path, options: tuple[str, ...], reason: str, hint: str
) -> None:
    """Then nothing is movable, and the command that helps does help."""
    hub.git("config", "uploadpack.allowFilter", "true")
    GitRepository(tmp_path / "seed").commit(_revision("b"))
    subprocess.run(["git", "push", "-q", str(hub.path), "main"], cwd=tmp_path / "seed", check=True)
    hub.git("clone", "-q", *options, f"file://{hub.path}", str(tmp_path / "part"))
    repo = GitRepository(tmp_path / "part")
    published = _read(repo)
    assert (published.can_tell, published.reason, published.hint) == (False, reason, hint)
    assert not published.is_movable(_file("mine"))
    if "--depth=1" in options:
        # A shallow clone has one branch only as well; each reason is told in its turn.
        repo.run("sh", "-c", hint)
        assert _read(repo).reason == "only some branches of `origin` are fetched"
        repo.run("sh", "-c", _read(repo).hint or "")
    else:
        repo.run("sh", "-c", hint)
    assert _read(repo).can_tell
    assert not _read(repo).is_movable(_file("b"))


def test_remote_that_was_never_fetched_cannot_tell(repo: GitRepository, hub: GitRepository) -> None:
    """Nothing is known of it."""
    repo.commit(_revision("mine"))
    repo.git("remote", "add", "origin", str(hub.path))
    published = _read(repo)
    assert (published.can_tell, published.hint) == (False, "git fetch origin")
    assert not published.is_movable(_file("mine"))
    repo.run("sh", "-c", published.hint or "")
    assert _read(repo).can_tell


def test_empty_remote_tells_as_soon_as_it_was_fetched(tmp_path: Path) -> None:
    """Nothing is published before the first push. git leaves an empty FETCH_HEAD where it found nothing."""
    GitRepository.init(tmp_path / "empty.git", "--bare")
    repo = GitRepository.init(tmp_path / "project")
    repo.git("remote", "add", "origin", str(tmp_path / "empty.git"))
    repo.commit(_revision("a"))
    assert not _read(repo).can_tell

    repo.git("fetch", "-q")

    published = _read(repo)
    assert published.can_tell
    assert published.is_movable(_file("a"))


def test_unborn_branch_reads_nothing(repo: GitRepository) -> None:
    """No refs, no doubt."""
    published = _read(repo)
    assert (dict(published.refs), published.can_tell) == ({}, True)
    assert published.is_movable(_file("a"))


def test_another_hash_function(tmp_path: Path) -> None:
    """Tree objects hold longer ids."""
    repo = GitRepository.init(tmp_path / "it", "--object-format=sha256")
    repo.commit(_revision("a", "b"))
    assert _read(repo).find_published([_file("b"), _file("c")]) == {_file("b"): "refs/heads/main"}


def test_a_thousand_refs_take_as_many_processes_as_one(repo: GitRepository, caplog: pytest.LogCaptureFixture) -> None:
    """And refs that share a folder are read once."""
    repo.commit(_revision("a"))
    stream = []
    for number in range(1000):
        text = f"revision = '{number % 50}'\n"
        stream.append(
            f"commit refs/remotes/gone/b{number}\ncommitter C <c@example.com> {number} +0000\ndata 1\nx\n"
            f"M 100644 inline {_file(f'r{number % 50}')}\ndata {len(text)}\n{text}\n"
        )
    repo.run("git", "fast-import", "--quiet", stdin="".join(stream))
    caplog.set_level("DEBUG", logger="migguard.git")
    published = _read(repo)
    found = published.find_published([_file("r7"), _file("r50"), _file("a")])
    assert found == {_file("r7"): "refs/remotes/gone/b107", _file("a"): "refs/heads/main"}
    assert published.is_published(_file("r49"))
    assert len(published.list_files([FOLDER])) == 51
    commands = [record.message for record in caplog.records if record.name == "migguard.git"]
    assert len(commands) <= 9, commands
