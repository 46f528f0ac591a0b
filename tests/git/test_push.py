"""What a pre-push hook is told, by git and by the runners."""

from __future__ import annotations

from pathlib import Path

import pytest

from migguard.git.publish import PublishedRefs
from migguard.git.push import Push, PushedRef, read_push
from migguard.git.push_target import find_default_tips, find_known_commit, find_remote
from migguard.git.repository import Repository
from tests.sandbox import GitRepository

ZEROS = "0" * 40
ONE, TWO = "1" * 40, "2" * 40


def _read(repo: GitRepository, lines: bytes | None, **environ: str) -> Push:
    return read_push(Repository.discover(repo.path), ("origin", "url"), environ, lines)


@pytest.mark.parametrize(
    ("line", "ref"),
    [
        pytest.param(
            f"refs/heads/x {ONE} refs/heads/y {TWO}",
            PushedRef("refs/heads/x", ONE, "refs/heads/y", TWO, TWO),
            id="update",
        ),
        pytest.param(
            f"refs/heads/x {ONE} refs/heads/x {ZEROS}", PushedRef("refs/heads/x", ONE, "refs/heads/x"), id="new"
        ),
        pytest.param(
            f"(delete) {ZEROS} refs/heads/x {TWO}", PushedRef("(delete)", None, "refs/heads/x", TWO, TWO), id="deletion"
        ),
        pytest.param(
            f"main@{{1 day ago}} {ONE} refs/heads/x {ZEROS}",
            PushedRef("main@{1 day ago}", ONE, "refs/heads/x"),
            id="a name with spaces",
        ),
        pytest.param(
            f"HEAD {'a' * 64} refs/heads/x {'0' * 64}", PushedRef("HEAD", "a" * 64, "refs/heads/x"), id="sha256"
        ),
    ],
)  # fmt: skip
def test_line_is_understood(repo: GitRepository, line: str, ref: PushedRef) -> None:
    assert _read(repo, f"{line}\n".encode()) == Push("origin", (ref,))


@pytest.mark.parametrize("lines", [pytest.param(b"", id="up to date"), pytest.param(None, id="by hand")])
def test_nothing_to_read_is_nothing_pushed(repo: GitRepository, lines: bytes | None) -> None:
    assert _read(repo, lines).refs == ()


def test_tags_are_told_from_branches() -> None:
    assert PushedRef("v1", ONE, "refs/tags/v1").is_tag
    assert not PushedRef("v1", ONE, "refs/heads/v1").is_tag
    assert PushedRef("x", ONE, "refs/heads/a/b").branch == "a/b"
    assert PushedRef("x", ONE, "refs/for/main").branch == "refs/for/main"


def test_runner_tells_one_ref_in_the_environment(repo: GitRepository) -> None:
    head = repo.commit({"a": "1"})
    repo.git("update-ref", "refs/remotes/origin/x", head)
    told = {
        "PRE_COMMIT": "1",
        "PRE_COMMIT_FROM_REF": TWO,
        "PRE_COMMIT_TO_REF": ONE,
        "PRE_COMMIT_LOCAL_BRANCH": "refs/heads/main",
        "PRE_COMMIT_REMOTE_BRANCH": "refs/heads/x",
        "PRE_COMMIT_REMOTE_NAME": "origin",
    }

    assert _read(repo, b"", **told) == Push("origin", (PushedRef("refs/heads/main", ONE, "refs/heads/x", head, TWO),))


def test_runner_names_no_commits_where_everything_is_new(repo: GitRepository) -> None:
    head = repo.commit({"a": "1"})
    told = {
        "PRE_COMMIT": "1",
        "PRE_COMMIT_LOCAL_BRANCH": "refs/heads/main",
        "PRE_COMMIT_REMOTE_BRANCH": "refs/heads/x",
        "PRE_COMMIT_REMOTE_NAME": "origin",
    }

    assert _read(repo, b"", **told) == Push("origin", (PushedRef("refs/heads/main", head, "refs/heads/x"),))


@pytest.fixture
def clone(repo: GitRepository, tmp_path: Path) -> GitRepository:
    """A clone on a branch of its own, with a fork as a second remote."""
    repo.commit({"a": "1"})
    for name in ("hub", "fork"):
        repo.git("clone", "-q", "--bare", ".", str(tmp_path / name))
    repo.git("clone", "-q", str(tmp_path / "hub"), str(tmp_path / "clone"))
    clone = GitRepository(tmp_path / "clone")
    clone.git("remote", "add", "fork", str(tmp_path / "fork"))
    clone.git("fetch", "-q", "fork")
    clone.git("switch", "-q", "-c", "feature")
    clone.commit({"b": "1"})
    return clone


