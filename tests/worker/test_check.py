"""The verdict on whole projects: templates of Alembic, Flask-Migrate, SQLModel."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.worker.stage import (
    ENV,
    INI,
    MODELS,
    PYTHON,
    USER_TABLE,
    Stage,
    plain_environment,
    plain_project,
    revision,
    summary,
)

EMAIL = MODELS + "    email = sa.Column(sa.String(50))\n"


def test_models_and_revisions_agree_in_sync(stage: Stage) -> None:
    answer = stage.write(plain_project()).ask()
    assert summary(answer) == []
    assert (answer.engine, answer.databases, answer.dialects, answer.heads) == ("sqlite", 1, ["sqlite"], ["a1"])
    assert answer.version_column_length == 32
    assert set(answer.versions) == {"python", "alembic", "sqlalchemy"}


def test_column_in_no_revision_is_told_with_its_place(stage: Stage) -> None:
    answer = stage.write(plain_project(models=EMAIL)).ask()
    assert summary(answer) == ["add_column user email"]
    place = answer.operations[0].place
    assert place is not None
    assert (place.path, place.line) == ("models.py", 11)
    assert answer.operations[0].detail == "VARCHAR(50)"


def test_table_in_no_model_is_told_without_place(stage: Stage) -> None:
    extra = revision("b2", "a1", 'op.create_table("old", sa.Column("id", sa.Integer()))')
    answer = stage.write({**plain_project(), "migrations/versions/b2_old.py": extra}).ask()
    assert summary(answer) == ["remove_table old"]
    assert answer.operations[0].place is None


def test_work_tree_differs_from_the_tree_verdict_is_about_the_tree(stage: Stage) -> None:
    stage.write(plain_project()).write({"models.py": EMAIL}, snapshot=False)
    answer = stage.ask()
    assert summary(answer) == []
    assert answer.opened == []


def test_real_database_stays_untouched(stage: Stage) -> None:
    (stage.top / "app.db").write_bytes(b"not even a database")
    url = f"sqlite:///{stage.top}/app.db"
    stage.write(plain_project(ini=INI.replace("sqlite:///app.db", url), models=EMAIL))
    assert summary(stage.ask("revision")) == ["add_column user email"]
    assert (stage.top / "app.db").read_bytes() == b"not even a database"
    assert not (stage.tree / "app.db").exists()


def test_batch_operations_are_followed(stage: Stage) -> None:
    batch = 'with op.batch_alter_table("user") as batch:\n    batch.add_column(sa.Column("email", sa.String(50)))\n'
    batch += '    batch.alter_column("id", existing_type=sa.Integer(), existing_nullable=False)\n'
    batch += '    batch.create_unique_constraint("uq_email", ["email"])'
    env = ENV.replace("Base.metadata)", "Base.metadata, render_as_batch=True)")
    models = EMAIL.replace("sa.String(50)", "sa.String(50), nullable=False")
    files = {**plain_project(env=env, models=models), "migrations/versions/b2_batch.py": revision("b2", "a1", batch)}
    answer = stage.write(files).ask("revision")
    assert summary(answer) == ["modify_nullable user email", "remove_constraint user email uq_email"]
    assert "op.batch_alter_table('user'" in answer.files[0].content


@pytest.mark.parametrize("template", ["generic", "async", "multidb", "pyproject"])
def test_template_of_alembic_writes_the_missing_table(stage: Stage, template: str, needs: Callable[..., None]) -> None:
    if template == "async":
        needs("aiosqlite")
    done = subprocess.run(
        [PYTHON, "-m", "alembic", "init", "-t", template, "migrations"],
        cwd=stage.top,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        pytest.skip(f"this Alembic has no template {template}")
    files = {
        str(path.relative_to(stage.top)): path.read_text(encoding="utf-8")
        for path in stage.top.rglob("*")
        if path.is_file() and ".git" not in path.parts and "__pycache__" not in path.parts
    }
    scheme = "sqlite+aiosqlite" if template == "async" else "sqlite"
    for name in ("user:pass@localhost/dbname2", "user:pass@localhost/dbname"):
        files["alembic.ini"] = files["alembic.ini"].replace(f"driver://{name}", f"{scheme}:///{name[-4:]}.db")
    env = files["migrations/env.py"].replace(
        "target_metadata = None", "import models\ntarget_metadata = models.Base.metadata"
    )
    env = env.replace(
        "target_metadata = {}",
        "import models\ntarget_metadata = dict.fromkeys(['engine1', 'engine2'], models.Base.metadata)",
    )
    files["migrations/env.py"] = env
    files["models.py"] = MODELS
    kind, config = ("pyproject", "pyproject.toml") if template == "pyproject" else ("ini", "alembic.ini")
    stage.environment = plain_environment(kind=kind, config_path=config)
    answer = stage.write(files).ask("revision")
    both = 2 if template == "multidb" else 1
    assert summary(answer) == ["add_table user"] * both
    assert answer.databases == both
    (written,) = answer.files
    assert written.content.count("op.create_table('user'") == both
    stage.write({written.path: written.content})
    assert summary(stage.ask()) == []


def test_pyproject_alone_is_enough(stage: Stage, needs: Callable[..., None]) -> None:
    needs("alembic.util.compat, tomllib")
    files = plain_project(
        ini=None, env=ENV.replace("engine_from_config(config.get_section(config.config_ini_section),", "E(")
    )
    files["migrations/env.py"] = (
        "from sqlalchemy import create_engine\nE = lambda **k: create_engine('sqlite:///a.db', **k)\n"
        + (files["migrations/env.py"] or "")
    )
    files["pyproject.toml"] = '[tool.alembic]\nscript_location = "%(here)s/migrations"\nprepend_sys_path = ["."]\n'
    stage.environment = plain_environment(kind="pyproject", config_path="pyproject.toml")
    answer = stage.write(files).ask()
    if answer.failure is not None and "script_location" in answer.failure.message:
        pytest.skip("this Alembic does not read pyproject.toml")
    assert summary(answer) == []


def test_project_in_a_subfolder_stands_there(stage: Stage) -> None:
    files = {f"backend/{name}": content for name, content in plain_project(models=EMAIL).items()}
    stage.environment = plain_environment(
        config_path="backend/alembic.ini",
        script_location="backend/migrations",
        version_locations=["backend/migrations/versions"],
        project_dir="backend",
    )
    answer = stage.write(files).ask("revision")
    assert summary(answer) == ["add_column user email"]
    assert answer.files[0].path.startswith("backend/migrations/versions/")
    assert answer.operations[0].place is not None
    assert answer.operations[0].place.path == "backend/models.py"


def test_script_location_given_by_configuration_is_used(stage: Stage) -> None:
    files = {name.replace("migrations/", "db/"): content for name, content in plain_project().items()}
    stage.environment = plain_environment(
        script_location="db", version_locations=["db/versions"], script_location_configured=True
    )
    assert summary(stage.write(files).ask()) == []


def test_x_arguments_and_variables_reach_env_py(stage: Stage) -> None:
    line = 'import os\nassert context.get_x_argument(as_dictionary=True)["tenant"] == os.environ["TENANT"] == "blue"\n'
    stage.environment = plain_environment(x=["tenant=blue"])
    stage.write(plain_project(env=ENV.replace("\nconfig =", f"\n{line}\nconfig =")))
    assert summary(stage.ask(settings={"TENANT": "blue"})) == []


def test_two_heads_are_both_replayed(stage: Stage) -> None:
    add = 'op.add_column("user", sa.Column("{}", sa.String(50)))'
    files = {
        **plain_project(models=EMAIL + "    phone = sa.Column(sa.String(50))\n"),
        "migrations/versions/b2.py": revision("b2", "a1", add.format("email")),
        "migrations/versions/c3.py": revision("c3", "a1", add.format("phone")),
    }
    answer = stage.write(files).ask()
    assert summary(answer) == []
    assert answer.heads == ["b2", "c3"]


def test_target_metadata_list_is_compared(stage: Stage) -> None:
    models = MODELS + '\n\nOther = declarative_base()\n\n\nclass Tag(Other):\n    __tablename__ = "tag"\n'
    models += "    id = sa.Column(sa.Integer, primary_key=True)\n"
    env = ENV.replace("import Base", "import Base, Other").replace("=Base.metadata", "=[Base.metadata, Other.metadata]")
    assert summary(stage.write(plain_project(models=models, env=env)).ask()) == ["add_table tag"]


def test_process_revision_directives_that_empties_the_list_is_in_sync(stage: Stage) -> None:
    empty = "def empty(context, revision, directives):\n    directives[:] = []\n\n\nwith engine.connect"
    env = ENV.replace("with engine.connect", empty).replace(
        "Base.metadata)", "Base.metadata, process_revision_directives=empty)"
    )
    answer = stage.write(plain_project(models=EMAIL, env=env)).ask("revision")
    assert summary(answer) == []
    assert answer.files == []


def test_env_py_that_needs_the_tables_after_its_migrations_is_followed(stage: Stage) -> None:
    """Seeds, views: on an empty database, where nothing has run yet, it can only fail."""
    seed = "if connection.exec_driver_sql('SELECT count(*) FROM user').scalar() is None: raise SystemExit\n"
    env = ENV.rstrip("\n") + f"\n    {seed}"
    assert summary(stage.write(plain_project(models=EMAIL, env=env)).ask()) == ["add_column user email"]
    broken = ENV.rstrip("\n") + "\n    connection.exec_driver_sql('SELECT * FROM nowhere')\n"
    failure = stage.write(plain_project(env=broken)).ask().failure
    assert failure is not None
    assert "no such table: nowhere" in failure.message


def test_no_revisions_yet_everything_is_missing(stage: Stage) -> None:
    (stage.tree / "migrations/versions").mkdir(parents=True)
    assert summary(stage.write(plain_project(first=None)).ask()) == ["add_table user"]


def test_version_table_made_wider_by_env_py_is_followed(stage: Stage) -> None:
    table = "alembic_version (version_num VARCHAR(99) PRIMARY KEY)"
    make = f'    connection.exec_driver_sql("CREATE TABLE IF NOT EXISTS {table}")\n'
    env = ENV.replace(
        "    context.configure",
        make + "    connection.commit() if hasattr(connection, 'commit') else None\n    context.configure",
    )
    answer = stage.write(plain_project(env=env)).ask()
    assert summary(answer) == []
    assert answer.version_column_length == 99


BLOG = """\
from flask import Flask
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy

