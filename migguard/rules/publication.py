"""What a change does to revisions that are published: the data that the rules about it report."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from migguard.config import Waiver
from migguard.context import EnvironmentView
from migguard.git.objects import read_blobs
from migguard.git.repository import Change
from migguard.revisions.meaning import Meaning
from migguard.revisions.model import NotARevision, Revision
from migguard.revisions.state import GraphState
from migguard.rules.movable import is_hook
from migguard.rules.upstream import Frontier, Key, Tips, Upstream, Version, key_of


@dataclass(frozen=True)
class PublishedChange:
    """A revision as a published commit has it and as the snapshot has it (None: not at all).

    `is_edited` is about what it does, `attributes` are those of its pointers that differ. `ref` is a published ref
    that has it, None where no tip has it any more.
    """

    before: Version
    after: Version | None
    commit: str
    ref: str | None = None
    is_edited: bool = False
    attributes: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Its id, or its file's name where only running the file tells the id."""
        return self.before.id or self.before.path.rpartition("/")[2]


@dataclass(frozen=True)
class Publication:
    """What the rules look at. `unknown` are changes that cannot be judged for `reason`; `hint` is what to run."""

    state: GraphState
    changes: tuple[PublishedChange, ...] = ()
    unknown: tuple[PublishedChange, ...] = ()
    reason: str | None = None
    hint: str | None = None
    notes: tuple[str, ...] = ()
    void: frozenset[Waiver] = field(default_factory=frozenset)


def examine(upstream: Upstream, view: EnvironmentView) -> Publication:
    """Compare the revisions of a snapshot with those that are published.

    In a hook only what the commit itself changes is compared, otherwise all that was changed since the commits that
    are published.
    """
    return _Examination(upstream, view).run()


