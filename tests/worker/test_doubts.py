"""The judge over flags: what was not followed, against what the comparison rests on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from migguard.worker.doubts import Compared, describe_rejection, find_causes, find_doubts, is_believed
from migguard.worker.engines.catalog.database import Change
from migguard.worker.engines.catalog.errors import NotUnderstood, Rejected
from migguard.worker.engines.catalog.flags import (
    COMPARISON,
    INEXACT,
    OPAQUE,
    READ,
    STEER,
    FlagLog,
    TableName,
)
from migguard.worker.filters import LeftOut
from migguard.worker.ledger import ProjectPaths
from migguard.worker.protocol import Failure

#: A history that may do anything to a log, and what the models then are.
Story = Callable[[FlagLog], None]

USER, OLD, NEW = TableName("public", "user"), TableName("public", "old"), TableName("public", "new")
MODELS = Compared(
    models=frozenset({"user", "tag"}),
    indexes=frozenset({("user", "ix_user_mail"), ("tag", "")}),
    revision_files={"a1": "versions/a1.py"},
)


def log_of(*stories: Story) -> FlagLog:
    """A log after these events."""
    log = FlagLog(ProjectPaths("/nowhere"))
    for story in stories:
        story(log)
    return log


def flag(kind: str, *tables: TableName, revision: str | None = "a1", **options: Any) -> Story:
    """Something not followed that concerns these tables."""

    def happen(log: FlagLog) -> None:
        log.revision = revision
        log.add(kind, "what it was", frozenset(tables), **options)

    return happen


def anywhere(kind: str) -> Story:
    """Something not followed that may concern any table."""
    return lambda log: log.add(kind, "what it was", None)


def change(verb: str, table: TableName) -> Story:
    """A statement that was followed."""
    return lambda log: log.follow(Change(verb, "table", table.schema, table.name))


def undo(log: FlagLog) -> None:
    """A rollback."""
    log.undo()


def text(detail: str, subject: str, table: TableName = USER, *, printed: str = "lower(mail)", **options: Any) -> Story:
    """A text that autogenerate was given."""
    return flag(INEXACT, table, revision=None, detail=detail, subject=subject, printed=printed, **options)


def kinds(compared: Compared, *stories: Story) -> list[str]:
    """The kinds of what keeps the answer from being one."""
    return [doubt.kind for doubt in find_doubts(log_of(*stories), compared)]


@pytest.mark.parametrize(
    "stories",
    [
        pytest.param([flag(OPAQUE, USER)], id="a table of the models"),
        pytest.param([flag(OPAQUE, TableName("other", "USER"))], id="another schema, another case: it may be the same"),
        pytest.param([flag(OPAQUE, OLD)], id="a table that may be there at the end"),
        pytest.param([anywhere(OPAQUE)], id="any table"),
        pytest.param([anywhere(STEER)], id="any table, steered"),
        pytest.param([flag(OPAQUE, OLD), change("created", OLD)], id="made again without a drop: it was renamed"),
        pytest.param([flag(OPAQUE, OLD), change("created", OLD), change("dropped", OLD)], id="and that one dropped"),
        pytest.param([change("dropped", OLD), flag(OPAQUE, OLD)], id="dropped before"),
        pytest.param([flag(OPAQUE, OLD), change("dropped", OLD), undo], id="dropped, and rolled back"),
        pytest.param([flag(OPAQUE, OLD), change("dropped", OLD), flag(OPAQUE, OLD)], id="dropped, and the same again"),
        pytest.param([flag(OPAQUE, OLD, NEW), change("dropped", OLD)], id="one of two dropped"),
        pytest.param([flag(OPAQUE, OLD), change("altered", OLD)], id="altered later"),
        pytest.param([flag(OPAQUE, OLD), change("dropped", TableName("x", "old"))], id="dropped in another schema"),
        pytest.param([flag(STEER, USER)], id="steered"),
        pytest.param([flag(INEXACT, USER, detail="default")], id="a text that a revision was given"),
    ],
)
def test_cannot_tell(stories: list[Story]) -> None:
    """What may still be in the schema that is compared."""
    assert len(kinds(MODELS, *stories)) == 1


@pytest.mark.parametrize(
    "stories",
    [
        pytest.param([], id="nothing happened"),
        pytest.param([flag(OPAQUE, OLD), change("dropped", OLD)], id="a table that was dropped later"),
        pytest.param(
            [flag(OPAQUE, USER), change("dropped", USER), change("created", USER)], id="dropped and made anew"
        ),
        pytest.param([flag(STEER, OLD), change("dropped", OLD)], id="steered, and dropped"),
        pytest.param([flag(OPAQUE, OLD, NEW), change("dropped", NEW), change("dropped", OLD)], id="both dropped"),
        pytest.param([flag(OPAQUE)], id="a statement that names no table"),
    ],
)
def test_does_not_matter(stories: list[Story]) -> None:
    """What is known to be gone."""
    assert kinds(MODELS, *stories) == []


@pytest.mark.parametrize(
    ("left_out", "spoils"),
    [
        pytest.param(LeftOut(hidden={"old"}), False, id="include_object hides it"),
        pytest.param(LeftOut(hidden={"old"}, shown={"old"}), True, id="hidden in one database, shown in another"),
        pytest.param(LeftOut(versions={"old"}), False, id="Alembic's own table"),
        pytest.param(LeftOut(schema="public"), True, id="the only schema that is looked at"),
        pytest.param(LeftOut(schema="app"), False, id="a schema that is not looked at"),
    ],
)
def test_filters_of_env_py(left_out: LeftOut, spoils: bool) -> None:
    """A table that autogenerate never sees."""
    assert bool(kinds(replace(MODELS, left_out=left_out), flag(OPAQUE, OLD))) == spoils


def test_filters_do_not_excuse_models_that_are_shown() -> None:
    """A table of the models in a schema that is not looked at is compared nevertheless."""
    left_out = LeftOut(schema="app")
    assert kinds(replace(MODELS, left_out=left_out), flag(OPAQUE, USER)) == ["opaque"]


@pytest.mark.parametrize(
    ("changes", "stories", "spoils"),
    [
        pytest.param({}, [text("index", "ix_user_mail")], True, id="index expressions"),
        pytest.param({}, [text("index", "ix_other")], False, id="an index that the models do not have"),
        pytest.param(
            {}, [text("index", "ix_other", TableName("public", "tag"))], True, id="models with unnamed indexes"
        ),
        pytest.param({}, [text("index", "ix_user_mail", OLD)], False, id="an index on another table"),
        pytest.param({}, [text("where", "ix_user_mail")], False, id="a partial index: the condition is not compared"),
        pytest.param({}, [text("default", "mail")], True, id="a default, compared"),
        pytest.param({"defaults": False}, [text("default", "mail")], False, id="a default, not compared"),
        pytest.param({}, [text("check", "ck_mail")], False, id="a CHECK is never compared"),
        pytest.param({}, [text("computed", "mail")], False, id="a computed column is warned about only"),
        pytest.param({}, [text("something new", "mail")], True, id="a text of a kind that is not known"),
        pytest.param({"text": "text('lower(name)')"}, [text("check", "ck_mail")], False, id="another text in the file"),
        pytest.param({"text": "sa.text('lower(mail)')"}, [text("check", "ck_mail")], True, id="in the file"),
        pytest.param(
            {"text": "sa.text('a = \\'x\\'\\n AND b')"},
            [text("check", "c", OLD, printed="a = 'x' AND b")],
            True,
            id="in the file, quoted and broken into lines",
        ),
        pytest.param({"text": "op.f('ix')"}, [text("check", "c", OLD, printed="")], True, id="a text that is not told"),
        pytest.param({}, [flag(COMPARISON, USER, revision=None)], True, id="a comparison of defaults"),
        pytest.param({}, [flag(COMPARISON, OLD, revision=None)], False, id="a comparison of another table"),
        pytest.param({"defaults": False}, [flag(COMPARISON, USER)], False, id="defaults are not compared"),
        pytest.param({}, [anywhere(COMPARISON)], True, id="a comparison of some default"),
    ],
)
def test_texts(changes: dict[str, Any], stories: list[Story], spoils: bool) -> None:
    """A text that the server may write otherwise matters where autogenerate compares it or writes it down."""
    assert bool(kinds(replace(MODELS, **changes), *stories)) == spoils


@pytest.mark.parametrize(
    ("source", "spoils"),
    [
        pytest.param("LOG.add(KIND, 'rows')\nop.add_column('t', c)", False, id="nothing under a condition"),
        pytest.param("if LOG.add(KIND, 'rows'):\n    op.add_column('t', c)", True, id="an operation under a condition"),
    ],
)
def test_a_read_matters_where_it_may_decide(tmp_path: Path, source: str, spoils: bool) -> None:
    """A read without an answer, and no operation after it: had the server answered there might be one."""
    file = tmp_path / "versions" / "a1.py"
    log = FlagLog(ProjectPaths(str(tmp_path)), revision="a1")
    exec(compile(source, str(file), "exec"), {"LOG": log, "KIND": READ, "op": _Anything(), "c": None})
    compared = replace(MODELS, sources={"versions/a1.py": source.encode()})
    assert bool(find_doubts(log, compared)) == spoils


class _Anything:
    def __getattr__(self, name: str) -> Any:
        return lambda *arguments: None


def test_a_read_outside_revisions_matters() -> None:
    """What env.py does with the rows cannot be told."""
    assert kinds(MODELS, flag(READ, USER, revision=None)) == ["read"]


def test_what_is_said() -> None:
    """Each names the revision, the tables and the thing itself."""
    log = log_of(flag(OPAQUE, USER), text("index", "ix_user_mail"), flag(STEER, USER))
    assert [(one.text, one.revision, one.tables) for one in find_doubts(log, MODELS)] == [
        ("revision `a1` runs a statement that is not followed: what it was", "a1", ["user"]),
        (
            "the server may write the expressions of index `ix_user_mail` on `user` otherwise than the replay does:"
            " `lower(mail)`",
            None,
            ["user"],
        ),
        (
            "revision `a1` changes the schema after it read rows that the replay does not have: what it was",
            "a1",
            ["user"],
        ),
    ]


def test_flags_go_on_in_another_run() -> None:
    """A state that is kept brings its flags, and what became of their tables."""
    first = log_of(flag(OPAQUE, OLD), flag(OPAQUE, NEW), change("dropped", NEW))
    second = FlagLog(ProjectPaths("/elsewhere"))
    second.load_state(first.dump_state())
    assert [one.tables for one in find_doubts(second, MODELS)] == [["old"]]
    second.follow(Change("dropped", "table", "public", "old"))
    assert find_doubts(second, MODELS) == []
    assert len(find_doubts(first, MODELS)) == 1


def raised(error: BaseException, cause: BaseException | None = None) -> BaseException:
    """An exception as the project's code sees it."""
    try:
        raise error from cause
    except BaseException as caught:  # noqa: BLE001
        return caught


