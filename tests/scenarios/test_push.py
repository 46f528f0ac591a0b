"""A push that would break the graph, at once or in the merge to come, and those that would not."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

import pytest

from tests.projects import Kind, Project
from tests.sandbox import GitRepository
from tests.scenarios.conftest import FEW_RUNNERS, Runner
from tests.scenarios.history import add_revision, commit_column

Make = Callable[[Kind], Project]
Install = Callable[[Project, Runner], None]

PHONE, EMAIL = "bbbbbbbbbbbb", "cccccccccccc"


@pytest.fixture
def hub(make: Make) -> Project:
    """A developer's clone, on `main`, with a remote `origin` that a colleague pushes to as well."""
    project = make("plain")
    _add_remote(project)
    return project


def _add_remote(project: Project) -> None:
    path = project.path.with_name("hub.git")
    project.git("init", "-q", "--bare", "-b", "main", str(path))
    project.git("remote", "add", "origin", str(path))
    project.git("push", "-q", "origin", "main")
    project.git("remote", "set-head", "origin", "main")


def _push(project: Project, *arguments: str) -> subprocess.CompletedProcess[str]:
    return project.run("git", "push", *arguments, check=False)


def _say(done: subprocess.CompletedProcess[str]) -> str:
    return done.stdout + done.stderr


def _diverge(project: Project) -> None:
    """Upstream's main has a revision, fetched; `email`, checked out, has another."""
    project.git("switch", "-q", "-c", "colleague")
    commit_column(project, "Comment", "phone", PHONE)
    project.git("push", "-q", "--no-verify", "origin", "colleague:main")
    project.git("switch", "-q", "-c", "email", "main")
    commit_column(project, "User", "email", EMAIL)


def _published(project: Project, branch: str) -> str:
    """What the remote has under a branch, by asking it."""
    return project.git("ls-remote", "origin", f"refs/heads/{branch}").partition("\t")[0]


@pytest.mark.parametrize("runner", FEW_RUNNERS)
def test_feature_branch_that_diverges_is_pushed_with_a_warning(hub: Project, runner: Runner, install: Install) -> None:
    """MG106 names both revisions, and the remote gets the branch."""
    install(hub, runner)
    _diverge(hub)
    before = hub.state()

    done = _push(hub, "-u", "origin", "email")

    assert done.returncode == 0, _say(done)
    assert "push of `email` to `origin/email`:\n" in _say(done)
    assert (
        f"warning[MG106 diverges-from-upstream]: merging with `origin/main` would give 2 heads: `{PHONE}`, `{EMAIL}`\n"
        in _say(done)
    )
    assert f"note: `{PHONE}` (add phone to comment) is a head too, on `origin/main`\n" in _say(done)
    assert "help: merge, and join the heads: git merge origin/main && migguard merge\n" in _say(done)
    assert _published(hub, "email") == hub.head()
    assert hub.state() == before


@pytest.mark.parametrize("runner", FEW_RUNNERS)
def test_push_over_main_is_blocked(hub: Project, runner: Runner, install: Install) -> None:
    """Forced, because git refuses any other: databases would be asked to go from one line to the other."""
    install(hub, runner)
    _diverge(hub)
    before = _published(hub, "main")

    done = _push(hub, "--force", "origin", "email:main")

    assert done.returncode == 1
    assert "push of `email` to `origin/main`:\n" in _say(done)
    assert "error[MG106 diverges-from-upstream]: merging with `origin/main` would give 2 heads" in _say(done)
    assert _published(hub, "main") == before


@pytest.mark.parametrize("runner", FEW_RUNNERS)
def test_main_with_two_heads_is_blocked(hub: Project, runner: Runner, install: Install) -> None:
    """Merged by hand without hooks: what is pushed is broken itself, and is called so once."""
    install(hub, runner)
    _diverge(hub)
    hub.git("-c", "core.hooksPath=/dev/null", "merge", "-q", "--no-edit", "origin/main")

    done = _push(hub, "origin", "email:main")

    assert done.returncode == 1
    assert "error[MG101 multiple-heads]: 2 heads" in _say(done)
    assert "MG106" not in _say(done)


