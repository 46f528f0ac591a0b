"""A schema that anything but a revision makes would compare clean: such verdicts are void."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.worker.stage import ENV, INI, MODELS, USER_TABLE, Stage, plain_project, revision, summary

EMAIL = MODELS + "    email = sa.Column(sa.String(50))\n"
ENGINE = "\nengine = sa.create_engine('sqlite:///app.db')\n"


def not_followed(stage: Stage, **files: str | None) -> list[str]:
    answer = stage.write(plain_project(**files)).ask()
    assert answer.failure is None, answer.failure
    assert answer.operations == []
    assert {one.kind for one in answer.not_followed} <= {"foreign-table"}
    return [one.text for one in answer.not_followed]


def test_app_that_creates_its_tables_on_import_does_not_matter(stage: Stage) -> None:
    models = EMAIL + ENGINE + "Base.metadata.create_all(engine)\n"
    assert summary(stage.write(plain_project(models=models)).ask()) == ["add_column user email"]


def test_app_that_creates_and_stamps_on_import_does_not_matter(stage: Stage) -> None:
    models = EMAIL + ENGINE + "Base.metadata.create_all(engine)\n"
    models += (
        "with engine.begin() as c:\n"
        "    c.execute(sa.text('CREATE TABLE alembic_version (version_num VARCHAR(32))'))\n"
        "    c.execute(sa.text(\"INSERT INTO alembic_version VALUES ('a1')\"))\n"
    )
    assert summary(stage.write(plain_project(models=models)).ask()) == ["add_column user email"]


def test_session_left_open_by_the_app_does_not_block_the_replay(stage: Stage) -> None:
    models = EMAIL + ENGINE + "Base.metadata.create_all(engine)\nfrom sqlalchemy.orm import Session\n"
    models += "session = Session(engine)\nsession.add(User())\nsession.flush()\n"
    assert summary(stage.write(plain_project(models=models)).ask()) == ["add_column user email"]


def test_create_all_in_env_py_voids_the_verdict(stage: Stage) -> None:
    env = ENV.replace("with engine.connect", "Base.metadata.create_all(engine)\nwith engine.connect", 1)
    first = revision("a1", None, "pass")
    assert not_followed(stage, models=EMAIL, env=env, first=first) == [
        "table `user` was created by migrations/env.py:7, not by a revision"
    ]


def test_create_all_after_the_migrations_voids_the_verdict(stage: Stage) -> None:
    models = (
        EMAIL + '\n\nclass Tag(Base):\n    __tablename__ = "tag"\n    id = sa.Column(sa.Integer, primary_key=True)\n'
    )
    env = ENV + "Base.metadata.create_all(engine)\n"
    assert not_followed(stage, models=models, env=env) == [
        "table `tag` was created by migrations/env.py:11, not by a revision"
    ]


def test_raw_driver_connection_that_makes_a_table_is_seen(stage: Stage) -> None:
    env = ENV.replace(
        "    context.configure",
        '    raw = engine.raw_connection()\n    raw.cursor().execute("CREATE TABLE IF NOT EXISTS tag (id INTEGER)")\n'
        "    raw.commit()\n    context.configure",
    )
    assert not_followed(stage, env=env)[0] == "table `tag` was created by migrations/env.py:9, not by a revision"


def test_column_added_by_env_py_voids_the_verdict(stage: Stage) -> None:
    env = ENV + 'with engine.connect() as c:\n    c.exec_driver_sql("ALTER TABLE user ADD COLUMN email VARCHAR(50)")\n'
    env = env.replace("ALTER", "{} ALTER").replace('"{} ALTER', '"ALTER')
    env += "    c.close()\n"
    once = env.replace(
        "with engine.connect() as c:",
        "import os\nwith engine.connect() as c:\n    c.exec_driver_sql('PRAGMA user_version')",
    )
    guarded = once.replace(
        '    c.exec_driver_sql("ALTER',
        "    names = [row[1] for row in c.exec_driver_sql('PRAGMA table_info(user)')]\n"
        '    if names and "email" not in names: c.exec_driver_sql("ALTER',
    )
    assert not_followed(stage, models=EMAIL, env=guarded) == [
        "table `user` was altered by migrations/env.py:15, not by a revision"
    ]


def test_stamp_instead_of_an_upgrade_voids_the_verdict(stage: Stage) -> None:
    stamp = (
        "    from alembic.migration import MigrationContext\n"
        "    from alembic.script import ScriptDirectory\n"
        "    MigrationContext.configure(connection).stamp(ScriptDirectory.from_config(config), 'head')\n"
        "    connection.commit() if hasattr(connection, 'commit') else None\n"
        "    context.configure"
    )
    assert not_followed(stage, env=ENV.replace("    context.configure", stamp)) == ["stamped without being run: a1"]


def test_create_all_inside_a_revision_is_the_revisions_own(stage: Stage) -> None:
    first = revision("a1", None, "from models import Base\nBase.metadata.create_all(op.get_bind())")
    assert summary(stage.write(plain_project(first=first)).ask()) == []


def test_helper_called_by_a_revision_is_the_revisions_own(stage: Stage) -> None:
    first = revision("a1", None, "import steps\nsteps.make(op)")
    steps = f"import sqlalchemy as sa\n\n\ndef make(op):\n    {USER_TABLE}\n"
    assert summary(stage.write({**plain_project(first=first), "steps.py": steps}).ask()) == []


def test_async_revisions_are_recognised_across_the_drivers_thread(stage: Stage, needs: Callable[..., None]) -> None:
    needs("aiosqlite", "sqlalchemy.ext.asyncio")
    env = """
