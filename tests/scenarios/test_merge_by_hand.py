"""`migguard merge` with what it is told, and merges of which only a part can be mended."""

from __future__ import annotations

import os
import re
from collections.abc import Callable

import pytest

from migguard.context import CheckContext
from migguard.fixes.merge_commit import commit_merge
from migguard.git.moment import detect_moment
from migguard.git.repository import Repository
from migguard.git.snapshot import TreeSnapshot
from tests.projects import Kind, Project
from tests.scenarios.history import add_revision, make_branches

Make = Callable[[Kind], Project]


@pytest.fixture
def merged(make: Make) -> Project:
    """A project with two heads in HEAD."""
    project = make("plain")
    make_branches(project)
    project.git("merge", "-q", "--no-edit", "phone")
    return project


def test_commit_takes_heads_and_message(merged: Project) -> None:
    """Of three heads two are joined, in a commit that has the message and names no other head."""
    merged.add_column("Post", "note")
    add_revision(merged, "dddddddddddd", table="post", column="note")
    merged.git("commit", "-q", "-m", "a third head")

    done = merged.migguard("merge", "bbbb", "cccc", "--commit", "new", "-m", "join phone and e-mail")

    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith("joined `bbbbbbbbbbbb`, `cccccccccccc`: ")
    assert merged.git("log", "-1", "--format=%s") == "join phone and e-mail"
    assert len(merged.heads()) == 2
    assert "dddddddddddd" in merged.heads()


def test_default_message_names_the_heads_that_are_joined(merged: Project) -> None:
    """And `--commit` without heads joins all of them."""
    assert merged.migguard("merge", "--commit", "new").returncode == 0
    assert merged.git("log", "-1", "--format=%s") == "Merge Alembic heads bbbbbbbbbbbb, cccccccccccc"


@pytest.mark.parametrize("step", ["file", "stored", "committed", "staged", "referred"])
def test_interrupt_after_each_step_puts_everything_back(
    step: str, merged: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """^C leaves HEAD, the index and every file as they were."""
    monkeypatch.chdir(merged.path)
    before = merged.state()
    repository = Repository.discover()
    moment = detect_moment(repository, None, os.environ)
    context = CheckContext(repository, TreeSnapshot(repository, "HEAD"), moment)

    def interrupt(name: str) -> None:
        if name.split()[0] == step:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        commit_merge(context, on_step=interrupt)

    assert merged.state() == before


def test_heads_without_an_expected_label_are_not_said_to_be_fine(merged: Project) -> None:
    """`check` calls them too many, so `merge` must not call them nothing to join."""
    merged.stage({"pyproject.toml": '[[tool.migguard.environments]]\nname = "main"\nheads = ["expand"]\n'})

    done = merged.migguard("merge")

    assert done.returncode == 2, done.stdout
    assert "`bbbbbbbbbbbb`, `cccccccccccc` belongs to none of the labels `expand`" in done.stderr


def test_fast_forward_is_judged_as_a_whole(make: Make) -> None:
    """The last of the commits that it brings does not matter, one before has made the second head."""
    project = make("plain")
    make_branches(project)
    project.git("switch", "-q", "-c", "broken")
    project.git("merge", "-q", "--no-edit", "phone")
    project.commit({"README.md": "# Blog, again\n"})
    project.git("switch", "-q", "main")
    assert project.migguard("install").returncode == 0

    done = project.run("git", "merge", "--ff-only", "broken")

    assert "MG101 multiple-heads" in done.stdout + done.stderr


def test_squash_is_judged_by_what_it_staged(make: Make) -> None:
    """HEAD has not changed: the second head is in the index."""
    project = make("plain")
    make_branches(project)
    assert project.migguard("install").returncode == 0
    head = project.head()

    done = project.run("git", "merge", "--squash", "phone")

    said = done.stdout + done.stderr
    assert "MG101 multiple-heads" in said
    assert "in the environment" not in said
    assert project.head() == head


def test_one_broken_environment_does_not_keep_the_other_from_being_mended(make: Make) -> None:
    """Each environment is repaired on its own; what cannot be is reported."""
    project = make("plain")
    project.commit(
        {
            "other/alembic.ini": project.read("alembic.ini"),
            "other/migrations/env.py": project.read("migrations/env.py"),
            "other/migrations/script.py.mako": project.read("migrations/script.py.mako"),
            "other/migrations/versions/broken.py": "revision = 'x'\ndown_revision = (\n",
        },
        "another environment",
    )
    make_branches(project)
    assert project.migguard("install").returncode == 0

    done = project.run("git", "merge", "--no-edit", "phone")

    said = done.stdout + done.stderr
    assert "MG105 unreadable-revision" in said
    assert re.search("^joined `bbbbbbbbbbbb`, `cccccccccccc`: migrations/versions/", said, re.MULTILINE)
    assert "MG101" not in said
    assert project.git("status", "--porcelain") == ""


def test_environment_that_was_not_named_has_no_say(merged: Project) -> None:
    """What is wrong with another environment is neither mended nor held against the merge revision of this one."""
    files = {"other/alembic.ini": "[alembic]\nscript_location = %(here)s/scripts\n", "other/scripts/env.py": ""}
    files["other/scripts/versions/b.py"] = "revision = 'b'\ndown_revision = 'lost'\n"
    merged.commit(files, "another database")

    done = merged.migguard("merge", "--environment", "migrations", "--commit", "new")

    assert done.returncode == 0, done.stdout + done.stderr
    assert "joined" in done.stdout
    assert "MG102" not in done.stdout


def test_heads_of_upstream_are_joined_first(make: Make) -> None:
    """By a revision that follows from them alone: whoever merges upstream writes the very same one."""
    project = make("plain")
    make_branches(project)
    project.git("merge", "-q", "--no-edit", "--no-verify", "phone")
    hub = project.path.with_name("hub.git")
    project.git("init", "-q", "--bare", "-b", "main", str(hub))
    project.git("remote", "add", "origin", str(hub))
    project.git("push", "-q", "--no-verify", "origin", "main")
    project.git("remote", "set-head", "origin", "main")
    colleague = project.migguard("merge", "--dry-run").stdout
    project.git("switch", "-q", "-c", "note")
    project.add_column("Post", "note")
    add_revision(project, "dddddddddddd", table="post", column="note")
    project.git("commit", "-q", "--no-verify", "-m", "note")

    done = project.migguard("merge", "--stage")

    assert done.returncode == 0, done.stdout + done.stderr
    first, second = (line for line in project.git("diff", "--cached", "--name-only").splitlines())
    files = {name: project.read(name) for name in (first, second)}
    assert any(all(f"+{line}" in colleague for line in text.splitlines() if line) for text in files.values())
    assert any("dddddddddddd" in text for text in files.values())
    assert len(project.heads()) == 1
