"""A shop made by one of Alembic's (or Flask-Migrate's) own templates, and what real Alembic does in it."""

from __future__ import annotations

import functools
import json
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.engine import make_url

from tests.sandbox import GitRepository
from tests.worker.templates.combinations import Combination
from tests.worker.templates.models import shop_models

#: Runs under the project's interpreter: each step as a user's command would do it.
_REAL = """
import json, sys

sys.path.insert(0, "")
flask, steps = json.loads(sys.argv[1])
if flask:
    from shop import create_app

    create_app().app_context().push()
    from flask import current_app
    from flask_migrate import Migrate

    def config():
        return current_app.extensions["migrate"].migrate.get_config("migrations", opts=["autogenerate"])
else:
    import inspect, os

    from alembic.config import Config

    # Alembic knows pyproject.toml since 1.16
    is_known = "toml_file" in inspect.signature(Config).parameters
    toml = {"toml_file": "pyproject.toml"} if is_known and os.path.exists("pyproject.toml") else {}

    def config():
        return Config("alembic.ini", **toml)

from alembic import command

for step, *rest in steps:
    if step == "revision":
        command.revision(config(), message=rest[1], autogenerate=True, rev_id=rest[0])
    elif step == "check":
        try:
            command.check(config())
        except IndexError:  # Flask-Migrate's env.py emptied the list: nothing to write
            pass
    else:
        getattr(command, step)(config(), *rest)
"""

_FLASK_APP = """\
from flask import Flask
from flask_migrate import Migrate

from models import db


def create_app():
    app = Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = {url!r}
    app.config["SQLALCHEMY_BINDS"] = {binds!r}
    db.init_app(app)
    Migrate(app, db, compare_type=True, compare_server_default=True)
    return app
"""

VERSIONS = "migrations/versions"
FIRST = ("aaaaaaaaaaaa", "the first shop")
SECOND = ("bbbbbbbbbbbb", "the second shop")


@dataclass(frozen=True)
class Surroundings:
    """The project's interpreter, the words before a command, and variables, for one run of migguard."""

    python: Path
    prefix: Sequence[str]
    variables: Mapping[str, str]


class Shop(GitRepository):
    """The project. `urls` are its databases on the real server: one, or two where the template is for several."""

    def __init__(self, path: Path, combination: Combination, python: str, urls: Sequence[str]) -> None:
        super().__init__(path)
        self.combination = combination
        self.python = python
        self.is_flask = combination.template.startswith("flask")
        self.has_events = combination.template.endswith("multidb")
        name = combination.driver.url_name
        self.urls = [make_url(url).set(drivername=name).render_as_string(hide_password=False) for url in urls]

    def found(self, version: str) -> None:
        """Make the project from its template, in git; nothing is in its databases yet. version: of their server."""
        GitRepository.init(self.path)
        self.write({"models.py": self._models("old"), ".gitignore": "__pycache__/\n"})
        if self.is_flask:
            self._found_flask()
        else:
            self._found_alembic()
        settings = f'\n[tool.migguard]\nserver-version = "{version}"\n'
        existing = self.read("pyproject.toml") if (self.path / "pyproject.toml").exists() else ""
        self.commit({"pyproject.toml": existing + settings}, "the shop")

    def _found_flask(self) -> None:
        binds = {"events": self.urls[1]} if self.has_events else {}
        self.write({"shop.py": _FLASK_APP.format(url=self.urls[0], binds=binds), ".flaskenv": "FLASK_APP=shop\n"})
        multi = ["--multidb"] if self.has_events else []
        self.run(self.python, "-m", "flask", "--app", "shop", "db", "init", *multi)
        self.git("add", "-A")

    def _found_alembic(self) -> None:
        template = self.combination.template
        if template.startswith("pyproject"):
            self.write({"pyproject.toml": '[project]\nname = "shop"\nversion = "0"\n'})
        self.run(self.python, "-m", "alembic", "init", "-t", template, "migrations")
        ini = self.read("alembic.ini")
        sections = ("engine1", "engine2") if self.has_events else ("alembic",)
        for section, url in zip(sections, self.urls, strict=True):
            pattern = rf"(?ms)(^\[{section}\]$.*?^sqlalchemy\.url = ).*?$"
            ini = re.sub(pattern, r"\g<1>" + url.replace("%", "%%"), ini)
        env = self.read("migrations/env.py")
        if self.has_events:
            targets = '{"engine1": models.Base.metadata, "engine2": models.EventBase.metadata}'
            env = env.replace("target_metadata = {}", f"import models\n\ntarget_metadata = {targets}")
        else:
            env = env.replace("target_metadata = None", "from models import Base\n\ntarget_metadata = Base.metadata")
        compare = r"\1, compare_type=True, compare_server_default=True"
        env = re.sub(r"(target_metadata=target_metadata(\.get\(name\))?)", compare, env)
        self.write({"alembic.ini": ini, "migrations/env.py": env})
        self.git("add", "-A")

    def grow(self) -> None:
        """The models become what they are now; staged."""
        self.stage({"models.py": self._models("new")})

    def _models(self, age: str) -> str:
        return shop_models(self.combination.dialect, age, flask=self.is_flask, events=self.has_events)

    def run_real(self, *steps: tuple[str, ...]) -> None:
        """Real Alembic on the real databases, all steps in one process; AssertionError where one fails."""
        self.run(self.python, "-c", _REAL, json.dumps([self.is_flask, steps]), env={"PYTHONHASHSEED": "0"})

    def migguard(self, surroundings: Surroundings, *arguments: str) -> tuple[int, str]:
        """migguard as it runs there: exit status, and all that was said."""
        command = [*surroundings.prefix, sys.executable, "-m", "migguard", *arguments]
        variables = {"MIGGUARD_PYTHON": str(surroundings.python), **surroundings.variables}
        done = self.run(*command, check=False, env=variables)
        return done.returncode, done.stdout + done.stderr

    def read_revision(self, rev_id: str) -> tuple[str, str]:
        """Name and text (without its date) of the one file of that revision."""
        found = self._find_revision(rev_id)
        return found.name, re.sub(r"(?m)^Create Date:.*$", "Create Date:", found.read_text(encoding="utf-8"))

    def remove_revision(self, rev_id: str) -> None:
        """Delete the file of that revision."""
        self._find_revision(rev_id).unlink()

    def _find_revision(self, rev_id: str) -> Path:
        (found,) = (self.path / VERSIONS).glob(f"*{rev_id}*.py")
        return found


def is_importable(python: str, *modules: str) -> bool:
    """Does this interpreter find the modules?"""
    return _succeeds(python, f"import {', '.join(modules)}")


def has_template(python: str, template: str) -> bool:
    """Does this interpreter's Alembic have the template?"""
    return _succeeds(
        python, f"import alembic, os; os.stat(os.path.dirname(alembic.__file__) + '/templates/{template}')"
    )


@functools.cache
def _succeeds(python: str, code: str) -> bool:
    return subprocess.run([python, "-c", code], capture_output=True, check=False).returncode == 0