import asyncio
from alembic import context
from models import Base
from sqlalchemy.ext.asyncio import create_async_engine


def migrate(connection):
    context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()


async def main():
    engine = create_async_engine("sqlite+aiosqlite:///app.db")
    BEFORE
    async with engine.connect() as connection:
        await connection.run_sync(migrate)
    await engine.dispose()


asyncio.run(main())
"""
    before = "async with engine.begin() as c:\n        await c.run_sync(Base.metadata.create_all)"
    files = plain_project(env=env.replace("BEFORE", ""), ini=INI)
    assert summary(stage.write(files).ask()) == []
    stage.write({"migrations/env.py": env.replace("BEFORE", before)})
    answer = stage.ask()
    assert [one.kind for one in answer.not_followed] == ["foreign-table"] or answer.failure is not None
    assert answer.operations == []


@pytest.mark.parametrize(
    ("env", "kind"),
    [
        pytest.param(ENV.replace("Base.metadata)", "None)"), "no-metadata", id="no target_metadata"),
        pytest.param(ENV.replace("        context.run_migrations()", "        pass"), "no-replay", id="runs nothing"),
        pytest.param(
            "from alembic import context\nfrom models import Base\n"
            "context.configure(url='sqlite:///x.db', target_metadata=Base.metadata, as_sql=True)\n"
            "with context.begin_transaction():\n    context.run_migrations()\n",
            "no-replay",
            id="offline whatever the command",
        ),
    ],
)
def test_env_py_that_gives_no_comparison_is_not_followed(stage: Stage, env: str, kind: str) -> None:
    answer = stage.write(plain_project(env=env)).ask()
    assert answer.failure is None, answer.failure
    assert [one.kind for one in answer.not_followed] == [kind]


TAG = 'class Tag(Base):\n    __tablename__ = "tag"\n    id = sa.Column(sa.Integer, primary_key=True)\n'
PLUGIN = """
from alembic.migration import MigrationContext
from alembic.operations import Operations
with engine.begin() as connection:
    operations = Operations(MigrationContext.configure(connection))
    operations.create_table("tag", sa.Column("id", sa.Integer, primary_key=True))
"""


def test_table_that_a_plugin_migrates_by_itself_is_no_missing_migration(stage: Stage) -> None:
    """CTFd's plugins bring migrations of their own, which run whenever the app is made: `alembic check` is clean."""
    models = MODELS + "\n\n" + TAG + ENGINE + PLUGIN
    (text,) = not_followed(stage, models=models)
    assert text.startswith("table `tag` was created by models.py:")
    assert text.endswith("not by a revision, but while the app was loaded")


def test_plugin_that_migrates_a_table_of_its_own_does_not_hide_a_missing_column(stage: Stage) -> None:
    models = EMAIL + ENGINE + PLUGIN
    assert summary(stage.write(plain_project(models=models)).ask()) == ["add_column user email"]
