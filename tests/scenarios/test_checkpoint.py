"""`migguard checkpoint` in a repository: what is published, what is written, and who says that it is void."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.projects import Kind, Project
from tests.servers import POSTGRES_DRIVER

Make = Callable[[Kind], Project]
FILE = "migrations/migguard-checkpoint.sql"
URL = f"postgresql+{POSTGRES_DRIVER}://blog:pw@db.example/blog"


@pytest.fixture
def project(make: Make) -> Project:
    """A PostgreSQL project on `main`: what is committed is published."""
    project = make("plain")
    project.commit({"alembic.ini": project.read("alembic.ini").replace("sqlite:///app.db", URL)}, "postgresql")
    return project


def test_written_reviewed_and_void(project: Project) -> None:
    """From the first run to the one that says why it no longer holds."""
    shown = project.migguard("checkpoint", "--dry-run")
    assert shown.returncode == 0, shown.stdout + shown.stderr
    assert f"+++ b/{FILE}" in shown.stdout
    assert not (project.path / FILE).exists()

    done = project.migguard("checkpoint", "--stage")
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"wrote {FILE}: replays start behind aaaaaaaaaaaa" in done.stdout
    assert project.migguard("checkpoint", "--check").returncode == 0
    assert "up to date" in project.migguard("checkpoint").stdout

    checked = project.migguard("-v", "check")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "0 revisions run" in checked.stderr

    path = f"migrations/versions/{project.revision_files()[0]}"
    project.stage({path: project.read(path) + "\n# edited\n"})
    void = project.migguard("check")
    assert "is void, and the replay starts from empty: one of the revisions up to it has changed" in void.stdout
    assert project.migguard("checkpoint", "--check").returncode == 1


def test_what_may_still_change_is_refused(project: Project) -> None:
    """A checkpoint of it would be void tomorrow."""
    project.git("switch", "-q", "-c", "topic")
    project.add_column("User", "email")
    assert project.migguard("revision", "--stage", "--rev-id", "bbbbbbbbbbbb").returncode == 0

    done = project.migguard("checkpoint", "bbbb")
    assert done.returncode == 2
    assert "revision `bbbbbbbbbbbb` is not published, and may still change" in done.stderr
    assert "there is no revision `cccc`" in project.migguard("checkpoint", "cccc").stderr

    assert "replays start behind aaaaaaaaaaaa" in project.migguard("checkpoint").stdout


def test_what_is_not_followed_needs_a_server(project: Project) -> None:
    """It says so, and writes nothing."""
    path = f"migrations/versions/{project.revision_files()[0]}"
    block = "    op.execute(\"DO $$ BEGIN EXECUTE 'x'; END $$\")\n"
    project.commit({path: project.read(path).replace("def downgrade", f"{block}\n\ndef downgrade")}, "opaque")

    done = project.migguard("checkpoint")

    assert done.returncode == 2
    assert "MG002" in done.stdout + done.stderr
    assert "migguard checkpoint --server URL" in done.stdout + done.stderr
    assert not (project.path / FILE).exists()
