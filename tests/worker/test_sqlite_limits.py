"""ALTER statements that SQLite does not have: the history cannot be followed, which is no fault of the revision."""

from __future__ import annotations

import pytest

from tests.worker.stage import ENV, Stage, plain_project, revision


@pytest.mark.parametrize(
    ("upgrade", "what"),
    [
        pytest.param(
            'op.create_foreign_key("fk", "user", "user", ["id"], ["id"])',
            "revision `b2` adds a constraint",
            id="foreign key",
        ),
        pytest.param(
            'op.create_unique_constraint("uq_id", "user", ["id"])',
            "revision `b2` adds a constraint",
            id="unique constraint",
        ),
        pytest.param(
            'op.drop_constraint("uq_id", "user", type_="unique")', "revision `b2` drops a constraint", id="dropped"
        ),
        pytest.param(
            'op.add_column("user", sa.Column("up", sa.Integer(), sa.ForeignKey("user.id")))',
            "revision `b2` adds a constraint",
            id="foreign key of a new column",
        ),
        pytest.param(
            'op.alter_column("user", "id", nullable=True)', "revision `b2` alters a column", id="altered column"
        ),
        pytest.param(
            'try:\n    op.alter_column("user", "id", nullable=True)\n'
            'except Exception as error:\n    raise RuntimeError("stop") from error',
            "revision `b2` alters a column",
            id="wrapped in an exception of the project",
        ),
    ],
)
def test_alter_that_sqlite_lacks_is_not_followed(stage: Stage, upgrade: str, what: str) -> None:
    source = revision("b2", "a1", upgrade)
    answer = stage.write({**plain_project(), "migrations/versions/b2.py": source}).ask()
    assert answer.failure is None
    assert [(one.kind, one.text) for one in answer.not_followed] == [
        ("sqlite-alter", f"{what}, which SQLite cannot do outside Alembic's batch mode")
    ]
    place = answer.not_followed[0].place
    assert place is not None
    assert place.path == "migrations/versions/b2.py"
    assert "op." in source.splitlines()[(place.line or 0) - 1] or "raise" in source.splitlines()[(place.line or 0) - 1]


@pytest.mark.parametrize(
    "upgrade",
    [
        pytest.param("raise NotImplementedError('later')", id="NotImplementedError of the project"),
        pytest.param("op.execute('ALTER TABLE nothing ADD COLUMN x INTEGER')", id="ALTER of a table that is not there"),
        pytest.param("op.execute('CREATE TABEL x')", id="another syntax error"),
    ],
)
def test_other_faults_of_a_revision_stay_failures(stage: Stage, upgrade: str) -> None:
    answer = stage.write({**plain_project(), "migrations/versions/b2.py": revision("b2", "a1", upgrade)}).ask()
    assert answer.failure is not None
    assert (answer.failure.kind, answer.failure.revision) == ("replay", "b2")


def test_alter_outside_of_revisions_is_the_environments_fault(stage: Stage) -> None:
    statement = 'connection.exec_driver_sql("ALTER TABLE x ALTER COLUMN y SET NOT NULL")\n    context.configure'
    answer = stage.write(plain_project(env=ENV.replace("context.configure", statement))).ask()
    assert answer.failure is not None
    assert answer.failure.kind == "environment"
