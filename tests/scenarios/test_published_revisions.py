"""A revision that upstream has is edited, removed or moved: the commit is stopped, and the shown command mends it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.projects import Kind, Project
from tests.scenarios.conftest import FEW_RUNNERS, Runner
from tests.scenarios.history import add_revision

Make = Callable[[Kind], Project]
Install = Callable[[Project, Runner], None]

FIRST = "migrations/versions/aaaaaaaaaaaa_the_blog.py"


def share(project: Project, hub: Path) -> None:
    """Push what is on `main` to a hub, and go on on a branch."""
    project.git("init", "-q", "--bare", str(hub))
    project.git("remote", "add", "origin", str(hub))
    project.git("push", "-q", "-u", "origin", "main")
    project.git("remote", "set-head", "origin", "main")
    project.git("switch", "-q", "-c", "feature")


@pytest.mark.parametrize("runner", FEW_RUNNERS)
def test_edit_of_a_published_revision_is_stopped_and_taken_back(
    runner: Runner, make: Make, install: Install, tmp_path: Path
) -> None:
    """Through each way of installing hooks."""
    project = make("plain")
    install(project, runner)
    share(project, tmp_path / "hub.git")
    text = project.read(FIRST)
    name = "    sa.Column('name', sa.String(length=50), nullable=False),\n"
    edited = text.replace(name, f"{name}    sa.Column('email', sa.String(length=120), nullable=True),\n")
    assert edited != text
    project.stage({FIRST: edited})
    project.add_column("User", "email")

    stopped = project.run("git", "commit", "-m", "e-mail", check=False)

    said = re.sub("^  ", "", stopped.stdout + stopped.stderr, flags=re.MULTILINE)  # prek indents
    assert stopped.returncode == 1
    assert "error[MG401 edited-published-revision]: the published revision `aaaaaaaaaaaa` was edited\n" in said
    assert "note: it is on `origin/main`\n" in said
    assert "MG201" not in said
    (command,) = re.findall("^help: take the edit back: (.*)$", said, re.MULTILINE)

    project.run("sh", "-c", command)

    assert project.read(FIRST) == text
    assert project.migguard("revision", "--stage").returncode == 0
    done = project.run("git", "commit", "-m", "e-mail", check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_amend_of_a_revision_of_ones_own_passes(make: Make, install: Install, tmp_path: Path) -> None:
    """Nobody else has it."""
    project = make("plain")
    install(project, "plain hooks")
    share(project, tmp_path / "hub.git")
    project.add_column("User", "email")
    path = project.revise("email")
    project.git("commit", "-q", "-m", "email")
    project.stage({path: project.read(path).replace("length=120", "length=80")})
    models = project.read(project.models)
    project.stage({project.models: models.replace("email = Column(String(120))", "email = Column(String(80))")})

    done = project.run("git", "commit", "--amend", "--no-edit", check=False)

    assert done.returncode == 0, done.stdout + done.stderr


def test_removal_is_stopped_and_may_be_allowed_once(make: Make, install: Install, tmp_path: Path) -> None:
    """In a graph that stays whole; also where only the graph is looked at."""
    project = make("plain")
    install(project, "plain hooks")
    add_revision(project, "bbbbbbbbbbbb", down="aaaaaaaaaaaa", table="user", column="email")
    project.git("commit", "-q", "--no-verify", "-m", "email")
    share(project, tmp_path / "hub.git")
    (path,) = (f"{project.versions}/{name}" for name in project.revision_files() if name.startswith("bbbb"))
    project.git("rm", "-q", path)

    for command in (("check", "--graph-only"), ("hook", "pre-commit", "--graph-only")):
        found = project.migguard(*command)
        assert found.returncode == 1
        assert (
            "error[MG402 removed-published-revision]: the published revision `bbbbbbbbbbbb` was removed" in found.stdout
        )

    stopped = project.run("git", "commit", "-m", "gone", check=False)
    assert stopped.returncode == 1
    allowed = project.run("git", "commit", "-m", "gone", check=False, env={"MIGGUARD_ALLOW": "MG402"})
    assert allowed.returncode == 0, allowed.stdout + allowed.stderr
    assert "waived[MG402 removed-published-revision]" in allowed.stdout + allowed.stderr


def test_commit_that_changes_no_revision_asks_git_nothing_about_refs(
    make: Make, install: Install, tmp_path: Path
) -> None:
    """What is published costs nothing where it does not matter, and little by hand."""
    project = make("plain")
    install(project, "plain hooks")
    share(project, tmp_path / "hub.git")
    project.add_column("User", "email")
    project.revise("email")

    hook = project.migguard("-v", "hook", "pre-commit", "--graph-only", env={"GIT_INDEX_FILE": ".git/index"})
    hand = project.migguard("-v", "check", "--graph-only")

    assert hook.returncode == 0, hook.stdout + hook.stderr
    assert "for-each-ref" not in hook.stderr
    assert "merge-base" not in hook.stderr
    assert hand.returncode == 0, hand.stdout + hand.stderr
    assert hand.stderr.count("git for-each-ref") == 1
    assert hand.stderr.count("git merge-base") == 1
