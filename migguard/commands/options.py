"""What the command line hands to each command: plain data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class CheckOptions:
    """`migguard check`. `ref`, `worktree` and the pair `from_ref`, `to_ref` exclude each other; without any, the index.

    `against` is the branch that the commit is to be merged with; then HEAD is checked instead of the index.
    `verbose` shows every finding, however many.
    """

    ref: str | None = None
    worktree: bool = False
    environments: tuple[str, ...] = ()
    format: Literal["text", "concise"] = "text"
    graph_only: bool = False
    from_ref: str | None = None
    to_ref: str | None = None
    against: str | None = None
    color: bool = False
    verbose: bool = False


@dataclass(frozen=True)
class RevisionOptions:
    """`migguard revision`. What Alembic also has means what it means there; None: not given."""

    message: str | None = None
    update: bool = False
    head: str | None = None
    version_path: str | None = None
    branch_label: str | None = None
    depends_on: tuple[str, ...] = ()
    splice: bool = False
    rev_id: str | None = None
    x: tuple[str, ...] = ()
    environment: str | None = None
    dry_run: bool = False
    stage: bool = False
    worktree: bool = False
    color: bool = False


@dataclass(frozen=True)
class CheckpointOptions:
    """`migguard checkpoint`. `revision` None: the newest published ones. `server` and `database`: a SQLAlchemy URL or
    `$VAR`; a server to replay on, or a database that is at the revision and is read only."""

    revision: str | None = None
    server: str | None = None
    database: str | None = None
    environment: str | None = None
    dry_run: bool = False
    check: bool = False
    stage: bool = False
    color: bool = False


@dataclass(frozen=True)
class MergeOptions:
    """`migguard merge`. No `revisions` means all surplus heads; `commit` None leaves the file."""

    revisions: tuple[str, ...] = ()
    environment: str | None = None
    message: str | None = None
    dry_run: bool = False
    stage: bool = False
    commit: Literal["new", "fold", "none"] | None = None
    color: bool = False


@dataclass(frozen=True)
class RebaseOptions:
    """`migguard rebase`. `onto` is a branch whose revisions stay; `unapplied`: no database has what is moved."""

    environment: str | None = None
    onto: str | None = None
    unapplied: bool = False
    dry_run: bool = False
    stage: bool = False
    color: bool = False


@dataclass(frozen=True)
class HookOptions:
    """`migguard hook NAME ARGS…`: `arguments` are those that git gave to the hook."""

    name: str
    arguments: tuple[str, ...] = ()
    graph_only: bool = False
    color: bool = False
    verbose: bool = False


@dataclass(frozen=True)
class InstallOptions:
    """`migguard install`. No hook types means all."""

    hook_types: tuple[str, ...] = ()
    dry_run: bool = False


@dataclass(frozen=True)
class UninstallOptions:
    """`migguard uninstall`."""

    dry_run: bool = False
