"""A replayed state is kept as a template database, and the next run starts from it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, dialects, inspect, text
from sqlalchemy.engine import Engine as SqlalchemyEngine

from migguard.worker.engines import Engines, Settings, Stage
from migguard.worker.engines.catalog.flags import FlagLog
from migguard.worker.ledger import Ledger, ProjectPaths
from migguard.worker.origin import TableWatch
from migguard.worker.redirect import install_redirect
from tests.servers import POSTGRES_DRIVER
from tests.worker.real_servers import MYSQL, POSTGRES, drop, lone_templates, server_url, templates

PG, MY = f"postgresql+{POSTGRES_DRIVER}://db.example/app", "mysql+pymysql://db.example/app"
Start = Callable[[str], tuple[Engines, SqlalchemyEngine]]


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    """Give the engines of a new run, and the project's SQLAlchemy engine in it."""
    POSTGRES.require()
    MYSQL.require()
    monkeypatch.setattr(dialects.registry, "load", dialects.registry.load)
    load = dialects.registry.load
    runs: list[tuple[Engines, SqlalchemyEngine]] = []

    def start_run(url: str) -> tuple[Engines, SqlalchemyEngine]:
        settings = Settings("server", scratch_servers=(server_url(POSTGRES), server_url(MYSQL)))
        paths = ProjectPaths(str(tmp_path))
        places = (str(tmp_path), str(tmp_path), str(tmp_path))
        engines = Engines(Stage(*places, Ledger(), TableWatch(paths), paths, FlagLog(paths), settings))
        install_redirect(engines)
        runs.append((engines, create_engine(url)))
        # what the test itself does on the server is none of the engine's business
        dialects.registry.load = load  # type: ignore[method-assign]
        return runs[-1]

    with lone_templates():
        yield start_run
        for engines, engine in runs:
            engine.dispose()
            engines.close()


def run_sql(engine: SqlalchemyEngine, statement: str) -> None:
    """Run a statement and commit it."""
    with engine.begin() as connection:
        connection.execute(text(statement))


def test_next_run_starts_from_the_kept_state(start: Start) -> None:
    """Tables and rows are there, and what this run changes does not reach the template."""
    first, engine = start(PG)
    run_sql(engine, "CREATE TABLE a (id int)")
    run_sql(engine, "INSERT INTO a VALUES (7)")
    state = first.engine_for("postgresql").dump_state()
    assert state is not None
    # the run that keeps a state goes on with it
    run_sql(engine, "CREATE TABLE b (id int)")
    engine.dispose()
    first.close()
    for _ in range(2):
        engines, engine = start(PG)
        engine.connect().close()
        engines.engine_for("postgresql").load_state(state)
        assert inspect(engine).get_table_names() == ["a"]
        with engine.connect() as connection:
            assert connection.execute(text("SELECT id FROM a")).scalars().all() == [7]
        run_sql(engine, "DROP TABLE a")


def test_state_whose_template_is_gone_is_refused(start: Start) -> None:
    """Then all is replayed."""
    first, engine = start(PG)
    run_sql(engine, "CREATE TABLE a (id int)")
    before = templates()
    state = first.engine_for("postgresql").dump_state()
    assert state is not None
    drop(POSTGRES, templates() - before)
    with pytest.raises(LookupError):
        first.engine_for("postgresql").load_state(state)
    assert inspect(engine).get_table_names() == []


def test_state_is_not_kept_while_a_connection_is_in_use(start: Start) -> None:
    """A copy cannot be made of a database in use."""
    engines, engine = start(PG)
    with engine.connect():
        assert engines.engine_for("postgresql").dump_state() is None


def test_mysql_keeps_no_state(start: Start) -> None:
    """It has no templates."""
    engines, engine = start(MY)
    run_sql(engine, "CREATE TABLE a (id int)")
    assert engines.engine_for("mysql").dump_state() is None


def test_only_the_newest_states_are_kept(start: Start) -> None:
    """A server is not filled with them."""
    engines, engine = start(PG)
    engine.connect().close()
    before = templates()
    for _ in range(10):
        engines.engine_for("postgresql").dump_state()
    assert len(templates()) <= max(8, len(before))
