"""Databases that the user named decide what may be moved: they are asked, and never written."""

from __future__ import annotations

import os
import sqlite3
import sys
from collections.abc import Callable

import pytest

from tests.projects import Kind, Project
from tests.scenarios.conftest import FEW_RUNNERS, Runner
from tests.scenarios.history import FIRST, commit_column
from tests.scenarios.test_rebase import EMAIL, PHONE, diverge

Make = Callable[[Kind], Project]
Install = Callable[[Project, Runner], None]


def name_database(project: Project, *, personal: bool, url: str = "sqlite:///app.db", more: str = "") -> None:
    """Settings that name the development database, committed."""
    settings = (
        f'{more}\n[[tool.migguard.databases]]\nname = "mine"\nurl = "{url}"\npersonal = {str(personal).lower()}\n'
    )
    project.commit({"pyproject.toml": f"[tool.migguard]\n{settings}"}, "settings")


def stand_at(project: Project, revision: str) -> None:
    """Take the development database to one revision of the present branch."""
    project.alembic("downgrade", "base")
    if revision != "base":
        project.alembic("upgrade", revision)


@pytest.mark.parametrize("revision", [FIRST, PHONE])
def test_personal_database_without_it_needs_no_word(revision: str, make: Make) -> None:
    project = diverge(make("plain"))
    name_database(project, personal=True)
    stand_at(project, revision)
    before = (project.path / "app.db").read_bytes()

    done = project.migguard("rebase")

    assert done.returncode == 0, done.stdout + done.stderr
    assert project.heads() == [EMAIL]
    assert (project.path / "app.db").read_bytes() == before
    project.alembic("upgrade", "head")
    assert "email" in project.database_columns("user")
    assert "phone" in project.database_columns("comment")


def test_personal_database_that_has_it_is_to_be_taken_down_first(make: Make) -> None:
    """Also with `--unapplied`: it is known better."""
    project = diverge(make("plain"))
    name_database(project, personal=True)
    stand_at(project, EMAIL)
    done = project.migguard("rebase", "--unapplied")
    assert done.returncode == 2
    assert done.stderr == (
        f"error: the database `mine` has applied `{EMAIL}`: it would never get what is put before them\n"
        f"help: run `alembic downgrade {FIRST}` there first, then: migguard rebase\n"
    )
    project.alembic("downgrade", FIRST)
    assert project.migguard("rebase").returncode == 0


def test_what_a_shared_database_has_stays_where_it_is(make: Make) -> None:
    project = diverge(make("plain"))
    name_database(project, personal=False)
    stand_at(project, EMAIL)
    before = project.state()
    done = project.migguard("rebase", "--unapplied")
    assert done.returncode == 2
    assert "applied in the database `mine`" in done.stderr
    assert "help: join the heads instead: migguard merge" in done.stderr
    assert project.state() == before


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        pytest.param("$SHOP_URL", "the variable $SHOP_URL is not set", id="no variable"),
        pytest.param("sqlite:///no-such.db", "there is no file `no-such.db`", id="no file"),
        pytest.param("nonsense://x", "nonsense", id="no dialect"),
        pytest.param("postgresql+psycopg://u:secret@127.0.0.1:1/x", "127.0.0.1", id="nobody answers"),
    ],
)
def test_database_that_cannot_be_asked_moves_nothing(url: str, reason: str, make: Make) -> None:
    if "psycopg" in url:
        pytest.importorskip("psycopg")
    project = diverge(make("plain"))
    name_database(project, personal=True, url=url)
    before = project.state()
    done = project.migguard("rebase", "--unapplied")
    assert done.returncode == 2
    assert f"whether the database `mine` has applied `{EMAIL}` is not known: " in done.stderr
    assert reason in done.stderr
    assert "secret" not in done.stderr + done.stdout
    assert project.state() == before
    assert not (project.path / "no-such.db").exists()


def test_database_at_a_revision_of_another_branch_moves_nothing(make: Make) -> None:
    project = diverge(make("plain"))
    name_database(project, personal=True)
    stand_at(project, FIRST)
    connection = sqlite3.connect(project.path / "app.db")
    connection.execute("update alembic_version set version_num = 'feedfeedfeed'")
    connection.commit()
    connection.close()
    done = project.migguard("rebase")
    assert done.returncode == 2
    assert "it is at `feedfeedfeed`, which this branch does not have" in done.stderr


