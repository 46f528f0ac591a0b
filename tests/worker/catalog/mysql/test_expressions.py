"""Every expression of the whitelist, in three places, against the real server."""

from __future__ import annotations

import pytest

from tests.worker.catalog.mysql.expressions import EXACT, VOLATILE
from tests.worker.differential.mariadb_pair import DOUBTED, FLAGGED, IDENTICAL, REFUSED, Pair

COLUMNS = "a int, b int, s varchar(50), f double, d date, dt datetime"


@pytest.mark.parametrize("expression", EXACT)
def test_expression_of_the_whitelist_is_shown_as_by_the_server(pair: Pair, expression: str) -> None:
    places = f"x varchar(50) as ({expression}) virtual, y varchar(50) default ({expression}), check ({expression})"
    assert pair.run_all(f"create table t ({COLUMNS}, {places})") == [IDENTICAL]


@pytest.mark.parametrize("expression", VOLATILE)
@pytest.mark.parametrize(
    "place", ["x int as ({}) virtual", "x varchar(50) as ({}) stored", "x varchar(99) default ({})", "check ({})"]
)
def test_what_is_not_on_the_whitelist_is_never_silently_different(pair: Pair, expression: str, place: str) -> None:
    kinds = pair.run_all(f"create table t ({COLUMNS}, {place.format(expression)})")
    assert set(kinds) <= {IDENTICAL, REFUSED, DOUBTED, FLAGGED}
