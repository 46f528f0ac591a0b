"""MG101: more heads than expected."""

from __future__ import annotations

import pytest

from migguard.rules.multiple_heads import CODE, check
from tests.rules.graph_states import show, state

CONFLICT = "<<<<<<< HEAD\nrevision = 'b'\n=======\n>>>>>>> x\n"
OTHER_CONFLICT = "<<<<<<< HEAD\n=======\n>>>>>>> x\n"
DYNAMIC = "revision = 'd'\ndown_revision = pick()\n"
UNKNOWN_LABEL = "from x import L\nrevision = 'c'\ndown_revision = 'a'\nbranch_labels = (L,)\n"


# Reports


def test_two_heads_are_reported_in_one_diagnostic() -> None:
    assert show(check(state("a", "b<a", "c<a"))) == (
        "MG101 2 heads: `b`, `c`\n"
        "  at versions/c.py:3 <'a'> `c` follows `a`\n"
        "  note `b` (about b) is a head too (versions/b.py:3 <'a'>)\n"
        "  help join them $ migguard merge\n"
        "  fix merge"
    )


def test_your_head_is_the_one_shown() -> None:
    (found,) = check(state("a", "b<a", "c<a", yours=["versions/b.py"]))
    assert found.location is not None
    assert found.location.path == "versions/b.py"
    assert found.subject == {"revision": "b"}


def test_head_that_is_a_base_is_shown_as_such() -> None:
    assert show(check(state("a", "b"))) == (
        "MG101 2 heads: `a`, `b`\n"
        "  at versions/b.py:3 <None> `b` follows nothing\n"
        "  note `a` (about a) is a head too (versions/a.py:3 <None>)\n"
        "  help join them $ migguard merge\n"
        "  fix merge"
    )


def test_head_beyond_an_expected_number_offers_no_fix() -> None:
    assert show(check(state("a", "b<a", "c<a", "d<a", heads=2))) == (
        "MG101 3 heads where 2 are expected: `b`, `c`, `d`\n"
        "  at versions/d.py:3 <'a'> `d` follows `a`\n"
        "  note `b` (about b) is a head too (versions/b.py:3 <'a'>)\n"
        "  note `c` (about c) is a head too (versions/c.py:3 <'a'>)\n"
        "  help join those that belong together"
    )


def test_second_head_of_a_label_is_joined_with_the_first() -> None:
    found = check(state("a", "b<a#x", "c<a#y", "d<c", "e<c", heads=("x", "y")))
    assert show(found) == (
        "MG101 2 heads of label `y`: `d`, `e`\n"
        "  at versions/e.py:3 <'c'> `e` follows `c`\n"
        "  note `d` (about d) is a head too (versions/d.py:3 <'c'>)\n"
        "  help join them $ migguard merge d e\n"
        "  fix merge d e"
    )


def test_head_without_an_expected_label_is_extra() -> None:
    assert show(check(state("a", "b<a#x", "c<a", heads=("x",)))) == (
        "MG101 head `c` without an expected label (`x`)\n"
        "  at versions/c.py:3 <'a'> `c` follows `a`\n"
        "  help join it to the line that it belongs to"
    )


@pytest.mark.parametrize(
    ("lines", "files"),
    [
        pytest.param(("a", "b<gone", "c<gone"), {}, id="two heads above one missing revision"),
        pytest.param(("a", "b<gone", "c<b", "d<b"), {}, id="two heads further above it"),
        pytest.param(("a", "c<d", "e<d"), {"versions/d.py": DYNAMIC}, id="two heads above one dynamic revision"),
        pytest.param(("a", "c<b", "e<b"), {"versions/b.py": CONFLICT}, id="two heads above one unreadable revision"),
    ],
)
def test_heads_above_one_gap_are_certain(lines: tuple[str, ...], files: dict[str, str]) -> None:
    (found,) = check(state(*lines, files=files))
    assert found.code == CODE
    assert found.message.startswith("2 heads: ")


def test_more_heads_than_labels_are_reported_where_labels_are_unknown() -> None:
    (found,) = check(state("a", "b<c", "d<c", files={"versions/c.py": UNKNOWN_LABEL}, heads=("x",)))
    assert found.message == "heads `b`, `d` without an expected label (`x`)"


# Ignores


@pytest.mark.parametrize(
    ("lines", "heads"),
    [
        pytest.param((), 1, id="nothing"),
        pytest.param(("a", "b<a"), 1, id="one head"),
        pytest.param(("a", "b<a", "c<a", "m<b,c"), 1, id="branches that are merged"),
        pytest.param(("a", "b<a", "c<a"), 2, id="as many as expected"),
        pytest.param(("a", "b<a"), 2, id="fewer than expected"),
        pytest.param(("a", "b<a#x", "c<a#y"), ("x", "y"), id="one for each label"),
        pytest.param(("a", "b<a#x", "c<a#y", "m<b,c"), ("x", "y"), id="one for two labels"),
        pytest.param(("a", "c<b"), 1, id="a parent is missing between"),
        pytest.param(("a", "b<a", "c<a", "d<gone"), 1, id="a missing revision may join the others"),
        pytest.param(("a", "b<gone", "c<lost"), 1, id="each above another missing revision"),
        pytest.param(("a#x", "c<b"), ("x",), id="a parent that may carry the label is missing"),
        pytest.param(("b<a", "a<b", "c"), 1, id="a cycle has no head"),
        pytest.param(("a", "b<a", "b<a"), 1, id="one head that two files declare"),
    ],
)
def test_expected_heads_are_left_alone(lines: tuple[str, ...], heads: int | tuple[str, ...]) -> None:
    assert list(check(state(*lines, heads=heads))) == []


@pytest.mark.parametrize(
    "source",
    [
        pytest.param(CONFLICT, id="whose id can be guessed"),
        pytest.param(OTHER_CONFLICT, id="of which nothing is known"),
        pytest.param(DYNAMIC, id="whose parent is unknown"),
    ],
)
def test_heads_that_an_obscure_file_may_join_are_left_alone(source: str) -> None:
    assert list(check(state("a", "e<a", "f<a", files={"versions/b.py": source}))) == []


def test_head_with_an_unknown_label_may_be_the_expected_one() -> None:
    assert list(check(state("a", "b<a#x", files={"versions/c.py": UNKNOWN_LABEL}, heads=("x", "y")))) == []
