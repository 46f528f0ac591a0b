"""Revision files that stand on disk and not in the index: they are named where they mend, and only then."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable

import pytest

from tests.projects import Kind, Project
from tests.scenarios.history import add_revision

Make = Callable[[Kind], Project]

EMAIL, OTHER, BROKEN = "bbbbbbbbbbbb", "cccccccccccc", "migrations/versions/broken.py"


def settle(project: Project, settings: str) -> None:
    """Commit settings of migguard."""
    project.commit({"pyproject.toml": f"[tool.migguard]\n{settings}\n"}, "settings")


def test_only_the_file_that_mends_is_named(make: Make) -> None:
    """Of two untracked revisions one has the staged column; the other is mentioned, and left alone."""
    project = make("plain")
    project.add_column("User", "email")
    path = add_revision(project, EMAIL, stage=False)
    other = add_revision(project, OTHER, down=EMAIL, table="post", column="other", stage=False)

    done = project.migguard("check")

    assert done.returncode == 1
    assert (
        f"error[MG301 unstaged-revision]: `{EMAIL}_add_email.py` exists but is not part of this commit" in done.stdout
    )
    assert f"help: git add {path}\n" in done.stdout
    assert f"note: `{other}` is not part of this commit" in done.stdout


def test_file_that_only_breaks_the_replay_mends_nothing(make: Make) -> None:
    """With it the models cannot be compared at all: that the finding is gone then proves nothing."""
    project = make("plain")
    project.add_column("User", "email")
    project.write({BROKEN: "revision = 'x'\ndown_revision = (\n"})

    done = project.migguard("check")

    assert "error[MG201 unmigrated-models]" in done.stdout
    assert "MG301" not in done.stdout


def test_broken_file_does_not_hide_the_one_that_mends(make: Make) -> None:
    """Each file is asked alone."""
    project = make("plain")
    project.add_column("User", "email")
    path = add_revision(project, EMAIL, stage=False)
    project.write({BROKEN: "revision = 'x'\ndown_revision = (\n"})

    done = project.migguard("check")

    assert f"help: git add {path}\n" in done.stdout


def test_one_more_head_mends_no_heads(make: Make) -> None:
    """Two staged heads and an untracked third: the message about heads changes, the fault stays."""
    project = make("plain")
    add_revision(project, EMAIL)
    add_revision(project, OTHER, table="post", column="other")
    add_revision(project, "dddddddddddd", table="post", column="third", stage=False)

    done = project.migguard("check", "--graph-only")

    assert f"error[MG101 multiple-heads]: 2 heads: `{EMAIL}`, `{OTHER}`" in done.stdout
    assert "MG301" not in done.stdout


@pytest.mark.parametrize(
    "settings",
    [
        pytest.param('ignore = ["MG301"]', id="ignored"),
        pytest.param('severity = { MG301 = "warning" }', id="a warning"),
        pytest.param('per-file-ignores = { "migrations/**" = ["MG301"] }', id="ignored for these files"),
    ],
)
def test_silencing_the_rule_does_not_silence_what_the_file_would_mend(settings: str, make: Make) -> None:
    """Without MG301 the missing revision is what it is: MG201."""
    project = make("plain")
    settle(project, settings)
    project.add_column("User", "email")
    add_revision(project, EMAIL, stage=False)

    done = project.migguard("check")

    assert done.returncode == 1, done.stdout
    assert "error[MG201 unmigrated-models]" in done.stdout


def test_allowed_fault_is_not_replaced_by_the_file(make: Make) -> None:
    """Models first, revision next: the revision may already be there, untracked."""
    project = make("plain")
    assert project.migguard("install").returncode == 0
    project.add_column("User", "email")
    add_revision(project, EMAIL, stage=False)

    done = project.run("git", "commit", "-m", "models first", env={"MIGGUARD_ALLOW": "MG201"})

    assert "waived[MG201 unmigrated-models]" in done.stdout + done.stderr


@pytest.mark.parametrize("code", ["MG103", "MG105"])
def test_ignored_fault_of_the_graph_does_not_switch_the_comparison_off(code: str, make: Make) -> None:
    """Alembic cannot load these revisions: that is MG001, and nothing silences it."""
    project = make("plain")
    settle(project, f'ignore = ["{code}"]')
    project.stage(
        {BROKEN: "revision = 'aaaaaaaaaaaa'\ndown_revision = None\n" + ("x = (\n" if code == "MG105" else "")}
    )

    done = project.migguard("check")

    assert done.returncode == 2, done.stdout
    assert "error[MG001 environment-unavailable]" in done.stdout


def test_fault_of_the_graph_that_is_allowed_once_is_not_clean(make: Make) -> None:
    """The commit goes through, and it is said that not everything was checked."""
    project = make("plain")
    assert project.migguard("install").returncode == 0
    project.stage({BROKEN: "revision = 'x'\ndown_revision = (\n"})

    done = project.run("git", "commit", "-m", "work in progress", env={"MIGGUARD_ALLOW": "MG105"})

    said = done.stdout + done.stderr
    assert "waived[MG105 unreadable-revision]" in said
    assert "not everything was checked" in said
    assert "clean" not in said


def test_revisions_that_are_all_gone_are_an_error(make: Make) -> None:
    """An environment that was there before must have revisions, whoever configured it."""
    project = make("plain")
    assert project.migguard("install").returncode == 0
    project.git("rm", "-q", "-r", "migrations/versions")

    done = project.run("git", "commit", "-m", "gone", check=False)

    assert done.returncode != 0
    assert "error[MG003 no-revisions]: environment `migrations` has no revisions" in done.stdout + done.stderr


def test_versions_folder_that_git_ignores_is_named(make: Make) -> None:
    """The usual cause of an environment without revisions."""
    project = make("plain")
    project.git("rm", "-q", "-r", "--cached", "migrations/versions")
    project.stage({".gitignore": "migrations/versions/\n__pycache__/\n*.db\n"})

    done = project.migguard("check")

    assert done.returncode == 1, done.stdout
    assert "help: git add -f migrations/versions/aaaaaaaaaaaa_the_blog.py" in done.stdout


def test_versions_folder_behind_a_symbolic_link_is_not_clean(make: Make) -> None:
    """git does not look through the link, so nothing was checked."""
    project = make("plain")
    (project.path / project.versions).rename(project.path / "elsewhere")
    (project.path / project.versions).symlink_to("../elsewhere")
    project.git("add", "-A")

    done = project.migguard("check")

    assert done.returncode == 1, done.stdout
    assert "error[MG003 no-revisions]" in done.stdout


def test_first_commit_of_an_environment_needs_no_revision(make: Make) -> None:
    """`alembic init` has just been run: that is mentioned."""
    project = make("plain")
    project.git("rm", "-q", "-r", "migrations")
    project.git("commit", "-q", "-m", "nothing yet")
    project.git("checkout", "HEAD~1", "--", "migrations/env.py", "migrations/script.py.mako")

    done = project.migguard("check")

    assert done.returncode == 0, done.stdout
    assert "has no revisions yet" in done.stdout
    assert "not everything was checked" in done.stdout
    assert "clean" not in done.stdout


def test_commit_of_named_paths_has_to_name_the_revision(make: Make) -> None:
    """It is staged already: `git add` alone would change nothing."""
    project = make("plain")
    assert project.migguard("install").returncode == 0
    project.add_column("User", "email")
    add_revision(project, EMAIL)

    done = project.run("git", "commit", "-m", "half", project.models, check=False)

    assert "help: then name it in `git commit` as well, or name no files there" in done.stdout + done.stderr


def test_printed_commands_work_where_the_user_stands(make: Make) -> None:
    """In a subfolder, in a hook and by hand."""
    project = make("plain")
    assert project.migguard("install").returncode == 0
    project.add_column("User", "email")
    add_revision(project, EMAIL, stage=False)

    blocked = project.run("git", "commit", "-m", "e-mail", check=False, cwd="blog")
    by_hand = project.migguard("check", cwd="blog")

    for done in (blocked, by_hand):
        (command,) = re.findall(r"^help: (git add .*)$", done.stdout + done.stderr, re.MULTILINE)
        project.run(*shlex.split(command), cwd="blog")
        assert project.migguard("check").returncode == 0
        project.git("rm", "-q", "--cached", f"{project.versions}/{EMAIL}_add_email.py")
