"""The server engine: replayed on a server that the user names, where nothing but our own databases is touched."""

from __future__ import annotations

import contextlib
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from migguard.worker.protocol import Response
from tests.servers import POSTGRES_DRIVER, Server
from tests.worker.real_servers import (
    ASYNC_ENV,
    MYSQL,
    POSTGRES,
    databases,
    drop,
    postgresql_driver,
    project,
    run_sql,
    server_url,
    tell_database,
)
from tests.worker.stage import ENV, MODELS, USER_TABLE, Stage, revision, summary

SERVERS = {"postgresql": POSTGRES, "mysql": MYSQL}
ASYNC = {"asyncpg", "aiomysql", "asyncmy"}
PG = f"postgresql+{postgresql_driver()}://app:pw@db.example/app"
MY = "mysql+pymysql://app:pw@db.example/app"


@pytest.fixture(autouse=True)
def servers(needs: Callable[..., None]) -> None:
    """Both servers must answer, and the project have the drivers that these tests name."""
    POSTGRES.require()
    MYSQL.require()


def ask(stage: Stage, server: Server | str, action: str = "check", **fields: object) -> Response:
    """The engine's answer, with a server of the machine as scratch server."""
    url = server if isinstance(server, str) else server_url(server)
    return stage.ask(action, engine="server", scratch_servers=[url], **fields)  # type: ignore[arg-type]


def reasons(response: Response) -> list[tuple[str, str]]:
    """Kind and text of what was not followed; AssertionError for another kind of answer."""
    assert response.failure is None, response.failure
    return [(one.kind, one.text) for one in response.not_followed]


@pytest.mark.parametrize(
    ("dialect", "driver", "module"),
    [
        ("postgresql", "psycopg2", "psycopg2"),
        ("postgresql", "psycopg", "sqlalchemy.dialects.postgresql.psycopg, psycopg"),
        ("postgresql", "pg8000", "pg8000"),
        ("postgresql", "asyncpg", "asyncpg"),
        ("mysql", "pymysql", "pymysql"),
        ("mysql", "mysqldb", "MySQLdb"),
        ("mysql", "mysqlconnector", "mysql.connector"),
        ("mysql", "aiomysql", "aiomysql"),
        ("mysql", "asyncmy", "asyncmy"),
    ],
)
def test_models_are_compared_on_the_scratch_server(
    stage: Stage, needs: Callable[..., None], tmp_path: Path, dialect: str, driver: str, module: str
) -> None:
    """The project's own driver reaches the scratch server instead of its host, and nothing is left there."""
    needs(module)
    server = SERVERS[dialect]
    models = MODELS + "    name = sa.Column(sa.String(50))\n"
    env = ASYNC_ENV if driver in ASYNC else ENV
    first = revision("a1", None, tell_database(server, tmp_path / "name") + USER_TABLE)
    stage.write(project(f"{dialect}+{driver}://app:pw@db.example/app", models=models, env=env, first=first))
    response = ask(stage, server)
    assert summary(response) == ["add_column user name"]
    assert response.engine == "server"
    assert response.engine_detail.endswith(f" (server {server.url.host}:{server.url.port}, scratch database)")
    name = (tmp_path / "name").read_text()
    assert name.startswith("migguard_scratch_")
    assert name not in databases(server)


def test_revision_is_written_in_the_target_dialect(stage: Stage) -> None:
    """Types that SQLite does not have come out as the server reflects them."""
    models = MODELS.replace("import sqlalchemy", "from sqlalchemy.dialects import postgresql\nimport sqlalchemy")
    stage.write(project(PG, models=models + "    tags = sa.Column(postgresql.JSONB)\n"))
    response = ask(stage, POSTGRES, "revision")
    assert "postgresql.JSONB(astext_type=sa.Text())" in response.files[0].content


def test_each_database_of_a_project_has_its_own_scratch(stage: Stage) -> None:
    """Two databases may each have a table of one name."""
    env = ENV.replace("engine = engine_from_config(", "for name in 'ab':\n  engine = sa.create_engine(").replace(
        "config.get_section(config.config_ini_section), ", f"'{PG}' + name, "
    )
    start, _, rest = env.partition("with engine")
    env = "import sqlalchemy as sa\n" + start + "  with engine" + rest.replace("\n    ", "\n      ")
    stage.write(project(PG, env=env))
    response = ask(stage, POSTGRES)
    assert summary(response) == []
    assert response.databases == 2


