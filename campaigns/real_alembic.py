"""Real Alembic (or Flask-Migrate) on a real SQLite database: what migguard is held against."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from foreign_clone import Done, run

#: Runs under the project's interpreter, in the project's folder. A Flask app may have filled its database while it was
#: created: `wipe` starts from an empty one, after the app is there.
_PROGRAM = """
import json, os, sys

ask = json.loads(sys.argv[1])
sys.argv = ["flask", "db", "upgrade"] if ask["flask"] else ["alembic", "upgrade", "heads"]


def wipe(app):
    database = app.extensions["migrate"].db
    engines = getattr(database, "engines", None) or {None: database.engine}
    for engine in engines.values():
        engine.dispose()
        if engine.url.database and os.path.exists(engine.url.database):
            os.remove(engine.url.database)


def without_hooks(config):
    config.file_config.remove_section("post_write_hooks")
    return config


if ask["flask"]:
    os.environ["FLASK_RUN_FROM_CLI"] = "true"
    from flask.cli import ScriptInfo, load_dotenv

    load_dotenv()
    app = ScriptInfo(ask["flask_app"] or os.environ.get("FLASK_APP")).load_app()
    app.app_context().push()
    if ask["wipe"]:
        wipe(app)
    config = lambda: without_hooks(app.extensions["migrate"].migrate.get_config(ask["scripts"], opts=["autogenerate"]))
else:
    from argparse import Namespace

    from alembic.config import Config

    toml = {"toml_file": "pyproject.toml"} if ask["pyproject"] else {}
    options = Namespace(x=ask["x"] or None)
    config = lambda: without_hooks(Config(ask["config"], ini_section=ask["section"], cmd_opts=options, **toml))

from alembic import command

for step in ask["steps"]:
    if step == "upgrade":
        command.upgrade(config(), "heads")
    elif step == "check":
        try:
            command.check(config())
        except IndexError:  # the project's process_revision_directives emptied the list: nothing to write
            print("nothing to write")
    elif step == "revision":
        command.revision(config(), message=ask["message"], autogenerate=True, rev_id=ask["rev_id"])
sys.stdout.flush()
sys.stderr.flush()
os._exit(0)
"""


@dataclass(frozen=True)
class RealAlembic:
    """How `alembic` or `flask db` is called in a project. `folder` is where one stands, below the clone."""

    python: Path
    folder: str = ""
    config: str | None = "alembic.ini"
    section: str = "alembic"
    flask: bool = False
    flask_app: str | None = None
    scripts: str = "migrations"
    variables: Mapping[str, str] | None = None
    x: Sequence[str] = ()

    def run(self, clone: Path, *steps: str, wipe: bool = False, message: str = "", rev_id: str = "") -> Done:
        """Do the steps (`upgrade`, `check`, `revision`) in one process; `wipe` empties a Flask app's database first."""
        ask = {
            "steps": steps,
            "wipe": wipe,
            "message": message,
            "rev_id": rev_id,
            "flask": self.flask,
            "flask_app": self.flask_app,
            "scripts": self.scripts,
            "config": self.config,
            "section": self.section,
            "pyproject": self.config is None,
            "x": list(self.x),
        }
        return run([str(self.python), "-c", _PROGRAM, json.dumps(ask)], clone / self.folder, self.variables)
