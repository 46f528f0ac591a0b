"""Revision files that no environment owns: what they mean for the ones that were found.

env.py, or the program that calls Alembic, may choose version locations that no file names. Then the files show it:
they follow a revision of an environment, or lie beside an env.py that has no revisions of its own.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from migguard.config import Config, matches_any
from migguard.environments.locate import CONFIGURE_HINT
from migguard.environments.model import Environment, UnresolvedEnvironment, is_below, join_path, parent_of
from migguard.environments.places import Files
from migguard.revisions.parse import is_revision_filename

if TYPE_CHECKING:
    from migguard.git.snapshot import Snapshot

# A sketch of what `revisions/parse.py` reads: enough to see what belongs together, at a fraction of the time.
_ID = re.compile(rb"^revision\b[^=\n]*=[ \t(]*[\"']([^\"'\n]+)[\"']", re.MULTILINE)
_LINKS = re.compile(rb"^(?:down_revision|depends_on)\b[^=\n]*=[^\n]*(?:\n[ \t)\]\"'][^\n]*)*", re.MULTILINE)
_LABELS = re.compile(rb"^branch_labels\b[^=\n]*=[^\n]*", re.MULTILINE)
_QUOTED = re.compile(rb"[\"']([^\"'\n]+)[\"']")
_VERSIONS_FOLDER = re.compile(r"(?:^|[/_-])versions(?:[/_-]|$)")

_SHOWN = 4
LOCATIONS_HINT = (
    "name the folders in pyproject.toml as `version-locations` of `[[tool.migguard.environments]]`, "
    "one entry for each history, or leave them out with `exclude`"
)
RECURSIVE_HINT = (
    'if it is read with its subfolders, set `recursive-version-locations = true` and `script-location = "{}"` '
    "in `[[tool.migguard.environments]]` of pyproject.toml, else leave them out with `exclude`"
)


@dataclass(frozen=True)
class Strays:
    """What the stray files mean. `blind` are the environments whose revisions are not where their files say."""

    notes: tuple[str, ...] = ()
    unresolved: tuple[UnresolvedEnvironment, ...] = ()
    blind: frozenset[str] = frozenset()


@dataclass
class _Sketch:
    """A few words of a file: its own id and labels, and the ids and labels that it follows."""

    names: set[bytes] = field(default_factory=set)
    links: set[bytes] = field(default_factory=set)
    identifier: bytes = b""


def find_strays(
    snapshot: Snapshot, files: Files, environments: Sequence[Environment], passed_over: Collection[str], config: Config
) -> Strays:
    """Look for revision files outside the version locations.

    `environments` are all that were found, also those that the settings leave aside; `passed_over` are folders about
    which all has been said. Only folders called versions, and those at an env.py, are looked into.
    """
    candidates = _find_candidates(files, environments, passed_over, config.exclude)
    contents = snapshot.read_many(candidates) if candidates else {}
    sketches = {path: sketch for path, data in contents.items() if (sketch := _sketch(data)) is not None}
    if not sketches:
        return Strays()
    return _judge(snapshot, files, environments, sketches, is_list_complete=bool(config.environments))


def _find_candidates(
    files: Files, environments: Sequence[Environment], passed_over: Collection[str], exclude: Sequence[str]
) -> list[str]:
    homes = {environment.script_location for environment in environments}
    homes |= {parent_of(path) for path in files.paths if path.endswith("env.py") and _is_home(path, files)}
    # An environment at the top would make every module of the repository a candidate.
    homes.discard("")
    folders = {
        folder
        for folder in files.folders
        if (_VERSIONS_FOLDER.search(folder) or _find_above(folder, homes) is not None)
        and _find_above(folder, passed_over) is None
    }
    return sorted(
        path
        for path in files.paths
        if path.endswith(".py")
        and parent_of(path) in folders
        and is_revision_filename(path.rpartition("/")[2])
        and not any(environment.owns(path) for environment in environments)
        and not matches_any(path, exclude)
    )


def _is_home(path: str, files: Files) -> bool:
    return path.rpartition("/")[2] == "env.py" and join_path(parent_of(path), "script.py.mako") in files.paths


def _find_above(folder: str, homes: Collection[str]) -> str | None:
    """The nearest of the folders that is this one or lies above it."""
    while True:
        if folder in homes:
            return folder
        if not folder:
            return None
        folder = parent_of(folder)


def _sketch(data: bytes) -> _Sketch | None:
    identifier = _ID.search(data)
    links = _LINKS.findall(data)
    if identifier is None or not links:
        return None
    labels = {name for text in _LABELS.findall(data) for name in _QUOTED.findall(text)}
    return _Sketch(
        names={identifier[1], *labels},
        links={name for text in links for name in _QUOTED.findall(text)},
        identifier=identifier[1],
    )


def _judge(
    snapshot: Snapshot,
    files: Files,
    environments: Sequence[Environment],
    strays: Mapping[str, _Sketch],
    *,
    is_list_complete: bool,
) -> Strays:
    unresolved: list[UnresolvedEnvironment] = []
    blind: set[str] = set()
    left = dict(strays)
    for environment in environments:
        # Whoever lists the folders has decided which ones count; only files say nothing about the rest.
        if environment.overrides & {"version_locations", "recursive_version_locations"}:
            continue
        owned = _sketch_owned(snapshot, environment)
        inside = {path for path in left if is_below(path, environment.script_location)}
        linked = _find_linked(owned, left)
        mine = inside & linked if owned else inside
        if mine:
            unresolved.append(_explain_blind(environment, mine, has_own=bool(owned)))
            blind.add(environment.script_location)
        if linked - inside:
            unresolved.append(_explain_linked(environment, linked - inside))
        for path in mine | linked:
            del left[path]
    covered = {environment.script_location for environment in environments}
    homes = {} if is_list_complete else _group_by_home(left, files, covered)
    for home, paths in homes.items():
        reason = f"`{join_path(home, 'env.py')}` has {_count(paths)}, but no configuration file leads to it"
        unresolved.append(UnresolvedEnvironment(home, reason, CONFIGURE_HINT))
    noted = left.keys() - {path for paths in homes.values() for path in paths}
    return Strays(tuple(_describe_unowned(noted)), tuple(unresolved), frozenset(blind))


def _sketch_owned(snapshot: Snapshot, environment: Environment) -> dict[str, _Sketch]:
    contents = snapshot.read_many(environment.revision_paths(snapshot))
    return {path: sketch for path, data in contents.items() if (sketch := _sketch(data)) is not None}


def _find_linked(owned: Mapping[str, _Sketch], strays: Mapping[str, _Sketch]) -> set[str]:
    """The stray files that follow a revision of the environment, directly or through other strays."""
    identifiers = {sketch.identifier for sketch in owned.values()}
    known = {name for sketch in owned.values() for name in sketch.names}
    # A copy of a revision (an archive of what was squashed, a fixture) is no continuation of it.
    waiting = {path: sketch for path, sketch in strays.items() if sketch.identifier not in identifiers}
    linked: set[str] = set()
    while found := {path for path, sketch in waiting.items() if sketch.links & known}:
        linked |= found
        for path in found:
            known |= waiting.pop(path).names
    return linked


def _group_by_home(paths: Iterable[str], files: Files, covered: Collection[str]) -> dict[str, list[str]]:
    """Stray files by the nearest folder above them that has an env.py, where that is no environment's."""
    homes = {parent_of(path) for path in files.paths if path.rpartition("/")[2] == "env.py"}
    groups: dict[str, list[str]] = defaultdict(list)
    for path in sorted(paths):
        home = _find_above(parent_of(path), homes)
        if home is not None and home not in covered:
            groups[home].append(path)
    return groups


