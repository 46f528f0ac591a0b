"""What campaigns found, one case each; those whose cure is still to come are marked with the part that owes it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .postgresql_pair import empty, postgresql_pair
from .postgresql_regressions import OWED, REGRESSIONS
from .runner import FamilyRunner


@pytest.fixture(scope="module")
def runner(postgres_url: str) -> Iterator[FamilyRunner]:
    with postgresql_pair(postgres_url) as pair:
        yield FamilyRunner(pair, empty, {"regressions": REGRESSIONS})


_CASES = [
    pytest.param(name, id=name, marks=[pytest.mark.xfail(strict=True, reason=OWED[name])] if name in OWED else [])
    for name in REGRESSIONS
]


@pytest.mark.parametrize("name", _CASES)
def test_found_difference_stays_away(runner: FamilyRunner, name: str) -> None:
    result = runner.result("regressions", name)
    assert not result.refused, result.describe()
    assert not result.silent, result.describe()
