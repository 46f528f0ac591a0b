"""Nothing that a project does with its engines reaches its real database."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.worker.stage import ENV, MODELS, Stage, plain_project, summary

HEAD = "import sqlite3\nimport sqlalchemy as sa\nfrom sqlalchemy import create_engine, event, pool\n"
BODY = """
from alembic import context
from models import Base

with engine.connect() as connection:
    context.configure(connection=connection, target_metadata=Base.metadata)
    with context.begin_transaction():
        context.run_migrations()
"""


@pytest.fixture
def real(stage: Stage) -> Path:
    """The project's own database file, with a table that would spoil every verdict."""
    path = stage.top / "real.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE spoiler (id INTEGER)")
    connection.close()
    return path


@pytest.mark.parametrize(
    "engine",
    [
        pytest.param("create_engine('sqlite:///REAL')", id="absolute URL"),
        pytest.param("create_engine('sqlite:///../../../real.db')", id="relative URL"),
        pytest.param("create_engine('sqlite:///file:REAL?uri=true&mode=rwc')", id="uri=true"),
        pytest.param(
            "create_engine('sqlite:///file:REAL?uri=true', connect_args={'uri': True})", id="connect_args uri"
        ),
        pytest.param("create_engine('sqlite://', creator=lambda: sqlite3.connect('REAL'))", id="creator"),
        pytest.param(
            "create_engine('sqlite://', pool=pool.QueuePool(lambda: sqlite3.connect('REAL')))", id="pool with a creator"
        ),
        pytest.param(
            "create_engine('sqlite:///REAL', poolclass=pool.NullPool, connect_args={'timeout': 3})", id="poolclass"
        ),
        pytest.param("create_engine('sqlite:///REAL', module=FakeModule)", id="module"),
        pytest.param("create_engine('sqlite:///REAL', connect_args={'factory': Factory})", id="connection factory"),
        pytest.param("do_connect(create_engine('sqlite://'))", id="do_connect that connects"),
        pytest.param("sa.engine_from_config({'sqlalchemy.url': 'sqlite:///REAL'})", id="engine_from_config"),
    ],
)
def test_engine_however_made_uses_the_scratch(stage: Stage, real: Path, engine: str) -> None:
    before = real.read_bytes()
    helpers = """
class FakeModule:
    paramstyle = "qmark"
    sqlite_version_info = (3, 40, 0)
    Error = sqlite3.Error

    @staticmethod
    def connect(*arguments, **options):
        return sqlite3.connect("REAL")


class Factory(sqlite3.Connection):
    pass


def do_connect(engine):
    @event.listens_for(engine, "do_connect")
    def connect(dialect, record, arguments, options):
        return sqlite3.connect("REAL")
    return engine

"""
    env = (HEAD + helpers + f"\nengine = {engine}\n" + BODY).replace("REAL", str(real))
    assert summary(stage.write(plain_project(env=env)).ask()) == []
    assert real.read_bytes() == before


def test_async_creator_uses_the_scratch(stage: Stage, real: Path, needs: Callable[..., None]) -> None:
    needs("aiosqlite", "sqlalchemy.ext.asyncio")
    before = real.read_bytes()
    env = """
import asyncio
import aiosqlite
from alembic import context
from models import Base
from sqlalchemy import pool
from sqlalchemy.ext.asyncio import create_async_engine


async def make():
    return await aiosqlite.connect("REAL")


def migrate(connection):
    context.configure(connection=connection, target_metadata=Base.metadata)
    with context.begin_transaction():
        context.run_migrations()


async def main():
    options = {"async_creator": make} if ASYNC_CREATOR else {}
    engine = create_async_engine("sqlite+aiosqlite:///REAL", poolclass=pool.NullPool, **options)
    async with engine.connect() as connection:
        await connection.run_sync(migrate)
    await engine.dispose()


asyncio.run(main())
"""
    import subprocess

    from tests.worker.stage import PYTHON

    probe = "import sqlalchemy; print(sqlalchemy.__version__.startswith('1.'))"
    old = subprocess.run([PYTHON, "-c", probe], capture_output=True, text=True, check=True).stdout.strip() == "True"
    env = env.replace("REAL", str(real)).replace("ASYNC_CREATOR", str(not old))
    models = MODELS + "    email = sa.Column(sa.String(50))\n"
    assert summary(stage.write(plain_project(env=env, models=models)).ask()) == ["add_column user email"]
    assert real.read_bytes() == before


def test_pragmas_of_a_connect_listener_still_apply(stage: Stage) -> None:
    listener = """
@event.listens_for(engine, "connect")
def pragma(connection, record):
    connection.execute("PRAGMA foreign_keys=ON")
    connection.create_function("shout", 1, lambda text: text.upper())


with engine.connect() as connection:
    assert connection.execute(sa.text("PRAGMA foreign_keys")).scalar() == 1
    assert connection.execute(sa.text("SELECT shout('a')")).scalar() == "A"
"""
    env = HEAD + "\nengine = create_engine('sqlite:///app.db')\n" + listener + BODY
    assert summary(stage.write(plain_project(env=env)).ask()) == []


