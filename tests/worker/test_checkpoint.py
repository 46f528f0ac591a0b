"""Checkpoints: made by a replay, on the catalog or a real server; later replays start there, while they hold."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from migguard.worker.protocol import Response
from tests.servers import POSTGRES_DRIVER
from tests.worker.stage import INI, MODELS, Stage, plain_project, revision, summary

PATH = "migrations/migguard-checkpoint.sql"
INDEX = """op.create_table("tag", sa.Column("id", sa.Integer(), primary_key=True), sa.Column("name", sa.String(20)),
    sa.Column("user_id", sa.Integer(), sa.ForeignKey("user.id", ondelete="CASCADE")))
op.create_index("ix_tag_name", "tag", ["name"], unique=True)"""
TAG = """

class Tag(Base):
    __tablename__ = "tag"

    id = sa.Column(sa.Integer, primary_key=True)
    name = sa.Column(sa.String(20), index=True, unique=True)
    user_id = sa.Column(sa.ForeignKey("user.id", ondelete="CASCADE"))
"""
OPAQUE = 'op.execute("DO $$ BEGIN EXECUTE \'ALTER TABLE \\"user\\" ADD b int\'; END $$")'


def project(stage: Stage, dialect: str = "postgresql", **upgrades: str) -> Stage:
    """Three revisions: the user table, the tag table, one that does nothing."""
    ini = INI.replace("sqlite:///app.db", f"{dialect}://app@db.example/app")
    files = plain_project(ini=ini, models=MODELS + TAG)
    bodies = {"a2": INDEX, "a3": "pass", **upgrades}
    for name, body in bodies.items():
        files[f"migrations/versions/{name}.py"] = revision(name, f"a{int(name[1]) - 1}", body)
    return stage.write(files)


def make(stage: Stage, *revisions: str, **options: object) -> Response:
    """Make a checkpoint and put it into the tree."""
    answer = stage.ask("checkpoint", revisions=list(revisions), **options)  # type: ignore[arg-type]
    stage.write({one.path: one.content for one in answer.files})
    return answer


@pytest.mark.parametrize("dialect", ["postgresql", "mysql", "mariadb"])
def test_replay_starts_at_a_checkpoint(stage: Stage, dialect: str) -> None:
    """The same verdict, with fewer revisions run; new ones go on from there."""
    project(stage, dialect)
    before = stage.ask()
    answer = make(stage, "a2")
    assert answer.failure is None
    assert [one.path for one in answer.files] == [PATH]
    content = answer.files[0].content
    assert content.startswith("-- migguard checkpoint: ")
    assert "-- revisions: a2\n" in content
    assert "tag" in content
    after = stage.ask()
    assert (before.replayed, after.replayed) == (3, 1)
    assert summary(after) == summary(before) == []
    stage.write({"migrations/versions/a4.py": revision("a4", "a3", 'op.drop_column("tag", "name")')})
    assert summary(stage.ask())[0] == "add_column tag name"


def test_making_it_again_gives_the_same_file(stage: Stage) -> None:
    """Nothing in it changes from run to run, so that it can be reviewed and checked."""
    answers = [make(project(stage), "a2").files[0].content for _ in range(2)]
    assert answers[0] == answers[1]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        pytest.param({"a1_first": "pass"}, "one of the revisions up to it has changed", id="a revision before it"),
        pytest.param({"a3": "pass\npass"}, None, id="a revision behind it"),
    ],
)
def test_changed_revision_makes_it_void(stage: Stage, changes: dict[str, str], reason: str | None) -> None:
    """It says so, and the replay starts from empty."""
    make(project(stage), "a2")
    for name, body in changes.items():
        file = f"migrations/versions/{name}.py"
        text = (stage.tree / file).read_text("utf-8") + "\n# edited\n"
        stage.write({file: text if body == "pass" else revision(name, "a2", body)})
    answer = stage.ask()
    told = f"the checkpoint `migguard-checkpoint.sql` is void, and the replay starts from empty: {reason}"
    assert answer.notes == ([told] if reason else [])
    assert answer.replayed == (3 if reason else 1)
    assert summary(answer) == []


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        pytest.param("revisions: a2", "revisions: zz", "there is no revision `zz`", id="an unknown revision"),
        pytest.param("-- migguard", "-- my", "it does not begin like a checkpoint", id="another file"),
        pytest.param("CREATE TABLE", "CREATE NONSENSE", "NONSENSE", id="text that is not followed"),
    ],
)
def test_file_that_is_none_is_void(stage: Stage, old: str, new: str, reason: str) -> None:
    """Whatever was done to it by hand."""
    content = make(project(stage), "a2").files[0].content
    stage.write({PATH: content.replace(old, new)})
    answer = stage.ask()
    assert len(answer.notes) == 1
    assert reason.lower() in answer.notes[0].lower()
    assert (answer.replayed, summary(answer)) == (3, [])


def test_what_is_not_followed_makes_no_checkpoint(stage: Stage) -> None:
    """A real server can make it."""
    answer = make(project(stage, a2=OPAQUE), "a3")
    assert [one.kind for one in answer.not_followed] == ["opaque"]
    assert answer.files == []


def test_checkpoint_of_a_real_server_does_away_with_old_opaque_steps(
    stage: Stage, postgres_url: str, needs: object
) -> None:
    """The catalog starts from what the server printed."""
    assert callable(needs)
    needs("psycopg")
    project(stage, f"postgresql+{POSTGRES_DRIVER}", a3=OPAQUE)
    assert [one.kind for one in stage.ask().not_followed] == ["opaque"]
    answer = make(stage, "a3", engine="server", scratch_servers=[postgres_url.rpartition("/")[0] + "/postgres"])
    assert answer.failure is None
    assert answer.not_followed == []
    assert "-- made: on PostgreSQL" in answer.files[0].content
    after = stage.ask()
    assert after.notes == []
    assert (after.replayed, summary(after)) == (0, ["remove_column user b"])


def test_checkpoint_of_a_database_serves_a_history_that_does_not_start_from_empty(
    stage: Stage, postgres_url: str, needs: object
) -> None:
    """The app created its tables and stamped; the first revision fails without them."""
    assert callable(needs)
    needs("psycopg")
    project(stage, f"postgresql+{POSTGRES_DRIVER}", a1="op.add_column('user', sa.Column('x', sa.Integer))", a2=INDEX)
    stage.write({"migrations/versions/a1_first.py": None})
    (stage.tree / "migrations/versions/a1_first.py").unlink()
    stage.write({"migrations/versions/a1.py": revision("a1", None, "op.drop_column('user', 'x')")})
    failure = stage.ask().failure
    assert failure is not None
    assert failure.revision == "a1"
    engine = sa.create_engine(postgres_url)
    with engine.begin() as connection:
        connection.execute(sa.text('CREATE TABLE "user" (id serial PRIMARY KEY)'))
        connection.execute(sa.text("CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY)"))
        connection.execute(sa.text("INSERT INTO alembic_version VALUES ('a1')"))
    engine.dispose()
    wrong = make(stage, "a2", databases=[postgres_url])
    assert [one.text for one in wrong.not_followed] == ["the database cannot make the checkpoint of a2: it is at a1"]
    answer = make(stage, "a1", databases=[postgres_url])
    assert answer.failure is None
    after = stage.ask()
    assert after.notes == []
    assert (after.replayed, summary(after)) == (2, [])


def test_sqlite_needs_none(stage: Stage) -> None:
    """Its replay is the real thing."""
    stage.write(plain_project())
    (reason,) = make(stage, "a1").not_followed
    assert reason.text == "SQLite needs no checkpoint: the real library replays whatever it can do"
