"""Projects on the catalog: in sync, out of sync, or cannot tell, with what was not followed and where."""

from __future__ import annotations

import pytest

from migguard.worker.protocol import Response
from tests.worker.stage import ENV, INI, MODELS, Stage, plain_project, revision, summary

URL_INI = INI.replace("sqlite:///app.db", "postgresql://app@db.example/app")
#: A block that the catalog does not follow, about one table.
OPAQUE = "op.execute(\"DO $$ BEGIN EXECUTE 'x'; ALTER TABLE {} ADD b int; END $$\")"
BLOCK = 'op.execute("""DO $$ DECLARE n int := 1; BEGIN IF n > 0 THEN ALTER TABLE {} ADD b int; END IF; END $$""")'
OLD = 'op.create_table("old", sa.Column("id", sa.Integer()))'
HIDE = "Base.metadata, include_object=lambda item, name, kind, *rest: not (kind == 'table' and name == 'old')"
SEED = 'op.execute("INSERT INTO \\"user\\" (id) VALUES (1)")'
READ = "rows = op.get_bind().execute(sa.text('SELECT id FROM \"user\"')).fetchall()"
INDEX = "sa.Index('ix', sa.text(\"{}\"))"


def ask(stage: Stage, *upgrades: str, action: str = "check", **changes: str | None) -> Response:
    """The answer for a history of the user table and these upgrades, one revision each."""
    files = plain_project(ini=URL_INI, **changes)
    for number, upgrade in enumerate(upgrades, 2):
        name = f"a{number}"
        files[f"migrations/versions/{name}.py"] = revision(name, f"a{number - 1}", upgrade)
    return stage.write(files).ask(action)


def reasons(answer: Response) -> list[tuple[str, str | None, str | None]]:
    """What was not followed: kind, revision, file."""
    assert answer.failure is None, answer.failure
    return [(one.kind, one.revision, one.place.path if one.place else None) for one in answer.not_followed]


@pytest.mark.parametrize(
    ("upgrades", "changes", "expected"),
    [
        pytest.param(
            [BLOCK.format('"user"')], {}, [("opaque", "a2", "migrations/versions/a2.py")], id="a table of the models"
        ),
        pytest.param(
            [OLD, BLOCK.format("old")], {}, [("opaque", "a3", "migrations/versions/a3.py")], id="a table at the end"
        ),
        pytest.param([OLD, BLOCK.format("old"), 'op.drop_table("old")'], {}, [], id="a table that is dropped later"),
        pytest.param(
            [OLD, BLOCK.format("old")],
            {"env": ENV.replace("Base.metadata", HIDE)},
            [],
            id="a table that include_object hides",
        ),
        pytest.param(
            [OLD, OPAQUE.format("old"), 'op.drop_table("old")'],
            {},
            [("opaque", "a3", "migrations/versions/a3.py")],
            id="a statement that is built at run time",
        ),
        pytest.param([SEED, READ], {}, [], id="rows are read, and decide nothing"),
        pytest.param([READ, READ + "\nif rows:\n    op.drop_table('user')"], {}, [], id="a table without rows"),
        pytest.param(
            [SEED, READ + "\nif not rows:\n    op.drop_table('user')"],
            {},
            [("read", "a3", "migrations/versions/a3.py")],
            id="rows decide",
        ),
        pytest.param(
            [SEED, READ + "\nif rows:\n    op.drop_table('user')"],
            {},
            [("read", "a3", "migrations/versions/a3.py")],
            id="rows would have decided",
        ),
    ],
)
def test_what_keeps_an_answer_back(
    stage: Stage, upgrades: list[str], changes: dict[str, str], expected: list[tuple[str, str, str]]
) -> None:
    """Each thing not followed is named with its revision and file, where it matters."""
    answer = ask(stage, *upgrades, **changes)
    assert sorted(reasons(answer)) == sorted(expected)
    assert bool(answer.not_followed) <= (answer.operations == [])


def test_operations_are_told_where_what_was_not_followed_is_gone(stage: Stage) -> None:
    """Out of sync is an answer as well."""
    answer = ask(
        stage, OLD, BLOCK.format("old"), 'op.drop_table("old")', models=MODELS + "    x = sa.Column(sa.Integer)\n"
    )
    assert summary(answer) == ["add_column user x"]


def test_failure_after_something_not_followed_is_not_believed(stage: Stage) -> None:
    """MG203 needs a replay that was exact up to there."""
    broken = 'op.drop_column("user", "b")'
    answer = ask(stage, broken)
    assert answer.failure is not None
    assert (answer.failure.kind, answer.failure.revision) == ("replay", "a2")
    assert answer.failure.message.startswith('column "b" of relation "user" does not exist [SQL: ')
    answer = ask(stage, BLOCK.format('"user"'), broken)
    assert ("rejected", "a3", "migrations/versions/a3.py") in reasons(answer)
    (rejected,) = (one for one in answer.not_followed if one.kind == "rejected")
    assert 'column "b" of relation "user" does not exist' in rejected.text
    assert "migrations/versions/a2.py" in rejected.text


def test_nothing_is_written_where_nobody_can_tell(stage: Stage) -> None:
    """A file that rests on a guess is no file."""
    models = MODELS + "    x = sa.Column(sa.Integer)\n"
    answer = ask(stage, BLOCK.format('"user"'), action="revision", models=models)
    assert [one.kind for one in answer.not_followed] == ["opaque"]
    assert answer.files == []
    answer = ask(stage, "pass", action="revision", models=models)
    assert [one.message for one in answer.files] == ["add x to user"]


def test_output_of_revisions_reaches_nobody(stage: Stage) -> None:
    """What is printed, logged or spawned goes into the file that `-v` shows."""
    noisy = "import logging, subprocess, sys\nprint('printed')\nlogging.warning('logged')\n"
    noisy += "subprocess.run(['echo', 'spawned'])\nsys.stderr.write('told')"
    assert summary(ask(stage, noisy)) == []
    for word in ("printed", "logged", "spawned", "told"):
        assert word in stage.output


@pytest.mark.parametrize(
    "loop",
    [
        pytest.param("while bind.execute(sa.text(sql)).rowcount == 0:\n    pass", id="a row count"),
        pytest.param(
            "while True:\n    try:\n        bind.execute(sa.text(sql)).one()\n        break\n"
            "    except Exception:\n        pass",
            id="a row, whatever is raised",
        ),
    ],
)
def test_loop_that_waits_for_rows_is_ended(stage: Stage, loop: str) -> None:
    """Long before the time limit, with its place."""
    sql = 'UPDATE "user" SET id = id WHERE id < 0' if "rowcount" in loop else 'SELECT 1 FROM "user" WHERE id < 0'
    answer = ask(stage, SEED, f"bind = op.get_bind()\nsql = {sql!r}\n{loop}")
    assert reasons(answer) == [("endless", "a3", "migrations/versions/a3.py")]