db = SQLAlchemy()
migrate = Migrate()

post_tag = db.Table(
    "post_tag",
    db.Column("post_id", db.ForeignKey("post.id"), primary_key=True),
    db.Column("tag_id", db.ForeignKey("tag.id"), primary_key=True),
)


class User(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(40), unique=True)


class Post(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    author_id = db.Column(db.ForeignKey("user.id"))
    title = db.Column(db.String(80), index=True)
    tags = db.relationship("Tag", secondary=post_tag)


class Comment(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    post_id = db.Column(db.ForeignKey("post.id"))


class Tag(db.Model):
    id = db.Column(db.Integer, primary_key=True)


def create_app():
    app = Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///blog.db"
    app.config["SQLALCHEMY_TRACK_MODIFICATIONS"] = False
    db.init_app(app)
    migrate.init_app(app, db)
    return app
"""


@pytest.fixture
def blog(stage: Stage, needs: Callable[..., None]) -> Stage:
    """The classic Flask blog, as `flask db init` leaves it."""
    needs("flask_migrate", "flask_sqlalchemy")
    (stage.top / "blog.py").write_text(BLOG, encoding="utf-8")
    subprocess.run(
        [PYTHON, "-m", "flask", "--app", "blog", "db", "init"], cwd=stage.top, capture_output=True, check=True
    )
    files = {
        str(path.relative_to(stage.top)): path.read_text(encoding="utf-8")
        for folder in ("migrations",)
        for path in (stage.top / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    (stage.tree / "migrations" / "versions").mkdir(parents=True)
    stage.environment = plain_environment(
        kind="flask", config_path="migrations/alembic.ini", flask_app="blog:create_app"
    )
    return stage.write({**files, "blog.py": BLOG})


def test_flask_blog_gets_its_first_and_second_revision(blog: Stage) -> None:
    answer = blog.ask("revision")
    assert sorted(summary(answer)) == [
        "add_index post title ix_post_title",
        *[f"add_table {name}" for name in ("comment", "post", "post_tag", "tag", "user")],
    ]
    places = {one.table: one.place for one in answer.operations if one.kind == "add_table"}
    assert places["post_tag"] is not None
    assert (places["post_tag"].path, places["post_tag"].line) == ("blog.py", 8)
    blog.write({answer.files[0].path: answer.files[0].content})
    assert summary(blog.ask()) == []
    blog.write(
        {
            "blog.py": BLOG.replace(
                '"post.id"))\n\n\nclass Tag', '"post.id"))\n    text = db.Column(db.Text)\n\n\nclass Tag'
            )
        }
    )
    second = blog.ask("revision")
    assert summary(second) == ["add_column comment text"]
    assert second.message == "add text to comment"
    assert not list(Path(blog.tree).rglob("blog.db"))


@pytest.mark.parametrize(
    "start",
    [
        pytest.param("upgrade()", id="upgrades"),
        pytest.param("db.create_all()\n        stamp()", id="creates and stamps"),
    ],
)
def test_flask_app_that_prepares_its_database_while_created_does_not_matter(blog: Stage, start: str) -> None:
    source = BLOG.replace("    return app", f"    with app.app_context():\n        {start}\n    return app")
    blog.write({"blog.py": source.replace("import Migrate", "import Migrate, stamp, upgrade")})
    first = blog.ask("revision")
    assert "add_table user" in summary(first)
    blog.write({first.files[0].path: first.files[0].content})
    assert summary(blog.ask()) == []


def test_flask_app_that_lacks_a_module_is_an_environment_failure(blog: Stage) -> None:
    failure = blog.write({"blog.py": "import flux_capacitor\n" + BLOG}).ask().failure
    assert failure is not None
    assert (failure.kind, failure.missing_module) == ("environment", "flux_capacitor")
    assert failure.frames == ["blog.py:1 in <module>: import flux_capacitor"]


def test_flask_app_named_by_flaskenv_is_found(blog: Stage, needs: Callable[..., None]) -> None:
    needs("dotenv")
    blog.environment = plain_environment(kind="flask", config_path="migrations/alembic.ini")
    blog.write({".flaskenv": "FLASK_APP=blog:create_app\n"})
    assert "add_table user" in summary(blog.ask())


def test_sqlmodel_project_is_compared(stage: Stage, needs: Callable[..., None]) -> None:
    needs("sqlmodel")
    models = (
        "from sqlmodel import Field, SQLModel\n\n\nclass User(SQLModel, table=True):\n"
        "    id: int = Field(primary_key=True)\n    email: str = ''\n\n\nBase = SQLModel\n"
    )
    answer = stage.write(plain_project(models=models)).ask()
    assert summary(answer) == ["add_column user email"]
    place = answer.operations[0].place
    assert place is not None
    assert (place.path, place.line) == ("models.py", 6)


def test_first_upgrade_uses_the_table_of_the_revision(stage: Stage) -> None:
    assert USER_TABLE in (plain_project()["migrations/versions/a1_first.py"] or "")
    stage.write(plain_project(first=revision("a1", None, USER_TABLE.replace("user", "person"))))
    assert sorted(summary(stage.ask())) == ["add_table user", "remove_table person"]
