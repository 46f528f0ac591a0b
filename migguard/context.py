"""All that a rule may ask of one check, computed when it is first asked, and once."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from migguard.config import Config, load_config
from migguard.environments import Discovery, Environment, discover_environments
from migguard.errors import MigguardError
from migguard.git.moment import Moment
from migguard.git.publish import PublishedRefs
from migguard.git.repository import Change, Repository
from migguard.git.snapshot import IndexSnapshot, OverlaidSnapshot, Snapshot, TreeSnapshot, WorktreeSnapshot
from migguard.revisions.graph import RevisionGraph
from migguard.revisions.model import ParsedFile, Revision
from migguard.revisions.parse import parse_revision
from migguard.revisions.state import GraphState
from migguard.schema.cache import DescriptionCache
from migguard.schema.client import SchemaChecker, SchemaResult
from migguard.schema.databases import DatabaseState, ask_databases
from migguard.schema.protocol import Description
from migguard.schema.relevance import is_relevant


@dataclass(frozen=True)
class EnvironmentView:
    """One Alembic environment as one snapshot has it."""

    environment: Environment
    snapshot: Snapshot

    @cached_property
    def sources(self) -> Mapping[str, bytes]:
        """The revision files by repository path."""
        return self.snapshot.read_many(self.environment.revision_paths(self.snapshot))

    @cached_property
    def parsed(self) -> tuple[ParsedFile, ...]:
        """What each revision file says of itself, in the order of their paths."""
        return tuple(parse_revision(path, self.sources[path]) for path in sorted(self.sources))

    @cached_property
    def revisions(self) -> tuple[Revision, ...]:
        """The revision files that were understood."""
        return tuple(item for item in self.parsed if isinstance(item, Revision))

    @cached_property
    def graph(self) -> RevisionGraph:
        """The graph of the revisions that were understood."""
        return RevisionGraph(self.revisions)

    @cached_property
    def state(self) -> GraphState:
        """What the static rules look at."""
        return GraphState(
            environment=self.environment.name,
            script_location=self.environment.script_location,
            heads=self.environment.heads,
            configured=self.environment.configured,
            graph=self.graph,
            parsed=self.parsed,
            sources={path: source.decode("utf-8", "replace") for path, source in self.sources.items()},
        )


class CheckContext:
    """One check: a repository, the snapshot that is judged, its configuration, and what follows from them."""

    def __init__(
        self, repository: Repository, snapshot: Snapshot, moment: Moment, config: Config | None = None
    ) -> None:
        self.repository = repository
        self.snapshot = snapshot
        self.moment = moment
        #: What writes the missing revision, as a command to paste.
        self.revision_command = "migguard revision"
        #: Whether the index is judged, itself or with something laid over it: then one speaks of what is staged.
        self.is_staged = isinstance(snapshot, IndexSnapshot)
        self.config = load_config(snapshot) if config is None else config
        self._selected: frozenset[str] = frozenset()
        self._schemas: dict[tuple[str, str], SchemaResult] = {}
        self._changes: dict[str, tuple[Change, ...]] = {}
        self._databases: dict[str, tuple[DatabaseState, ...]] = {}

    def select(self, names: Collection[str]) -> None:
        """Keep to the environments of these names (all where none is given). MigguardError for an unknown one."""
        known = {item.name for item in self.discovery.environments}
        if unknown := sorted(set(names) - known):
            there = ", ".join(f"`{name}`" for name in sorted(known)) or "none"
            raise MigguardError(f"there is no environment `{unknown[0]}`", f"there are: {there}")
        self._selected = frozenset(names)

    @property
    def is_selection(self) -> bool:
        """Whether the user named some environments of several, so that the check does not speak for the rest."""
        return bool(self._selected)

    @property
    def discovery(self) -> Discovery:
        """The environments of the snapshot (the selected ones), and what was seen and not taken."""
        if not self._selected:
            return self._discovered
        chosen = tuple(item for item in self._discovered.environments if item.name in self._selected)
        return replace(self._discovered, environments=chosen, unresolved=())

    @cached_property
    def _discovered(self) -> Discovery:
        return discover_environments(self.snapshot, self.config)

    @cached_property
    def views(self) -> tuple[EnvironmentView, ...]:
        """Every environment as the snapshot has it."""
        return tuple(EnvironmentView(environment, self.snapshot) for environment in self.discovery.environments)

    @cached_property
    def checker(self) -> SchemaChecker:
        """What starts the worker for this repository."""
        return SchemaChecker(self.repository, self.config)

    def schema(self, environment: Environment, snapshot: Snapshot | None = None) -> SchemaResult:
        """The comparison of models and revisions, on this context's snapshot or another; asked once for each tree."""
        chosen = snapshot or self.snapshot
        key = environment.name, chosen.tree()
        if key not in self._schemas:
            result = self.checker.check(chosen, environment)
            self._schemas[key] = result
            response = result.response
            if response.failure is None:
                surroundings = self.checker.digest_surroundings(environment)
                self._descriptions.store(chosen.tree(), surroundings, response.versions, response.descriptions)
        return self._schemas[key]

    def describe_base(self, environment: Environment) -> list[Description] | None:
        """What the models of the base declare, under the versions that answered for the snapshot; None: unknown."""
        if self.base is None:
            return None
        versions = self.schema(environment).response.versions
        surroundings = self.checker.digest_surroundings(environment)
        known = self._descriptions.load(self.base.tree(), surroundings, versions)
        if known is not None:
            return known
        response = self.checker.describe(self.base, environment).response
        if response.failure is not None:
            return None
        self._descriptions.store(self.base.tree(), surroundings, response.versions, response.descriptions)
        return response.descriptions

    @property
    def _descriptions(self) -> DescriptionCache:
        return DescriptionCache(self.repository.state_dir / "descriptions")

    def ask_databases(self, environment: Environment) -> tuple[DatabaseState, ...]:
        """What the named databases of an environment are at; asked once."""
        if environment.name not in self._databases:
            self._databases[environment.name] = ask_databases(self.checker, self.snapshot, environment, os.environ)
        return self._databases[environment.name]

    def adjective(self) -> str:
        """`staged ` where the snapshot is the index, nothing elsewhere: what is said before `models`."""
        return "staged " if self.is_staged else ""

    @cached_property
    def base(self) -> Snapshot | None:
        """What the snapshot is a change of: HEAD for the index and the work tree, the first parent for a commit.

        None where there is nothing before it.
        """
        if not isinstance(self.snapshot, TreeSnapshot):
            head = self.repository.head()
            return None if head is None else TreeSnapshot(self.repository, head, "HEAD")
        commit = self.repository.resolve(self.snapshot.treeish)
        parents = self.repository.parents(commit) if commit else ()
        return TreeSnapshot(self.repository, parents[0]) if parents else None

    @cached_property
    def changes(self) -> tuple[Change, ...]:
        """What the snapshot changes of its base; everything where there is no base."""
        old = self.base.tree() if self.base else self.repository.empty_tree()
        return self.repository.changed_paths(old, self.snapshot.tree())

    def changes_since(self, commit: str) -> tuple[Change, ...]:
        """What the snapshot has otherwise than a commit before it."""
        if commit not in self._changes:
            self._changes[commit] = self.repository.changed_paths(commit, self.snapshot.tree())
        return self._changes[commit]

    @cached_property
    def published(self) -> PublishedRefs:
        """The refs that say what others may have."""
        return PublishedRefs.read(self.repository, self.config.published)

    @cached_property
    def is_relevant(self) -> bool:
        """Whether anything that changed could change a verdict about revisions or models."""
        return is_relevant(self.changes, self.discovery.environments, self.snapshot, self.config)

    def unstaged_revisions(self, environment: Environment) -> Mapping[str, bytes]:
        """Revision files that stand in the work tree otherwise than in the snapshot: untracked, ignored or edited.

        Empty for snapshots that are not the index: a commit does not care what lies about.
        """
        if not isinstance(self.snapshot, IndexSnapshot):
            return {}
        recorded = self.snapshot.entries()
        # What lies beyond a symbolic link or in a submodule cannot become part of this commit.
        beyond = tuple(f"{path}/" for path, entry in recorded.items() if not entry.is_file)
        found: dict[str, bytes] = {}
        for location in environment.version_locations:
            folder = self.repository.top / location
            candidates = folder.rglob("*.py") if environment.recursive else folder.glob("*.py")
            for file in candidates:
                path = file.relative_to(self.repository.top).as_posix()
                if environment.owns(path) and file.is_file() and path not in recorded and not path.startswith(beyond):
                    found[path] = file.read_bytes()
        changed = self.repository.modified_paths(environment.version_locations)
        for path in changed:
            file = self.repository.top / path
            if environment.owns(path) and path in recorded and file.is_file():
                found[path] = file.read_bytes()
        return dict(sorted(found.items()))

    def overlaid(self, files: Mapping[str, bytes], removed: tuple[str, ...] = ()) -> CheckContext:
        """The same check, of the same environments and against the same base, on the snapshot plus `files`.

        Less `removed`; for "what if this were in it".
        """
        changed = OverlaidSnapshot(self.snapshot, files, removed)
        other = CheckContext(self.repository, changed, self.moment, self.config)
        other.revision_command = self.revision_command
        other.is_staged = self.is_staged
        other.base = self.base
        other._selected = self._selected
        other._schemas = self._schemas
        if "published" in self.__dict__:
            other.published = self.published
        return other


def open_snapshot(repository: Repository, *, ref: str | None = None, worktree: bool = False) -> Snapshot:
    """The snapshot that a command names: a ref, the work tree, or (by default) the index."""
    if ref is not None:
        return TreeSnapshot(repository, ref, f"`{ref}`")
    return WorktreeSnapshot(repository) if worktree else IndexSnapshot(repository)
