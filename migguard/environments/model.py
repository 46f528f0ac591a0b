"""What discovery finds, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from migguard.config import EngineConfig
from migguard.revisions.parse import is_revision_filename

if TYPE_CHECKING:
    from migguard.git.snapshot import Snapshot

Kind = Literal["ini", "pyproject", "flask"]


@dataclass(frozen=True)
class Environment:
    """One Alembic environment. Paths are repository paths; "" is the top.

    kind: `ini` (an alembic.ini, or env.py alone where `config_path` is None), `pyproject` (`[tool.alembic]`; an
    `alembic.ini` beside it may hold the rest), `flask` (env.py wants a Flask app: Flask-Migrate).
    version_locations: the folders of its revision files; with `recursive`, their subfolders too.
    project_dir: where its user stands when running Alembic, for relative paths and imports.
    heads, python, flask_app, x, env, engines: as in `EnvironmentConfig`.
    configured: whether `[[tool.migguard.environments]]` names it.
    overrides: those of Alembic's options `script_location`, `version_locations`, `recursive_version_locations` that
    have their value from our settings or from Flask-Migrate, so that Alembic's file alone does not tell them.
    """

    name: str
    kind: Kind
    config_path: str | None
    section: str
    script_location: str
    version_locations: tuple[str, ...]
    recursive: bool = False
    project_dir: str = ""
    heads: int | tuple[str, ...] = 1
    python: str | None = None
    flask_app: str | None = None
    x: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    engines: EngineConfig = field(default_factory=EngineConfig)
    configured: bool = False
    overrides: frozenset[str] = frozenset()

    @property
    def env_path(self) -> str:
        """The repository path of its env.py, which need not exist."""
        return join_path(self.script_location, "env.py")

    def owns(self, path: str) -> bool:
        """Whether the file is one of its revision files, by its place and by Alembic's rule for its name.

        Follows `_only_source_rev_file` and `Script._list_py_dir` in alembic/script/base.py.
        """
        folder, _, name = path.rpartition("/")
        if not is_revision_filename(name):
            return False
        if folder in self.version_locations:
            return True
        if not self.recursive or folder.endswith("__pycache__"):
            return False
        return any(is_below(folder, location) for location in self.version_locations)

    def revision_paths(self, snapshot: Snapshot) -> tuple[str, ...]:
        """Its revision files in a snapshot, sorted."""
        return tuple(path for path in snapshot.entries() if path.endswith(".py") and self.owns(path))


@dataclass(frozen=True)
class UnresolvedEnvironment:
    """Revisions that are there and that no environment can be held responsible for: "could not check", never clean.

    path: the file or folder it is about. reason: one line, as in a diagnostic's message. hint: what to do.
    """

    path: str
    reason: str
    hint: str


@dataclass(frozen=True)
class Discovery:
    """The environments of a snapshot, by script location.

    notes: what was seen and not taken, and why. unresolved: what could not be told and must not look clean.
    """

    environments: tuple[Environment, ...]
    notes: tuple[str, ...] = ()
    unresolved: tuple[UnresolvedEnvironment, ...] = ()


def join_path(folder: str, name: str) -> str:
    """A repository path below a folder, where "" is the top."""
    return f"{folder}/{name}" if folder else name


def parent_of(path: str) -> str:
    """The folder of a repository path; "" for what lies at the top."""
    return path.rpartition("/")[0]


def is_below(path: str, folder: str) -> bool:
    """Whether a repository path lies somewhere in a folder."""
    return not folder or path.startswith(f"{folder}/")
