"""`migguard check --against REF`: a pull-request job, in the checkouts that services make."""

from __future__ import annotations

import shlex
from collections.abc import Callable

import pytest

from tests.projects import Kind, Project
from tests.scenarios.history import add_revision, commit_column

Make = Callable[[Kind], Project]

PHONE, EMAIL = "bbbbbbbbbbbb", "cccccccccccc"
FOUND = f"error[MG106 diverges-from-upstream]: merging with `origin/main` would give 2 heads: `{PHONE}`, `{EMAIL}`\n"


@pytest.fixture
def origin(make: Make) -> Project:
    """Where the pull request is: `main`, and `email` with a revision; GitHub's `refs/pull/1/merge` of the two."""
    project = make("plain")
    project.git("config", "uploadpack.allowAnySHA1InWant", "true")
    project.git("switch", "-q", "-c", "email")
    commit_column(project, "User", "email", EMAIL)
    _make_merge_ref(project)
    project.git("switch", "-q", "main")
    return project


def _make_merge_ref(project: Project) -> None:
    tree = project.git("merge-tree", "--write-tree", "main", "email").splitlines()[0]
    merge = project.git("commit-tree", tree, "-p", "main", "-p", "email", "-m", "merge")
    project.git("update-ref", "refs/pull/1/merge", merge)


def _move_main(project: Project) -> None:
    """A colleague's revision arrives on main."""
    project.git("switch", "-q", "main")
    commit_column(project, "Comment", "phone", PHONE)


def _clone(origin: Project, *options: str) -> Project:
    path = origin.path.with_name("checkout")
    origin.git("clone", "-q", *options, f"file://{origin.path}", str(path))
    return Project(path, "plain")


def _check_out_merge_ref(origin: Project, *options: str) -> Project:
    """As actions/checkout does for a pull request: one detached commit, no branches of the remote."""
    path = origin.path.with_name("checkout")
    origin.git("init", "-q", str(path))
    project = Project(path, "plain")
    project.git("remote", "add", "origin", f"file://{origin.path}")
    project.git("fetch", "-q", *options, "origin", "+refs/pull/1/merge:refs/remotes/pull/1/merge")
    project.git("checkout", "-q", "--detach", "refs/remotes/pull/1/merge")
    return project


def test_branch_that_diverges_fails(origin: Project) -> None:
    """Both revisions are named, the rest of the check is made too, and nothing changes."""
    _move_main(origin)
    clone = _clone(origin, "--branch=email")
    before = clone.state()

    done = clone.migguard("check", "--against", "origin/main")

    assert done.returncode == 1
    assert done.stdout.startswith(FOUND)
    assert done.stdout.endswith("1 error in 1 environment\n")
    assert clone.state() == before


def test_concise_form_is_one_line(origin: Project) -> None:
    _move_main(origin)
    clone = _clone(origin, "--branch=email")

    done = clone.migguard("check", "--against", "origin/main", "--format", "concise")

    assert done.stdout == (
        f"migrations/versions/{EMAIL}_add_email.py:7:17: MG106 "
        f"merging with `origin/main` would give 2 heads: `{PHONE}`, `{EMAIL}`\n"
    )


def test_branch_that_fits_is_clean(origin: Project) -> None:
    clone = _clone(origin, "--branch=email")

    done = clone.migguard("check", "--against", "origin/main")

    assert (done.returncode, done.stdout) == (0, "clean: 1 environment, 2 revisions, engine sqlite\n")


def test_branch_that_is_behind_is_clean(origin: Project) -> None:
    _move_main(origin)
    clone = _clone(origin, "--branch=email")
    clone.git("switch", "-q", "--detach", "HEAD~1")

    done = clone.migguard("check", "--against", "origin/main")

    assert done.returncode == 0, done.stdout + done.stderr


def test_any_ref_is_checked_without_checking_it_out(origin: Project) -> None:
    _move_main(origin)
    clone = _clone(origin)

    assert clone.migguard("check", "--ref", "origin/email", "--against", "HEAD", "--graph-only").returncode == 1
    assert clone.migguard("check", "--against", "origin/main", "--graph-only").returncode == 0


def test_commit_is_checked_and_not_what_is_staged(origin: Project) -> None:
    """A model without its revision is found in the commit; one that is only staged is none of it."""
    clone = _clone(origin, "--branch=email")
    clone.add_column("Comment", "staged")
    clean = clone.migguard("check", "--against", "origin/main")
    clone.git("commit", "-q", "-m", "no revision")

    found = clone.migguard("check", "--against", "origin/main")

    assert clean.returncode == 0, clean.stdout
    assert found.returncode == 1
    assert "column `comment.staged` is in the models but in no revision" in found.stdout


def test_merge_ref_is_the_merge_itself(origin: Project) -> None:
    """HEAD holds both revisions already, so that it is HEAD that has two heads."""
    _move_main(origin)
    _make_merge_ref(origin)
    checkout = _check_out_merge_ref(origin)
    checkout.git("fetch", "-q", "origin", "main")

    done = checkout.migguard("check", "--against", "FETCH_HEAD")

    assert done.returncode == 1
    assert "error[MG101 multiple-heads]: 2 heads" in done.stdout
    assert "MG106" not in done.stdout


