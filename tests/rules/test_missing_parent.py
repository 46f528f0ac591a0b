"""MG102: a revision names one that is not there."""

from __future__ import annotations

import pytest

from migguard.rules.missing_parent import check
from tests.rules.graph_states import show, state

# Reports


def test_missing_parent_is_reported_at_its_name() -> None:
    assert show(check(state("a", "c<b"))) == (
        "MG102 revision `c` follows `b`, which does not exist\n"
        "  at versions/c.py:3 <'b'>\n"
        "  help if its file is there and not staged $ git add versions"
    )


def test_one_of_several_parents_is_underlined_alone() -> None:
    assert show(check(state("a", "m<a,b"))) == (
        "MG102 revision `m` follows `b`, which does not exist\n"
        "  at versions/m.py:3 <'b'>\n"
        "  help if its file is there and not staged $ git add versions"
    )


def test_revision_that_several_name_is_one_diagnostic() -> None:
    assert show(check(state("c<b", "d<b", "e+b"))) == (
        "MG102 revision `e` depends on `b`, which does not exist\n"
        "  at versions/e.py:4 <'b'>\n"
        "  note `c` follows it too (versions/c.py:3 <'b'>)\n"
        "  note `d` follows it too (versions/d.py:3 <'b'>)\n"
        "  help if its file is there and not staged $ git add versions"
    )


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        pytest.param(("a1b2c3d4", "b<a1b2"), "did you mean `a1b2c3d4`?", id="the beginning of an id"),
        pytest.param(("a1b2c3d4", "b<a1b2c3d5"), "did you mean `a1b2c3d4`?", id="a mistyped id"),
    ],
)
def test_similar_id_is_named(lines: tuple[str, ...], expected: str) -> None:
    (found,) = check(state(*lines))
    assert [help_.text for help_ in found.helps] == [expected]


def test_label_as_a_parent_is_explained() -> None:
    assert show(check(state("a#x", "b<x"))) == (
        "MG102 revision `b` follows `x`, which does not exist\n"
        "  at versions/b.py:3 <'x'>\n"
        "  note `x` is a branch label, and `down_revision` names revisions by their id (versions/a.py:4 <'x'>)\n"
        "  help did you mean `a`?"
    )


def test_empty_string_is_reported_as_alembic_takes_it() -> None:
    source = "revision = 'b'\ndown_revision = ''\n"
    assert show(check(state("a", files={"versions/b.py": source}))) == (
        "MG102 revision `b` follows an empty string\n"
        "  at versions/b.py:2 <''> Alembic looks for a revision of this name\n"
        "  help write `down_revision = None`"
    )


def test_missing_revision_is_reported_beside_an_unreadable_one_with_another_id() -> None:
    source = "<<<<<<< HEAD\nrevision = 'x'\n=======\nrevision = 'x'\n>>>>>>> y\n"
    (found,) = check(state("c<b", files={"versions/x.py": source}))
    assert found.subject == {"revision": "c", "reference": "b"}


def test_folder_with_a_space_is_quoted() -> None:
    source = "revision = 'b'\ndown_revision = 'a'\n"
    (found,) = check(state(files={"my db/versions/b.py": source}))
    assert [help_.command for help_ in found.helps] == ["git add 'my db/versions'"]


# Ignores


@pytest.mark.parametrize(
    ("lines", "files"),
    [
        pytest.param(("a", "b<a", "c<b+a"), {}, id="all there"),
        pytest.param(("a#x", "b+x"), {}, id="a dependency on a label"),
        pytest.param(("c<b",), {"versions/b_add.py": "<<<<<<< HEAD\n"}, id="an unreadable file of unknown id"),
        pytest.param(("c<b",), {"versions/1.py": "revision = 'b'\nx = (\n"}, id="an unreadable file of this id"),
        pytest.param(("c<b",), {"versions/1.py": "revision = pick()\n"}, id="a file whose id is dynamic"),
        pytest.param(
            ("c<b",), {"versions/1.py": "revision = 'b'\ndown_revision = pick()\n"}, id="a file whose parent is dynamic"
        ),
    ],
)
def test_reference_that_leads_somewhere_is_left_alone(lines: tuple[str, ...], files: dict[str, str]) -> None:
    assert list(check(state(*lines, files=files))) == []
