"""What `alembic.ini` and `[tool.alembic]` say, read as Alembic reads them (alembic/config.py), without running it."""

from __future__ import annotations

import configparser
import os
import re
import sys
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from migguard.environments.model import Kind, join_path, parent_of

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

#: Stands for the absolute path of the repository's top, which is nobody's to know: `%(here)s` starts with it.
TOP = "/.repository-top"
DEFAULT_SECTION = "alembic"
_SEPARATORS = {"space": " ", "newline": "\n", "os": os.pathsep, ":": ":", ";": ";"}
_LEGACY_SEPARATOR = re.compile(r", *|(?: +)")
_OPTIONS = ("script_location", "version_locations", "recursive_version_locations")


@dataclass(frozen=True)
class AlembicSettings:
    """Where one section of one file says that revisions are; None where it does not say.

    Locations are as written, with `%(here)s` replaced. `fault` is why a location cannot be told from the file.
    """

    path: str
    kind: Kind
    section: str
    script_location: str | None = None
    version_locations: tuple[str, ...] | None = None
    recursive: bool | None = None
    fault: str | None = None

    @property
    def folder(self) -> str:
        """The folder of the file."""
        return parent_of(self.path)

    @property
    def title(self) -> str:
        """How messages name it: the path, with the section where it is not the usual one."""
        return f"`{self.path}`" if self.section == DEFAULT_SECTION else f"`{self.path}` [{self.section}]"

    def completed_by(self, other: AlembicSettings) -> AlembicSettings:
        """These settings, with what they do not say taken from another file."""
        return replace(
            self,
            script_location=self.script_location or other.script_location,
            version_locations=self.version_locations or other.version_locations,
            recursive=other.recursive if self.recursive is None else self.recursive,
            fault=self.fault or (other.fault if self.version_locations is None else None),
        )


class UnreadableSettings(Exception):
    """The file is not what its name says; the text is the reason."""


def read_ini(path: str, data: bytes, wanted: Collection[str] = ()) -> tuple[AlembicSettings, ...]:
    """Every section of an ini file that names a location; `[alembic]` and the wanted ones in any case where they exist.

    Raises UnreadableSettings where Alembic could not read the file either.
    """
    parser = configparser.ConfigParser({"here": _here(path)})
    try:
        parser.read_string(data.decode("utf-8-sig", "surrogateescape").replace("\r\n", "\n"))
    except (configparser.Error, ValueError) as error:
        raise UnreadableSettings(str(error).splitlines()[0]) from error
    return tuple(_read_section(path, parser, section) for section in _find_sections(parser, {DEFAULT_SECTION, *wanted}))


def _find_sections(parser: configparser.ConfigParser, wanted: Collection[str]) -> list[str]:
    # `[DEFAULT]` gives its script_location to every section, `[loggers]` too: those that have no option of
    # Alembic's own are then not meant.
    own = [
        section
        for section in parser.sections()
        if section in wanted or any(_is_own_option(parser, section, option) for option in _OPTIONS)
    ]
    return own or [section for section in parser.sections() if parser.has_option(section, "script_location")][:1]


def _is_own_option(parser: configparser.ConfigParser, section: str, option: str) -> bool:
    if not parser.has_option(section, option):
        return False
    value = parser.get(section, option, raw=True)
    return option not in parser.defaults() or parser.defaults()[option] != value


def _read_section(path: str, parser: configparser.ConfigParser, section: str) -> AlembicSettings:
    settings = AlembicSettings(path, "ini", section)
    try:
        settings = replace(settings, script_location=_find_option(parser, section, "script_location"))
        locations = _find_option(parser, section, "version_locations")
        return replace(
            settings,
            version_locations=_split_locations(locations, parser, section) if locations else None,
            recursive=_read_recursive(parser, section),
        )
    except configparser.InterpolationError as error:
        raw = parser.get(section, error.option, raw=True)
        return replace(settings, fault=f"`{error.option} = {raw}` has a value that only running Alembic can tell")
    except ValueError as error:
        return replace(settings, fault=str(error))


def _find_option(parser: configparser.ConfigParser, section: str, option: str) -> str | None:
    return parser.get(section, option, fallback=None) or None


def _read_recursive(parser: configparser.ConfigParser, section: str) -> bool | None:
    value = _find_option(parser, section, "recursive_version_locations")
    return None if value is None else value == "true"


def _split_locations(locations: str, parser: configparser.ConfigParser, section: str) -> tuple[str, ...]:
    for option in ("path_separator", "version_path_separator"):
        name = parser.get(section, option, fallback=None)
        if name is None:
            continue
        if name not in _SEPARATORS:
            raise ValueError(f"`{option} = {name}` is none of {', '.join(f'`{known}`' for known in _SEPARATORS)}")
        return tuple(piece.strip() for piece in locations.split(_SEPARATORS[name]) if piece)
    return tuple(_LEGACY_SEPARATOR.split(locations))


def read_pyproject(path: str, data: bytes) -> AlembicSettings | None:
    """`[tool.alembic]` of a `pyproject.toml`, or None; UnreadableSettings where the file is not TOML."""
    try:
        document = tomllib.loads(data.decode("utf-8"))
    except ValueError as error:
        raise UnreadableSettings(str(error)) from error
    tool = document.get("tool")
    table = tool.get("alembic") if isinstance(tool, dict) else None
    if not isinstance(table, dict):
        return None
    settings = AlembicSettings(path, "pyproject", DEFAULT_SECTION)
    try:
        settings = replace(settings, script_location=_expand(table, "script_location", path))
        return replace(
            settings,
            version_locations=_expand_list(table, "version_locations", path),
            recursive=table.get("recursive_version_locations") is True or None,
        )
    except (KeyError, TypeError, ValueError) as error:
        return replace(settings, fault=f"a location in it has a value that only running Alembic can tell ({error})")


def _expand(table: Mapping[str, Any], name: str, path: str) -> str | None:
    value = table.get(name)
    return value % {"here": _here(path)} if isinstance(value, str) else None


def _expand_list(table: Mapping[str, Any], name: str, path: str) -> tuple[str, ...] | None:
    values = table.get(name)
    if not isinstance(values, list):
        return None
    return tuple(value % {"here": _here(path)} for value in values if isinstance(value, str)) or None


def _here(path: str) -> str:
    return join_path(TOP, parent_of(path)).rstrip("/")
