"""Which engine's answer counts, and what is said of the others."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from migguard.config import EngineName
from migguard.schema.engines import ask_engines
from migguard.schema.protocol import Failure, NotFollowed, Operation, Place, Response
from migguard.schema.result import SchemaResult

OPAQUE = NotFollowed("opaque", "`DO $$ …` is not followed", Place("versions/a1.py", 14))
SERVER = "PostgreSQL 15.18 (server db:5432, scratch database)"


def answer(
    engine: str, *not_followed: NotFollowed, failure: Failure | None = None, notes: Sequence[str] = ()
) -> SchemaResult:
    """An answer of one engine; without reasons it is a verdict."""
    detail = SERVER if engine == "server" else ""
    response = Response(
        engine=engine,
        engine_detail=detail,
        dialects=["postgresql"],
        failure=failure,
        not_followed=list(not_followed),
        operations=[] if not_followed or failure else [Operation("add_table", engine)],
        notes=list(notes),
    )
    return SchemaResult(response)


def ask(*answers: SchemaResult, order: Sequence[EngineName] = ("catalog", "server")) -> tuple[SchemaResult, int]:
    """The answer that counts, and how many engines were asked."""
    asked: list[EngineName] = []

    def ask_one(engine: EngineName) -> SchemaResult:
        asked.append(engine)
        return answers[len(asked) - 1]

    return ask_engines(order, ask_one), len(asked)


def test_first_engine_that_can_tell_is_the_only_one_asked() -> None:
    """The catalog's answers need no words about the engine."""
    result, asked = ask(answer("catalog"))
    assert (asked, result.response.engine, result.response.notes) == (1, "catalog", [])


def test_second_engine_is_asked_where_the_first_could_not_follow() -> None:
    """The answer says who gave it, and why it was not the first."""
    result, asked = ask(answer("catalog", OPAQUE, OPAQUE), answer("server", notes=["a fact"]))
    assert (asked, result.response.operations[0].table) == (2, "server")
    assert result.response.notes == [
        "a fact",
        f"checked on {SERVER}; the catalog engine could not tell: versions/a1.py:14: `DO $$ …` is not followed"
        " (and 1 more)",
    ]


@pytest.mark.parametrize(
    "first",
    [
        pytest.param(answer("catalog", NotFollowed("foreign-table", "made by the app")), id="a table of the app"),
        pytest.param(answer("catalog", OPAQUE, NotFollowed("no-metadata", "no models")), id="no models at all"),
        pytest.param(answer("catalog", failure=Failure("replay", "no such table")), id="a revision that fails"),
        pytest.param(answer("sqlite", NotFollowed("dialect", "oracle")), id="nothing but SQLite"),
    ],
)
def test_second_engine_is_not_asked_for_what_no_engine_can_change(first: SchemaResult) -> None:
    """It would say the same."""
    result, asked = ask(first)
    assert (asked, result) == (1, first)


def test_revision_that_fails_on_the_second_engine_is_an_answer() -> None:
    """A real server is the judge."""
    failing = answer("server", failure=Failure("replay", "relation exists"))
    result, _ = ask(answer("catalog", OPAQUE), failing)
    assert result.response.failure == failing.response.failure


def test_where_no_engine_can_tell_the_first_ones_reasons_are_given() -> None:
    """The others are facts beside them."""
    refused = NotFollowed("engine", "the scratch server db:5432 cannot be reached: connection refused")
    result, _ = ask(answer("catalog", OPAQUE), answer("server", refused))
    assert result.response.not_followed == [OPAQUE]
    assert result.notes == (
        "the server engine could not tell: the scratch server db:5432 cannot be reached: connection refused",
    )


def test_engine_that_could_not_be_used_does_not_hide_the_reasons_of_one_that_ran() -> None:
    """Whatever the order."""
    refused = NotFollowed("engine", "cannot be reached")
    result, _ = ask(answer("server", refused), answer("catalog", OPAQUE), order=("server", "catalog"))
    assert result.response.not_followed == [OPAQUE]
    assert result.notes == ("the server engine could not tell: cannot be reached",)


def test_engines_that_could_not_be_used_give_their_reasons() -> None:
    """The first one's as the reasons, the others' as notes."""
    refused, missing = NotFollowed("engine", "cannot be reached"), NotFollowed("engine", "no PostgreSQL found")
    result, _ = ask(answer("server", refused), answer("embedded", missing), order=("server", "embedded"))
    assert result.response.not_followed == [refused]
    assert result.notes == ("the embedded engine could not tell: no PostgreSQL found",)


def test_timeout_of_the_second_engine_leaves_the_reasons_of_the_first() -> None:
    """No answer is none, whatever kept it."""
    slow = answer("server", failure=Failure("timeout", "the project's code took longer than 120 s"))
    result, _ = ask(answer("catalog", OPAQUE), slow)
    assert result.response.not_followed == [OPAQUE]
    assert result.notes == ("the server engine could not tell: the project's code took longer than 120 s",)


def test_other_engines_are_offered_where_none_was_chosen() -> None:
    """Whoever has chosen knows of them."""
    result, _ = ask(answer("catalog", OPAQUE), order=("catalog",))
    assert result.helps == (
        'engine = ["catalog", "embedded"]',
        'engine = ["catalog", "server"], scratch-server = "$VARIABLE"',
    )
    result, _ = ask(answer("catalog", OPAQUE), answer("server", OPAQUE))
    assert result.helps == ()
