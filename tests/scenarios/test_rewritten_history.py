"""A rebase leaves one head, and the merge revisions that it would drop are still there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.projects import Kind, Project
from tests.scenarios.conftest import FEW_RUNNERS, Runner
from tests.scenarios.history import FIRST, add_revision, commit_column

Make = Callable[[Kind], Project]
Install = Callable[[Project, Runner], None]
PHONE, EMAIL, NOTE = "bbbbbbbbbbbb", "cccccccccccc", "dddddddddddd"


def branch_off(project: Project) -> None:
    """`main` has PHONE; `email`, checked out, has EMAIL and no PHONE."""
    project.git("switch", "-q", "-c", "email")
    commit_column(project, "User", "email", EMAIL)
    project.git("switch", "-q", "main")
    commit_column(project, "Comment", "phone", PHONE)
    project.git("switch", "-q", "email")


@pytest.mark.parametrize("runner", FEW_RUNNERS)
def test_rebase_on_a_branch_with_a_revision_leaves_one_head(runner: Runner, make: Make, install: Install) -> None:
    project = make("plain")
    install(project, runner)
    branch_off(project)

    done = project.run("git", "rebase", "main")

    said = done.stdout + done.stderr
    assert f"joined `{PHONE}`, `{EMAIL}`: " in said
    assert "help: undo: git reset --keep " in said
    assert project.git("log", "--format=%s", "-2").splitlines()[1] == "add email"
    assert len(project.heads()) == 1
    assert project.git("status", "--porcelain") == ""
    assert project.git("symbolic-ref", "HEAD") == "refs/heads/email"


def test_the_other_backend_too(make: Make, install: Install) -> None:
    """`git rebase --apply` calls the hook while HEAD is still detached (git 2.39)."""
    project = make("plain")
    install(project, "plain hooks")
    branch_off(project)
    project.run("git", "rebase", "--apply", "main")
    assert len(project.heads()) == 1
    assert project.git("symbolic-ref", "HEAD") == "refs/heads/email"
    assert project.git("status", "--porcelain") == ""


def test_pull_with_rebase_and_unstaged_edits(make: Make, install: Install) -> None:
    """With autostash the edit is back afterwards, beside the merge revision."""
    project = make("plain")
    branch_off(project)
    project.git("switch", "-q", "main")
    hub = project.path.with_name("hub.git")
    project.git("init", "-q", "--bare", "-b", "main", str(hub))
    project.git("remote", "add", "origin", str(hub))
    project.git("push", "-q", "origin", "main")
    project.git("switch", "-q", "email")
    install(project, "plain hooks")
    project.write({"README.md": "# Being written\n"})
    project.run("git", "pull", "-q", "--rebase", "--autostash", "origin", "main")
    assert len(project.heads()) == 1
    assert project.read("README.md") == "# Being written\n"
    assert (
        project.git("status", "--porcelain") == "M README.md" or project.git("status", "--porcelain") == " M README.md"
    )


def test_merge_revision_that_the_rebase_dropped_is_back_as_it_was(make: Make, install: Install) -> None:
    """It was part of the merge commit itself, with words of its own, and a revision follows it."""
    project = make("plain")
    branch_off(project)
    project.git("merge", "-q", "--no-edit", "--no-commit", "main")
    project.migguard("merge", "-m", "join us", "--stage")
    project.git("commit", "-q", "--no-verify", "-m", "Merge main")
    (merge,) = project.heads()
    path = f"{project.versions}/{next(name for name in project.revision_files() if merge in name)}"
    written = project.read(path)
    add_revision(project, NOTE, down=merge, table="post", column="note")
    project.add_column("Post", "note")
    project.git("commit", "-q", "--no-verify", "-m", "add note")
    project.git("switch", "-q", "main")
    project.commit({"README.md": "# News\n"}, "news")
    project.git("switch", "-q", "email")
    install(project, "plain hooks")

    done = project.run("git", "rebase", "main")

    assert f"restored what the rebase dropped: {path}" in done.stdout + done.stderr
    assert project.read(path) == written
    assert project.heads() == [NOTE]
    assert project.git("status", "--porcelain") == ""


def test_nothing_is_written_where_heads_are_to_be_reported_only(make: Make, install: Install) -> None:
    project = make("plain")
    project.commit({"pyproject.toml": '[tool.migguard]\non-divergence = "require"\n'}, "settings")
    branch_off(project)
    install(project, "plain hooks")
    done = project.run("git", "rebase", "main")
    assert "MG101" in done.stdout + done.stderr
    assert project.heads() == [PHONE, EMAIL]


def test_amend_is_only_looked_at(make: Make, install: Install) -> None:
    project = make("plain")
    install(project, "plain hooks")
    head = project.head()
    done = project.run("git", "commit", "-q", "--amend", "--no-edit", "-m", "again")
    assert project.head() != head
    assert "MG" not in done.stdout + done.stderr


@pytest.mark.parametrize("runner", FEW_RUNNERS)
def test_merge_with_one_id_in_two_files_is_stopped_and_goes_on(runner: Runner, make: Make, install: Install) -> None:
    project = make("plain")
    install(project, runner)
    project.git("switch", "-q", "-c", "email")
    commit_column(project, "User", "email", EMAIL)
    project.git("switch", "-q", "main")
    commit_column(project, "Comment", "phone", EMAIL)

    stopped = project.run("git", "merge", "--no-edit", "email", check=False)

    said = stopped.stdout + stopped.stderr
    assert stopped.returncode == 1
    assert "MG103" in said
    assert "help: once it is mended and staged, go on with: git commit --no-edit" in said
    assert project.git("rev-parse", "-q", "--verify", "MERGE_HEAD")
    # the branch's own takes another id: `main` is published
    old = f"{project.versions}/{EMAIL}_add_email.py"
    text = project.read(old).replace(f'revision = "{EMAIL}"', f'revision = "{PHONE}"')
    text = text.replace(f"down_revision = '{FIRST}'", f"down_revision = '{EMAIL}'")
    project.stage({old: None, f"{project.versions}/{PHONE}_add_email.py": text})
    assert project.run("git", "commit", "--no-edit").returncode == 0
    assert len(project.git("log", "-1", "--format=%P").split()) == 2
    assert project.heads() == [PHONE]


def test_fault_that_was_there_before_stops_no_merge(make: Make, install: Install, tmp_path: Path) -> None:
    project = make("plain")
    commit_column(project, "User", "email", EMAIL)
    add_revision(project, NOTE, table="post", column="note", down=EMAIL)
    project.add_column("Post", "note")
    broken = f"{project.versions}/{NOTE}_add_note.py"
    project.write({broken: project.read(broken) + "<<<<<<< here\n"})
    project.git("commit", "-q", "-a", "--no-verify", "-m", "broken")
    project.git("switch", "-q", "-c", "docs", "HEAD~1")
    project.commit({"README.md": "# News\n"}, "news")
    project.git("switch", "-q", "main")
    install(project, "plain hooks")
    assert project.run("git", "merge", "--no-edit", "docs", check=False).returncode == 0
