"""A pair of a MariaDB database and the catalog for each module; every test starts without tables."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy.engine import make_url

from tests.servers import make_mysql_database, mysql_url
from tests.worker.differential.mariadb_pair import Pair, open_pair

__all__ = ["make_mysql_database", "mysql_url", "pair"]


@pytest.fixture(scope="module")
def module_pair(mysql_url: str) -> Iterator[Pair]:
    """One connection for the module."""
    with open_pair(mysql_url, str(make_url(mysql_url).database)) as pair:
        pair.cursor.execute("SELECT VERSION()")
        version = pair.cursor.fetchone()[0]
        if "MariaDB" not in version or not version.startswith("10.11."):
            pytest.skip(f"compared with MariaDB 10.11 only, not with {version}")
        yield pair


@pytest.fixture
def pair(module_pair: Pair) -> Pair:
    """The module's pair, empty."""
    module_pair.forget()
    return module_pair
