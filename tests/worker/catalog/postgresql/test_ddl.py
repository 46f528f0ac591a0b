"""The interpreter of DDL, statement by statement against the real server: `stories/*.sql`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from .judge import Judge, read_stories

_STORIES = read_stories(Path(__file__).parent / "stories")


@pytest.fixture(scope="module")
def judge(postgres_url: str) -> Iterator[Judge]:
    one = Judge(postgres_url)
    yield one
    one.close()


@pytest.mark.parametrize("name", _STORIES)
def test_statements_do_what_the_server_does(judge: Judge, name: str) -> None:
    """Both accept or refuse each statement, with one SQLSTATE, and pg_catalog is the same at the end."""
    assert not judge.tell(_STORIES[name]).describe()
