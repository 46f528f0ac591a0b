"""A pytest plugin: Alembic's own tests on the catalog (or, for the comparison, on a real server), outcomes as JSON.

Environment: MIGGUARD_SUITE_CATALOG=1 installs the redirect; MIGGUARD_SUITE_URL is the database; MIGGUARD_SUITE_OUTCOMES
the file to write.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

#: What Alembic's tests expect of the database.
PREPARED = (
    "CREATE SCHEMA test_schema",
    "CREATE EXTENSION hstore",
    "CREATE EXTENSION btree_gist",
    "CREATE EXTENSION citext",
)

_outcomes: dict[str, tuple[str, str]] = {}


def _install_catalog() -> None:
    from foreign_replay import install_catalog

    install_catalog(str(Path(__file__).resolve().parent.parent), {"postgresql": [15]}, str(Path.cwd()))


if os.environ.get("MIGGUARD_SUITE_CATALOG"):
    _install_catalog()


def pytest_configure(config: pytest.Config) -> None:
    """The database has what the tests expect."""
    engine = sa.create_engine(os.environ["MIGGUARD_SUITE_URL"])
    with engine.begin() as connection:
        for statement in PREPARED:
            connection.exec_driver_sql(statement)
    engine.dispose()


def pytest_runtest_logreport(report: Any) -> None:
    """Keep the worst of setup, call and teardown."""
    outcome, _ = _outcomes.get(report.nodeid, ("passed", ""))
    if report.outcome != "passed" and outcome in {"passed", "skipped"}:
        text = "" if report.outcome == "skipped" else str(report.longrepr).strip()
        _outcomes[report.nodeid] = (report.outcome, text[-1500:])
    else:
        _outcomes.setdefault(report.nodeid, ("passed", ""))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Hand over."""
    Path(os.environ["MIGGUARD_SUITE_OUTCOMES"]).write_text(json.dumps(_outcomes), encoding="utf-8")
