"""Transactions, savepoints and connections: what is kept, what is undone, and what each connection sees."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from migguard.worker.engines.catalog.flags import OPAQUE
from tests.worker.catalog.twin import Twin, make_twin


@pytest.fixture(scope="module")
def twin(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> Twin:
    return make_twin(postgres_url, tmp_path_factory.mktemp("twin"))


def tables(connection: sa.engine.Connection, schema: str | None = None) -> list[str]:
    return sorted(sa.inspect(connection).get_table_names(schema))


def attempt(connection: sa.engine.Connection, sql: str) -> str | None:
    """Run a statement; the code of its error."""
    try:
        connection.exec_driver_sql(sql)
    except sa.exc.DBAPIError as error:
        return str(getattr(error.orig, "sqlstate", None))
    return None


def run_all(connection: sa.engine.Connection, steps: list[str]) -> list[str | None]:
    """Each step is a statement, or a call of the connection (`.commit`)."""
    found: list[str | None] = []
    for step in steps:
        if step.startswith("."):
            getattr(connection, step[1:])()
        else:
            found.append(attempt(connection, step))
    return found


STORIES = {
    "commit keeps": ["CREATE TABLE a (id integer)", ".commit", "CREATE TABLE b (id integer)", ".rollback"],
    "rollback undoes all kinds": [
        *["CREATE TABLE a (id serial PRIMARY KEY)", "CREATE TYPE mood AS ENUM ('x')", ".commit"],
        *["DROP TABLE a", "DROP TYPE mood", "CREATE SCHEMA other", "CREATE TABLE other.b (id integer)", ".rollback"],
    ],
    "an error aborts the transaction": [
        *["CREATE TABLE a (id integer)", ".commit", "CREATE TABLE b (id integer)", "CREATE TABLE a (id integer)"],
        *["CREATE TABLE c (id integer)", "SELECT 1", ".rollback", "CREATE TABLE d (id integer)", ".commit"],
    ],
    "commit of an aborted transaction undoes it": [
        *["CREATE TABLE b (id integer)", "DROP TABLE missing", ".commit", "CREATE TABLE c (id integer)", ".commit"]
    ],
    "savepoint is returned to": [
        *["CREATE TABLE a (id integer)", "SAVEPOINT one", "CREATE TABLE b (id integer)", "ROLLBACK TO SAVEPOINT one"],
        *["CREATE TABLE c (id integer)", ".commit"],
    ],
    "savepoint ends the abort": [
        *["CREATE TABLE a (id integer)", "SAVEPOINT one", "CREATE TABLE a (id integer)", "SELECT 1"],
        *["ROLLBACK TO one", "CREATE TABLE b (id integer)", ".commit"],
    ],
    "released savepoint is gone": [
        *["SAVEPOINT one", "CREATE TABLE a (id integer)", "RELEASE SAVEPOINT one", "ROLLBACK TO one", ".commit"]
    ],
    "inner savepoint goes with the outer one": [
        *["SAVEPOINT one", "CREATE TABLE a (id integer)", "SAVEPOINT two", "CREATE TABLE b (id integer)"],
        *["ROLLBACK TO one", "ROLLBACK TO two", ".rollback"],
    ],
    "same name twice means the later one": [
        *["SAVEPOINT one", "CREATE TABLE a (id integer)", "SAVEPOINT one", "CREATE TABLE b (id integer)"],
        *["ROLLBACK TO one", ".commit"],
    ],
    "text commits": ["CREATE TABLE a (id integer)", "COMMIT", "CREATE TABLE b (id integer)", ".rollback"],
    "text rolls back": ["CREATE TABLE a (id integer)", "ROLLBACK", "CREATE TABLE b (id integer)", ".commit"],
    "several statements in one text": [
        *["CREATE TABLE a (id integer); CREATE TABLE b (id integer);\n-- done\n", ".commit"],
        *["CREATE TABLE c (id integer); CREATE TABLE a (id integer); CREATE TABLE d (id integer)", ".rollback"],
    ],
    "text with transaction control inside": [
        *["BEGIN; CREATE TABLE a (id integer); COMMIT; CREATE TABLE b (id integer)", ".rollback"]
    ],
    "comments and quotes do not part": [
        *["/* a; b */ CREATE TABLE a (id integer DEFAULT 1 -- ;\n); COMMENT ON TABLE a IS 'x; y'; ;", ".commit"],
        *[
            "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$ SELECT 1; $$; CREATE TABLE b (id int)",
            ".commit",
        ],
    ],
    "nothing but comments": ["-- nothing\n", "CREATE TABLE a (id integer)", ".commit"],
    "concurrently is refused in a transaction": [
        *["CREATE TABLE a (id integer)", "CREATE INDEX CONCURRENTLY i ON a (id)", ".rollback", "VACUUM", ".rollback"]
    ],
    "search path is undone": [
        *["CREATE SCHEMA other", ".commit", "SET search_path TO other", ".rollback", "CREATE TABLE a (id integer)"],
        *[".commit", "SET search_path TO other", ".commit", "CREATE TABLE b (id integer)", ".commit"],
        *["SET LOCAL search_path TO public", "CREATE TABLE c (id integer)", ".commit", "CREATE TABLE d (id integer)"],
        ".commit",
    ],
    "temporary table ends with the transaction": [
        *[
            "CREATE TEMP TABLE a (id int) ON COMMIT DROP",
            "SELECT * FROM a",
            ".commit",
            "SELECT * FROM a",
            ".rollback",
        ]
    ],
}


@pytest.mark.parametrize("steps", STORIES.values(), ids=STORIES)
def test_story_ends_as_on_the_server(twin: Twin, steps: list[str]) -> None:
    def story(connection: sa.engine.Connection) -> Any:
        errors = run_all(connection, steps)
        connection.rollback()
        schemas = sorted(sa.inspect(connection).get_schema_names())
        return errors, schemas, tables(connection, "public"), tables(connection, "other") if "other" in schemas else []

    real, ours, flags = twin.tell(story)
    assert ours == real
    assert flags == []


def test_autocommit_keeps_each_statement(twin: Twin) -> None:
    def story(connection: sa.engine.Connection) -> Any:
        automatic = connection.execution_options(isolation_level="AUTOCOMMIT")
        errors = run_all(
            automatic,
            [
                *["CREATE TABLE a (id integer)", "CREATE TABLE a (id integer)", "CREATE TABLE b (id integer)"],
                *["CREATE INDEX CONCURRENTLY i ON a (id)", ".rollback"],
                *["CREATE TABLE c (id integer); CREATE TABLE a (id integer)"],
            ],
        )
        return errors, tables(automatic), sa.inspect(automatic).get_indexes("a")

    real, ours, flags = twin.tell(story)
    assert ours == real
    assert flags == []


def test_nested_transactions_of_sqlalchemy(twin: Twin) -> None:
    def story(connection: sa.engine.Connection) -> Any:
        with connection.begin():
            connection.exec_driver_sql("CREATE TABLE a (id integer)")
            with pytest.raises(sa.exc.ProgrammingError), connection.begin_nested():  # noqa: PT012
                connection.exec_driver_sql("CREATE TABLE b (id integer)")
                connection.exec_driver_sql("CREATE TABLE a (id integer)")
            with connection.begin_nested():
                connection.exec_driver_sql("CREATE TABLE c (id integer)")
        return tables(connection)

    real, ours, flags = twin.tell(story)
    assert ours == real == ["a", "c"]
    assert flags == []


def test_other_connection_sees_what_is_committed(twin: Twin) -> None:
    def story(connection: sa.engine.Connection) -> Any:
        seen = []
        connection.exec_driver_sql("CREATE TABLE a (id integer)")
        connection.commit()
        connection.exec_driver_sql("CREATE TABLE b (id integer)")
        with connection.engine.connect() as other:
            seen.append((tables(connection), tables(other)))
            other.rollback()
            connection.commit()
            seen.append((tables(connection), tables(other)))
            other.exec_driver_sql("CREATE TABLE c (id integer)")
            seen.append((tables(connection), tables(other)))
        seen.append((tables(connection), []))
        return seen

    real, ours, flags = twin.tell(story)
    assert ours == real
    assert flags == []


def test_rollback_of_one_connection_leaves_what_the_other_did(twin: Twin) -> None:
    def story(connection: sa.engine.Connection) -> Any:
        connection.exec_driver_sql("CREATE TABLE a (id integer)")
        with connection.engine.begin() as other:
            other.exec_driver_sql("CREATE TABLE b (id integer)")
        connection.rollback()
        return tables(connection)

    real, ours, flags = twin.tell(story)
    assert ours == real == ["b"]
    assert flags == []


def test_search_path_and_temporary_tables_belong_to_a_connection(twin: Twin) -> None:
    def story(connection: sa.engine.Connection) -> Any:
        connection.exec_driver_sql("CREATE SCHEMA other")
        connection.exec_driver_sql("SET search_path TO other, public")
        connection.exec_driver_sql("CREATE TEMP TABLE t (id integer)")
        connection.commit()
        with connection.engine.begin() as second:
            second.exec_driver_sql("CREATE TABLE a (id integer)")
            found = [sa.inspect(second).get_temp_table_names(), attempt(second, "SELECT * FROM t")]
        connection.exec_driver_sql("CREATE TABLE b (id integer)")
        found += [sa.inspect(connection).get_temp_table_names(), attempt(connection, "SELECT * FROM t")]
        return found, tables(connection, "other"), tables(connection, "public"), tables(connection)

    real, ours, flags = twin.tell(story)
    assert ours == real
    assert flags == []


def test_statement_that_is_not_understood_is_recorded_and_goes_by(twin: Twin) -> None:
    def story(connection: sa.engine.Connection) -> Any:
        connection.exec_driver_sql("CREATE TABLE a (id integer)")
        connection.exec_driver_sql("DO $$ BEGIN EXECUTE 'CREATE TABLE b (id integer)'; END $$")
        connection.commit()
        return tables(connection)

    _, ours, flags = twin.tell(story)
    assert ours == ["a"]
    assert [(flag.kind, flag.tables) for flag in flags] == [(OPAQUE, None)]


def test_state_of_a_run_goes_on_in_another(twin: Twin, tmp_path_factory: pytest.TempPathFactory) -> None:
    def first(connection: sa.engine.Connection) -> None:
        connection.exec_driver_sql("CREATE TYPE mood AS ENUM ('a', 'b')")
        connection.exec_driver_sql("CREATE TABLE a (id serial PRIMARY KEY, m mood, n integer REFERENCES a)")
        connection.exec_driver_sql("CREATE TABLE v (version_num text)")
        connection.exec_driver_sql("INSERT INTO v VALUES ('x')")
        connection.commit()

    def second(connection: sa.engine.Connection) -> Any:
        connection.exec_driver_sql("ALTER TABLE a RENAME COLUMN n TO o")
        connection.rollback()
        connection.exec_driver_sql("ALTER TYPE mood RENAME TO feeling")
        inspector = sa.inspect(connection)
        found = [str(column["type"]) for column in inspector.get_columns("a")], inspector.get_foreign_keys("a")
        return *found, connection.exec_driver_sql("SELECT version_num FROM v").scalar()

    twin.tell(first)
    engine = twin.side.engines.engine_for("postgresql")
    state = engine.dump_state()
    assert state is not None
    other = make_twin(twin.real.url.render_as_string(hide_password=False), tmp_path_factory.mktemp("other"))
    other.side.engines.engine_for("postgresql").load_state(state)
    with twin.real.connect() as real, other.ours.connect() as ours:
        assert second(ours) == second(real)
    assert other.side.flags.flags == []
