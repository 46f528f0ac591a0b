"""MG103: two files with one id."""

from __future__ import annotations

from migguard.rules.duplicate_revision import check
from tests.rules.graph_states import show, state

# Reports


def test_files_with_one_id_are_named() -> None:
    source = "revision = 'b'\ndown_revision = 'a'\nadded = True\n"
    assert show(check(state("a", "b<a", files={"versions/b_phone.py": source}))) == (
        "MG103 2 files declare revision `b`\n"
        "  at versions/b_phone.py:1 <'b'>\n"
        "  note `b` is also here (versions/b.py:2 <'b'>)\n"
        '  help give this file a new id, `revision = "3fd185eb409d"`, and name that in the revisions that follow it'
    )


def test_your_file_is_the_one_to_change() -> None:
    (found,) = check(state("a", "b<a", "b", yours=["versions/b.py"]))
    assert found.location is not None
    assert found.location.path == "versions/b.py"


def test_identical_copy_is_to_be_removed() -> None:
    assert show(check(state("a", "b<a", "b<a"))) == (
        "MG103 2 files declare revision `b`\n"
        "  at versions/b_copy.py:2 <'b'>\n"
        "  note `b` is also here (versions/b.py:2 <'b'>)\n"
        "  help the files are the same, remove this one $ git rm versions/b_copy.py"
    )


def test_label_declared_twice_is_reported() -> None:
    assert show(check(state("a#x", "b<a#x"))) == (
        "MG103 branch label `x` is declared twice\n"
        "  at versions/b.py:4 <'x'>\n"
        "  note `x` is also here (versions/a.py:4 <'x'>)\n"
        "  help give this branch another label"
    )


def test_label_that_is_an_id_is_reported() -> None:
    assert show(check(state("a", "b<a#a"))) == (
        "MG103 branch label `a` is also a revision id\n"
        "  at versions/b.py:4 <'a'>\n"
        "  note `a` is also here (versions/a.py:2 <'a'>)\n"
        "  help give this branch another label"
    )


def test_label_of_two_copies_is_left_to_their_id() -> None:
    (found,) = check(state("a#x", "a#x"))
    assert found.message == "2 files declare revision `a`"


# Ignores


def test_distinct_ids_and_labels_are_left_alone() -> None:
    assert list(check(state("a#x", "b<a#y", "c<b"))) == []
