"""From the files of a snapshot to its Alembic environments."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from migguard.config import Config, matches_any
from migguard.environments.configured import build_configured
from migguard.environments.locate import locate_environment
from migguard.environments.model import Discovery, Environment, UnresolvedEnvironment, is_below
from migguard.environments.places import Files
from migguard.environments.settings import DEFAULT_SECTION
from migguard.environments.sources import INI_NAME, Sources, read_sources
from migguard.environments.strays import find_strays

if TYPE_CHECKING:
    from migguard.git.snapshot import Snapshot

_IMPORTS_FLASK = re.compile(rb"^\s*(?:from|import)\s+flask\b", re.MULTILINE)


def discover_environments(snapshot: Snapshot, config: Config) -> Discovery:
    """All Alembic environments of a snapshot, from its names and a few of its files, never from disk.

    Where `[[tool.migguard.environments]]` lists environments, the list is complete, and others are only noted. An
    environment of the list is returned even if its files are missing. Raises ConfigError for an ambiguous entry.
    """
    files = Files(snapshot.entries())
    sources = read_sources(snapshot, _group_sections(config))
    search = _Search(files, config)
    search.look_through(sources)
    environments: list[Environment] = search.found
    unresolved = search.unresolved
    if config.environments:
        built = build_configured(config, files, sources, search.found)
        environments = [item for item in built if isinstance(item, Environment)]
        search.note_unlisted(environments)
        unresolved = [item for item in built if isinstance(item, UnresolvedEnvironment)]
    strays = find_strays(snapshot, files, _without_twins(environments, search.found), search.passed_over, config)
    kept = [item for item in environments if item.script_location not in strays.blind or _has_own_list(item)]
    kept.sort(key=lambda item: (item.script_location, item.version_locations, item.name))
    return Discovery(
        tuple(_name_all(_find_kinds(snapshot, kept))),
        (*search.notes, *strays.notes),
        (*unresolved, *strays.unresolved),
    )


class _Search:
    """What a look through all configuration files has brought to light so far."""

    def __init__(self, files: Files, config: Config) -> None:
        self._files = files
        self._config = config
        self.found: list[Environment] = []
        self.notes: list[str] = []
        self.unresolved: list[UnresolvedEnvironment] = []
        self.passed_over: set[str] = set()

    def look_through(self, sources: Sources) -> None:
        """Take every environment that the files mean, each once."""
        listed = {entry.config for entry in self._config.environments}
        for path, reason in sources.faults.items():
            if path not in listed and not matches_any(path, self._config.exclude):
                self.notes.append(f"`{path}` cannot be read: {reason}")
        located = []
        for settings in sources.settings:
            environment = locate_environment(settings, self._files)
            if isinstance(environment, Environment):
                located.append(environment)
            elif matches_any(settings.path, self._config.exclude):
                continue
            elif isinstance(environment, str):
                self.notes.append(environment)
            else:
                self.unresolved.append(environment)
                self.passed_over.add(environment.path)
        for environment in sorted(located, key=_by_preference):
            self._take(environment)
        self._drop_parts()

    def _drop_parts(self) -> None:
        """Revisions without env.py are no riddle where another environment has them as its version location."""
        parts = {location for environment in self.found for location in environment.version_locations}
        for unresolved in list(self.unresolved):
            if any(is_below(location, unresolved.path) for location in parts):
                self.unresolved.remove(unresolved)
                self.notes.append(unresolved.reason)

    def _take(self, environment: Environment) -> None:
        config_path = environment.config_path or ""
        if any(matches_any(path, self._config.exclude) for path in (config_path, environment.env_path)):
            self.notes.append(f"`{config_path}` is excluded")
            self.passed_over |= {environment.script_location, *environment.version_locations} - {""}
            return
        twin = next((other for other in self.found if _is_same(other, environment)), None)
        if twin is None:
            self.found.append(environment)
        elif twin.config_path != environment.config_path:
            self.notes.append(f"`{config_path}` configures the same environment as `{twin.config_path}`")

    def note_unlisted(self, listed: Sequence[Environment]) -> None:
        """Mention what was found and is not in the list of the settings."""
        locations = {environment.script_location for environment in listed}
        for environment in self.found:
            if environment.script_location not in locations:
                where = f"`{environment.script_location or '.'}` (`{environment.config_path}`)"
                self.notes.append(f"{where} is not among the configured environments")
        for unresolved in self.unresolved:
            if unresolved.path not in locations:
                self.notes.append(unresolved.reason)


def _group_sections(config: Config) -> dict[str, set[str]]:
    sections: dict[str, set[str]] = defaultdict(set)
    for entry in config.environments:
        if entry.config is not None:
            sections[entry.config].add(entry.section)
    return sections


def _by_preference(environment: Environment) -> tuple[bool, bool, int, str]:
    """Of two files that mean one environment, the one that plain `alembic` would read."""
    path = environment.config_path or ""
    is_usual = path.rpartition("/")[2] == INI_NAME or environment.kind == "pyproject"
    return not is_usual, environment.section != DEFAULT_SECTION, path.count("/"), path


def _is_same(one: Environment, other: Environment) -> bool:
    return (one.script_location, set(one.version_locations), one.recursive) == (
        other.script_location,
        set(other.version_locations),
        other.recursive,
    )


def _without_twins(environments: Sequence[Environment], found: Iterable[Environment]) -> list[Environment]:
    """The environments, and what else was found at other script locations."""
    locations = {environment.script_location for environment in environments}
    return [*environments, *(other for other in found if other.script_location not in locations)]


def _has_own_list(environment: Environment) -> bool:
    return bool(environment.overrides & {"version_locations", "recursive_version_locations"})


def _find_kinds(snapshot: Snapshot, environments: Sequence[Environment]) -> list[Environment]:
    """The environments, with kind `flask` where env.py asks Flask for the current app."""
    contents = snapshot.read_many(environment.env_path for environment in environments)
    return [
        replace(environment, kind="flask") if _wants_flask(contents.get(environment.env_path, b"")) else environment
        for environment in environments
    ]


def _wants_flask(env: bytes) -> bool:
    return b"current_app" in env and _IMPORTS_FLASK.search(env) is not None


def _name_all(environments: Sequence[Environment]) -> list[Environment]:
    """The environments, each with a name of its own: the script location, and more where that is not enough."""
    taken = {environment.name for environment in environments if environment.name}
    named = []
    for environment in environments:
        name = environment.name
        if not name:
            name = _choose_name(environment, taken)
            taken.add(name)
        named.append(replace(environment, name=name))
    return named


def _choose_name(environment: Environment, taken: set[str]) -> str:
    name = environment.script_location or "."
    if name in taken:
        name = f"{name}:{environment.section}"
    choices = (name if number == 1 else f"{name}#{number}" for number in range(1, len(taken) + 2))
    return next(choice for choice in choices if choice not in taken)
