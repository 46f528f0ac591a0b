"""MG004: identifiers that only running the file can tell."""

from __future__ import annotations

from migguard.rules.dynamic_revision_id import check
from tests.rules.graph_states import show, state

# Reports


def test_id_from_a_call_is_reported_at_the_call() -> None:
    source = "revision = make_id()\ndown_revision = None\n"
    assert show(check(state(files={"versions/b.py": source}))) == (
        "MG004 only running `b.py` can tell its `revision`\n"
        "  at versions/b.py:1 <make_id()> the result of a call\n"
        "  help write the value itself as a string"
    )


def test_imported_parent_is_reported_at_the_import() -> None:
    source = "from shared import down_revision\nrevision = 'b'\n"
    (found,) = check(state(files={"versions/b.py": source}))
    assert show([found]) == (
        "MG004 only running `b.py` can tell its `down_revision`\n"
        "  at versions/b.py:1 <from shared import down_revision> imported from `shared`\n"
        "  help write the value itself as a string"
    )
    assert found.subject == {"revision": "b"}


# Ignores


def test_labels_and_dependencies_from_elsewhere_are_left_alone() -> None:
    source = "import x\nrevision = 'b'\ndown_revision = None\nbranch_labels = (x.A,)\ndepends_on = x.b()\n"
    assert list(check(state("a", files={"versions/b.py": source}))) == []
