"""MG107: the docstring's `Revises:` line."""

from __future__ import annotations

from pathlib import Path

import pytest

from migguard.diagnostics import Severity
from migguard.rules.stale_revises import check, find_stale
from tests.rules import publishing
from tests.rules.graph_states import make_state, show
from tests.rules.publishing import path_of, source_of


def revise(line: str, down: str = "'a'") -> dict[str, str]:
    """Revision `b` whose docstring has this line."""
    docstring = f'"""add email\n\nRevision ID: b\n{line}\nCreate Date: 2026-01-02\n"""'
    text = f"{docstring}\n\nrevision = 'b'\ndown_revision = {down}\n"
    return {"versions/b.py": text}


def found_in(line: str, down: str = "'a'") -> str:
    """What the rule says of that revision, if it may be changed."""
    state = make_state(revise(line, down))
    return show(check(state, find_stale(state)))


# Reports


def test_another_parent_is_shown_where_it_stands() -> None:
    assert found_in("Revises: z") == (
        "MG107 revision `b` follows `a`, and its docstring says that it revises `z`\n"
        "  at versions/b.py:4 <z>\n"
        "  help correct the docstring $ migguard rebase"
    )


@pytest.mark.parametrize(
    ("line", "down", "message"),
    [
        pytest.param(
            "Revises: ", "'a'", "follows `a`, and its docstring says that it revises nothing", id="none for one"
        ),
        pytest.param(
            "Revises: a", "None", "follows nothing, and its docstring says that it revises `a`", id="one for none"
        ),
        pytest.param(
            "Revises: a", "('a', 'c')", "follows `a`, `c`, and its docstring says that it revises `a`", id="one of two"
        ),
    ],
)
def test_disagreement_is_reported(line: str, down: str, message: str) -> None:
    assert found_in(line, down).splitlines()[0] == f"MG107 revision `b` {message}"


def test_it_is_a_warning() -> None:
    state = make_state(revise("Revises: z"))
    assert [item.severity for item in check(state, find_stale(state))] == [Severity.WARNING]


# Ignores


@pytest.mark.parametrize(
    ("line", "down"),
    [
        pytest.param("Revises: a", "'a'", id="the parent"),
        pytest.param("Revises: c, a", "('a', 'c')", id="both parents in another order"),
        pytest.param("Revises: ('a', 'c')", "('a', 'c')", id="a tuple as old templates wrote it"),
        pytest.param("Revises: a (add phone)", "'a'", id="words after the id"),
        pytest.param("Revises: ", "None", id="nothing for a base"),
        pytest.param("Revises: None", "None", id="None for a base"),
        pytest.param("Revises: <base>", "None", id="Alembic's word for a base"),
        pytest.param("About: z", "'a'", id="no such line"),
    ],
)
def test_agreement_is_left_alone(line: str, down: str) -> None:
    assert found_in(line, down) == ""


def test_published_revision_is_left_alone(tmp_path: Path) -> None:
    """It stays as it is; a new one with the same fault is reported."""
    stale = '"""x\n\nRevises: z\n"""\n'
    hub = publishing.make_hub(tmp_path)
    publishing.publish(hub, {path_of("p"): stale + source_of("p", "b")})
    mine = publishing.clone(hub, "mine", branch="feature")
    for hook in ("pre-commit", None):
        assert publishing.told(publishing.check(mine, hook=hook)) == []
    mine.stage({path_of("q"): stale + source_of("q", "p")})
    said = "MG107 revision `q` follows `p`, and its docstring says that it revises `z`"
    for hook in ("pre-commit", None):
        assert publishing.told(publishing.check(mine, hook=hook)) == [said]
    mine.commit({})
    assert publishing.told(publishing.check(mine, hook="pre-commit")) == []
    assert publishing.told(publishing.check(mine)) == [said]


def test_where_publication_is_unknown_only_what_is_added_is_looked_at(tmp_path: Path) -> None:
    """A shallow clone."""
    stale = '"""x\n\nRevises: z\n"""\n'
    hub = publishing.make_hub(tmp_path)
    publishing.publish(hub, {path_of("p"): stale + source_of("p", "b")})
    mine = publishing.clone(hub, "mine", "--depth=1", branch="feature")
    mine.stage({path_of("q"): stale + source_of("q", "p")})
    assert [item.subject["revision"] for item in publishing.check(mine).diagnostics] == ["q"]
