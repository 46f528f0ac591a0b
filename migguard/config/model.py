"""The settings as frozen data, with their defaults."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from migguard.config.engines import EngineConfig
from migguard.diagnostics import Severity

OnMissing = Literal["block", "generate"]
OnDivergence = Literal["merge", "rebase", "require"]
CommitMode = Literal["new", "fold", "none"]
OnCannotCheck = Literal["fail", "warn"]
SchemaAt = Literal["commit", "push", "ci"]


@dataclass(frozen=True)
class ExpectedDrift:
    """A difference that is known and accepted: matched against a diagnostic's `subject`; `*` matches any."""

    operation: str
    table: str
    column: str | None
    reason: str
    until: datetime.date | None = None


@dataclass(frozen=True)
class Waiver:
    """One change of a published revision that is meant: the rule's code and the revision's id.

    It holds for the change that it comes with, and is void once upstream has both.
    """

    rule: str
    revision: str
    reason: str


@dataclass(frozen=True)
class DatabaseConfig:
    """One `[[tool.migguard.databases]]`: a database that may be asked which revisions it has applied.

    `url` is an SQLAlchemy URL or `$VARIABLE`; `url_file` a repository path whose first line is one. `personal` means
    that its owner can take it down and up again. `environment` names the environment that it belongs to, None: all.
    """

    name: str
    url: str | None = None
    url_file: str | None = None
    personal: bool = False
    environment: str | None = None


@dataclass(frozen=True)
class EnvironmentConfig:
    """One `[[tool.migguard.environments]]`. Paths are repository paths ("" = top); None means "find out".

    `name` is empty where none was given. `recursive` says whether revisions also lie below the version locations.
    `heads` is how many heads the environment is meant to have, or the branch labels that each have one.
    `flask_app` is what FLASK_APP would hold. `x` are Alembic's `-x` arguments. `engines` is what
    differs from `Config.engines`.
    """

    name: str
    config: str | None = None
    section: str = "alembic"
    script_location: str | None = None
    version_locations: tuple[str, ...] = ()
    recursive: bool | None = None
    project_dir: str | None = None
    heads: int | tuple[str, ...] = 1
    python: str | None = None
    flask_app: str | None = None
    x: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    engines: EngineConfig = field(default_factory=EngineConfig)


@dataclass(frozen=True)
class Config:
    """All settings with their defaults. `source` is the repository path they were read from, or None.

    `exclude` are globs (see `globs.py`) of configuration files and script locations that discovery passes over.
    `ignore`, and the keys and values of `severity` and `per_file_ignores`, hold rule codes, whatever the user wrote.
    `timeout` is in seconds and bounds one run of the project's code. `overlay` and `snapshot` are globs of
    repository paths (copied although git ignores them; materialised although the repository is large).
    `on_cannot_check` maps a moment (`commit`, `merge`, `push`, `ci`) to what a "could not check" does there.
    """

    source: str | None = None
    python: str | None = None
    env: Mapping[str, str] = field(default_factory=dict)
    exclude: tuple[str, ...] = ()
    ignore: frozenset[str] = frozenset()
    severity: Mapping[str, Severity] = field(default_factory=dict)
    per_file_ignores: Mapping[str, frozenset[str]] = field(default_factory=dict)
    expected_drift: tuple[ExpectedDrift, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    schema_at: SchemaAt = "commit"
    on_missing: OnMissing = "block"
    stage: bool = False
    on_divergence: OnDivergence = "merge"
    commit: CommitMode = "new"
    on_cannot_check: Mapping[str, OnCannotCheck] = field(default_factory=dict)
    published: tuple[str, ...] = ()
    timeout: float = 120.0
    network: bool = False
    overlay: tuple[str, ...] = ()
    snapshot: tuple[str, ...] = ()
    engines: EngineConfig = field(default_factory=EngineConfig)
    environments: tuple[EnvironmentConfig, ...] = ()
    databases: tuple[DatabaseConfig, ...] = ()
