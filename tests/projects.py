"""Small real projects: plain Alembic, async Alembic and Flask-Migrate, each a blog with one published revision."""

from __future__ import annotations

import functools
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from tests.sandbox import GitRepository

Kind = Literal["plain", "async", "flask"]
KINDS: tuple[Kind, ...] = ("plain", "async", "flask")

PLAIN_MODELS = '''\
"""The classic blog."""

from sqlalchemy import Column, ForeignKey, Integer, String, Table, Text
from sqlalchemy.orm import declarative_base, relationship

Base = declarative_base()

post_tag = Table(
    "post_tag",
    Base.metadata,
    Column("post_id", ForeignKey("post.id"), primary_key=True),
    Column("tag_id", ForeignKey("tag.id"), primary_key=True),
)


class User(Base):
    __tablename__ = "user"

    id = Column(Integer, primary_key=True)
    name = Column(String(50), nullable=False)
    # more of User
    posts = relationship("Post", back_populates="author")


class Post(Base):
    __tablename__ = "post"

    id = Column(Integer, primary_key=True)
    title = Column(String(200), nullable=False)
    body = Column(Text)
    author_id = Column(ForeignKey("user.id"))
    # more of Post
    author = relationship("User", back_populates="posts")
    comments = relationship("Comment", back_populates="post")
    tags = relationship("Tag", secondary=post_tag)


class Comment(Base):
    __tablename__ = "comment"

    id = Column(Integer, primary_key=True)
    body = Column(Text)
    post_id = Column(ForeignKey("post.id"))
    # more of Comment
    post = relationship("Post", back_populates="comments")


class Tag(Base):
    __tablename__ = "tag"

    id = Column(Integer, primary_key=True)
    name = Column(String(30), nullable=False)
    # more of Tag
'''

FLASK_MODELS = '''\
"""The classic blog."""

from flask_sqlalchemy import SQLAlchemy

db = SQLAlchemy()
Column, ForeignKey, Integer, String, Text = db.Column, db.ForeignKey, db.Integer, db.String, db.Text

post_tag = db.Table(
    "post_tag",
    Column("post_id", ForeignKey("post.id"), primary_key=True),
    Column("tag_id", ForeignKey("tag.id"), primary_key=True),
)


class User(db.Model):
    id = Column(Integer, primary_key=True)
    name = Column(String(50), nullable=False)
    # more of User
    posts = db.relationship("Post", back_populates="author")


class Post(db.Model):
    id = Column(Integer, primary_key=True)
    title = Column(String(200), nullable=False)
    body = Column(Text)
    author_id = Column(ForeignKey("user.id"))
    # more of Post
    author = db.relationship("User", back_populates="posts")
    comments = db.relationship("Comment", back_populates="post")
    tags = db.relationship("Tag", secondary=post_tag)


class Comment(db.Model):
    id = Column(Integer, primary_key=True)
    body = Column(Text)
    post_id = Column(ForeignKey("post.id"))
    # more of Comment
    post = db.relationship("Post", back_populates="comments")


class Tag(db.Model):
    id = Column(Integer, primary_key=True)
    name = Column(String(30), nullable=False)
    # more of Tag
'''

FLASK_APP = '''\
"""The application factory."""

import os

from flask import Flask
from flask_migrate import Migrate

from blog.models import db


def create_app():
    app = Flask(__name__)
    here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///" + os.path.join(here, "app.db")
    db.init_app(app)
    Migrate(app, db)
    return app
'''

COMMON = {".gitignore": "__pycache__/\n*.db\n.env\n/build/\n", "README.md": "# Blog\n"}


