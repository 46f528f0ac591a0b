"""MG110: ids that do not fit into the version table."""

from __future__ import annotations

from dataclasses import replace

from migguard.rules.overlong_revision_id import check
from tests.rules.graph_states import show, state

LONG = "a" * 33

# Reports


def test_id_longer_than_the_column_is_reported() -> None:
    assert show(check(state(LONG))) == (
        f"MG110 revision id `{LONG}` has 33 characters where the version table holds 32\n"
        f"  at versions/{LONG}.py:2 <'{LONG}'> 33 characters\n"
        "  help shorten it to 32 characters, here and in the revisions that name it"
    )


# Ignores


def test_id_that_fills_the_column_is_left_alone() -> None:
    assert list(check(state("a" * 32))) == []


def test_wider_column_is_respected() -> None:
    assert list(check(replace(state(LONG), version_column_length=255))) == []
