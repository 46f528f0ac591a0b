"""Whether a change can alter what the models declare or what the revisions build: if not, no project code is run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from migguard.config import Config
from migguard.config.globs import matches_any
from migguard.environments import Environment
from migguard.git.repository import Change
from migguard.git.snapshot import Snapshot

#: What an import, env.py or Alembic itself reads, by the end of its name: code, settings, templates and SQL.
IMPORTED_SUFFIXES = (
    ".py",
    ".pyi",
    ".pyx",
    ".pth",
    ".so",
    ".ini",
    ".toml",
    ".cfg",
    ".conf",
    ".mako",
    ".sql",
    ".json",
    ".yaml",
    ".yml",
    ".env",
)
_PREFIXES = (".env", "requirements", "constraints")
_NAMES = frozenset({".gitmodules", ".gitattributes", ".gitignore", ".python-version", "Pipfile", "Pipfile.lock"})
#: Read while other programs run, never while the project is imported.
_UNREAD_FOLDERS = (".github/", ".gitlab/", ".circleci/", ".vscode/", ".idea/", "node_modules/")
_UNREAD_NAMES = frozenset(
    {".pre-commit-config.yaml", "package.json", "package-lock.json", "tsconfig.json", "yarn.lock", "mkdocs.yml"}
)


def is_relevant(
    changes: Sequence[Change], environments: Iterable[Environment], snapshot: Snapshot, config: Config
) -> bool:
    """Whether one of the changed paths could matter. See `explain_relevance`."""
    return explain_relevance(changes, environments, snapshot, config) is not None


def explain_relevance(
    changes: Sequence[Change], environments: Iterable[Environment], snapshot: Snapshot, config: Config
) -> str | None:
    """Why the changes matter, as one phrase that names a path; None where they do not.

    Whatever lies in an environment counts, by any name; elsewhere what an import may read: Python, settings,
    templates, SQL, and the files that say which versions are installed. Submodules and symbolic links count, for what
    they bring. Documents, pictures, styles and scripts for browsers do not, unless a `snapshot` glob of the
    configuration names them as files that the project reads.
    """
    known = tuple(environments)
    folders = [folder for item in known for folder in (item.script_location, *item.version_locations) if folder]
    settings = {item.config_path for item in known if item.config_path} | {config.source or "pyproject.toml"}
    for change in changes:
        path = change.path
        if path in settings:
            return f"`{path}` is a configuration file"
        if any(path.startswith(f"{folder}/") for folder in folders):
            return f"`{path}` is part of a migration environment"
        if matches_any(path, config.snapshot):
            return f"`{path}` is named by `snapshot`"
        if change.old_mode in ("160000", "120000") or change.new_mode in ("160000", "120000"):
            return f"`{path}` is a submodule or a symbolic link"
        if _is_imported(path):
            return f"`{path}` may be read when the project is imported"
    return None


def _is_imported(path: str) -> bool:
    name = path.rpartition("/")[2]
    if name in _NAMES or any(part.startswith(_PREFIXES) for part in path.split("/")):
        return True
    if name in _UNREAD_NAMES or path.startswith(_UNREAD_FOLDERS) or "/node_modules/" in path:
        return False
    return name.endswith((*IMPORTED_SUFFIXES, ".lock"))
