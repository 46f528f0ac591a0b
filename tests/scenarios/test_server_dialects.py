"""The guard, end to end, in projects whose database is a server: it is never asked, and agrees in the end."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from tests.projects import Kind, Project
from tests.scenarios.conftest import Runner
from tests.scenarios.test_merge import make_branches
from tests.servers import MYSQL, POSTGRES, POSTGRES_DRIVER, Server

Install = Callable[[Project, Runner], None]
#: Nobody listens there: what migguard does must not need the server.
NOWHERE = {
    "postgresql": f"postgresql+{POSTGRES_DRIVER}://nobody@127.0.0.1:1/blog",
    "mysql": "mysql+pymysql://nobody@127.0.0.1:1/blog",
}


@dataclass
class Blog:
    """A project, and the database on a real server that its developer would have."""

    project: Project
    server: Server
    url: str

    def upgrade_really(self) -> str:
        """`alembic upgrade head` and `alembic check` on the real server; what the second said."""
        self._point_at(self.url)
        self.project.alembic("upgrade", "head")
        said = self.project.alembic("check")
        self.project.git("checkout", "-q", "--", "alembic.ini")
        return said

    def _point_at(self, url: str) -> None:
        ini = self.project.read("alembic.ini")
        self.project.write({"alembic.ini": re.sub(r"(?m)^sqlalchemy.url = .*$", f"sqlalchemy.url = {url}", ini)})

    def settle(self, settings: str = "") -> None:
        """Name the server (one that nobody listens at) and commit."""
        self._point_at(NOWHERE[self.server.driver.partition("+")[0]])
        text = f'[tool.migguard]\nserver-version = "{self.server.version()}"\n{settings}'
        self.project.commit({"pyproject.toml": text, "alembic.ini": self.project.read("alembic.ini")}, "a server")


@pytest.fixture(params=["postgresql", "mysql"])
def blog(request: pytest.FixtureRequest, make: Callable[[Kind], Project]) -> Blog:
    """A blog on each server, its database empty."""
    server, fixture = {"postgresql": (POSTGRES, "postgres_url"), "mysql": (MYSQL, "mysql_url")}[request.param]
    url: str = request.getfixturevalue(fixture)
    server.empty(url)
    return Blog(make("plain"), server, url)


def test_blocked_commit_is_mended_by_the_revision(blog: Blog, install: Install) -> None:
    """Points 1 to 3: blocked with table, column and place; generated; named when it is not added; through."""
    blog.settle()
    project = blog.project
    install(project, "plain hooks")
    project.add_column("User", "email")
    before = project.state()

    blocked = project.run("git", "commit", "-m", "users have an e-mail", check=False)

    said = blocked.stdout + blocked.stderr
    assert blocked.returncode == 1
    assert "MG201 unmigrated-models]: column `user.email` is in the staged models but in no staged revision" in said
    assert project.state() == before

    revision = project.migguard("revision")

    assert revision.returncode == 0, revision.stdout + revision.stderr
    (new,) = set(project.revision_files()) - {"aaaaaaaaaaaa_the_blog.py"}
    assert "sa.Column('email', sa.String(length=120), nullable=True)" in project.read(f"{project.versions}/{new}")

    forgotten = project.run("git", "commit", "-m", "users have an e-mail", check=False)

    assert forgotten.returncode == 1
    assert f"help: git add migrations/versions/{new}" in forgotten.stdout + forgotten.stderr

    project.git("add", "migrations")
    project.run("git", "commit", "-m", "users have an e-mail")
    assert project.git("status", "--porcelain") == ""
    assert "No new upgrade operations detected" in blog.upgrade_really()


def test_missing_revision_is_generated_and_staged(blog: Blog, install: Install) -> None:
    """Point 4: the hook writes the revision and stops; the next commit goes through."""
    blog.settle('on-missing = "generate"\nstage = true\n')
    project = blog.project
    install(project, "plain hooks")
    project.add_column("Post", "views", "Integer, nullable=False, server_default='0'")

    stopped = project.run("git", "commit", "-m", "views", check=False)

    assert stopped.returncode == 1
    assert "staged migrations/versions/" in stopped.stdout + stopped.stderr
    project.run("git", "commit", "-m", "views")
    assert project.git("status", "--porcelain") == ""
    assert "No new upgrade operations detected" in blog.upgrade_really()


def test_merge_gets_its_merge_revision(blog: Blog, install: Install) -> None:
    """Point 5: two branches with a revision each; one head, and the server follows it."""
    blog.settle()
    project = blog.project
    install(project, "plain hooks")
    make_branches(project)

    merged = project.run("git", "merge", "--no-edit", "phone")

    assert "joined " in merged.stdout + merged.stderr
    assert len(project.heads()) == 1
    assert "No new upgrade operations detected" in blog.upgrade_really()