@pytest.mark.parametrize(("server", "url"), [(POSTGRES, PG), (MYSQL, MY)], ids=["postgresql", "mysql"])
def test_engine_that_the_app_keeps_follows_every_wipe(stage: Stage, server: Server, url: str) -> None:
    """What it learned of the first scratch database does not hold for the next."""
    models = f"{MODELS}\n\nengine = sa.create_engine({url!r})\nBase.metadata.create_all(engine)\n"
    env = ENV.replace("import Base", "import Base, engine").replace(
        "engine = engine_from_config(config.get_section(config.config_ini_section), poolclass=pool.NullPool)\n", ""
    )
    stage.write(project(url, models=models, env=env))
    assert summary(ask(stage, server)) == []


LEAVING = {
    "creator": "creator=lambda: 1 / 0",
    "connect arguments": "connect_args={'host': 'db.example', 'dbname': 'app', 'user': 'app'}",
    "listener": "poolclass=pool.NullPool)\nsa.event.listen(engine, 'do_connect', lambda *a: 1 / 0",
}


@pytest.mark.parametrize("way", LEAVING)
def test_every_way_to_another_database_ends_in_the_scratch(stage: Stage, way: str) -> None:
    """Whatever the project tells SQLAlchemy about its connection."""
    env = "import sqlalchemy as sa\n" + ENV.replace("poolclass=pool.NullPool", LEAVING[way])
    stage.write(project(PG, env=env))
    assert summary(ask(stage, POSTGRES)) == []


@pytest.mark.skipif(POSTGRES_DRIVER != "psycopg", reason="psycopg2 has no asynchronous dialect")
def test_async_engine_that_is_never_disposed_is_no_obstacle(stage: Stage, tmp_path: Path) -> None:
    """Its sessions are ended by the server, with their database."""
    env = ASYNC_ENV.replace(", poolclass=pool.NullPool", "").replace("    await engine.dispose()\n", "")
    first = revision("a1", None, tell_database(POSTGRES, tmp_path / "name") + USER_TABLE)
    stage.write(project(PG, env=env, first=first))
    assert summary(ask(stage, POSTGRES)) == []
    assert (tmp_path / "name").read_text() not in databases(POSTGRES)


def test_tables_that_the_app_makes_are_not_taken_for_the_revisions(stage: Stage) -> None:
    """`create_all` while the revisions run would make everything equal."""
    env = ENV.replace("        context.run", "        Base.metadata.create_all(connection)\n        context.run")
    stage.write(project(PG, env=env, first=revision("a1")))
    assert reasons(ask(stage, POSTGRES)) == [
        ("foreign-table", "table `user` was created by migrations/env.py:10, not by a revision")
    ]


def test_revision_that_the_server_refuses_fails(stage: Stage) -> None:
    """A real server is the judge."""
    stage.write(project(PG, first=revision("a1", None, USER_TABLE + "\nop.drop_column('user', 'nothing')")))
    response = ask(stage, POSTGRES)
    assert response.failure is not None
    assert (response.failure.kind, response.failure.revision) == ("replay", "a1")


@pytest.mark.parametrize(
    ("url", "server", "kind", "text"),
    [
        pytest.param(
            PG,
            "postgresql://u:hunter2@127.0.0.1:1/postgres",
            "engine",
            "the scratch server 127.0.0.1:1 cannot be reached: ",
            id="nobody answers",
        ),
        pytest.param(
            PG,
            "$NOT_SET",
            "engine",
            "`scratch-server`: the variable $NOT_SET is not set",
            id="a variable that is not set",
        ),
        pytest.param(
            PG,
            "mysql://root@127.0.0.1/",
            "engine",
            "`scratch-server` names no server for postgresql",
            id="a server of another dialect",
        ),
    ],
)
def test_server_that_cannot_be_used_is_told(stage: Stage, url: str, server: str, kind: str, text: str) -> None:
    """One reason, without a secret."""
    stage.write(project(url))
    response = ask(stage, server)
    ((found, said),) = reasons(response)
    assert found == kind
    assert said.startswith(text)
    assert "hunter2" not in repr(response) + stage.output