def test_url_in_an_ignored_file_and_a_database_on_a_server(make: Make, postgres_url: str) -> None:
    """The session is read only; `postgresql` may be asked by a project that runs on SQLite here."""
    pytest.importorskip("psycopg")
    import sqlalchemy

    project = diverge(make("plain"))
    project.write({".env": f"{postgres_url}\nSECRET=1\n"})
    settings = '[[tool.migguard.databases]]\nname = "staging"\nurl-file = ".env"\n'
    project.commit({"pyproject.toml": settings}, "settings")
    engine = sqlalchemy.create_engine(postgres_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("create table alembic_version (version_num varchar(32) primary key)")
        connection.exec_driver_sql(f"insert into alembic_version values ('{EMAIL}')")
    refused = project.migguard("rebase", "--unapplied")
    with engine.begin() as connection:
        connection.exec_driver_sql("delete from alembic_version")
    engine.dispose()
    assert refused.returncode == 2
    assert "applied in the database `staging`" in refused.stderr
    assert project.migguard("rebase").returncode == 0


def test_hook_rebases_where_a_personal_database_says_so(make: Make) -> None:
    """After `git merge` the branch's own revision is behind upstream's, in a commit of its own."""
    project = make("plain")
    name_database(project, personal=True, more='on-divergence = "rebase"')
    diverge_without_merge(project)
    stand_at(project, FIRST)
    assert project.migguard("install").returncode == 0

    done = project.run("git", "merge", "--no-edit", "origin/main")

    assert f"`{EMAIL}` follows `{PHONE}` instead of `{FIRST}`" in done.stdout + done.stderr
    assert project.heads() == [EMAIL]
    assert project.git("log", "-1", "--format=%s") == f"Rebase Alembic revisions {EMAIL}"
    assert project.git("status", "--porcelain") == ""
    undo = project.git("rev-parse", "HEAD~1")
    assert f"help: undo: git reset --keep {undo}" in done.stdout + done.stderr


def test_hook_merges_and_says_why_where_nothing_is_known(make: Make) -> None:
    project = make("plain")
    project.commit({"pyproject.toml": '[tool.migguard]\non-divergence = "rebase"\n'}, "settings")
    diverge_without_merge(project)
    assert project.migguard("install").returncode == 0
    done = project.run("git", "merge", "--no-edit", "origin/main")
    assert "note: merged, not rebased: no personal database is named" in done.stdout + done.stderr
    assert len(project.heads()) == 1
    assert project.read(f"{project.versions}/{EMAIL}_add_email.py").count(f"'{FIRST}'") == 1


def diverge_without_merge(project: Project) -> None:
    """As `diverge`, before the merge."""
    diverge(project)
    project.git("reset", "-q", "--hard", "HEAD~1")
    assert os.path.lexists(project.path / "app.db")


@pytest.mark.parametrize("runner", FEW_RUNNERS)
def test_checkout_names_a_database_that_is_ahead(runner: Runner, make: Make, install: Install) -> None:
    """And the downgrade helps."""
    project = make("plain")
    name_database(project, personal=True)
    install(project, runner)
    if runner != "plain hooks":
        name = ".pre-commit-config.yaml"
        project.commit({name: project.read(name) + "      - id: migguard-post-checkout\n"}, "one more")
        module = runner.replace("-", "_")
        project.run(sys.executable, "-m", module, "install", "--hook-type", "post-checkout")
    project.git("switch", "-q", "-c", "email")
    commit_column(project, "User", "email", EMAIL)
    project.alembic("upgrade", "head")

    done = project.run("git", "switch", "main")

    said = done.stdout + done.stderr
    assert f"warning[MG501 unknown-database-revision]: the database `mine` is at `{EMAIL}`, which this branch" in said
    assert f"git switch - && alembic downgrade {FIRST} && git switch -" in said
    project.git("switch", "-q", "email")
    project.alembic("downgrade", FIRST)
    done = project.run("git", "switch", "main")
    assert "MG501" not in done.stdout + done.stderr


def test_database_behind_is_told_where_that_is_wanted(make: Make, install: Install) -> None:
    project = make("plain")
    name_database(project, personal=True, more='severity = { MG502 = "warning" }')
    project.git("switch", "-q", "-c", "email")
    commit_column(project, "User", "email", EMAIL)
    project.git("switch", "-q", "main")
    install(project, "plain hooks")
    done = project.run("git", "switch", "email")
    assert "warning[MG502 database-behind]: the database `mine` lacks 1 revision of this branch" in done.stderr
    assert "alembic upgrade heads" in done.stderr


@pytest.mark.parametrize(
    "command",
    [("switch", "-q", "-c", "new"), ("checkout", "-q", "HEAD", "--", "README.md"), ("worktree", "add", "../x")],
)
def test_checkout_that_changes_no_branch_asks_nothing(command: tuple[str, ...], make: Make, install: Install) -> None:
    project = make("plain")
    name_database(project, personal=True, url="$NO_SUCH_VARIABLE")
    install(project, "plain hooks")
    done = project.run("git", *command)
    assert "was not asked" not in done.stdout + done.stderr or command[0] == "worktree"


def test_database_that_cannot_be_asked_does_not_fail_the_checkout(make: Make, install: Install) -> None:
    project = make("plain")
    name_database(project, personal=True, url="$NO_SUCH_VARIABLE")
    project.git("switch", "-q", "-c", "other")
    project.commit({"README.md": "# other\n"}, "other")
    install(project, "plain hooks")
    done = project.run("git", "switch", "main")
    assert "note: the database `mine` was not asked: the variable $NO_SUCH_VARIABLE is not set" in done.stderr
