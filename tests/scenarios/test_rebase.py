"""`migguard rebase`: your own revisions behind upstream's, and no database that skips one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.projects import Kind, Project
from tests.scenarios.history import FIRST, add_revision, commit_column

Make = Callable[[Kind], Project]
PHONE, EMAIL, NOTE = "bbbbbbbbbbbb", "cccccccccccc", "dddddddddddd"


@pytest.fixture
def diverged(make: Make) -> Project:
    """Branch `email` has merged upstream's main: two heads, upstream's `phone` and its own `email`."""
    return diverge(make("plain"))


def diverge(project: Project) -> Project:
    """Publish `main`, let upstream add PHONE and the branch `email` EMAIL, and merge upstream without hooks."""
    publish(project)
    project.git("switch", "-q", "-c", "colleague")
    commit_column(project, "Comment", "phone", PHONE)
    project.git("push", "-q", "--no-verify", "origin", "colleague:main")
    project.git("switch", "-q", "-c", "email", "main")
    commit_column(project, "User", "email", EMAIL)
    project.git("branch", "-q", "-D", "colleague")
    project.git("merge", "-q", "--no-edit", "--no-verify", "origin/main")
    assert project.heads() == [PHONE, EMAIL]
    return project


def publish(project: Project) -> None:
    """A bare repository beside the project is its remote, with `main`."""
    hub = project.path.with_name("hub.git")
    project.git("init", "-q", "--bare", "-b", "main", str(hub))
    project.git("remote", "add", "origin", str(hub))
    project.git("push", "-q", "origin", "main")
    project.git("remote", "set-head", "origin", "main")


def test_yours_follows_upstream_and_nothing_else_changes(diverged: Project) -> None:
    """`down_revision` alone is another one; the rest of the file, the index and all other files are as before."""
    before, old = diverged.state(), diverged.read(f"{diverged.versions}/{EMAIL}_add_email.py")

    done = diverged.migguard("rebase", "--unapplied")

    assert done.returncode == 0, done.stdout + done.stderr
    path = f"{diverged.versions}/{EMAIL}_add_email.py"
    assert f"`{EMAIL}` follows `{PHONE}` instead of `{FIRST}`: {path}" in done.stdout
    assert diverged.read(path) == old.replace(f"down_revision = '{FIRST}'", f"down_revision = '{PHONE}'")
    assert {name for name, digest in diverged.state().items() if before.get(name) != digest} == {path}
    assert diverged.heads() == [EMAIL]


@pytest.mark.parametrize("stage", [pytest.param((), id="unstaged"), pytest.param(("--stage",), id="staged")])
def test_printed_undo_gives_everything_back(stage: tuple[str, ...], diverged: Project) -> None:
    before = diverged.state()
    done = diverged.migguard("rebase", "--unapplied", *stage)
    assert diverged.state() != before
    (undo,) = (line for line in done.stdout.splitlines() if line.startswith("help: undo: "))
    diverged.run("sh", "-c", undo.removeprefix("help: undo: "))
    assert diverged.state() == before


@pytest.mark.parametrize(
    ("kind", "start"),
    [
        pytest.param("plain", "base", id="empty"),
        pytest.param("plain", FIRST, id="at the common parent"),
        pytest.param("plain", PHONE, id="at the colleague's"),
        pytest.param("plain", EMAIL, id="at yours, taken down as it says"),
        pytest.param("flask", EMAIL, id="Flask-Migrate, at yours, taken down as it says"),
    ],
)
def test_every_database_gets_every_column(kind: Kind, start: str, make: Make) -> None:
    project = diverge(make(kind))
    project.alembic("downgrade", "base")
    if start != "base":
        project.alembic("upgrade", start)
    refused = project.migguard("rebase")
    command = "flask db" if kind == "flask" else "alembic"
    assert f"`{command} downgrade {FIRST}`" in refused.stderr
    if start == EMAIL:
        project.alembic("downgrade", FIRST)

    assert project.migguard("rebase", "--unapplied", "--stage").returncode == 0
    project.alembic("upgrade", "head")

    assert "email" in project.database_columns("user")
    assert "phone" in project.database_columns("comment")
    assert project.migguard("check").returncode == 0


def test_without_a_word_about_databases_nothing_is_written(diverged: Project) -> None:
    before = diverged.state()
    done = diverged.migguard("rebase")
    assert done.returncode == 2
    assert done.stderr == (
        f"error: whether a database has applied `{EMAIL}` is not known: it would never get what is put before them\n"
        f"help: where one has, run `alembic downgrade {FIRST}` there first; then: migguard rebase --unapplied\n"
    )
    assert diverged.state() == before


def test_dry_run_shows_the_diff_and_writes_nothing(diverged: Project) -> None:
    before = diverged.state()
    done = diverged.migguard("rebase", "--dry-run")
    assert done.returncode == 0
    assert f"-down_revision = '{FIRST}'\n+down_revision = '{PHONE}'\n" in done.stdout
    assert diverged.state() == before


def test_hotfix_that_production_has_is_not_moved(make: Make) -> None:
    """`h` is on release/1 and absent from main: moved behind `b`, production would stand at head without `b`."""
    project = make("plain")
    publish(project)
    project.git("switch", "-q", "-c", "release/1")
    commit_column(project, "User", "email", EMAIL)
    project.git("push", "-q", "--no-verify", "origin", "release/1")
    project.git("switch", "-q", "main")
    commit_column(project, "Comment", "phone", PHONE)
    project.git("push", "-q", "--no-verify", "origin", "main")
    project.git("switch", "-q", "-c", "back-merge")
    project.git("merge", "-q", "--no-edit", "--no-verify", "origin/release/1")
    before = project.state()

    done = project.migguard("rebase", "--unapplied")

    assert done.returncode == 2
    assert f"error: none of `{PHONE}`, `{EMAIL}` may be moved" in done.stderr
    assert "help: join the heads instead: migguard merge" in done.stderr
    assert project.state() == before


def test_merge_revision_of_yours_is_dissolved(diverged: Project) -> None:
    assert diverged.migguard("merge", "--commit", "new").returncode == 0
    (merge,) = diverged.heads()
    add_revision(diverged, NOTE, down=merge, table="post", column="note")
    diverged.add_column("Post", "note")
    diverged.git("commit", "-q", "--no-verify", "-m", "add note")

    done = diverged.migguard("rebase", "--unapplied", "--stage")

    assert done.returncode == 0, done.stdout + done.stderr
    assert f"`{merge}` joins nothing any more and was removed: " in done.stdout
    assert diverged.heads() == [NOTE]
    assert not [name for name in diverged.revision_files() if merge in name]
    assert diverged.migguard("check").returncode == 0


def test_stacked_branch_leaves_the_one_below_alone(diverged: Project) -> None:
    """With `--onto` the revisions of a local branch stay; only what stands on it moves."""
    diverged.git("branch", "-q", "below")
    diverged.add_column("Post", "note")
    add_revision(diverged, NOTE, table="post", column="note")
    diverged.git("commit", "-q", "--no-verify", "-m", "add note")

    done = diverged.migguard("rebase", "--unapplied", "--onto", "below")

    assert done.returncode == 2
    assert f"`{NOTE}` could follow" in done.stderr


def test_file_with_unstaged_edits_is_not_touched(diverged: Project) -> None:
    path = diverged.path / diverged.versions / f"{EMAIL}_add_email.py"
    path.write_text(path.read_text() + "\n# being written\n")
    before = diverged.state()
    done = diverged.migguard("rebase", "--unapplied")
    assert done.returncode == 2
    assert "has unstaged edits" in done.stderr
    assert diverged.state() == before


def test_untracked_revision_moves_too(diverged: Project) -> None:
    """Written and not added yet: it is in the way of the next deploy all the same."""
    add_revision(diverged, NOTE, table="post", column="note", stage=False)
    diverged.add_column("Post", "note")
    assert diverged.migguard("rebase", "--unapplied").returncode == 0
    assert diverged.heads() == [NOTE]


def test_shallow_clone_moves_nothing(diverged: Project, tmp_path: Path) -> None:
    clone = Project(tmp_path / "shallow", "plain")
    diverged.git("push", "-q", "--no-verify", "origin", "email")
    hub = diverged.path.with_name("hub.git")
    diverged.git("clone", "-q", "--depth", "1", "-b", "email", f"file://{hub}", str(clone.path))
    done = clone.migguard("rebase", "--unapplied")
    assert done.returncode == 2
    assert "cannot tell which revisions are published: the history is shallow" in done.stderr
    assert "help: git fetch --unshallow" in done.stderr


def test_revisions_in_line_are_left_alone(make: Make) -> None:
    project = make("plain")
    publish(project)
    project.git("switch", "-q", "-c", "email")
    commit_column(project, "User", "email", EMAIL)
    done = project.migguard("rebase")
    assert (done.returncode, done.stdout) == (0, "your revisions are in line: nothing to move\n")


def test_stale_docstring_is_corrected_without_a_question(make: Make) -> None:
    """MG107's remedy: nothing that a database knows changes."""
    project = make("plain")
    publish(project)
    project.git("switch", "-q", "-c", "email")
    path = commit_column(project, "User", "email", EMAIL)
    text = project.read(path)
    project.commit({path: text.replace('add email to user"""', f'add email to user\n\nRevises: {NOTE}\n"""')}, "docs")
    found = project.migguard("check")
    assert "MG107" in found.stdout
    assert "help: correct the docstring: migguard rebase" in found.stdout

    done = project.migguard("rebase", "--stage")

    assert done.returncode == 0, done.stdout + done.stderr
    assert f"Revises: {FIRST}\n" in project.read(path)
    assert "MG107" not in project.migguard("check").stdout
