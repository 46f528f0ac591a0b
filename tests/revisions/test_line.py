"""Your revisions in one line behind upstream's, on graphs of one line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migguard.revisions.graph import RevisionGraph
from migguard.revisions.line import CannotMove, Line, find_line
from tests.revisions.histories import graph, revisions


def find_moves(line: Line) -> list[str]:
    """Each move as `b<c`, and each dissolved merge revision as `-m`."""
    moved = [f"{move.revision}<{','.join(move.after)}" for move in line.moves]
    return [*moved, *(f"-{id_}" for id_ in line.dissolved)]


@pytest.mark.parametrize(
    ("history", "own", "expected"),
    [
        pytest.param("a b<a c<a", "c", ["c<b"], id="one behind one"),
        pytest.param("a b<a c<b", "c", [], id="in line already"),
        pytest.param("a b<a c<a d<c", "cd", ["c<b"], id="a chain moves by its bottom"),
        pytest.param("a b<a c<a d<a", "cd", ["c<b", "d<c"], id="two chains, by id"),
        pytest.param("a b<a c<a d<c e<a f<e", "cdef", ["c<b", "e<d"], id="two chains keep together"),
        pytest.param("a b<a c<a d<c e<c", "cde", ["c<b", "e<d"], id="a chain that branches"),
        pytest.param("a b<a c<a m<b,c", "cm", ["c<b", "-m"], id="your merge revision is dissolved"),
        pytest.param("a b<a c<a m<b,c d<m", "cmd", ["c<b", "d<c", "-m"], id="and what followed it follows the line"),
        pytest.param("a b<a c<a d<a m<c,d", "cdm", ["c<b", "d<c", "-m"], id="a merge of two chains of yours"),
        pytest.param("a b<a c<a+d d<a", "cd", ["d<b", "c<d"], id="what it depends on comes first"),
        pytest.param("a b<a p x<p y<x c<a z<p", "cz", ["c<b", "z<y"], id="each behind the head of its lineage"),
        pytest.param("a b<a p", "p", [], id="a chain from a base stays"),
        pytest.param("a b<a p c<p", "pc", [], id="and all that stands on it"),
        pytest.param("a b<a c<a#feature d<c", "cd", [], id="a line with a label of its own stays"),
        pytest.param("a b<a c<a m<b,c d<m e<d", "e", [], id="published merges are not touched"),
        pytest.param("a b<a", "", [], id="nothing of yours"),
    ],
)
def test_line_of_a_history(history: str, own: str, expected: list[str]) -> None:
    assert find_moves(find_line(graph(*history.split()), own, {})) == expected


def test_order_of_chains_is_that_of_their_first_commits() -> None:
    assert find_moves(find_line(graph("a", "b<a", "c<a", "d<a"), "cd", {"d": 0, "c": 1})) == ["d<b", "c<d"]


def test_what_no_commit_has_yet_comes_last() -> None:
    assert find_moves(find_line(graph("a", "b<a", "c<a", "d<a"), "cd", {"d": 0})) == ["d<b", "c<d"]


def test_merge_revision_that_does_something_stays_in_the_line() -> None:
    line = find_line(graph("a", "b<a", "c<a", "m<b,c"), "cm", {}, keeping="m")
    assert find_moves(line) == ["c<b", "m<c"]


@pytest.mark.parametrize(
    ("history", "own", "message"),
    [
        pytest.param("a b<a c<a d<a", "d", "several heads above its parent", id="upstream has two heads"),
        pytest.param("a b<a c<b", "b", "`c` may be published, and follows", id="a published one follows yours"),
        pytest.param("a b<a c<a m<b,c", "m", "which upstream keeps apart", id="a merge of upstream's own heads"),
        pytest.param("a b<a p q<p c<a,p d<b", "c", "which no one head", id="a merge of two lineages"),
    ],
)
def test_chain_without_one_place_to_go_is_refused(history: str, own: str, message: str) -> None:
    with pytest.raises(CannotMove, match=message):
        find_line(graph(*history.split()), own, {})


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[str], set[str]]:
    """A line of upstream's, and revisions of yours on any of it or of each other, merges among them."""
    upstream = draw(st.integers(1, 5))
    lines = ["u0"] + [f"u{number}<u{number - 1}" for number in range(1, upstream)]
    ids = [f"u{number}" for number in range(upstream)]
    own: set[str] = set()
    for number in range(draw(st.integers(0, 6))):
        parents = draw(st.lists(st.sampled_from(ids), min_size=1, max_size=2, unique=True))
        id_ = f"y{number}"
        lines.append(f"{id_}<{','.join(parents)}")
        ids.append(id_)
        own.add(id_)
    return lines, own


@given(histories())
def test_random_branches_become_one_line_that_no_database_skips_a_part_of(history: tuple[list[str], set[str]]) -> None:
    """One head; published revisions as they were; order kept; whatever a database had applied, the rest is above it."""
    lines, own = history
    before = graph(*lines)
    line = find_line(before, own, {})
    after = apply_line(lines, line)
    kept = own - set(line.dissolved)
    assert len(after.heads) == 1
    assert not after.missing
    assert not after.cycles
    assert set(after.ids) == set(before.ids) - set(line.dissolved)
    for id_ in set(before.ids) - own:
        assert after.parents(id_) == before.parents(id_)
    for id_ in kept:
        assert before.ancestors(id_) - set(line.dissolved) <= after.ancestors(id_)
    # a database knows only published revisions: none of yours may be below one of them
    for id_ in set(before.ids) - own:
        assert not after.ancestors(id_) & own


def apply_line(lines: list[str], line: Line) -> RevisionGraph:
    """The graph after the moves."""
    moved = {move.revision: move.after for move in line.moves}
    made = []
    for revision in revisions(*lines):
        if revision.id in line.dissolved:
            continue
        parents = moved.get(revision.id, revision.down_revisions)
        made.append(f"{revision.id}<{','.join(parents)}" if parents else revision.id)
    return graph(*made)