def _find_tips(
    clone: GitRepository, remote: str, branch: str = "feature", local: str = "refs/heads/feature"
) -> list[str]:
    repository = Repository.discover(clone.path)
    ref = PushedRef(local, clone.head(), f"refs/heads/{branch}")
    tips = find_default_tips(repository, Push(remote, (ref,)), ref, PublishedRefs.read(repository))
    return [tip.name for tip in tips]


def test_remote_is_found_by_name_and_by_url(clone: GitRepository) -> None:
    repository = Repository.discover(clone.path)
    clone.git("config", "remote.fork.pushurl", "ssh://elsewhere/fork")

    assert find_remote(repository, "origin") == "origin"
    assert find_remote(repository, str(clone.path.parent / "hub")) == "origin"
    assert find_remote(repository, "ssh://elsewhere/fork") == "fork"
    assert find_remote(repository, "ssh://nowhere") is None


def test_default_branch_of_the_remote_is_the_target(clone: GitRepository) -> None:
    assert _find_tips(clone, "origin") == ["origin/main"]
    assert _find_tips(clone, "fork") == ["fork/main"]
    assert _find_tips(clone, str(clone.path.parent / "hub")) == ["origin/main"]


def test_pushed_branch_is_no_target_of_its_own(clone: GitRepository) -> None:
    assert _find_tips(clone, "origin", "main") == []


@pytest.mark.parametrize("local", ["refs/heads/feature", "HEAD"])
def test_branch_that_is_followed_is_the_target_of_a_push_to_a_fork(clone: GitRepository, local: str) -> None:
    """Pushed to the fork, whose main is old, and to be merged into the original's."""
    clone.git("branch", "-q", "--set-upstream-to", "origin/main")
    clone.git(
        "update-ref", "refs/remotes/origin/main", clone.git("commit-tree", "HEAD^{tree}", "-p", "main", "-m", "x")
    )

    assert _find_tips(clone, "fork", local=local) == ["origin/main"]


def test_fork_that_went_its_own_way_is_a_target_beside_the_original(clone: GitRepository) -> None:
    clone.git("remote", "rename", "origin", "upstream")
    for remote in ("fork", "upstream"):
        commit = clone.git("commit-tree", "HEAD^{tree}", "-p", "main", "-m", remote)
        clone.git("update-ref", f"refs/remotes/{remote}/main", commit)

    assert sorted(_find_tips(clone, "fork")) == ["fork/main", "upstream/main"]


def test_known_commit_is_what_the_remote_has_else_where_the_branch_left_the_default(clone: GitRepository) -> None:
    repository = Repository.discover(clone.path)
    main, head = clone.git("rev-parse", "main"), clone.head()

    def find(oid: str, remote_oid: str | None = None) -> str | None:
        ref = PushedRef("x", oid, "refs/heads/x", remote_oid, remote_oid)
        push = Push("origin", (ref,))
        tips = find_default_tips(repository, push, ref, PublishedRefs.read(repository))
        return find_known_commit(repository, push, ref, tips)

    assert find(head) == main
    assert find(head, head) == head
    assert find(head, ONE) == main, "what was never fetched tells nothing"
    assert find(main) == main, "nothing of it is new"


def test_everything_is_new_to_an_empty_remote(clone: GitRepository) -> None:
    for name in ("HEAD", "main"):
        clone.git("update-ref", "--no-deref", "-d", f"refs/remotes/origin/{name}")
    repository = Repository.discover(clone.path)
    ref = PushedRef("x", clone.head(), "refs/heads/x")
    push = Push("origin", (ref,))

    tips = find_default_tips(repository, push, ref, PublishedRefs.read(repository))

    assert tips == ()
    assert find_known_commit(repository, push, ref, tips) is None


@pytest.mark.parametrize(
    ("patterns", "branch", "expected"),
    [
        pytest.param((), "main", True, id="the default branch"),
        pytest.param((), "master", False, id="another usual name"),
        pytest.param((), "release/1", True, id="a release branch"),
        pytest.param((), "feature", False, id="a feature branch"),
        pytest.param((), "team/main", False, id="a name that ends like the default branch"),
        pytest.param(("prod",), "prod", True, id="a pattern"),
        pytest.param(("refs/heads/prod-*",), "prod-1", True, id="a pattern in full"),
        pytest.param(("prod",), "main", False, id="patterns replace the default"),
    ],
)
def test_published_branches_are_known_by_name(
    clone: GitRepository, patterns: tuple[str, ...], branch: str, *, expected: bool
) -> None:
    published = PublishedRefs.read(Repository.discover(clone.path), patterns)

    assert published.is_published_branch(branch) is expected


def test_usual_names_are_published_where_no_remote_is_known(repo: GitRepository) -> None:
    repo.commit({"a": "1"})
    published = PublishedRefs.read(Repository.discover(repo.path))

    assert published.is_published_branch("master")
    assert not published.is_published_branch("feature")
