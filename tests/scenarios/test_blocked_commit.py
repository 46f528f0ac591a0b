"""A model changes, its migration is forgotten: the commit is blocked, the named command mends it, it goes through."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.projects import Kind, Project
from tests.scenarios.conftest import PAIRS, Runner

Make = Callable[[Kind], Project]
Install = Callable[[Project, Runner], None]


@pytest.mark.parametrize(("kind", "runner"), PAIRS)
def test_model_without_revision_blocks_and_revision_mends(
    kind: Kind, runner: Runner, make: Make, install: Install
) -> None:
    """Points 1 and 2, through each way of installing hooks, on each kind of project."""
    project = make(kind)
    install(project, runner)
    project.add_column("User", "email")
    line = project.read(project.models).splitlines().index("    email = Column(String(120))") + 1
    before = project.state()

    blocked = project.run("git", "commit", "-m", "users have an e-mail", check=False)

    said = re.sub("^  ", "", blocked.stdout + blocked.stderr, flags=re.MULTILINE)  # prek indents
    assert blocked.returncode == 1
    assert (
        "error[MG201 unmigrated-models]: column `user.email` is in the staged models but in no staged revision\n"
        f" --> blog/models.py:{line}\n"
        "help: create the revision: migguard revision\n"
    ) in said
    assert project.state() == before

    revision = project.migguard("revision")

    assert revision.returncode == 0, revision.stdout + revision.stderr
    (new,) = set(project.revision_files()) - {"aaaaaaaaaaaa_the_blog.py"}
    assert new.endswith("_add_email_to_user.py")
    assert f"wrote migrations/versions/{new}: add email to user\n" in revision.stdout
    text = project.read(f"{project.versions}/{new}")
    assert re.search(r"^Revises: aaaaaaaaaaaa$", text, re.MULTILINE)
    assert "sa.Column('email', sa.String(length=120), nullable=True)" in text

    again = project.migguard("revision")

    assert again.returncode == 0
    assert "nothing to write" in again.stdout
    assert project.read(f"{project.versions}/{new}") == text

    forgotten = project.run("git", "commit", "-m", "users have an e-mail", check=False)

    assert forgotten.returncode == 1
    said = forgotten.stdout + forgotten.stderr
    assert f"error[MG301 unstaged-revision]: `{new}` exists but is not part of this commit" in said
    assert f"help: git add migrations/versions/{new}" in said
    assert "MG201" not in said

    project.git("add", "migrations")
    project.run("git", "commit", "-m", "users have an e-mail")

    assert project.git("status", "--porcelain") == ""
    assert project.database_columns("user") == ["id", "name"]
    project.alembic("upgrade", "head")
    assert project.database_columns("user") == ["id", "name", "email"]


def test_half_staged_model_is_judged_and_generated_by_its_staged_half(make: Make, install: Install) -> None:
    """Point 3: of two new columns one is staged; the verdict and the revision are about that one."""
    project = make("plain")
    install(project, "plain hooks")
    project.add_column("User", "email")
    project.add_column("User", "phone", stage=False)
    before = project.state()

    blocked = project.run("git", "commit", "-m", "e-mail", check=False)

    said = blocked.stdout + blocked.stderr
    assert "`user.email`" in said
    assert "phone" not in said
    assert project.state() == before

    path = project.revise("add email")

    assert "email" in project.read(path)
    assert "phone" not in project.read(path)
    project.run("git", "commit", "-m", "e-mail")
    assert "phone" in project.git("diff")


def test_update_regenerates_own_head_while_a_model_changes(make: Make) -> None:
    """`--update` keeps id and file, and writes what the staged models ask for now."""
    project = make("plain")
    project.add_column("User", "email")
    path = project.revise("contact data")
    first = project.read(path)
    project.add_column("User", "phone")

    done = project.migguard("revision", "--update")

    assert done.returncode == 0, done.stdout + done.stderr
    second = project.read(path)
    assert "phone" in second
    assert "email" in second
    assert re.findall("^revision.*$", first, re.MULTILINE) == re.findall("^revision.*$", second, re.MULTILINE)
    assert len(project.revision_files()) == 2
    project.git("add", path)
    assert project.migguard("check").returncode == 0


@pytest.mark.parametrize("stage", [False, True], ids=["printed command", "--stage"])
def test_update_with_another_message_leaves_one_file(stage: bool, make: Make) -> None:
    """The file takes the new name; the old one leaves the index too, and the printed undo brings it back."""
    project = make("plain")
    project.add_column("User", "email")
    project.revise("contact data", "bbbbbbbbbbbb")
    project.add_column("User", "phone")
    before = project.state()

    done = project.migguard("revision", "--update", "-m", "e-mail and phone", *(["--stage"] if stage else []))

    assert done.returncode == 0, done.stdout + done.stderr
    commands = dict(re.findall(r"^help: (.*?): (.*)$", done.stdout, re.MULTILINE))
    if not stage:
        project.run("sh", "-c", commands["read it, then"])
    assert project.git("ls-files", project.versions).splitlines() == [
        f"{project.versions}/aaaaaaaaaaaa_the_blog.py",
        f"{project.versions}/bbbbbbbbbbbb_e_mail_and_phone.py",
    ]
    assert project.migguard("check").returncode == 0
    if stage:
        project.run("sh", "-c", commands["undo"])
        assert project.state() == before


def test_update_refuses_a_published_head(make: Make) -> None:
    """A revision that is on `main`, where nothing can be moved, is never written anew."""
    project = make("plain")
    project.add_column("User", "email")

    before = project.state()
    done = project.migguard("revision", "--update")

    assert done.returncode == 2
    assert "`aaaaaaaaaaaa` is committed and may be published or applied" in done.stderr
    assert project.state() == before


def test_dry_run_prints_the_diff_and_writes_nothing(make: Make) -> None:
    """`--dry-run` shows the new file as a diff."""
    project = make("plain")
    project.add_column("User", "email")
    before = project.state()

    done = project.migguard("revision", "--dry-run", "--rev-id", "bbbbbbbbbbbb")

    assert done.returncode == 0
    assert "+++ b/migrations/versions/bbbbbbbbbbbb_add_email_to_user.py" in done.stdout
    assert "+    op.add_column('user', sa.Column('email', sa.String(length=120), nullable=True))" in done.stdout
    assert project.state() == before