def _explain_blind(environment: Environment, paths: Collection[str], *, has_own: bool) -> UnresolvedEnvironment:
    where = ", ".join(f"`{location}`" for location in environment.version_locations)
    lack = f"{where} is not all of its history" if has_own else f"no revision in {where}"
    reason = f"{lack}, which goes on in {_list_folders(paths)}" if has_own else f"{lack}, but in {_list_folders(paths)}"
    reason = f"{reason} ({_count(paths)})"
    below = all(any(is_below(path, location) for location in environment.version_locations) for path in paths)
    hint = RECURSIVE_HINT.format(environment.script_location or ".") if below else LOCATIONS_HINT
    return UnresolvedEnvironment(environment.script_location or ".", reason, hint)


def _explain_linked(environment: Environment, paths: Collection[str]) -> UnresolvedEnvironment:
    reason = (
        f"revisions of `{environment.script_location}` are followed by {_count(paths)} outside its version locations, "
        f"in {_list_folders(paths)}"
    )
    return UnresolvedEnvironment(min(map(parent_of, paths)), reason, LOCATIONS_HINT)


def _describe_unowned(paths: Iterable[str]) -> Iterator[str]:
    by_folder = Counter(parent_of(path) for path in paths)
    for folder, number in sorted(by_folder.items()):
        yield f"`{folder}`: {_count(range(number))} of no environment"


def _list_folders(paths: Iterable[str]) -> str:
    """The folders of some files; only the first few of many."""
    folders = sorted({parent_of(path) for path in paths})
    shown = ", ".join(f"`{folder}`" for folder in folders[:_SHOWN])
    return shown if len(folders) <= _SHOWN else f"{shown} and {len(folders) - _SHOWN} more folders"


def _count(items: Collection[object]) -> str:
    return "1 revision file" if len(items) == 1 else f"{len(items)} revision files"
