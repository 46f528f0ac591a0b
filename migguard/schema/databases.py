"""Databases that the user named to be asked: where they are, and what they say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from migguard.config import Config, DatabaseConfig
from migguard.environments import Environment
from migguard.git.snapshot import Snapshot
from migguard.schema.client import SchemaChecker


@dataclass(frozen=True)
class DatabaseState:
    """One named database: the ids in its version table, or the `problem` that keeps them from being known."""

    name: str
    personal: bool
    revisions: tuple[str, ...] = ()
    problem: str | None = None


def ask_databases(
    checker: SchemaChecker, snapshot: Snapshot, environment: Environment, environ: Mapping[str, str]
) -> tuple[DatabaseState, ...]:
    """What the databases of an environment are at, in the order in which they are configured; one run for all.

    They are read by the project's own driver, in a session that cannot write.
    """
    chosen = _choose(checker.config, environment)
    urls = {item.name: _find_url(item, checker.repository.top, environ) for item in chosen}
    known = [item.name for item in chosen if isinstance(urls[item.name], str)]
    stamps = {}
    if known:
        response = checker.read_stamps(snapshot, environment, [str(urls[name]) for name in known])
        if response.failure is not None:
            stamps = dict.fromkeys(known, DatabaseState("", False, problem=response.failure.message))
        else:
            stamps = {
                name: DatabaseState("", False, tuple(stamp.revisions), stamp.problem)
                for name, stamp in zip(known, response.stamps, strict=True)
            }
    return tuple(_join(item, urls[item.name], stamps.get(item.name)) for item in chosen)


@dataclass(frozen=True)
class _NoUrl:
    reason: str


def _choose(config: Config, environment: Environment) -> list[DatabaseConfig]:
    return [item for item in config.databases if item.environment in (None, environment.name)]


def _find_url(item: DatabaseConfig, top: Path, environ: Mapping[str, str]) -> str | _NoUrl:
    if item.url_file is not None:
        try:
            lines = (top / item.url_file).read_text("utf-8").split("\n")
        except (OSError, UnicodeDecodeError) as error:
            return _NoUrl(f"`{item.url_file}` cannot be read: {getattr(error, 'strerror', None) or 'not UTF-8'}")
        return lines[0].strip() or _NoUrl(f"`{item.url_file}` is empty")
    url = item.url or ""
    if not url.startswith("$"):
        return url
    name = url[1:].strip("{}")
    return environ.get(name) or _NoUrl(f"the variable {url} is not set")


def _join(item: DatabaseConfig, url: str | _NoUrl, found: DatabaseState | None) -> DatabaseState:
    if isinstance(url, _NoUrl):
        return DatabaseState(item.name, item.personal, problem=url.reason)
    if found is None:
        return DatabaseState(item.name, item.personal, problem="it was not asked")
    return DatabaseState(item.name, item.personal, found.revisions, found.problem)