def test_base_that_moved_on_after_the_merge_ref_was_made(origin: Project) -> None:
    checkout = _check_out_merge_ref(origin)
    _move_main(origin)
    checkout.git("fetch", "-q", "origin")

    done = checkout.migguard("check", "--against", "origin/main")

    assert done.returncode == 1
    assert done.stdout.startswith(FOUND)


@pytest.mark.parametrize("moved", [True, False], ids=["base moved on", "base as it was"])
def test_checkout_of_one_commit_says_what_to_fetch_and_that_helps(origin: Project, *, moved: bool) -> None:
    """The default of actions/checkout: neither the base branch is there, nor any history."""
    checkout = _check_out_merge_ref(origin, "--depth=1")
    if moved:
        _move_main(origin)

    done = checkout.migguard("check", "--against", "origin/main")

    command = "git fetch --unshallow origin +refs/heads/main:refs/remotes/origin/main"
    assert done.returncode == 2
    assert done.stderr == f"error: `origin/main` names no commit here\nhelp: {command}\n"
    checkout.run(*shlex.split(command))
    again = checkout.migguard("check", "--against", "origin/main")
    assert again.returncode == (1 if moved else 0), again.stdout + again.stderr
    assert again.stdout.startswith(FOUND if moved else "clean: ")


def test_history_that_is_cut_off_is_could_not_check(origin: Project) -> None:
    """The base branch was fetched, as one commit: what can be checked is, and the rest is not called clean."""
    _move_main(origin)
    checkout = _check_out_merge_ref(origin, "--depth=1")
    checkout.git("fetch", "-q", "--depth=1", "origin", "+refs/heads/main:refs/remotes/origin/main")

    done = checkout.migguard("check", "--against", "origin/main")

    assert done.returncode == 2
    assert done.stdout == (
        "note: edits of published revisions were not looked for: the history is shallow (`git fetch --unshallow`)\n"
        "nothing found in 1 environment; not everything was checked\n"
        "error: the history between `HEAD` and `origin/main` is cut off in this shallow clone\n"
        "help: git fetch --unshallow origin +refs/heads/main:refs/remotes/origin/main\n"
    )


def test_merge_ref_with_two_commits_of_history_is_enough(origin: Project) -> None:
    """`fetch-depth: 2`: the base is the first parent."""
    checkout = _check_out_merge_ref(origin, "--depth=2")

    done = checkout.migguard("check", "--against", "HEAD^1")

    assert (done.returncode, done.stdout) == (
        0,
        "note: only the last change was searched for edits of published revisions: the history is shallow "
        "(`git fetch --unshallow`)\n"
        "clean: 1 environment, 2 revisions, engine sqlite\n",
    )


def test_unrelated_history_is_could_not_check(origin: Project) -> None:
    origin.git("switch", "-q", "--orphan", "other")
    origin.commit({"README.md": "other\n"})
    origin.git("switch", "-q", "main")

    done = origin.migguard("check", "--against", "other", "--graph-only")

    assert done.returncode == 2
    assert done.stdout.endswith("error: `HEAD` and `other` have no commit in common\n")


def test_ref_that_does_not_exist_is_an_error(origin: Project) -> None:
    done = origin.migguard("check", "--against", "mian")

    assert (done.returncode, done.stderr) == (2, "error: `mian` names no commit here\n")


def test_what_is_compared_with_is_where_the_branch_began(origin: Project) -> None:
    """MG210 looks at the whole branch and not only at its last commit."""
    models = origin.read(origin.models)
    checked = models.replace("import Column,", "import CheckConstraint, Column,", 1).replace(
        '    __tablename__ = "tag"\n', '    __tablename__ = "tag"\n    __table_args__ = (CheckConstraint("id > 0"),)\n'
    )
    origin.git("switch", "-q", "-c", "checks")
    origin.commit({origin.models: checked})
    origin.commit({"README.md": "more\n"})

    assert "MG210" in origin.migguard("check", "--against", "main").stdout
    assert "MG210" not in origin.migguard("check", "--ref", "HEAD").stdout


def test_environment_that_is_named_is_the_only_one(origin: Project) -> None:
    """The others may diverge."""
    settings = "".join(
        f'[[tool.migguard.environments]]\nname = "{name}"\nconfig = "{config}"\n'
        for name, config in (("main", "alembic.ini"), ("other", "other/alembic.ini"))
    )
    base = "revision = 'aa'\ndown_revision = None\n"
    origin.commit(
        {
            "pyproject.toml": settings,
            "other/alembic.ini": "[alembic]\nscript_location = %(here)s/m\n",
            "other/m/env.py": "",
            "other/m/versions/aa.py": base,
        }
    )
    origin.git("switch", "-q", "-c", "yours")
    add_revision(origin, EMAIL, down="aa", folder="other/m/versions")
    origin.commit({}, "yours")
    origin.git("switch", "-q", "main")
    add_revision(origin, PHONE, down="aa", folder="other/m/versions")
    origin.commit({}, "upstream's")
    arguments = ("check", "--ref", "yours", "--against", "main", "--graph-only")

    assert origin.migguard(*arguments).returncode == 1
    assert origin.migguard(*arguments, "--environment", "main").returncode == 0
    assert origin.migguard(*arguments, "--environment", "other").returncode == 1
