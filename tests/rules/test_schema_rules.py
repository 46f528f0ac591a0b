"""The schema rules on the worker's answers, written as data."""

from __future__ import annotations

import pytest

from migguard.diagnostics import Diagnostic
from migguard.rules import (
    environment_unavailable,
    replay_fails,
    replay_unsupported,
    unmigrated_models,
    unmodelled_schema,
)
from migguard.schema.protocol import Failure, NotFollowed, Operation, Place, Response
from migguard.schema.state import SchemaState

ADDED = [
    pytest.param(
        Operation("add_table", table="tag"),
        "table `tag` is in the staged models but in no staged revision",
        id="a table",
    ),
    pytest.param(
        Operation("add_column", table="user", column="email"),
        "column `user.email` is in the staged models but in no staged revision",
        id="a column",
    ),
    pytest.param(
        Operation("add_column", table="user", schema="auth", column="email"),
        "column `auth.user.email` is in the staged models but in no staged revision",
        id="a column of a table in a schema",
    ),
    pytest.param(
        Operation("add_index", table="user", name="ix_user_email"),
        "index `ix_user_email` on `user` is in the staged models but in no staged revision",
        id="an index",
    ),
    pytest.param(
        Operation("add_constraint", table="user", column="email"),
        "constraint on `user` (email) is in the staged models but in no staged revision",
        id="a constraint without a name",
    ),
    pytest.param(
        Operation("add_fk", table="post", name="fk_author"),
        "foreign key `fk_author` on `post` is in the staged models but in no staged revision",
        id="a foreign key",
    ),
    pytest.param(
        Operation("modify_type", table="user", column="name", detail="VARCHAR(50) to VARCHAR(80)"),
        "type of column `user.name` differs between the staged models and revisions (VARCHAR(50) to VARCHAR(80))",
        id="a type",
    ),
    pytest.param(
        Operation("modify_nullable", table="user", column="name"),
        "nullability of column `user.name` differs between the staged models and revisions",
        id="nullability",
    ),
    pytest.param(
        Operation("CreateSequenceOp"),
        "`CreateSequenceOp` is in the staged models but in no staged revision",
        id="an operation of a plugin",
    ),
]
REMOVED = [
    pytest.param(
        Operation("remove_table", table="audit"),
        "table `audit` is built by the staged revisions but is not in the staged models",
        id="a table",
    ),
    pytest.param(
        Operation("remove_column", table="user", column="legacy"),
        "column `user.legacy` is built by the staged revisions but is not in the staged models",
        id="a column",
    ),
    pytest.param(
        Operation("remove_index", table="user", name="ix"),
        "index `ix` on `user` is built by the staged revisions but is not in the staged models",
        id="an index",
    ),
]


def state(*operations: Operation, adjective: str = "staged ") -> SchemaState:
    """An answer with these operations."""
    return SchemaState(None, Response(operations=list(operations)), adjective)


@pytest.mark.parametrize(("operation", "message"), ADDED)
def test_what_only_the_models_have_is_unmigrated(operation: Operation, message: str) -> None:
    """MG201 reports, MG202 ignores."""
    (diagnostic,) = unmigrated_models.check(state(operation))
    assert (diagnostic.code, diagnostic.message) == ("MG201", message)
    assert [item.command for item in diagnostic.helps] == ["migguard revision"]
    assert not list(unmodelled_schema.check(state(operation)))


@pytest.mark.parametrize(("operation", "message"), REMOVED)
def test_what_only_the_revisions_build_is_unmodelled(operation: Operation, message: str) -> None:
    """MG202 reports, MG201 ignores."""
    (diagnostic,) = unmodelled_schema.check(state(operation))
    assert (diagnostic.code, diagnostic.message) == ("MG202", message)
    assert not list(unmigrated_models.check(state(operation)))


def test_in_sync_gives_nothing() -> None:
    """No operation, no finding."""
    rules = (unmigrated_models, unmodelled_schema, replay_fails, replay_unsupported, environment_unavailable)
    assert not [item for rule in rules for item in rule.check(state())]


def test_indexes_of_a_new_table_are_one_finding_with_it() -> None:
    """One cause, one diagnostic."""
    (diagnostic,) = unmigrated_models.check(
        state(
            Operation("add_table", table="tag", place=Place("app/models.py", 31)),
            Operation("add_index", table="tag", name="ix_tag_name"),
        )
    )
    assert diagnostic.location is not None
    assert (diagnostic.location.path, diagnostic.location.line) == ("app/models.py", 31)
    assert [note.text for note in diagnostic.notes] == ["with it index `ix_tag_name` on `tag`"]