@pytest.mark.parametrize(
    ("error", "believed"),
    [
        pytest.param(raised(RuntimeError("x"), Rejected("no such table", "42P01")), True, id="certain"),
        pytest.param(raised(RuntimeError("x"), Rejected("?", is_certain=False)), False, id="our own mistake perhaps"),
        pytest.param(raised(RuntimeError("x"), NotUnderstood("?")), False, id="not understood"),
        pytest.param(raised(ValueError("x")), True, id="the revision's own"),
    ],
)
def test_refusals(error: BaseException, believed: bool) -> None:
    """MG203 only where nobody doubts."""
    assert is_believed(error) == believed


def test_a_failure_after_something_not_followed() -> None:
    """Both are named; what autogenerate was given comes later than any failure."""
    log = log_of(flag(OPAQUE, USER), flag(READ, USER), text("index", "ix"))
    causes = find_causes(log)
    assert [one.kind for one in causes] == [OPAQUE, READ]
    failure = Failure("replay", 'relation "tag" does not exist', revision="b2")
    assert describe_rejection(causes, failure) == (
        'revision `b2` stops: relation "tag" does not exist; but this was not followed before: what it was'
    )
    assert describe_rejection([], failure) == (
        'revision `b2` stops, where a server may go on: relation "tag" does not exist'
    )