class Project(GitRepository):
    """A blog in a git repository, with its development database `app.db` upgraded to the first revision."""

    def __init__(self, path: Path, kind: Kind) -> None:
        super().__init__(path)
        self.kind = kind

    models = "blog/models.py"
    versions = "migrations/versions"

    def add_column(self, model: str, name: str, column: str = "String(120)", *, stage: bool = True) -> None:
        """Add a column to a model's class."""
        marker = f"    # more of {model}\n"
        text = self.read(self.models)
        assert marker in text
        self.write({self.models: text.replace(marker, f"    {name} = Column({column})\n{marker}")})
        if stage:
            self.git("add", self.models)

    def migguard(
        self, *arguments: str, env: Mapping[str, str] | None = None, cwd: str = ""
    ) -> subprocess.CompletedProcess[str]:
        """Run migguard as a user would; any status."""
        return self.run(sys.executable, "-m", "migguard", *arguments, check=False, env=env, cwd=cwd)

    def alembic(self, *arguments: str, check: bool = True) -> str:
        """Run the project's own Alembic (through `flask db` where it is Flask-Migrate's)."""
        command = ["flask", "--app", "blog:create_app", "db"] if self.kind == "flask" else ["alembic"]
        done = self.run(sys.executable, "-m", *command, *arguments, check=check, env={"PYTHONPATH": "."})
        return done.stdout + done.stderr

    def revision_files(self) -> list[str]:
        """The names of the revision files in the work tree, sorted."""
        return sorted(path.name for path in (self.path / self.versions).glob("*.py"))

    def heads(self) -> list[str]:
        """The heads of the work tree, by Alembic itself."""
        return re.findall(r"^([0-9a-z_]+)(?: \(.*\))* \(head\)", self.alembic("heads"), re.MULTILINE)

    def database_columns(self, table: str) -> list[str]:
        """The columns of a table in the development database."""
        import sqlite3

        connection = sqlite3.connect(self.path / "app.db")
        try:
            return [row[1] for row in connection.execute(f'PRAGMA table_info("{table}")')]
        finally:
            connection.close()

    def revise(self, message: str, rev_id: str | None = None) -> str:
        """Write, stage and name a revision with migguard itself; its path."""
        before = set(self.revision_files())
        done = self.migguard("revision", "-m", message, "--stage", *(["--rev-id", rev_id] if rev_id else []))
        assert done.returncode == 0, done.stdout + done.stderr
        (name,) = set(self.revision_files()) - before
        return f"{self.versions}/{name}"


def make_project(kind: Kind, path: Path) -> Project:
    """A fresh copy of a project, its files committed on `main` as they were published."""
    shutil.copytree(_template(kind), path)
    project = Project(path, kind)
    project.git("init", "-q", "-b", "main")
    project.git("add", "-A")
    project.git("commit", "-q", "-m", "the blog")
    return project


@functools.cache
def _template(kind: Kind) -> Path:
    """A folder with the project's files, made by Alembic's (or Flask-Migrate's) own commands, once a process."""
    folder = Path(tempfile.mkdtemp(prefix=f"migguard-{kind}-"))
    project = Project(folder, kind)
    if kind == "flask":
        project.write({**COMMON, "blog/__init__.py": FLASK_APP, project.models: FLASK_MODELS})
        project.write({".flaskenv": "FLASK_APP=blog:create_app\n"})
        project.alembic("init")
        project.alembic("migrate", "-m", "the blog", "--rev-id", "aaaaaaaaaaaa")
    else:
        project.write({**COMMON, "blog/__init__.py": "", project.models: PLAIN_MODELS})
        project.alembic("init", *(["-t", "async"] if kind == "async" else []), "migrations")
        _point_at_models(project)
        project.alembic("revision", "--autogenerate", "-m", "the blog", "--rev-id", "aaaaaaaaaaaa")
    project.alembic("upgrade", "head")
    for cache in folder.rglob("__pycache__"):
        shutil.rmtree(cache)
    return folder


def _point_at_models(project: Project) -> None:
    driver = "sqlite+aiosqlite" if project.kind == "async" else "sqlite"
    ini = project.read("alembic.ini")
    ini = re.sub(r"^sqlalchemy.url = .*$", f"sqlalchemy.url = {driver}:///app.db", ini, flags=re.MULTILINE)
    env = project.read("migrations/env.py")
    env = env.replace("target_metadata = None", "from blog.models import Base\n\ntarget_metadata = Base.metadata")
    project.write({"alembic.ini": ini, "migrations/env.py": env})
