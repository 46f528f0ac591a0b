"""MG104: revisions that come back to themselves."""

from __future__ import annotations

import pytest

from migguard.rules.revision_cycle import check
from tests.rules.graph_states import show, state

# Reports


def test_cycle_of_two_is_reported_once() -> None:
    assert show(check(state("a<b", "b<a"))) == (
        "MG104 revision `b` follows itself through `a`\n"
        "  at versions/b.py:3 <'a'>\n"
        "  note `a` follows `b` (versions/a.py:3 <'b'>)"
    )


def test_cycle_is_told_from_your_revision_on() -> None:
    assert show(check(state("a<c", "b<a", "c<b", yours=["versions/b.py"]))) == (
        "MG104 revision `b` follows itself through `a`, `c`\n"
        "  at versions/b.py:3 <'a'>\n"
        "  note `a` follows `c` (versions/a.py:3 <'c'>)\n"
        "  note `c` follows `b` (versions/c.py:3 <'b'>)"
    )


def test_revision_that_follows_itself_is_reported() -> None:
    assert show(check(state("a<a"))) == ("MG104 revision `a` follows itself\n  at versions/a.py:3 <'a'>")


def test_cycle_through_a_dependency_is_shown_at_the_dependency() -> None:
    assert show(check(state("a+c", "b<a", "c<b"))) == (
        "MG104 revision `a` depends on itself through `c`, `b`\n"
        "  at versions/a.py:4 <'c'>\n"
        "  note `c` follows `b` (versions/c.py:3 <'b'>)\n"
        "  note `b` follows `a` (versions/b.py:3 <'a'>)"
    )


def test_long_cycle_is_cut() -> None:
    (found,) = check(state("r0<r9", *(f"r{number}<r{number - 1}" for number in range(1, 10)), "x", heads=9))
    assert found.message == (
        "revision `r9` follows itself through `r8`, `r7`, `r6`, `r5`, `r4`, `r3`, `r2`, `r1` and 1 more"
    )
    assert len(found.notes) == 8


# Ignores


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param(("a", "b<a", "c<a", "m<b,c"), id="a diamond"),
        pytest.param(("a", "b<a+a"), id="a dependency on the parent"),
        pytest.param(("a", "b<a", "b<b"), id="a copy whose id was left as it was"),
    ],
)
def test_history_with_an_order_is_left_alone(lines: tuple[str, ...]) -> None:
    assert list(check(state(*lines))) == []
