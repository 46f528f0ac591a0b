"""A merge revision follows from its parents alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from migguard.fixes.merge import describe_merge
from migguard.revisions.graph import RevisionGraph
from tests.revisions.histories import revisions


@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        pytest.param(
            {"b": "2026-01-02 03:04:05", "c": "2026-01-01 00:00:00.123456"},
            "2026-01-02 03:04:05",
            id="the latest of the parents",
        ),
        pytest.param({"c": "2026-01-01 00:00:00"}, "2026-01-01 00:00:00", id="the only one of the parents"),
        pytest.param({"a": "2025-01-01 00:00:00"}, "2025-01-01 00:00:00", id="of an ancestor where no parent has one"),
        pytest.param(
            {"a": "2025-01-01 00:00:00", "b": "last Tuesday", "c": "2026-13-32 00:00:00"},
            "2025-01-01 00:00:00",
            id="what is no date does not count",
        ),
        pytest.param({"d": "2026-05-05 00:00:00"}, "1970-01-01 00:00:00", id="never that of another revision, nor now"),
        pytest.param({}, "1970-01-01 00:00:00", id="nobody has one"),
        pytest.param(
            {"b": "2026-01-02T03:04:05Z", "c": "2026-01-01 00:00:00+02:00"},
            "2026-01-02T03:04:05Z",
            id="with time zones",
        ),
        pytest.param(
            {"b": "2026-01-01 03:00:00+05:00", "c": "2026-01-01 01:00:00"},
            "2026-01-01 01:00:00",
            id="the later moment, not the later text",
        ),
    ],
)
def test_create_date_is_the_same_for_everybody(dates: dict[str, str], expected: str) -> None:
    """Whoever merges, and whenever: otherwise the same merge on two machines would give two contents."""
    history = revisions("a", "b<a", "c<a", "d<a")
    graph = RevisionGraph([replace(one, create_date=dates.get(one.id)) for one in history])

    assert describe_merge(graph, ("c", "b")).create_date == expected