@pytest.mark.parametrize(
    "code",
    [
        pytest.param("sqlite3.connect('REAL').execute('DROP TABLE spoiler')", id="sqlite3 directly"),
        pytest.param(
            "try:\n    sqlite3.connect('REAL')\nexcept Exception:\n    pass", id="sqlite3 directly, exception swallowed"
        ),
        pytest.param(
            "import threading\nt = threading.Thread(target=lambda: sqlite3.connect('REAL'))\nt.start()\nt.join()",
            id="in a thread",
        ),
        pytest.param(
            "with create_engine('sqlite://').connect() as c:\n    c.exec_driver_sql(\"ATTACH 'REAL' AS other\")",
            id="attached",
        ),
        pytest.param("sqlite3.Connection('REAL')", id="the class itself"),
    ],
)
def test_real_file_opened_past_sqlalchemy_is_a_redirect_failure(stage: Stage, real: Path, code: str) -> None:
    before = real.read_bytes()
    env = HEAD + code.replace("REAL", str(real)) + "\n" + ENV
    answer = stage.write(plain_project(env=env)).ask()
    assert answer.failure is not None
    assert answer.failure.kind == "redirect"
    assert str(real) in answer.failure.message
    assert answer.operations == []
    assert real.read_bytes() == before


@pytest.mark.parametrize(
    "code",
    [
        pytest.param("subprocess.run(['alembic', 'upgrade', 'head'])", id="alembic"),
        pytest.param("subprocess.run(['python3', '-m', 'alembic', 'upgrade', 'head'])", id="python -m alembic"),
        pytest.param("subprocess.run('cd . && /usr/bin/alembic upgrade head', shell=True)", id="through a shell"),
        pytest.param("os.system('flask db upgrade')", id="flask db"),
        pytest.param("try:\n    subprocess.run(['psql'])\nexcept Exception:\n    pass", id="psql, swallowed"),
    ],
)
def test_program_that_would_reach_the_database_is_not_started(stage: Stage, code: str) -> None:
    answer = stage.write(plain_project(env=f"import os, subprocess\n{code}\n{ENV}")).ask()
    assert answer.failure is not None
    assert answer.failure.kind == "redirect"
    assert answer.failure.message.startswith("the project starts `")


def test_other_programs_are_started(stage: Stage) -> None:
    env = "import subprocess\nsubprocess.run(['git', '--version'], check=True)\n"
    env += "subprocess.run(['echo', 'db/alembic'], check=True)\nsubprocess.run(b'true')\n" + ENV
    assert summary(stage.write(plain_project(env=env)).ask()) == []


def test_memory_database_of_the_app_is_allowed(stage: Stage) -> None:
    env = HEAD + "sqlite3.connect(':memory:').execute('CREATE TABLE cache (id INTEGER)')\n" + ENV
    assert summary(stage.write(plain_project(env=env)).ask()) == []


@pytest.mark.parametrize("url", ["mssql+pyodbc://u:p@localhost/x", "oracle://u:p@localhost/x"])
def test_other_dialect_is_not_followed_even_without_its_driver(stage: Stage, url: str) -> None:
    env = HEAD + f"\nengine = create_engine({url!r})\n" + BODY
    answer = stage.write(plain_project(env=env)).ask()
    assert answer.failure is None
    name = url.split(":")[0].split("+")[0]
    assert [(one.kind, one.text) for one in answer.not_followed] == [
        ("dialect", f"{name}: no engine for this dialect yet")
    ]
    assert answer.not_followed[0].place is not None
    assert answer.not_followed[0].place.path == "migrations/env.py"


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://u:p@db.example.com/x",
        "postgresql+psycopg2://u:p@localhost/x",
        "postgresql+pg8000://u:p@localhost/x",
        "mysql+mysqldb://u:p@localhost/x",
        "mysql+pymysql://u:p@localhost/x",
        "mariadb+mariadbconnector://u:p@localhost/x",
    ],
)
def test_server_dialect_is_answered_without_its_driver(stage: Stage, url: str) -> None:
    env = HEAD + f"\nengine = create_engine({url!r})\n" + BODY
    answer = stage.write(plain_project(env=env)).ask()
    assert summary(answer) == []
    assert answer.engine == "catalog"


def test_other_dialect_that_only_compiles_is_followed(stage: Stage) -> None:
    compiles = (
        "engine = create_engine('mysql+mysqldb://u@h/x')\nfrom sqlalchemy.dialects import postgresql\n"
        "from sqlalchemy.schema import CreateTable\nimport models\n"
        "assert 'AUTO_INCREMENT' in str(CreateTable(models.User.__table__).compile(engine))\n"
    )
    assert summary(stage.write(plain_project(env=HEAD + compiles + ENV)).ask()) == []


def test_network_is_refused_and_named_where_the_run_fails(stage: Stage) -> None:
    env = "import socket\nsocket.create_connection(('127.0.0.1', 5432))\n" + ENV
    answer = stage.write(plain_project(env=env)).ask()
    assert answer.failure is not None
    assert answer.failure.kind == "network"
    assert "127.0.0.1:5432" in answer.failure.message


def test_network_refused_but_handled_by_the_project_is_no_failure(stage: Stage) -> None:
    code = (
        "import socket\ntry:\n    socket.create_connection(('telemetry.example.com', 443))\nexcept OSError:\n    pass\n"
    )
    assert summary(stage.write(plain_project(env=code + ENV)).ask()) == []


def test_network_allowed_by_the_request_is_not_refused(stage: Stage) -> None:
    code = (
        "import socket\nserver = socket.create_server(('127.0.0.1', 0))\n"
        "socket.create_connection(server.getsockname())\n"
    )
    assert summary(stage.write(plain_project(env=code + ENV)).ask(network=True)) == []


def test_c_driver_that_connects_is_refused(stage: Stage) -> None:
    driver = (
        "class OperationalError(Exception):\n    pass\n\n\ndef connect(**options):\n    raise SystemError('reached')\n"
    )
    env = "import psycopg2\npsycopg2.connect(host='db.example.com', port=5432)\n" + ENV
    answer = stage.write({**plain_project(env=env), "psycopg2.py": driver}).ask()
    assert answer.failure is not None
    assert (answer.failure.kind, answer.failure.exception) == ("network", "OperationalError")
    assert "db.example.com:5432" in answer.failure.message
