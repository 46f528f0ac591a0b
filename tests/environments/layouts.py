"""Alembic projects as data, and discovery run on what is staged."""

from __future__ import annotations

from collections.abc import Mapping

from migguard.config import load_config
from migguard.environments import Discovery, Environment, discover_environments
from migguard.git.repository import Repository
from migguard.git.snapshot import IndexSnapshot
from tests.sandbox import GitRepository

ENV = "from alembic import context\n"
FLASK_ENV = "import logging\nfrom flask import current_app\nfrom alembic import context\n"


def revision(
    identifier: str, parent: str | None = None, *, depends_on: str | None = None, label: str | None = None
) -> str:
    """The text of a revision file."""
    return (
        f'"""message"""\nrevision: str = "{identifier}"\ndown_revision: str | None = {parent!r}\n'
        f"branch_labels = {label!r}\ndepends_on = {depends_on!r}\n"
    )


def scripts(folder: str, *, env: str = ENV) -> dict[str, str]:
    """A script location with one revision in `versions`."""
    return {f"{folder}/env.py": env, f"{folder}/script.py.mako": "", f"{folder}/versions/a1.py": revision("a1")}


def discover(repo: GitRepository, files: Mapping[str, str]) -> Discovery:
    """Stage the files and look."""
    repo.stage(files)
    snapshot = IndexSnapshot(Repository.discover(repo.path))
    return discover_environments(snapshot, load_config(snapshot))


def discover_one(repo: GitRepository, files: Mapping[str, str]) -> Environment:
    """The only environment, with nothing left unresolved."""
    discovery = discover(repo, files)
    assert discovery.unresolved == ()
    (environment,) = discovery.environments
    return environment
