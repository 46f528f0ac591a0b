"""The facts of expressions/facts are PostgreSQL 15's own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from .system_facts import EXTENSIONS, FACTS, read_facts


@pytest.fixture(scope="module")
def connection(postgres_url: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(postgres_url.replace("+psycopg", "")) as connection:
        if connection.info.server_version // 10000 != 15:
            pytest.skip("the facts are those of PostgreSQL 15")
        yield connection


@pytest.mark.parametrize("extension", ["pg_catalog", *EXTENSIONS])
def test_facts_are_the_servers(connection: psycopg.Connection[Any], extension: str) -> None:
    if extension != "pg_catalog":
        available = "SELECT FROM pg_available_extensions WHERE name = %s"
        if connection.execute(available, [extension]).fetchone() is None:
            pytest.skip(f"{extension} is not on this server")
        connection.execute(f'CREATE EXTENSION "{extension}" CASCADE')
    real = read_facts(connection, None if extension == "pg_catalog" else extension)
    connection.rollback()
    assert (FACTS / f"{extension}.txt").read_text(encoding="utf-8") == real
