"""A short run of the random DDL on MariaDB; `mariadb_fuzz` runs longer ones."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy.engine import make_url

from tests.worker.differential.mariadb_fuzz import run
from tests.worker.differential.mariadb_pair import FLAGGED, IDENTICAL, Pair, open_pair


@pytest.fixture
def pair(mysql_url: str) -> Iterator[Pair]:
    with open_pair(mysql_url, str(make_url(mysql_url).database)) as pair:
        pair.cursor.execute("SELECT VERSION()")
        version = str(pair.cursor.fetchone()[0])
        if "MariaDB" not in version or not version.startswith("10.11."):
            pytest.skip(f"compared with MariaDB 10.11 only, not with {version}")
        yield pair


def test_random_statements_are_followed_identically_or_flagged(pair: Pair) -> None:
    report = run(pair, 700, seed=1, seconds=20)
    assert not report.silent, "\n".join(report.silent)
    assert report.counts[IDENTICAL] > 100
    assert report.counts[FLAGGED] < report.counts[IDENTICAL] / 8
