"""Alembic's Config as `alembic` or `flask db` would make it, in the current folder."""

from __future__ import annotations

import inspect
import os
from argparse import Namespace
from typing import Any, Optional

from alembic import command
from alembic.config import Config

from .protocol import Request, WorkerEnvironment

_TOML = "pyproject.toml"


def build_config(request: Request, root: str, *, load_app: bool = True) -> Config:
    """The Config of the request's environment; `root` is the tree or the work tree.

    With `load_app` false a Flask app is not loaded, and Flask-Migrate's own file is read alone.
    """
    environment = request.environment
    if environment.kind == "flask":
        config = _flask_config(environment, root) if load_app else _flask_file_config(environment, root)
    else:
        config = _alembic_config(environment, root)
    if environment.script_location_configured:
        _set_locations(config, environment, root)
    set_command(config, environment, "upgrade")
    return config


def set_command(config: Config, environment: WorkerEnvironment, name: str) -> None:
    """Give env.py the command-line options that it would see under `alembic NAME`."""
    old = config.cmd_opts
    x = getattr(old, "x", None) or list(environment.x) or None
    options: dict[str, Any] = {
        "x": x,
        "name": environment.section,
        "config": config.config_file_name,
        "raiseerr": False,
    }
    if name == "upgrade":
        options.update(cmd=(command.upgrade, ["revision"], ["sql", "tag"]), revision="heads", sql=False, tag=None)
    else:
        keywords = ["autogenerate", "sql", "head", "splice", "branch_label", "version_path", "rev_id", "depends_on"]
        options.update(cmd=(command.revision, ["message"], keywords), message=None, autogenerate=True, sql=False)
        options.update(head="head", splice=False, branch_label=None, version_path=None, rev_id=None, depends_on=None)
    if environment.kind == "flask":
        options["x"] = x or []
    config.cmd_opts = Namespace(**options)


def remove_write_hooks(config: Config) -> None:
    """post_write_hooks run on the final path, not on the file in the tree."""
    config.file_config.remove_section("post_write_hooks")
    toml: Any = getattr(config, "toml_alembic_config", None)
    if isinstance(toml, dict):
        toml.pop("post_write_hooks", None)


def _alembic_config(environment: WorkerEnvironment, root: str) -> Config:
    path = _from_here(root, environment.config_path) if environment.config_path else None
    toml: Optional[str] = _TOML if os.path.exists(_TOML) else None
    if environment.kind == "pyproject":
        toml = path
        beside = os.path.join(os.path.dirname(path or ""), "alembic.ini")
        path = beside if os.path.exists(beside) else None
    options: dict[str, Any] = {"ini_section": environment.section, "cmd_opts": Namespace(x=list(environment.x) or None)}
    if toml is not None and "toml_file" in inspect.signature(Config.__init__).parameters:
        options["toml_file"] = toml
    return Config(path, **options)


def _flask_config(environment: WorkerEnvironment, root: str) -> Config:
    """Through Flask's own loader; the app context stays pushed until the process ends."""
    from flask import current_app
    from flask.cli import ScriptInfo, load_dotenv

    os.environ["FLASK_RUN_FROM_CLI"] = "true"
    if os.environ.get("FLASK_SKIP_DOTENV", "").lower() not in {"1", "true", "yes"}:
        load_dotenv()
    app = ScriptInfo(environment.flask_app or os.environ.get("FLASK_APP")).load_app()
    app.app_context().push()
    migrate: Any = current_app.extensions["migrate"].migrate
    folder = _from_here(root, environment.script_location)
    config: Config = migrate.get_config(folder, x_arg=list(environment.x), opts=["autogenerate"])
    return config


def _flask_file_config(environment: WorkerEnvironment, root: str) -> Config:
    folder = _from_here(root, environment.script_location)
    config = Config(os.path.join(folder, "alembic.ini"), ini_section=environment.section)
    config.set_main_option("script_location", folder.replace("%", "%%"))
    return config


def _set_locations(config: Config, environment: WorkerEnvironment, root: str) -> None:
    location = os.path.join(root, environment.script_location)
    config.set_main_option("script_location", location.replace("%", "%%"))
    versions = [os.path.join(root, path) for path in environment.version_locations]
    if versions and versions != [os.path.join(location, "versions")]:
        config.set_main_option("version_locations", os.pathsep.join(versions).replace("%", "%%"))
        config.set_main_option("version_path_separator", "os")
        config.set_main_option("path_separator", "os")


def _from_here(root: str, path: str) -> str:
    return os.path.relpath(os.path.join(os.path.realpath(root), path), os.path.realpath(os.getcwd()))
