"""MG105: files that Alembic cannot load."""

from __future__ import annotations

import pytest

from migguard.rules.unreadable_revision import check
from tests.rules.graph_states import show, state

# Reports


def test_conflict_markers_are_reported_where_they_begin() -> None:
    source = "revision = 'b'\n<<<<<<< HEAD\ndown_revision = 'a'\n=======\ndown_revision = 'x'\n>>>>>>> main\n"
    assert show(check(state("a", files={"versions/b add.py": source}))) == (
        "MG105 `b add.py` has conflict markers\n"
        "  at versions/b add.py:2 <<<<<<<< HEAD>\n"
        "  help solve the conflict, then $ git add 'versions/b add.py'"
    )


def test_python_2_is_reported_at_what_betrays_it() -> None:
    source = "revision = 'b'\ndown_revision = None\nprint 'hello'\n"
    assert show(check(state(files={"versions/b.py": source}))) == (
        "MG105 `b.py` is Python 2: a `print` statement\n"
        "  at versions/b.py:3 <print 'hello'>\n"
        "  help write it for Python 3, with the same effect"
    )


def test_other_syntax_error_is_reported_in_python_s_words() -> None:
    source = "revision = 'b'\ndown_revision = (\n"
    assert show(check(state(files={"versions/b.py": source}))) == (
        "MG105 `b.py` is not valid Python: '(' was never closed\n  at versions/b.py:2 <(>"
    )


def test_file_without_down_revision_is_reported_at_its_id() -> None:
    assert show(check(state(files={"versions/b.py": "revision = 'b'\n"}))) == (
        "MG105 `b.py` declares no `down_revision`\n  at versions/b.py:1 <'b'>"
    )


def test_file_that_is_no_revision_is_reported() -> None:
    assert show(check(state("a", files={"versions/columns.py": "x = 1\n"}))) == (
        "MG105 `columns.py` is in a versions folder and declares no `revision`\n"
        "  at versions/columns.py\n"
        "  help move it out of the versions folder, or declare `revision` and `down_revision`"
    )


# Ignores


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("revision = 'b'\ndown_revision = None\n", id="a plain revision"),
        pytest.param('"""Title\n=======\n"""\nrevision = "b"\ndown_revision = None\n', id="an underlined heading"),
        pytest.param("revision = 'b'\ndown_revision = None\ns = '\\d'\n", id="an escape that Python warns about"),
        pytest.param("revision = pick()\ndown_revision = None\n", id="a dynamic id"),
    ],
)
def test_file_that_loads_is_left_alone(source: str) -> None:
    assert list(check(state(files={"versions/b.py": source}))) == []
