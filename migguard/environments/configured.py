"""`[[tool.migguard.environments]]`: what was found, with what the settings say put over it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from migguard.config import Config, EnvironmentConfig
from migguard.environments.locate import expect_environment, locate_environment
from migguard.environments.model import Environment, UnresolvedEnvironment, join_path
from migguard.environments.places import Files
from migguard.environments.settings import DEFAULT_SECTION
from migguard.environments.sources import Sources
from migguard.errors import ConfigError, MigguardError


def build_configured(
    config: Config, files: Files, sources: Sources, discovered: Sequence[Environment]
) -> list[Environment | UnresolvedEnvironment]:
    """One environment for each entry, also where its files are missing; ConfigError where an entry is ambiguous."""
    built: list[Environment | UnresolvedEnvironment] = []
    problems: list[MigguardError] = []
    for index, entry in enumerate(config.environments):
        try:
            found = _find_basis(entry, files, sources, discovered)
        except _AmbiguousError as error:
            key = f"tool.migguard.environments[{index}]"
            problems.append(MigguardError(f"`{key}`: {error}", "add `config` or `script-location`", path=config.source))
            continue
        built.append(_apply(entry, found) if isinstance(found, Environment) else found)
    if problems:
        raise ConfigError(tuple(problems))
    return built


class _AmbiguousError(Exception):
    """The entry could mean several environments."""


def _find_basis(
    entry: EnvironmentConfig, files: Files, sources: Sources, discovered: Sequence[Environment]
) -> Environment | UnresolvedEnvironment:
    """What an entry is about, before its own values are put over it."""
    if entry.config is not None:
        return _read_named_file(entry, entry.config, files, sources)
    if entry.script_location is not None:
        same = [found for found in discovered if found.script_location == entry.script_location]
        same.sort(key=lambda found: found.section != entry.section)
        return same[0] if same else _imagine(entry, entry.script_location)
    if len(discovered) > 1:
        locations = ", ".join(f"`{found.script_location}`" for found in discovered)
        raise _AmbiguousError(
            f"neither `config` nor `script-location`, and there are several environments: {locations}"
        )
    if not discovered:
        hint = "add `config` or `script-location` to the entry in pyproject.toml"
        return UnresolvedEnvironment("pyproject.toml", f"no environment for the configured `{entry.name}`", hint)
    return discovered[0]


def _read_named_file(
    entry: EnvironmentConfig, path: str, files: Files, sources: Sources
) -> Environment | UnresolvedEnvironment:
    settings = sources.find(path, entry.section)
    if settings is None:
        if entry.script_location is not None:
            return replace(_imagine(entry, entry.script_location), config_path=path)
        hint = "correct `config` or `section` of the environment in pyproject.toml"
        return UnresolvedEnvironment(path, _explain_absence(entry, path, files, sources), hint)
    located = locate_environment(settings, files, entry.project_dir)
    if isinstance(located, Environment):
        return located
    if entry.script_location is not None and entry.version_locations:
        return replace(_imagine(entry, entry.script_location), config_path=path, kind=settings.kind)
    expected = expect_environment(settings, files, entry.project_dir)
    if expected is not None and (entry.version_locations or isinstance(located, str)):
        return expected
    if entry.script_location is not None:
        return replace(_imagine(entry, entry.script_location), config_path=path, kind=settings.kind)
    if isinstance(located, str):
        return UnresolvedEnvironment(path, located, "add `script-location` to the environment in pyproject.toml")
    return located


def _explain_absence(entry: EnvironmentConfig, path: str, files: Files, sources: Sources) -> str:
    if path not in files.paths:
        return f"the configured `{path}` does not exist"
    return sources.faults.get(path) or f"the configured `{path}` has no section `[{entry.section}]` for Alembic"


def _imagine(entry: EnvironmentConfig, script_location: str) -> Environment:
    """An environment of which only its script location is known."""
    return Environment(
        name="",
        kind="ini",
        config_path=None,
        section=DEFAULT_SECTION,
        script_location=script_location,
        version_locations=(join_path(script_location, "versions"),),
        overrides=frozenset({"script_location"}),
    )


def _apply(entry: EnvironmentConfig, found: Environment) -> Environment:
    """The environment with the entry's values."""
    overrides = set(found.overrides)
    script_location = found.script_location
    version_locations = found.version_locations
    if entry.script_location is not None and entry.script_location != script_location:
        if version_locations == (join_path(script_location, "versions"),):
            version_locations = (join_path(entry.script_location, "versions"),)
        script_location = entry.script_location
        overrides.add("script_location")
    if entry.version_locations:
        version_locations = entry.version_locations
        overrides.add("version_locations")
    if entry.recursive is not None:
        overrides.add("recursive_version_locations")
    return replace(
        found,
        name=entry.name,
        kind="flask" if entry.flask_app else found.kind,
        section=entry.section if entry.config is not None else found.section,
        script_location=script_location,
        version_locations=version_locations,
        recursive=found.recursive if entry.recursive is None else entry.recursive,
        project_dir=found.project_dir if entry.project_dir is None else entry.project_dir,
        heads=entry.heads,
        python=entry.python,
        flask_app=entry.flask_app,
        x=entry.x,
        env=entry.env,
        engines=entry.engines,
        configured=True,
        overrides=frozenset(overrides),
    )
