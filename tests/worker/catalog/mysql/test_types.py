"""Types and literal defaults against the real server."""

from __future__ import annotations

import pytest

from tests.worker.catalog.mysql.columns import DEFAULTS, REFUSED_COLUMNS, TYPES, UNKNOWN
from tests.worker.differential.mariadb_pair import DOUBTED, FLAGGED, IDENTICAL, REFUSED, Pair


@pytest.mark.parametrize("column", [*TYPES, *DEFAULTS])
def test_column_is_shown_as_by_the_server(pair: Pair, column: str) -> None:
    assert pair.run_all(f"create table t (i int, c {column})") == [IDENTICAL]


@pytest.mark.parametrize("column", REFUSED_COLUMNS)
def test_column_is_refused_as_by_the_server(pair: Pair, column: str) -> None:
    assert pair.run_all(f"create table t (i int, c {column})") == [REFUSED]


@pytest.mark.parametrize("column", UNKNOWN)
def test_column_outside_the_whitelist_is_flagged(pair: Pair, column: str) -> None:
    assert pair.run_all(f"create table t (i int, c {column})")[0] in (FLAGGED, DOUBTED)
