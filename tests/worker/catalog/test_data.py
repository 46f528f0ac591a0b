"""Data statements: as the real server answers on the same schema, or recorded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from migguard.worker.engines.catalog.flags import OPAQUE, READ, STEER
from tests.worker.catalog.twin import Twin, make_twin


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


SCHEMA = """
CREATE TABLE users (id serial PRIMARY KEY, name text NOT NULL, age integer, data jsonb);
CREATE TABLE posts (id serial PRIMARY KEY, user_id integer REFERENCES users, title varchar(50));
CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY);
CREATE VIEW names AS SELECT name FROM users
"""
WRITTEN = "INSERT INTO users (name, age) VALUES ('a', 1), ('b', 2)"


@pytest.fixture(scope="module")
def twin(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> Twin:
    return make_twin(postgres_url, tmp_path_factory.mktemp("twin"))


def ask(connection: sa.engine.Connection, *statements: str) -> Any:
    """Run all, and give the rows of the last one, or its count."""
    connection.exec_driver_sql(SCHEMA)
    result = None
    for statement in statements:
        result = connection.exec_driver_sql(statement)
    assert result is not None
    return (list(result.keys()), [tuple(row) for row in result]) if result.returns_rows else int(result.rowcount)


EMPTY = [
    "SELECT * FROM users",
    "SELECT id, name AS n, users.age FROM users WHERE age > 5 ORDER BY name LIMIT 3",
    "SELECT count(*) FROM users",
    "SELECT count(*) AS n, max(id), min(name) FROM users",
    "SELECT max(id) + 1 FROM users",
    "SELECT coalesce(max(id), 0) FROM users",
    "SELECT coalesce(max(id), 0) + 1 AS next FROM users WHERE age > 3",
    "SELECT age, count(*) FROM users GROUP BY age HAVING count(*) > 1",
    "SELECT EXISTS (SELECT 1 FROM users)",
    "SELECT EXISTS(SELECT 1 FROM users WHERE name = 'x') AS found",
    "SELECT NOT EXISTS (SELECT 1 FROM users)",
    "SELECT (SELECT count(*) FROM users) > 0",
    "SELECT (SELECT max(id) FROM users) IS NULL",
    "SELECT u.id, p.title FROM users u LEFT JOIN posts p ON p.user_id = u.id",
    "SELECT u.id FROM users u, posts p WHERE p.user_id = u.id",
    "SELECT id FROM users UNION SELECT id FROM posts",
    "WITH old AS (SELECT * FROM users WHERE age > 3) SELECT count(*) FROM old",
    "WITH a AS (SELECT id FROM users), b AS (SELECT id FROM a) SELECT * FROM b",
    "SELECT id FROM (SELECT id FROM users) AS sub",
    "SELECT id, row_number() OVER (ORDER BY id) FROM users",
    "SELECT id FROM users WHERE age IS DISTINCT FROM 3",
    "SELECT extract(year FROM now()) FROM users",
    "SELECT name FROM names",
    "SELECT id FROM users FOR UPDATE",
    "SELECT DISTINCT name FROM users",
    "SELECT 1",
    "SELECT 1 AS one, 'a' AS two, NULL AS three, true AS four",
    "SELECT 2 + 3",
    "UPDATE users SET name = 'x' WHERE id = 1",
    "UPDATE users SET age = p.id FROM posts p WHERE p.user_id = users.id",
    "DELETE FROM users",
    "DELETE FROM users USING posts WHERE posts.user_id = users.id",
    "UPDATE users SET name = upper(name) RETURNING id, name",
    "INSERT INTO users (name) VALUES ('a')",
    "INSERT INTO users (name, age) VALUES ('a', 1), ('b', 2), ('c', (SELECT max(id) FROM posts))",
    "INSERT INTO posts (title) SELECT name FROM users",
    "INSERT INTO posts (user_id, title) SELECT id, name FROM users WHERE age > 1 RETURNING id",
    "INSERT INTO users DEFAULT VALUES",
    "SELECT * FROM missing",
    "SELECT * FROM elsewhere.users",
    "INSERT INTO missing VALUES (1)",
    "UPDATE missing SET a = 1",
    "DELETE FROM missing",
]


@pytest.mark.parametrize("statement", EMPTY)
def test_statement_on_empty_tables_answers_as_the_server_or_is_recorded(twin: Twin, statement: str) -> None:
    real, ours, flags = twin.tell(lambda connection: ask(connection, statement))
    if "names" in statement:
        assert [flag.kind for flag in flags] == [READ]
    elif "DEFAULT VALUES" in statement:
        # the catalog is no judge of rows
        assert (real, ours) == (("IntegrityError", "23502"), 1)
    else:
        assert ours == real
        assert flags == []


UNKNOWN = [
    "SELECT * FROM users",
    "SELECT name FROM users WHERE id = 1",
    "SELECT max(id) FROM users",
    "SELECT EXISTS (SELECT 1 FROM users)",
    "SELECT u.id FROM posts p JOIN users u ON u.id = p.user_id",
    "UPDATE users SET name = 'x' RETURNING id",
    "DELETE FROM users WHERE id = 1 RETURNING name",
    "INSERT INTO posts (title) SELECT name FROM users RETURNING id",
    "SELECT gen_random_uuid()",
    "SELECT now()",
    "SELECT * FROM generate_series(1, 3)",
    "SELECT n FROM (VALUES (1), (2)) AS v (n) LEFT JOIN posts ON true",
]


@pytest.mark.parametrize("statement", UNKNOWN)
def test_rows_that_are_not_known_are_recorded_when_they_are_read(twin: Twin, statement: str) -> None:
    def story(connection: sa.engine.Connection) -> Any:
        connection.exec_driver_sql(SCHEMA)
        connection.exec_driver_sql(WRITTEN)
        result = connection.exec_driver_sql(statement)
        before = list(twin.side.flags.flags)
        result.fetchall()
        return before

    _, ours, flags = twin.tell(story)
    assert ours == []
    assert [flag.kind for flag in flags] == [READ]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE users SET name = 'x' WHERE id = 1",
        "DELETE FROM users",
        "INSERT INTO posts (title) SELECT name FROM users",
        "INSERT INTO users (id, name) VALUES (1, 'x') ON CONFLICT DO NOTHING",
    ],
)
def test_count_that_is_not_known_is_recorded_when_it_is_used(twin: Twin, statement: str) -> None:
    def story(connection: sa.engine.Connection) -> Any:
        connection.exec_driver_sql(SCHEMA)
        connection.exec_driver_sql(WRITTEN)
        count = connection.exec_driver_sql(statement).rowcount
        assert f"{count} rows"
        before = [flag.kind for flag in twin.side.flags.flags]
        return before, bool(count > 0)

    _, ours, flags = twin.tell(story)
    assert ours[0] == []
    assert [flag.kind for flag in flags] == [READ]


VERSIONS = [
    ["SELECT version_num FROM alembic_version"],
    ["SELECT alembic_version.version_num FROM alembic_version ORDER BY 1"],
    ["SELECT count(*) FROM alembic_version"],
    ["SELECT 1 FROM alembic_version WHERE version_num = 'a'"],
    ["INSERT INTO alembic_version (version_num) VALUES ('c')"],
    ["INSERT INTO alembic_version VALUES ('c') RETURNING version_num"],
    [
        "INSERT INTO public.alembic_version (version_num) VALUES ('c'), ('d')",
        "SELECT * FROM alembic_version ORDER BY 1",
    ],
    ["UPDATE alembic_version SET version_num='c' WHERE alembic_version.version_num = 'a'"],
    ["UPDATE alembic_version SET version_num='c' WHERE version_num = 'x'"],
    [
        "UPDATE alembic_version SET version_num='c'::VARCHAR WHERE version_num = 'b'::VARCHAR",
        "SELECT * FROM alembic_version",
    ],
    ["DELETE FROM alembic_version WHERE version_num = 'a'", "SELECT version_num FROM alembic_version"],
    ["DELETE FROM alembic_version RETURNING version_num"],
    ["DELETE FROM alembic_version", "SELECT version_num FROM alembic_version"],
    ["DELETE FROM alembic_version WHERE version_num IN ('a', 'z')"],
    ["ALTER TABLE alembic_version RENAME TO revisions", "SELECT version_num FROM revisions ORDER BY 1"],
    ["DROP TABLE alembic_version", "CREATE TABLE alembic_version (version_num text)", "SELECT * FROM alembic_version"],
]


@pytest.mark.parametrize("statements", VERSIONS, ids="; ".join)
def test_version_table_is_exact(twin: Twin, statements: list[str]) -> None:
    rows = ["INSERT INTO alembic_version (version_num) VALUES ('a')", "INSERT INTO alembic_version VALUES ('b')"]
    real, ours, flags = twin.tell(lambda connection: ask(connection, *rows, *statements))
    assert ours == real
    assert flags == []


def test_rows_that_are_rolled_back_were_never_there(twin: Twin) -> None:
    def story(connection: sa.engine.Connection) -> Any:
        connection.exec_driver_sql(SCHEMA)
        connection.exec_driver_sql("INSERT INTO alembic_version VALUES ('a')")
        connection.commit()
        connection.exec_driver_sql(WRITTEN)
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = 'b'")
        connection.rollback()
        rows = connection.exec_driver_sql("SELECT count(*) FROM users").scalar()
        return rows, connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()

    real, ours, flags = twin.tell(story)
    assert ours == real == (0, "a")
    assert flags == []


def test_partition_that_is_written_makes_its_parent_unknown(twin: Twin) -> None:
    def story(connection: sa.engine.Connection) -> Any:
        connection.exec_driver_sql("CREATE TABLE events (day date) PARTITION BY RANGE (day)")
        connection.exec_driver_sql(
            "CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM ('2020-01-01') TO ('2021-01-01')"
        )
        connection.exec_driver_sql("INSERT INTO events_1 VALUES ('2020-02-02')")
        return connection.exec_driver_sql("SELECT * FROM events").fetchall()

    _, ours, flags = twin.tell(story)
    assert ours == []
    assert [flag.kind for flag in flags] == [READ]


def test_orm_session_that_adds_and_queries(twin: Twin) -> None:
    def story(connection: sa.engine.Connection) -> Any:
        connection.exec_driver_sql(SCHEMA)
        session = Session(connection)
        found = [
            session.query(User).count(),
            session.query(User).filter_by(name="x").first(),
            session.query(User).all(),
        ]
        found.append(session.scalar(sa.select(sa.func.max(User.id))))
        user = User(name="a")
        session.add_all([user, User(name="b")])
        session.flush()
        user.name = "c"
        session.flush()
        session.delete(user)
        session.commit()
        return found

    real, ours, flags = twin.tell(story)
    assert ours == real == [0, None, [], None]
    assert flags == []


def test_generated_key_may_be_bound_but_not_compared(twin: Twin) -> None:
    users = sa.table("users", sa.column("id", sa.Integer), sa.column("name"))

    def story(connection: sa.engine.Connection) -> Any:
        connection.exec_driver_sql(SCHEMA)
        key = connection.execute(users.insert().returning(users.c.id), {"name": "x"}).scalar()
        connection.execute(sa.text("INSERT INTO posts (user_id) VALUES (:key)"), {"key": key})
        before = len(twin.side.flags.flags)
        return before, key == 1

    _, ours, flags = twin.tell(story)
    assert ours[0] == 0
    assert [flag.kind for flag in flags] == [READ]


def test_ddl_after_an_unknown_read_is_recorded(twin: Twin) -> None:
    def story(connection: sa.engine.Connection) -> Any:
        connection.exec_driver_sql(SCHEMA)
        connection.exec_driver_sql(WRITTEN)
        if not connection.exec_driver_sql("SELECT 1 FROM users").first():
            connection.exec_driver_sql("CREATE TABLE more (id integer)")

    flags = twin.tell(story)[2]
    assert [flag.kind for flag in flags] == [READ, STEER]
    assert "more" in {table.name for table in flags[1].tables or ()}


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT audit_table('users')",
        "INSERT INTO users (name) VALUES (next_name())",
        "CALL renumber()",
        "SELECT public.audit_table('users')",
    ],
)
def test_function_of_the_project_is_recorded(twin: Twin, statement: str) -> None:
    flags = twin.tell(lambda connection: ask(connection, statement))[2]
    assert OPAQUE in {flag.kind for flag in flags}


def test_trigger_may_write_any_table(twin: Twin, tmp_path: Path) -> None:
    def story(connection: sa.engine.Connection) -> Any:
        connection.exec_driver_sql(SCHEMA)
        connection.exec_driver_sql(
            "CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN INSERT INTO posts (title) VALUES ('t');"
            " RETURN NEW; END$$"
        )
        connection.exec_driver_sql("CREATE TRIGGER note AFTER INSERT ON users FOR EACH ROW EXECUTE FUNCTION note()")
        connection.exec_driver_sql(WRITTEN)
        return connection.exec_driver_sql("SELECT title FROM posts").scalar()

    flags = twin.tell(story)[2]
    assert READ in {flag.kind for flag in flags}
