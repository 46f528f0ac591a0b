"""Where the catalog cannot tell, another engine may: as configured, and said in the answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.projects import Kind, Project
from tests.servers import POSTGRES_DRIVER
from tests.worker.real_servers import POSTGRES, drop, lone_templates, server_url, templates

Make = Callable[[Kind], Project]

#: What no interpreter of DDL can follow.
BLOCK = '''\
"""a column by other means"""

from alembic import op

revision = "bbbbbbbbbbbb"
down_revision = "aaaaaaaaaaaa"


def upgrade():
    op.execute("""
        DO $$ BEGIN
            EXECUTE 'ALTER TABLE "user" ADD COLUMN ' || quote_ident(lower('EMAIL')) || ' VARCHAR(120)';
        END $$
    """)
'''


@pytest.fixture
def project(make: Make) -> Iterator[Project]:
    """A blog on PostgreSQL with a revision that the catalog cannot follow; kept states go afterwards."""
    POSTGRES.require()
    project = make("plain")
    ini = project.read("alembic.ini").replace(
        "sqlite:///app.db", f"postgresql+{POSTGRES_DRIVER}://blog:pw@db.example/blog"
    )
    project.add_column("User", "email")
    project.stage({"alembic.ini": ini, "migrations/versions/bbbbbbbbbbbb_block.py": BLOCK})
    with lone_templates():
        yield project


def configure(project: Project, settings: str) -> None:
    """Stage `[tool.migguard]`."""
    project.stage({"pyproject.toml": f"[tool.migguard]\n{settings}\n"})


def test_catalog_that_cannot_tell_names_the_other_engines(project: Project) -> None:
    """MG002, exit 2, with the settings that would help."""
    done = project.migguard("check")
    assert done.returncode == 2, done.stdout + done.stderr
    assert "error[MG002 replay-unsupported]" in done.stdout
    assert 'engine = ["catalog", "embedded"]\n' in done.stdout
    assert 'engine = ["catalog", "server"], scratch-server = "$VARIABLE"\n' in done.stdout


def test_scratch_server_answers_what_the_catalog_cannot(project: Project) -> None:
    """The answer names the server and why it was asked; the URL's secret is not shown."""
    configure(project, 'engine = ["catalog", "server"]\nscratch-server = "$SCRATCH"')
    url = server_url(POSTGRES, password="hunter2")

    done = project.migguard("-v", "check", env={"SCRATCH": url})

    assert done.returncode == 0, done.stdout + done.stderr
    assert "engine server" in done.stdout
    assert "note: checked on PostgreSQL " in done.stdout
    assert f"(server {POSTGRES.url.host}:{POSTGRES.url.port}, scratch database); the catalog engine could not" in (
        done.stdout
    )
    assert "hunter2" not in done.stdout + done.stderr


def test_scratch_server_that_is_not_there_leaves_the_catalogs_reasons(project: Project) -> None:
    """Nobody takes a missing server for a clean answer."""
    configure(project, 'engine = ["catalog", "server"]\nscratch-server = "postgresql://u:hunter2@127.0.0.1:1/"')

    done = project.migguard("check")

    assert done.returncode == 2, done.stdout + done.stderr
    assert "migrations/versions/bbbbbbbbbbbb_block.py:" in done.stdout
    assert "note: the server engine could not tell: the scratch server 127.0.0.1:1 cannot be reached" in done.stdout
    assert "hunter2" not in done.stdout + done.stderr


def test_server_alone_answers_without_the_catalog(project: Project) -> None:
    """`engine = "server"`: exact, and nothing else is asked."""
    configure(project, f'engine = "server"\nscratch-server = "{server_url(POSTGRES)}"')
    project.add_column("User", "phone")

    done = project.migguard("check")

    assert done.returncode == 1, done.stdout + done.stderr
    assert "`user.phone`" in done.stdout
    assert "`user.email`" not in done.stdout
    assert "could not tell" not in done.stdout


def test_next_check_starts_from_the_state_on_the_server(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """A template keeps it, but in CI; where an administrator has dropped it, all is replayed."""
    monkeypatch.delenv("CI", raising=False)
    configure(project, f'engine = "server"\nscratch-server = "{server_url(POSTGRES)}"')
    known = templates()
    assert project.migguard("check").returncode == 0
    kept = templates() - known
    assert kept
    for _ in range(2):
        assert "clean: 1 environment, 2 revisions, engine server\n" in project.migguard("check").stdout
        drop(POSTGRES, kept)


def test_revision_is_written_by_the_engine_that_can_tell(project: Project) -> None:
    """`migguard revision` asks the engines in the same order."""
    configure(project, f'engine = ["catalog", "server"]\nscratch-server = "{server_url(POSTGRES)}"')
    project.add_column("User", "phone")

    path = project.revise("add phone")

    assert "sa.Column('phone', sa.String(length=120)" in project.read(path)
    assert "email" not in project.read(path)