def test_wrong_password_is_told_without_it(stage: Stage) -> None:
    """Drivers like to repeat what they were given."""
    stage.write(project(MY))
    response = ask(stage, server_url(MYSQL, password="hunter2/x y"))
    ((kind, said),) = reasons(response)
    assert kind == "engine"
    assert "Access denied" in said
    assert "hunter2" not in repr(response) + stage.output


@contextlib.contextmanager
def role(name: str, options: str) -> Iterator[None]:
    """A role on the PostgreSQL server."""
    run_sql(POSTGRES, f'DROP ROLE IF EXISTS "{name}"', f'CREATE ROLE "{name}" LOGIN {options}')
    try:
        yield
    finally:
        run_sql(POSTGRES, f'DROP ROLE "{name}"')


def test_user_without_the_right_to_create_databases_is_told(stage: Stage) -> None:
    """With the statement that gives it."""
    user = f"mg_e_{os.getpid()}"
    stage.write(project(PG))
    with role(user, "NOCREATEDB PASSWORD 'x'"):
        response = ask(stage, server_url(POSTGRES, username=user, password="x"))
    server = f"the scratch server {POSTGRES.url.host}:{POSTGRES.url.port}"
    said = f'the user `{user}` may not create databases on {server} (ALTER ROLE "{user}" CREATEDB)'
    assert reasons(response) == [("engine", said)]


def test_application_database_is_refused(stage: Stage, postgres_url: str) -> None:
    """A URL whose database holds tables is not taken, even though nothing in it would be touched."""
    name = make_url(postgres_url).database
    run_sql(postgres_url, "CREATE TABLE IF NOT EXISTS invoice (id int)")
    stage.write(project(PG))
    assert reasons(ask(stage, server_url(POSTGRES, database=name))) == [
        (
            "engine",
            f"`scratch-server` names the database `{name}`, which holds the table `invoice`: name a server for scratch"
            " databases, without a database in the URL",
        )
    ]


def test_application_database_on_mysql_is_refused(stage: Stage, mysql_url: str) -> None:
    """The same on MySQL."""
    name = make_url(mysql_url).database
    run_sql(mysql_url, "CREATE TABLE IF NOT EXISTS invoice (id int)")
    stage.write(project(MY))
    ((kind, said),) = reasons(ask(stage, server_url(MYSQL, database=name)))
    assert kind == "engine"
    assert said.startswith(f"`scratch-server` names the database `{name}`, which holds the table `invoice`:")


def test_other_version_than_configured_is_noted(stage: Stage) -> None:
    """It is an answer, of a server that is not the one to be deployed on."""
    stage.write(project(PG))
    response = ask(stage, POSTGRES, server_versions={"postgresql": "9.6"})
    assert summary(response) == []
    assert response.notes == [f"`server-version` says 9.6, and the answer is that of {response.engine_detail}"]


def test_mysql_and_mariadb_are_not_mistaken_for_each_other(stage: Stage) -> None:
    """They answer to one protocol."""
    product = "mariadb" if "mariadb" in str(run_sql(MYSQL, "SELECT VERSION()")).lower() else "mysql"
    other = {"mariadb": "mysql", "mysql": "mariadb"}[product]
    stage.write(project(MY))
    ((kind, said),) = reasons(ask(stage, MYSQL, server_versions={other: "10.11"}))
    assert kind == "engine"
    assert said.endswith(f"and the project wants {other}")
    assert summary(ask(stage, MYSQL, server_versions={product: "10.11"})) == []


def test_driver_that_is_not_installed_is_told(stage: Stage, needs: Callable[..., None]) -> None:
    """The engine is the project's own driver, or none."""
    (stage.tree / "pg8000").mkdir()
    stage.write(project("postgresql+pg8000://db.example/app"))
    (stage.tree / "pg8000/__init__.py").write_text("raise ModuleNotFoundError(\"No module named 'pg8000'\")")
    ((kind, said),) = reasons(ask(stage, POSTGRES))
    assert kind == "engine"
    assert said == "the server engine needs the project's driver postgresql+pg8000: No module named 'pg8000'"