@pytest.mark.parametrize("runner", FEW_RUNNERS)
def test_first_push_of_a_whole_project_is_looked_at(make: Make, runner: Runner, install: Install) -> None:
    """The remote is empty: nothing to merge with, and everything is new."""
    project = make("plain")
    install(project, runner)
    path = project.path.with_name("hub.git")
    project.git("init", "-q", "--bare", str(path))
    project.git("remote", "add", "origin", str(path))
    assert _push(project, "origin", "main").returncode == 0
    project.git("push", "-q", "--no-verify", "origin", ":main")
    add_revision(project, PHONE)
    add_revision(project, EMAIL)
    project.commit({}, "two heads")
    project.git("fetch", "-q", "--prune")

    done = _push(project, "origin", "main")

    assert done.returncode == 1
    assert "error[MG101 multiple-heads]" in _say(done)


@pytest.mark.parametrize("runner", FEW_RUNNERS)
@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(("origin", "v1"), id="a tag"),
        pytest.param(("origin", ":old"), id="a deletion"),
        pytest.param(("origin", "main"), id="up to date"),
        pytest.param(("origin", "main:again"), id="a new name for what is there"),
    ],
)
def test_what_brings_no_revision_is_not_looked_at(
    hub: Project, runner: Runner, install: Install, arguments: tuple[str, ...]
) -> None:
    """The tag stands on a commit with two heads, and main is as it is."""
    hub.git("push", "-q", "--no-verify", "origin", "main:old")
    install(hub, runner)
    hub.git("push", "-q", "--no-verify", "origin", "main")
    hub.git("switch", "-q", "--detach")
    add_revision(hub, PHONE)
    add_revision(hub, EMAIL)
    hub.commit({}, "two heads")
    hub.git("tag", "-a", "v1", "-m", "one")
    hub.git("switch", "-q", "main")

    done = _push(hub, *arguments)

    assert done.returncode == 0, _say(done)
    assert "MG1" not in _say(done)


def test_every_ref_of_a_push_is_named_with_what_is_wrong_with_it(hub: Project, install: Install) -> None:
    """Plain hooks see all refs; one that is broken stops the push as a whole."""
    install(hub, "plain hooks")
    hub.git("push", "-q", "origin", "main:old")
    _diverge(hub)
    hub.git("switch", "-q", "-c", "broken", "main")
    add_revision(hub, PHONE)
    add_revision(hub, EMAIL)
    hub.commit({}, "two heads")
    hub.git("switch", "-q", "-c", "fine", "main")
    commit_column(hub, "User", "fax", "dddddddddddd")
    hub.git("reset", "-q", "--hard", "main")
    hub.commit({"README.md": "fine\n"})

    done = _push(hub, "origin", "email", "broken", "fine", ":old")

    said = _say(done)
    assert done.returncode == 1
    assert said.index("push of `broken` to `origin/broken`:\n") < said.index("error[MG101 multiple-heads]")
    assert said.index("push of `email` to `origin/email`:\n") < said.index("warning[MG106 ")
    assert "`fine`" not in said
    assert _published(hub, "email") == ""


@pytest.mark.parametrize(
    ("word", "path", "status"),
    [
        pytest.param("error", "email:main", 1, id="over main"),
        pytest.param("warning", "email:email", 0, id="to a branch"),
    ],
)
def test_duplicate_id_is_told_before_the_push(
    hub: Project, install: Install, word: str, path: str, status: int
) -> None:
    """Two people chose one id for two files, on two branches."""
    install(hub, "plain hooks")
    _diverge(hub)
    add_revision(hub, PHONE, down=EMAIL, column="fax")
    hub.commit({}, "the id of upstream's")

    done = _push(hub, "--force", "origin", path)

    assert done.returncode == status
    assert (
        f"{word}[MG106 diverges-from-upstream]: merged with `origin/main`, 2 files declare revision `{PHONE}`"
        in _say(done)
    )


