"""Revisions and branches as data: what `migguard revision` would write, without the time it takes."""

from __future__ import annotations

from tests.projects import Project

FIRST = "aaaaaaaaaaaa"


def add_revision(
    project: Project,
    revision: str,
    *,
    down: str | None = FIRST,
    table: str = "user",
    column: str = "email",
    folder: str = Project.versions,
    stage: bool = True,
) -> str:
    """Write the revision that adds a String(120) column, and by default stage it; its path."""
    path = f"{folder}/{revision}_add_{column}.py"
    text = f'''\
"""add {column} to {table}"""

import sqlalchemy as sa
from alembic import op

revision = "{revision}"
down_revision = {down!r}
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("{table}", sa.Column("{column}", sa.String(120)))


def downgrade():
    op.drop_column("{table}", "{column}")
'''
    project.write({path: text})
    if stage:
        project.git("add", path)
    return path


def commit_column(project: Project, model: str, column: str, revision: str, *, down: str = FIRST) -> str:
    """A commit without hooks that adds a column to a model, with its revision; the revision's path."""
    project.add_column(model, column)
    path = add_revision(project, revision, down=down, table=model.lower(), column=column)
    project.git("commit", "-q", "--no-verify", "-m", f"add {column}")
    return path


def make_branches(project: Project) -> None:
    """`main` and `phone`, each one revision ahead of where they parted; `main` is checked out."""
    project.git("switch", "-q", "-c", "phone")
    commit_column(project, "Comment", "phone", "bbbbbbbbbbbb")
    project.git("switch", "-q", "main")
    commit_column(project, "User", "email", "cccccccccccc")
