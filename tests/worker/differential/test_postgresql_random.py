"""Random DDL, mutated models and random migrations: nothing differs from the real server without a flag.

Few and always the same here; `make fuzz` runs many.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from .pair import Pair
from .postgresql_fuzz import Report, Settings, explain, fuzz_schema
from .postgresql_fuzz_models import Tally, fuzz_migrations, fuzz_models
from .postgresql_pair import postgresql_pair

SEEDS = st.integers(min_value=0, max_value=10**9)
_FEW = {
    "derandomize": True,
    "deadline": None,
    "database": None,
    "suppress_health_check": [HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
}


@pytest.fixture(scope="module")
def pair(postgres_url: str) -> Iterator[Pair]:
    with postgresql_pair(postgres_url) as pair:
        yield pair


@settings(max_examples=8, **_FEW)  # type: ignore[arg-type]
@given(seed=SEEDS)
def test_random_ddl_has_no_silent_difference(pair: Pair, seed: int) -> None:
    report = Report()
    fuzz_schema(pair, seed, Settings(per_schema=80, compare_every=40, render_every=1), report)
    assert not report.findings, explain(pair, report.findings[0], is_minimised=False)


@settings(max_examples=6, **_FEW)  # type: ignore[arg-type]
@given(seed=SEEDS)
def test_changed_models_render_the_same_revision(pair: Pair, seed: int) -> None:
    tally = Tally()
    fuzz_models(pair, seed, 3, tally)
    assert not tally.silent + tally.faults, "\n".join(tally.silent + tally.faults)


@settings(max_examples=8, **_FEW)  # type: ignore[arg-type]
@given(seed=SEEDS)
def test_random_migrations_end_alike_or_flagged(pair: Pair, seed: int) -> None:
    tally = Tally()
    fuzz_migrations(pair, seed, 4, tally)
    assert not tally.silent + tally.faults, "\n".join(tally.silent + tally.faults)