def test_missing_parent_is_told_before_the_push(hub: Project, install: Install) -> None:
    """Upstream reverted the revision that yours follows."""
    commit_column(hub, "Comment", "phone", PHONE)
    hub.git("push", "-q", "origin", "main")
    install(hub, "plain hooks")
    hub.git("switch", "-q", "-c", "email")
    commit_column(hub, "User", "email", EMAIL, down=PHONE)
    hub.git("switch", "-q", "main")
    hub.git("revert", "--no-edit", "HEAD")
    refused = _push(hub, "origin", "main")
    assert f"error[MG402 removed-published-revision]: the published revision `{PHONE}` was removed" in _say(refused)
    hub.git("push", "-q", "--no-verify", "origin", "main")
    hub.git("switch", "-q", "email")

    done = _push(hub, "origin", "email")

    assert done.returncode == 0
    assert f"warning[MG106 diverges-from-upstream]: merged with `origin/main`, revision `{EMAIL}` follows" in _say(done)


def test_conflict_elsewhere_does_not_hide_it(hub: Project, install: Install) -> None:
    """Both branches changed the same line of a document and of a model."""
    install(hub, "plain hooks")
    hub.git("switch", "-q", "-c", "colleague")
    hub.write({"README.md": "theirs\n"})
    hub.git("add", "README.md")
    commit_column(hub, "User", "phone", PHONE)
    hub.git("push", "-q", "--no-verify", "origin", "colleague:main")
    hub.git("switch", "-q", "-c", "email", "main")
    hub.write({"README.md": "mine\n"})
    hub.git("add", "README.md")
    commit_column(hub, "User", "email", EMAIL)
    assert hub.run("git", "merge-tree", "--write-tree", "HEAD", "origin/main", check=False).returncode == 1

    done = _push(hub, "origin", "email")

    assert done.returncode == 0
    assert _say(done).count("MG106") == 1
    assert f"2 heads: `{PHONE}`, `{EMAIL}`" in _say(done)


def test_hotfix_leaves_with_a_warning_and_is_pushed_on(hub: Project, install: Install) -> None:
    """It starts where production is, and will be merged back: the push is not the place to stop it."""
    install(hub, "plain hooks")
    _diverge(hub)

    first = _push(hub, "origin", "email:hotfix/1")
    commit_column(hub, "User", "fax", "dddddddddddd", down=EMAIL)
    second = _push(hub, "origin", "email:hotfix/1")

    assert (first.returncode, second.returncode) == (0, 0)
    assert "warning[MG106" in _say(first)
    assert "warning[MG106" in _say(second)


def test_change_without_revisions_is_not_warned_about_again(hub: Project, install: Install) -> None:
    install(hub, "plain hooks")
    _diverge(hub)
    assert "MG106" in _say(_push(hub, "origin", "email"))
    hub.commit({"README.md": "more\n"})

    done = _push(hub, "origin", "email")

    assert done.returncode == 0
    assert "MG106" not in _say(done)


def test_configuration_decides_what_a_push_fails_for(hub: Project, install: Install) -> None:
    hub.commit({"pyproject.toml": '[tool.migguard]\nseverity = { MG106 = "error" }\n'})
    hub.git("push", "-q", "origin", "main")
    install(hub, "plain hooks")
    _diverge(hub)

    done = _push(hub, "origin", "email")

    assert done.returncode == 1
    assert "error[MG106" in _say(done)


@pytest.mark.parametrize("moment", ["commit", "push"])
def test_models_of_the_pushed_commit_are_compared_where_they_are_asked_for(
    hub: Project, install: Install, moment: str
) -> None:
    """`schema-at = "push"` lets commits through and stops the push."""
    hub.commit({"pyproject.toml": f'[tool.migguard]\nschema-at = "{moment}"\n'})
    hub.git("push", "-q", "origin", "main")
    install(hub, "plain hooks")
    hub.add_column("User", "email")
    hub.git("commit", "-q", "--no-verify", "-m", "no revision")
    hub.add_column("User", "unstaged", stage=False)

    done = _push(hub, "origin", "main")

    assert done.returncode == (1 if moment == "push" else 0)
    assert ("column `user.email` is in the models but in no revision" in _say(done)) is (moment == "push")
    assert "unstaged" not in _say(done)


def test_branch_without_alembic_is_pushed(hub: Project, install: Install) -> None:
    install(hub, "plain hooks")
    hub.git("switch", "-q", "--orphan", "gh-pages")
    hub.commit({"index.html": "<p>\n", "build.py": "print()\n"})

    done = _push(hub, "origin", "gh-pages")

    assert done.returncode == 0
    assert "note: no Alembic environment in `gh-pages`: nothing to check\n" in _say(done)
    assert "MG" not in _say(done)


