"""Two branches that change one thing: the merge says what the order of the revisions does."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.projects import Kind, Project
from tests.scenarios.history import FIRST

Make = Callable[[Kind], Project]
ONE, OTHER = "bbbbbbbbbbbb", "cccccccccccc"
ADD = 'op.add_column("user", sa.Column("email", sa.String(120)))'
ALTER = 'with op.batch_alter_table("user") as batch_op:\n        batch_op.alter_column("name", nullable=True)'


def write_revision(project: Project, id_: str, upgrade: str) -> None:
    """A commit without hooks of a revision with this upgrade."""
    text = f'''"""{id_}"""
import sqlalchemy as sa
from alembic import op

revision = "{id_}"
down_revision = "{FIRST}"


def upgrade():
    {upgrade}


def downgrade():
    pass
'''
    project.commit({f"{project.versions}/{id_}_change.py": text}, id_)


def branch(project: Project, one: str, other: str) -> None:
    """`other` has the second revision; `main`, checked out, the first."""
    project.git("switch", "-q", "-c", "other")
    write_revision(project, OTHER, other)
    project.git("switch", "-q", "main")
    write_revision(project, ONE, one)


@pytest.mark.parametrize(
    ("one", "other", "said"),
    [
        pytest.param(
            ADD,
            'op.rename_table("user", "account")',
            f"error[MG208 conflicting-changes]: `{ONE}` and `{OTHER}` both change column `user.email`: with upstream's"
            f" first, `{ONE}` fails (",
            id="a column of a table that is renamed",
        ),
        pytest.param(
            ADD,
            ADD.replace("120", "80"),
            f"`{ONE}` and `{OTHER}` both change column `user.email`: with upstream's first, `{ONE}` fails",
            id="one column twice",
        ),
        pytest.param(
            'op.execute("CREATE TABLE IF NOT EXISTS note (id INTEGER)")',
            'op.execute("CREATE TABLE IF NOT EXISTS note (id INTEGER, text TEXT)")',
            "both change what only running them tells: the schema depends on which comes first (note column text",
            id="raw SQL that depends on the order",
        ),
    ],
)
def test_merge_whose_order_matters_is_stopped(one: str, other: str, said: str, make: Make) -> None:
    project = make("plain")
    assert project.migguard("install").returncode == 0
    branch(project, one, other)
    before = project.head()

    done = project.run("git", "merge", "--no-edit", "other", check=False)

    assert done.returncode == 1
    assert said in done.stdout + done.stderr
    assert project.head() == before
    assert project.git("rev-parse", "-q", "--verify", "MERGE_HEAD")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(ADD, 'op.add_column("user", sa.Column("phone", sa.String(20)))', id="two columns of one table"),
        pytest.param(ADD, 'op.drop_table("comment")', id="two tables"),
        pytest.param('op.execute("UPDATE user SET name = 1")', ADD, id="raw SQL that changes no schema"),
    ],
)
def test_changes_that_do_not_meet_are_not_mentioned(one: str, other: str, make: Make) -> None:
    project = make("plain")
    assert project.migguard("install").returncode == 0
    branch(project, one, other)
    done = project.run("git", "merge", "--no-edit", "other")
    assert "MG208" not in done.stdout + done.stderr
    assert len(project.heads()) == 1


def test_same_result_in_either_order_is_a_warning(make: Make) -> None:
    """Found by the check of the merge commit too, where the models are compared."""
    project = make("plain")
    branch(project, ALTER, ALTER)
    project.git("merge", "-q", "--no-edit", "--no-verify", "other")
    checked = project.migguard("check", "--ref", "HEAD")
    assert "warning[MG208 conflicting-changes]" in checked.stdout
    assert "in either order the schema is the same" in checked.stdout


def test_commit_that_concludes_a_conflicted_merge_is_judged(make: Make) -> None:
    project = make("plain")
    branch(project, ADD, 'op.rename_table("user", "account")')
    project.commit({"README.md": "# one\n"}, "one")
    project.git("switch", "-q", "other")
    project.commit({"README.md": "# other\n"}, "other")
    project.git("switch", "-q", "main")
    assert project.migguard("install").returncode == 0
    assert project.run("git", "merge", "--no-edit", "other", check=False).returncode == 1
    project.stage({"README.md": "# both\n"})
    done = project.run("git", "commit", "--no-edit", check=False)
    assert done.returncode == 1
    assert "MG208" in done.stdout + done.stderr


def test_two_branches_of_one_history_that_are_no_merge_are_left_alone(make: Make) -> None:
    project = make("plain")
    branch(project, ADD, ADD)
    assert "MG208" not in project.migguard("check", "--ref", "HEAD").stdout
