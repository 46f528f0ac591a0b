"""Each DDL feature of PostgreSQL, on the real server and on the catalog: the same answers, or the flag that is due."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .postgresql_feature_cases import FAMILIES
from .postgresql_pair import empty, postgresql_pair
from .runner import FamilyRunner


@pytest.fixture(scope="module")
def runner(postgres_url: str) -> Iterator[FamilyRunner]:
    """Runs each family once."""
    with postgresql_pair(postgres_url) as pair:
        yield FamilyRunner(pair, empty, FAMILIES)


_CASES = [pytest.param(family, name, id=f"{family}: {name}") for family, cases in FAMILIES.items() for name in cases]


@pytest.mark.parametrize(("family", "name"), _CASES)
def test_feature_is_answered_as_by_the_server(runner: FamilyRunner, family: str, name: str) -> None:
    result = runner.result(family, name)
    assert not result.refused, result.describe()
    assert not result.silent, result.describe()
    case = FAMILIES[family][name]
    if case.is_flagged:
        assert result.flags, "nothing was flagged"
    elif not case.may_be_flagged:
        assert not result.differences, result.describe()
        assert not result.flags, result.describe()