def test_outside_the_index_nothing_is_called_staged() -> None:
    """A ref's models are just models."""
    (diagnostic,) = unmigrated_models.check(state(Operation("add_table", table="tag"), adjective=""))
    assert diagnostic.message == "table `tag` is in the models but in no revision"


def test_replay_that_fails_names_the_revision_and_its_line() -> None:
    """MG203, and no other rule."""
    failure = Failure(
        "replay", "OperationalError: no such table: users", revision="4c1d2e", place=Place("versions/4c1d2e.py", 19)
    )
    answer = SchemaState(None, Response(failure=failure), "staged ")
    (diagnostic,) = replay_fails.check(answer)
    assert diagnostic.message == "revision `4c1d2e` fails on an empty database: OperationalError: no such table: users"
    assert diagnostic.location is not None
    assert diagnostic.location.line == 19
    assert not list(environment_unavailable.check(answer))


def test_environment_that_cannot_be_loaded_keeps_frames_notes_and_helps() -> None:
    """MG001 carries what the worker and the parent know about the cause."""
    failure = Failure("environment", "ModuleNotFoundError: No module named 'app.tags'", frames=["app/models.py:3 in x"])
    answer = SchemaState(
        None, Response(failure=failure), notes=("`app/tags.py` exists",), helps=("git add app/tags.py",)
    )
    (diagnostic,) = environment_unavailable.check(answer)
    assert diagnostic.code == "MG001"
    assert [note.text for note in diagnostic.notes] == ["app/models.py:3 in x", "`app/tags.py` exists"]
    assert [item.command for item in diagnostic.helps] == ["git add app/tags.py"]
    assert not list(replay_fails.check(answer))


def test_not_followed_is_reported_each_and_never_beside_a_failure() -> None:
    """MG002 says each thing; where there is no answer at all MG001 speaks."""
    items = [NotFollowed("foreign-table", "table `a` was made by the app"), NotFollowed("dialect", "postgresql")]

    def messages(response: Response) -> list[Diagnostic]:
        return list(replay_unsupported.check(SchemaState(None, response)))

    assert [item.message for item in messages(Response(not_followed=items))] == [item.text for item in items]
    assert not messages(Response(not_followed=items, failure=Failure("environment", "x")))


def test_alter_that_sqlite_lacks_names_batch_mode() -> None:
    """MG002 says where the revision stands, and what SQLite can do instead."""
    item = NotFollowed("sqlite-alter", "revision `b2` adds a constraint", Place("migrations/versions/b2.py", 12))
    (diagnostic,) = replay_unsupported.check(SchemaState(None, Response(not_followed=[item])))
    assert diagnostic.location is not None
    assert (diagnostic.location.path, diagnostic.location.line) == ("migrations/versions/b2.py", 12)
    assert [one.command for one in diagnostic.helps] == ["with op.batch_alter_table(…) as batch_op:"]


@pytest.mark.parametrize(
    ("items", "commands"),
    [
        pytest.param(
            [NotFollowed("opaque", "a", revision="b2"), NotFollowed("steer", "b", revision="c3")],
            [[], ["engine = 1", "migguard checkpoint"]],
            id="revisions only",
        ),
        pytest.param(
            [NotFollowed("opaque", "a", revision="b2"), NotFollowed("inexact", "b")],
            [[], ["engine = 1"]],
            id="a text that autogenerate compares is met behind a checkpoint as well",
        ),
        pytest.param([NotFollowed("read", "a")], [["engine = 1"]], id="env.py reads rows"),
    ],
)
def test_what_helps_is_said_once(items: list[NotFollowed], commands: list[list[str]]) -> None:
    """MG002 names a setting, and a checkpoint where that would do away with all of it."""
    found = replay_unsupported.check(SchemaState(None, Response(not_followed=items), helps=("engine = 1",)))
    assert [[one.command for one in item.helps] for item in found] == commands


def test_operations_beside_something_not_followed_prove_nothing() -> None:
    """A vacuous comparison finds nothing wrong and nothing right: only MG002 speaks."""
    response = Response(
        operations=[Operation("add_table", table="tag"), Operation("remove_table", table="old")],
        not_followed=[NotFollowed("foreign-table", "table `a` was made by the app")],
    )
    answer = SchemaState(None, response)
    assert not [*unmigrated_models.check(answer), *unmodelled_schema.check(answer)]
