"""The graph: who follows whom."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from migguard.revisions.graph import MissingReference, RevisionGraph
from tests.revisions.histories import graph, revisions


@pytest.mark.parametrize(
    ("lines", "heads", "bases"),
    [
        pytest.param((), (), (), id="nothing"),
        pytest.param(("a",), ("a",), ("a",), id="one revision is both"),
        pytest.param(("a", "b<a", "c<b"), ("c",), ("a",), id="a line"),
        pytest.param(("a", "c<a", "b<a"), ("b", "c"), ("a",), id="two heads, sorted"),
        pytest.param(("a", "b<a", "c<a", "m<b,c"), ("m",), ("a",), id="a merge revision joins them"),
        pytest.param(("a", "b", "m<a,b"), ("m",), ("a", "b"), id="two bases joined"),
        pytest.param(("a", "b+a"), ("a", "b"), ("a", "b"), id="a dependency is not a parent"),
        pytest.param(("a", "c<b"), ("a", "c"), ("a",), id="who follows a missing revision is no base"),
        pytest.param(("a<b", "b<a"), (), (), id="a cycle has neither"),
    ],
)
def test_heads_and_bases_are_found(lines: tuple[str, ...], heads: tuple[str, ...], bases: tuple[str, ...]) -> None:
    found = graph(*lines)
    assert (found.heads, found.bases) == (heads, bases)


def test_effective_heads_leave_out_what_something_depends_on() -> None:
    assert graph("a", "b+a").effective_heads == ("b",)


def test_branch_and_merge_points_are_found() -> None:
    found = graph("a", "b<a", "c<a", "m<b,c", "n<m")
    assert (found.branch_points, found.merge_points) == (("a",), ("m",))


def test_neighbours_are_told_apart_from_dependencies() -> None:
    found = graph("a", "x", "b<a+x", "c<a")
    assert found.parents("b") == ("a",)
    assert found.dependencies("b") == ("x",)
    assert found.children("a") == ("b", "c")
    assert found.dependents("x") == ("b",)
    assert found.parents("nowhere") == found.children("nowhere") == ()


def test_ancestors_and_descendants_exclude_the_revision_itself() -> None:
    found = graph("a", "b<a", "c<a", "m<b,c", "x", "n<m+x")
    assert found.ancestors("n") == {"a", "b", "c", "m"}
    assert found.ancestors("n", include_dependencies=True) == {"a", "b", "c", "m", "x"}
    assert found.descendants("b") == {"m", "n"}
    assert found.descendants("x") == frozenset()
    assert found.descendants("x", include_dependencies=True) == {"n"}
    assert graph("a<b", "b<a").ancestors("a") == {"b"}


@pytest.mark.parametrize(
    ("lines", "cycles"),
    [
        pytest.param(("a", "b<a", "c<a", "m<b,c"), (), id="a diamond is no cycle"),
        pytest.param(("a<a",), (("a",),), id="a revision that follows itself"),
        pytest.param(("a", "b<a,c", "c<b", "d<c"), (("b", "c"),), id="a cycle between a base and a head"),
        pytest.param(("a<c", "b<a", "c<b", "d<d"), (("a", "c", "b"), ("d",)), id="two cycles, parents next"),
        pytest.param(("a<b", "b<a,c", "c<b"), (("a", "b"),), id="one knot gives one cycle"),
        pytest.param(("a+b", "b<a"), (("a", "b"),), id="through a dependency"),
        pytest.param(("a+a",), (("a",),), id="a revision that depends on itself"),
        pytest.param(("a+x#x",), (("a",),), id="a revision that depends on its own label"),
        pytest.param(("a<b+b", "b<a"), (("a", "b"),), id="not told twice"),
    ],
)
def test_cycles_are_found(lines: tuple[str, ...], cycles: tuple[tuple[str, ...], ...]) -> None:
    assert graph(*lines).cycles == cycles


def test_cycles_of_dependencies_are_told_apart() -> None:
    found = graph("a<b", "b<a", "c+d", "d<c")
    assert found.down_revision_cycles == (("a", "b"),)
    assert found.dependency_cycles == (("c", "d"),)


def test_two_files_with_one_id_are_one_node() -> None:
    found = graph("a", "b<a", "b<a", "c<b")
    assert [file.path for file in found.duplicates["b"]] == ["versions/b.py", "versions/b_copy.py"]
    assert (found.heads, len(found)) == (("c",), 3)


@pytest.mark.parametrize(
    ("lines", "missing"),
    [
        pytest.param(("a", "b<a"), (), id="nothing"),
        pytest.param(("b<a",), (("a", "b", "down_revision"),), id="a parent"),
        pytest.param(("b+a",), (("a", "b", "depends_on"),), id="a dependency"),
        pytest.param(("a#x", "b<x"), (("x", "b", "down_revision"),), id="a label is no parent"),
        pytest.param(("a#x", "b+x"), (), id="a label is a dependency"),
        pytest.param(("abcdef", "b+abcd"), (("abcd", "b", "depends_on"),), id="a part of an id is nothing"),
        pytest.param(("a#x", "b+x@head"), (("x@head", "b", "depends_on"),), id="a symbol is nothing"),
    ],
)
def test_missing_references_are_found(lines: tuple[str, ...], missing: tuple[tuple[str, str, str], ...]) -> None:
    assert graph(*lines).missing == tuple(MissingReference(*one) for one in missing)


def test_dependency_is_not_missing_where_labels_are_unknown() -> None:
    base, user = revisions("a", "b+x")
    assert RevisionGraph([replace(base, labels_known=False), user]).missing == ()


@pytest.mark.parametrize(
    ("attribute", "down_revisions", "missing"),
    [
        pytest.param("down_revision", (), (MissingReference("", "b", "down_revision"),), id="an empty parent"),
        pytest.param("depends_on", (), (MissingReference("", "b", "depends_on"),), id="an empty dependency of a base"),
        pytest.param("depends_on", ("a",), (), id="an empty dependency elsewhere does no harm"),
    ],
)
def test_empty_string_is_missing_where_alembic_looks_for_it(
    attribute: str, down_revisions: tuple[str, ...], missing: tuple[MissingReference, ...]
) -> None:
    base, other = revisions("a", "b")
    other = replace(other, down_revisions=down_revisions, empty_references=(attribute,))
    assert RevisionGraph([base, other]).missing == missing


@pytest.mark.parametrize(
    ("lines", "labels"),
    [
        pytest.param(("a", "b<a#x", "c<b"), {"x": ("a", "b", "c")}, id="a line carries it down to its base"),
        pytest.param(("a", "b<a#x", "c<a"), {"x": ("b",)}, id="not below a branch point"),
        pytest.param(
            ("a", "b<a#x", "c<b", "d<b"), {"x": ("b", "c", "d")}, id="not below where the line itself branches"
        ),
        pytest.param(("a", "b", "m<a,b", "c<m#x"), {"x": ("c",)}, id="not below a merge point"),
        pytest.param(("a", "b<a#x", "d+a"), {"x": ("b",)}, id="a dependency branches too"),
        pytest.param(("a#x", "b#y", "m<a,b"), {"x": ("a", "m"), "y": ("b", "m")}, id="a merge carries both"),
    ],
)
def test_labels_spread_along_their_line(lines: tuple[str, ...], labels: dict[str, tuple[str, ...]]) -> None:
    assert graph(*lines).labels == labels


def test_heads_by_label_are_those_above_it() -> None:
    found = graph("a", "b<a#x", "c<b", "d<b", "e<a#y", "f")
    assert found.heads_by_label("x") == ("c", "d")
    assert found.heads_by_label("y") == ("e",)
    assert found.heads_by_label("z") == ()


def test_label_declared_twice_or_equal_to_an_id_is_a_conflict() -> None:
    found = graph("a#x", "b<a#x", "c<b#a", "d<c#fine")
    assert {label: [file.id for file in files] for label, files in found.label_conflicts.items()} == {
        "x": ["a", "b"],
        "a": ["c", "a"],
    }


def test_long_history_is_joined_in_linear_time_without_recursion() -> None:
    count = 20_000
    lines = ["r0", *(f"r{number}<r{number - 1}" for number in range(1, count))]
    made = revisions(*lines[:1]) + tuple(revisions(line)[0] for line in lines[1:])
    started = time.perf_counter()
    found = RevisionGraph(made)
    assert found.heads == (f"r{count - 1}",)
    assert found.cycles == ()
    assert len(found.ancestors(f"r{count - 1}")) == count - 1
    assert time.perf_counter() - started < 10


def test_long_cycle_is_found_without_recursion() -> None:
    made = [revisions(f"r{number:05}<r{(number - 1) % 5_000:05}")[0] for number in range(5_000)]
    (cycle,) = RevisionGraph(made).cycles
    assert len(cycle) == 5_000