@pytest.mark.parametrize(
    ("url", "statement", "kind", "text"),
    [
        pytest.param(
            PG,
            "CREATE ROLE mg_e_reader",
            "server-statement",
            "`CREATE ROLE` would reach beyond the scratch database, and was not run on the scratch server",
            id="a role",
        ),
        pytest.param(
            PG,
            "DO $$ BEGIN EXECUTE 'DROP DATABASE app'; END $$",
            "server-statement",
            "`DROP DATABASE` would reach beyond the scratch database, and was not run on the scratch server",
            id="a database, in a block",
        ),
        pytest.param(
            PG,
            "GRANT SELECT ON ALL TABLES IN SCHEMA public TO mg_e_nobody",
            "server-lack",
            'the scratch server refuses: role "mg_e_nobody" does not exist',
            id="a role that is not there",
        ),
        pytest.param(
            PG,
            "CREATE EXTENSION mg_e_none",
            "server-lack",
            'the scratch server refuses: extension "mg_e_none" is not available',
            id="an extension that is not there",
        ),
        pytest.param(
            MY,
            "CREATE TABLE mysql.mg_e_guest (id INT)",
            "server-statement",
            "`mysql.` would reach beyond the scratch database, and was not run on the scratch server",
            id="a table in another database",
        ),
        pytest.param(
            MY,
            "CREATE TABLE app.guest (id INT)",
            "server-statement",
            "`app.` would reach beyond the scratch database, and was not run on the scratch server",
            id="the project's own database by name",
        ),
        pytest.param(
            MY,
            "USE mysql",
            "server-statement",
            "`USE` would reach beyond the scratch database, and was not run on the scratch server",
            id="another database as the current one",
        ),
    ],
)
def test_statement_beyond_the_scratch_is_not_run(stage: Stage, url: str, statement: str, kind: str, text: str) -> None:
    """What others share with us stays as it is, and it is no fault of the revision."""
    stage.write(project(url, first=revision("a1", None, f'{USER_TABLE}\nop.execute("""{statement}""")')))
    response = ask(stage, POSTGRES if url == PG else MYSQL)
    assert reasons(response) == [(kind, text)]
    place = response.not_followed[0].place
    assert place is not None
    assert place.path == "migrations/versions/a1_first.py"


def test_projects_own_connection_to_the_scratch_server_is_refused(stage: Stage) -> None:
    """Its database there may be real: the engine's connections alone pass."""
    raw = "import pymysql\npymysql.connect(host={host!r}, port={port}, user='root', database='mysql')\n"
    stage.write(project(MY, env=raw.format(host=MYSQL.url.host, port=MYSQL.url.port) + ENV))
    response = ask(stage, MYSQL)
    assert response.failure is not None
    assert response.failure.kind == "network"
    assert f"connection to {MYSQL.url.host}:{MYSQL.url.port} refused" in response.failure.message


def start_sleeping(stage: Stage, server: Server, url: str, mark: Path) -> tuple[subprocess.Popen[bytes], str]:
    """A worker that stands in the middle of a revision, and its database."""
    upgrade = f"{USER_TABLE}\n{tell_database(server, mark)}import time\ntime.sleep(60)"
    stage.write(project(url, first=revision("a1", None, upgrade)))
    process = stage.start("check", engine="server", scratch_servers=[server_url(server)])
    deadline = time.monotonic() + 30
    while not (mark.exists() and mark.read_text()):
        assert time.monotonic() < deadline
        assert process.poll() is None
        time.sleep(0.05)
    return process, mark.read_text()


@pytest.mark.parametrize(("server", "url"), [(POSTGRES, PG), (MYSQL, MY)], ids=["postgresql", "mysql"])
def test_killed_run_is_cleaned_up_by_the_next_one(stage: Stage, tmp_path: Path, server: Server, url: str) -> None:
    """A live run's database stays, a killed one's goes, and a name that merely looks like ours is let alone."""
    process, own = start_sleeping(stage, server, url, tmp_path / "mark")
    foreign = f"migguard_scratch_{os.getpid():08x}_1_00000000"
    try:
        run_sql(server, f"CREATE DATABASE {foreign}")
        stage.write(project(url))
        assert summary(ask(stage, server)) == []
        assert own in databases(server)
        process.kill()
        process.wait()
        # the server may need a moment to notice
        deadline = time.monotonic() + 20
        while own in databases(server):
            assert time.monotonic() < deadline
            assert summary(ask(stage, server)) == []
        assert foreign in databases(server)
    finally:
        process.kill()
        process.wait()
        drop(server, [foreign])