def test_linked_work_tree_pushes_its_own_branch(hub: Project, install: Install) -> None:
    """From a subfolder, by the name HEAD, to a URL: what is named is the branch and the remote."""
    install(hub, "plain hooks")
    _diverge(hub)
    hub.git("switch", "-q", "main")
    linked = hub.path.with_name("linked tree")
    hub.git("worktree", "add", "-q", str(linked), "email")
    url = hub.git("remote", "get-url", "origin")

    done = GitRepository(linked).run("git", "push", url, "HEAD", check=False, cwd="blog")

    assert done.returncode == 0
    assert "push of `email` to `origin/email`:\n" in _say(done)
    assert "warning[MG106" in _say(done)


def test_review_ref_is_a_branch_to_be_merged(hub: Project, install: Install) -> None:
    """Gerrit's `refs/for/main`."""
    install(hub, "plain hooks")
    _diverge(hub)

    done = _push(hub, "origin", "email:refs/for/main")

    assert done.returncode == 0
    assert "push of `email` to `origin/refs/for/main`:\n" in _say(done)
    assert "warning[MG106" in _say(done)


def _clone_shallow(hub: Project) -> Project:
    path = hub.path.with_name("shallow")
    hub.git("clone", "-q", "--depth=1", "--no-single-branch", f"file://{hub.path.with_name('hub.git')}", str(path))
    return Project(path, "plain")


def test_shallow_clone_is_told_what_to_fetch(hub: Project, install: Install) -> None:
    """A feature branch is let through with a note; a push over main is not."""
    _diverge(hub)
    hub.git("push", "-q", "--no-verify", "origin", "email")
    shallow = _clone_shallow(hub)
    shallow.git("switch", "-q", "email")
    add_revision(shallow, "dddddddddddd", down=EMAIL, column="fax")
    shallow.commit({}, "fax")
    install(shallow, "plain hooks")

    feature = _push(shallow, "origin", "email")
    over = _push(shallow, "--force", "origin", "email:main")

    said = "the history between `email` and `origin/main` is cut off in this shallow clone"
    command = "help: git fetch --unshallow origin +refs/heads/main:refs/remotes/origin/main\n"
    assert feature.returncode == 0
    assert f"note: the merge was not predicted: {said}\n" in _say(feature)
    assert command in _say(feature)
    assert "clean" not in _say(feature)
    assert over.returncode == 1
    assert f"error: {said}\n{command}" in _say(over)


def test_could_not_check_may_be_a_warning_in_a_push(hub: Project, install: Install) -> None:
    """Forced over a main that was never fetched: an error by default."""
    install(hub, "plain hooks")
    other = GitRepository(hub.path.with_name("other"))
    hub.git("clone", "-q", str(hub.path.with_name("hub.git")), str(other.path))
    other.commit({"other.txt": "1"})
    other.git("push", "-q", "origin", "main")
    commit_column(hub, "User", "email", EMAIL)

    blocked = _push(hub, "--force", "-n", "origin", "main")
    hub.commit({"pyproject.toml": '[tool.migguard]\non-cannot-check = { push = "warn" }\n'})
    passed = _push(hub, "--force", "-n", "origin", "main")

    assert blocked.returncode == 1
    assert "error: what `origin/main` is at was never fetched\nhelp: git fetch origin\n" in _say(blocked)
    assert passed.returncode == 0, _say(passed)
    assert "note: the merge was not predicted: what `origin/main` is at was never fetched\n" in _say(passed)


def test_broken_settings_of_one_ref_do_not_hide_the_others(hub: Project, install: Install) -> None:
    install(hub, "plain hooks")
    _diverge(hub)
    hub.git("switch", "-q", "-c", "odd", "main")
    hub.commit({"pyproject.toml": "[tool.migguard]\nignroe = []\n"})

    done = _push(hub, "origin", "odd", "email")

    assert done.returncode == 1
    assert "push of `odd` to `origin/odd`:\nerror: `tool.migguard.ignroe`" in _say(done)
    assert "warning[MG106" in _say(done)
