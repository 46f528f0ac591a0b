"""MG003: an environment without revisions."""

from __future__ import annotations

from migguard.rules.no_revisions import check, notes
from tests.rules.graph_states import make_state, show, write_files

# Reports


def test_configured_environment_without_revisions_is_an_error() -> None:
    empty = make_state({})
    assert show(check(empty)) == (
        "MG003 environment `main` has no revisions\n"
        "  at migrations\n"
        "  help see whether git ignores them $ git status --ignored -- migrations"
    )
    assert notes(empty) == ()


def test_environment_that_was_only_found_gives_a_note() -> None:
    found = make_state({}, configured=False)
    assert list(check(found)) == []
    assert notes(found) == ("environment `main` in `migrations` has no revisions yet",)


# Ignores


def test_environment_with_a_revision_is_left_alone() -> None:
    found = make_state(write_files("a"))
    assert list(check(found)) == []
    assert notes(make_state(write_files("a"), configured=False)) == ()


def test_file_that_cannot_be_read_counts_as_a_revision() -> None:
    assert list(check(make_state({"versions/b.py": "<<<<<<< HEAD\n"}))) == []
