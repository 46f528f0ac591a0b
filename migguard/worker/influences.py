"""What takes part in a replay beside the revisions: all of it goes into the key of a state that is kept."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import sys
from collections.abc import Iterable, Iterator
from typing import Any, Optional

import alembic
import sqlalchemy
from alembic.operations import Operations

from .ledger import ProjectPaths
from .protocol import Request

_OWN = os.path.dirname(os.path.abspath(__file__))
#: What a listener would have to hear to change statements or tables. Others run again whatever the replay starts from.
_HEARD = frozenset(
    {
        "before_execute",
        "before_cursor_execute",
        "after_execute",
        "after_cursor_execute",
        "before_create",
        "after_create",
        "before_drop",
        "after_drop",
        "before_parent_attach",
        "after_parent_attach",
    }
)


class Influences:
    """Collects the parts of the key for one run. `contexts` are what env.py configured, database and opts each."""

    def __init__(self, request: Request, paths: ProjectPaths, script_location: str) -> None:
        self._request = request
        self._paths = paths
        self._location = os.path.realpath(script_location)

    def digest(self, targets: Iterable[Any], databases: Iterable[Optional[str]], revisions: set[str]) -> Optional[str]:
        """The key, None where code of the project takes part whose effect cannot be told.

        revisions: real paths of the revision files; they have keys of their own.
        """
        found = [_describe_target(target) for target in targets]
        if None in found or not all(self._is_admitted(function) for function in _find_customs(targets)):
            return None
        sources = self._read_sources(revisions)
        environment = self._request.environment
        parts = [
            _describe_worker(),
            [sys.version, platform.system(), sqlalchemy.__version__, alembic.__version__],
            [self._request.engine, sorted(self._request.server_versions.items())],
            [repr(environment), sorted(self._request.environment_variables.items())],
            [hashlib.sha256(text).hexdigest() for text in self._read_configuration()],
            [(name, hashlib.sha256(text).hexdigest()) for name, text in sources],
            sorted((name, os.environ[name]) for name in os.environ if _is_named(name, sources)),
            [list(one or ()) for one in found],
            list(databases),
        ]
        return hashlib.sha256(json.dumps(parts, default=str).encode()).hexdigest()

    def _read_sources(self, revisions: set[str]) -> list[tuple[str, bytes]]:
        """Every Python file of the script location but the revisions."""
        found = []
        for folder, folders, names in os.walk(self._location):
            folders[:] = sorted(name for name in folders if name != "__pycache__")
            for name in sorted(names):
                path = os.path.realpath(os.path.join(folder, name))
                if name.endswith(".py") and path not in revisions:
                    with open(path, "rb") as file:
                        found.append((os.path.relpath(path, self._location), file.read()))
        return found

    def _read_configuration(self) -> Iterator[bytes]:
        environment = self._request.environment
        names = [environment.config_path, os.path.join(environment.project_dir, "pyproject.toml")]
        for name in dict.fromkeys(name for name in names if name):
            path = os.path.join(self._request.tree, name)
            if os.path.isfile(path):
                with open(path, "rb") as file:
                    yield file.read()

    def _is_admitted(self, function: Any) -> bool:
        """Whether a function that takes part belongs to a distribution, or to the script location."""
        code = getattr(function, "__code__", None)
        if code is None:
            return False
        file = os.path.realpath(code.co_filename)
        return self._paths.relative(file) is None or file.startswith(self._location + os.sep)


def _describe_worker() -> list[Any]:
    """This very worker: its files as they are."""
    found = []
    for folder, folders, names in os.walk(_OWN):
        folders[:] = sorted(name for name in folders if name != "__pycache__")
        for name in sorted(names):
            status = os.stat(os.path.join(folder, name))
            found.append((os.path.relpath(os.path.join(folder, name), _OWN), status.st_size, status.st_mtime_ns))
    return found


def _describe_target(target: Any) -> Optional[list[Any]]:
    """One context of env.py: its dialect, plain options, naming conventions; None where a convention is a function."""
    dialect = target.dialect
    conventions = []
    for metadata in target.metadata:
        items = dict(getattr(metadata, "naming_convention", None) or {})
        if not all(isinstance(value, str) for value in items.values()):
            return None
        conventions.append(sorted((getattr(name, "__name__", str(name)), value) for name, value in items.items()))
    plain = {name: value for name, value in target.opts.items() if isinstance(value, (str, int, bool, type(None)))}
    return [type(dialect).__name__, dialect.name, dialect.driver, sorted(plain.items(), key=str), conventions]


def _find_customs(targets: Iterable[Any]) -> Iterator[Any]:
    """Functions that change what an operation does: Alembic's own operations, SQLAlchemy's compiler, listeners."""
    yield from (one for one in Operations._to_impl._registry.values() if not _is_of_library(one))
    for kind in _all_subclasses(sqlalchemy.sql.visitors.Visitable):
        dispatcher = kind.__dict__.get("_compiler_dispatcher")
        if dispatcher is not None:
            yield from (one for one in dispatcher.specs.values() if not _is_of_library(one))
    listened: list[Any] = [sqlalchemy.Table, sqlalchemy.MetaData, sqlalchemy.Column, sqlalchemy.Index]
    listened += [sqlalchemy.schema.Constraint, sqlalchemy.engine.Engine, sqlalchemy.engine.Connection]
    for target in targets:
        yield from (one for one in target.opts.get("on_version_apply") or () if not _is_of_library(one))
    for kind in listened:
        yield from _find_listeners(kind)


def _find_listeners(kind: Any) -> Iterator[Any]:
    for name in _HEARD:
        heard = getattr(getattr(kind, "dispatch", None), name, None)
        for functions in dict(getattr(heard, "_clslevel", {})).values():
            yield from (one for one in functions if not _is_of_library(one))


def _is_of_library(function: Any) -> bool:
    module = str(getattr(function, "__module__", ""))
    return module.split(".")[0] in {"alembic", "sqlalchemy"}


def _all_subclasses(kind: Any) -> Iterator[Any]:
    seen, open_ = set(), [kind]
    while open_:
        for one in type.__subclasses__(open_.pop()):
            if one not in seen:
                seen.add(one)
                open_.append(one)
                yield one


def _is_named(variable: str, sources: list[tuple[str, bytes]]) -> bool:
    """Whether env.py or a file beside it names an environment variable."""
    return any(variable.encode() in text for _, text in sources)
