"""Finds the Python that the project runs under, or says where it was looked for and what was missing there."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from migguard.config import Config
from migguard.environments import Environment
from migguard.errors import MigguardError
from migguard.git.repository import Repository
from migguard.schema.candidates import Candidate, Own, Search, find_candidates, find_chosen
from migguard.schema.probe import Probe, ProbeCache, probe_python

_CACHE = "interpreters.json"
_HINT = 'name the project\'s own: MIGGUARD_PYTHON=PATH, or `python = "PATH"` under [tool.migguard]'


@dataclass(frozen=True)
class Interpreter:
    """The Python that runs the project's code. `source` says where it was found; `versions` what it has."""

    path: Path
    source: str
    versions: Mapping[str, str]
    prefix: Path
    is_virtual: bool

    def describe(self) -> str:
        """One phrase for people: path, source and versions."""
        names = {"python": "Python", "alembic": "Alembic", "sqlalchemy": "SQLAlchemy"}
        versions = ", ".join(f"{names.get(name, name)} {version}" for name, version in self.versions.items())
        return f"`{self.path}` (from {self.source}: {versions})"


@dataclass(frozen=True)
class Attempt:
    """A candidate that would not do, and why."""

    candidate: Candidate
    problem: str

    def describe(self) -> str:
        """One phrase for people."""
        return f"{self.candidate.source}: `{self.candidate.path}` {self.problem}"


class InterpreterNotFound(MigguardError):
    """No Python has what the project's migrations need. `attempts` are those that were tried, best first."""

    def __init__(self, message: str, attempts: tuple[Attempt, ...], hint: str = _HINT) -> None:
        super().__init__(message, hint)
        self.attempts = attempts


def find_interpreter(
    repository: Repository,
    environment: Environment,
    config: Config,
    environ: Mapping[str, str],
    *,
    own: Own | None = None,
) -> Interpreter:
    """The first candidate that has Python 3.9, Alembic 1.12 and SQLAlchemy 1.4 or later.

    A Python that the user names is the only candidate. Raises InterpreterNotFound.
    """
    search = Search(repository, environment.project_dir, environ, own or Own())
    cache = ProbeCache(repository.state_dir / _CACHE)
    chosen = _choose(search, environment, config)
    attempts: list[Attempt] = []
    for candidate in _distinct(iter([chosen]) if chosen else find_candidates(search)):
        probe = _probe(candidate, search, cache)
        if probe.problem is None:
            is_virtual = probe.prefix != probe.base_prefix
            return Interpreter(Path(probe.executable), candidate.source, probe.versions, Path(probe.prefix), is_virtual)
        attempts.append(Attempt(candidate, probe.problem))
    if chosen:
        raise InterpreterNotFound(f"{attempts[0].describe()}", tuple(attempts), _hint_for_chosen(chosen))
    tried = "; ".join(attempt.describe() for attempt in attempts) or "there is none"
    raise InterpreterNotFound(f"no Python with Alembic and SQLAlchemy found: {tried}", tuple(attempts))


def _hint_for_chosen(chosen: Candidate) -> str:
    return f"install alembic and sqlalchemy there, or change {chosen.source}"


def _choose(search: Search, environment: Environment, config: Config) -> Candidate | None:
    settings = (
        (search.environ.get("MIGGUARD_PYTHON"), "MIGGUARD_PYTHON"),
        (environment.python, f"`python` of environment `{environment.name}`"),
        (config.python, "`python` under [tool.migguard]"),
    )
    return next((find_chosen(search, value, source) for value, source in settings if value), None)


def _distinct(candidates: Iterator[Candidate]) -> Iterator[Candidate]:
    seen: set[Path] = set()
    for candidate in candidates:
        # Not resolved: a virtual environment's python is a symlink to one that it must not be mistaken for.
        path = Path(os.path.abspath(candidate.path))  # noqa: PTH100
        if path not in seen:
            seen.add(path)
            yield candidate


def _probe(candidate: Candidate, search: Search, cache: ProbeCache) -> Probe:
    if not candidate.path.is_file():
        return Probe(problem="does not exist")
    entries = search.environ.get("PYTHONPATH", "").split(os.pathsep)
    extra = [
        entry
        for entry in entries
        if Path(entry).is_absolute() and not Path(entry).is_relative_to(search.repository.top)
    ]
    # A launcher such as pyenv's answers differently in another folder.
    key = "\0".join([str(candidate.path), str(search.directory), *extra])
    known = cache.find(key)
    if known is None:
        environ = {name: value for name, value in search.environ.items() if name != "PYTHONHOME"}
        known = probe_python(candidate.path, search.directory, environ, extra)
        cache.remember(key, known)
    return known