class _Examination:
    """One environment's comparison."""

    def __init__(self, upstream: Upstream, view: EnvironmentView) -> None:
        self._upstream = upstream
        self._context = upstream.context
        self._view = view
        self._environment = view.environment
        self._notes: list[str] = []

    def run(self) -> Publication:
        context, state = self._context, self._view.state
        touched = self._find_touched() if is_hook(context) else None
        if context.base is None or touched == frozenset():
            return Publication(state, notes=self._explain_missing_base())
        published = self._upstream.published
        if published.can_tell:
            changes = tuple(self._compare_all(touched))
            return Publication(state, changes, notes=tuple(self._notes), void=self._find_void(changes))
        frontier = Frontier(self._upstream.before, ())
        unknown = tuple(self._compare(frontier, touched, set()))
        if touched is None and not unknown:
            self._notes.append(
                f"only the last change was searched for edits of published revisions: {published.reason} "
                f"(`{published.hint}`)"
            )
        return Publication(state, (), unknown, published.reason, published.hint, tuple(self._notes))

    def _explain_missing_base(self) -> tuple[str, ...]:
        context = self._context
        if context.base is None and (context.repository.common_dir / "shallow").exists():
            return (
                "edits of published revisions were not looked for: the history is shallow (`git fetch --unshallow`)",
            )
        return ()

    def _find_touched(self) -> frozenset[Key]:
        """The revisions that the commit itself changes or removes; in a merge, of whichever parent."""
        context = self._context
        sides = [context.changes, *(context.changes_since(head) for head in context.moment.merge_heads)]
        changes = (change for side in sides for change in self._pick_own(side))
        return frozenset(version.key for version in self._read_old(changes))

    def _read_old(self, changes: Iterable[Change]) -> list[Version]:
        """What revision files were before."""
        files = {
            (change.path, change.old_oid): None
            for change in changes
            if change.old_oid is not None and (change.old_mode or "").startswith("100")
        }
        blobs = read_blobs(self._context.repository, [oid for _, oid in files])
        versions = (Version.read(path, blobs[oid]) for path, oid in files)
        return [
            version
            for version in versions
            if not isinstance(version.parsed, NotARevision)
            and (self._environment.owns(version.path) or (version.id is not None and version.key in self._now))
        ]

    @cached_property
    def _now(self) -> Mapping[Key, tuple[str, ...]]:
        """The paths of the snapshot's revisions; several where files share an id."""
        found: dict[Key, tuple[str, ...]] = {}
        for parsed in self._view.parsed:
            key = key_of(parsed)
            found[key] = (*found.get(key, ()), parsed.path)
        return found

    def _read_now(self, path: str) -> Version:
        return Version.read(path, self._view.sources[path])

    def _compare_all(self, touched: Collection[Key] | None) -> Iterator[PublishedChange]:
        decided: set[Key] = set()
        for frontier in self._upstream.frontiers:
            yield from self._compare(frontier, touched, decided)

    def _compare(
        self, frontier: Frontier, touched: Collection[Key] | None, decided: set[Key]
    ) -> Iterator[PublishedChange]:
        """What differs from a frontier, of the revisions that no earlier one has `decided`."""
        changed = [{change.path: change for change in self._changed_since(commit)} for commit in frontier.commits]
        olds: dict[Key, list[_Old]] = {}
        for commit, changes in zip(frontier.commits, changed, strict=True):
            for version in self._read_old(changes.values()):
                olds.setdefault(version.key, []).append(_Old(version, commit))
        same = {
            key for key, paths in self._now.items() if any(path not in changes for path in paths for changes in changed)
        }
        tips = Tips(self._upstream.published, frontier.names, self._environment)
        for key, versions in olds.items():
            is_wanted = key not in decided and (touched is None or key in touched)
            if not is_wanted or (frontier.wants_tip and not _is_at_tip(versions, tips)):
                continue
            decided.add(key)
            if key not in same and (change := self._judge(versions, tips)) is not None:
                yield change
        if not frontier.wants_tip:
            decided |= same

    def _changed_since(self, commit: str) -> tuple[Change, ...]:
        return self._pick_own(self._context.changes_since(commit))

    def _pick_own(self, changes: Iterable[Change]) -> tuple[Change, ...]:
        """Changes of this environment's files, and the removals that may be moves of its whole folder."""
        environments = self._context.discovery.environments
        return tuple(
            change
            for change in changes
            if self._environment.owns(change.path)
            or (
                change.status == "D"
                and change.path.endswith(".py")
                and not any(e.owns(change.path) for e in environments)
            )
        )

    def _judge(self, olds: Sequence[_Old], tips: Tips) -> PublishedChange | None:
        """What became of a revision that no commit of the frontier has as the snapshot has it."""
        first = olds[0]
        paths = self._now.get(first.version.key, ())
        if not paths:
            return self._judge_absence(olds, tips)
        news = [self._read_now(path) for path in paths]
        meant = [(new, new.meaning) for new in news if new.meaning is not None]
        if not meant:
            # Only one that Python 3 cannot read, which is a finding of its own.
            return None
        known = [old.version for old in olds]
        found = [_compare_meanings(meaning, known) for _, meaning in meant]
        if not all(difference.is_any for difference in found):
            return None
        at_tips = list(tips.find(first.version))
        known += [version for version, _ in at_tips]
        found = [_compare_meanings(meaning, known) for _, meaning in meant]
        if not all(difference.is_any for difference in found):
            return None
        new, difference = meant[0][0], found[0]
        if all(version.meaning is None for version in known):
            self._notes.append(f"the edit of `{new.path}` was not judged: Python 3 could not read what was published")
            return None
        ref = at_tips[0][1] if at_tips else None
        return PublishedChange(first.version, new, first.commit, ref, difference.is_edited, difference.attributes)

    def _judge_absence(self, olds: Sequence[_Old], tips: Tips) -> PublishedChange | None:
        first = olds[0]
        old = first.version
        there = self._find_at(old.path)
        if there is not None and not isinstance(there.parsed, Revision | NotARevision):
            # It is still there, and what is wrong with it is a finding of its own.
            return None
        if old.id is None and self._is_renamed(first):
            return None
        if any(tips.are_without(item.version, item.commit) for item in olds):
            return None
        ref = next((ref for _, ref in tips.find(old)), None)
        renamed = self._find_under_another_id(first, there)
        return PublishedChange(old, renamed, first.commit, ref, attributes=("revision",) if renamed else ())

    def _find_at(self, path: str) -> Version | None:
        return self._read_now(path) if path in self._view.sources else None

    def _find_under_another_id(self, old: _Old, there: Version | None) -> Version | None:
        """The file of a revision whose id was changed: it stands at the same path, or says the same otherwise."""
        added = {change.path for change in self._changed_since(old.commit)}
        before = {version.key for version in self._read_old(self._changed_since(old.commit))}
        candidates = [self._read_now(path) for path in sorted(added) if path in self._view.sources]
        candidates = [item for item in candidates if item.id is not None and item.key not in before]
        if there is not None and there in candidates:
            return there
        return next((item for item in candidates if _is_same_but_id(item, old.version)), None)

    def _is_renamed(self, old: _Old) -> bool:
        """Whether a file whose id only running it tells stands elsewhere now."""
        added = (change.path for change in self._changed_since(old.commit) if change.status == "A")
        return old.version.meaning is not None and any(
            self._read_now(path).meaning == old.version.meaning for path in added if path in self._view.sources
        )

    def _find_void(self, changes: Iterable[PublishedChange]) -> frozenset[Waiver]:
        """The waivers that came with an earlier change: the commit before this one has them already."""
        waivers = self._context.config.waivers
        return frozenset(
            waiver
            for change in changes
            for waiver in waivers
            if waiver.revision == change.name and waiver in self._upstream.waivers_at(change.commit)
        )


@dataclass(frozen=True)
class _Old:
    """A revision as a commit before the change has it."""

    version: Version
    commit: str


@dataclass(frozen=True)
class _Difference:
    is_edited: bool
    attributes: tuple[str, ...]

    @property
    def is_any(self) -> bool:
        return self.is_edited or bool(self.attributes)


def _compare_meanings(new: Meaning, known: Iterable[Version]) -> _Difference:
    """In what a revision differs from every version that is known of it, the pointers apart from the rest."""
    meanings = [version.meaning for version in known if version.meaning is not None]
    is_edited = all(new.body != meaning.body for meaning in meanings)
    pointers = [meaning.pointers for meaning in meanings if meaning.pointers is not None]
    if new.pointers is None or not pointers or new.pointers in pointers:
        return _Difference(is_edited, ())
    return _Difference(is_edited, pointers[0].differing(new.pointers))


def _is_at_tip(olds: Iterable[_Old], tips: Tips) -> bool:
    """Whether a published tip has a revision as it was before the change."""
    return any(
        old.version.meaning is not None and old.version.meaning == version.meaning
        for old in olds
        for version, _ in tips.find(old.version)
    )


def _is_same_but_id(one: Version, other: Version) -> bool:
    if one.meaning is None or other.meaning is None or one.meaning.body != other.meaning.body:
        return False
    pointers, others = one.meaning.pointers, other.meaning.pointers
    return pointers is not None and others is not None and not pointers.differing(others)
