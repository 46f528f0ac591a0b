"""From what one configuration file says to the environment it means, or to why it means none."""

from __future__ import annotations

from dataclasses import replace

from migguard.environments.model import Environment, UnresolvedEnvironment, join_path, parent_of
from migguard.environments.places import Files, Place
from migguard.environments.settings import TOP, AlembicSettings

CONFIGURE_HINT = "describe it in pyproject.toml as `[[tool.migguard.environments]]`, or leave it out with `exclude`"


def locate_environment(
    settings: AlembicSettings, files: Files, project_dir: str | None = None
) -> Environment | UnresolvedEnvironment | str:
    """The environment that the settings mean; a note (text) where they mean none in this snapshot.

    Unresolved where revision files are there and cannot be attributed: without env.py, or in folders that only
    running Alembic could tell.
    """
    location = settings.script_location
    if location is None and settings.fault is None:
        return _locate_beside(settings, files, project_dir)
    if location is None:
        return f"{settings.title}: {settings.fault}"
    if "{{" in location or "{%" in location:
        return f"{settings.title} is a template: its script_location is `{location}`"
    place = files.find_place(settings, project_dir)
    if place is None:
        return f"{settings.title}: its script_location `{_show(location)}` is not in the repository"
    return _judge(settings, place, files)


def expect_environment(settings: AlembicSettings, files: Files, project_dir: str | None) -> Environment | None:
    """The environment as if its files were there; None where the settings name nothing in the repository."""
    if settings.script_location is None:
        return None
    place = files.expect_place(settings, project_dir)
    return None if place is None else build_environment(settings, place)


def build_environment(settings: AlembicSettings, place: Place) -> Environment:
    """The environment of some settings at a place, not yet named."""
    return Environment(
        name="",
        kind=settings.kind,
        config_path=settings.path,
        section=settings.section,
        script_location=place.script_location,
        version_locations=place.version_locations,
        recursive=bool(settings.recursive),
        project_dir=place.project_dir,
    )


def _locate_beside(settings: AlembicSettings, files: Files, project_dir: str | None) -> Environment | str:
    """Flask-Migrate's layout: the file names no script location, because it lies in it."""
    if join_path(settings.folder, "env.py") not in files.paths:
        return f"{settings.title} names no script_location, and no env.py is beside it"
    standing = files.find_import_root(parent_of(settings.folder)) if project_dir is None else project_dir
    place = files.describe(settings.folder, standing, settings.version_locations or ())
    return replace(build_environment(settings, place), overrides=frozenset({"script_location"}))


def _judge(settings: AlembicSettings, place: Place, files: Files) -> Environment | UnresolvedEnvironment | str:
    environment = build_environment(settings, place)
    if not place.is_complete and not any(environment.owns(path) for path in files.paths):
        return f"{settings.title}: no env.py in its script_location `{place.script_location}`"
    reason = settings.fault
    if not place.is_complete:
        reason = "it names revision files, but there is no env.py"
    elif place.outside:
        names = ", ".join(f"`{_show(location)}`" for location in place.outside)
        reason = f"its version location {names} is not in the repository"
    if reason is None:
        return environment
    return UnresolvedEnvironment(place.script_location or ".", f"{settings.title}: {reason}", CONFIGURE_HINT)


def _show(location: str) -> str:
    return location.replace(TOP, "%(here)s", 1)
