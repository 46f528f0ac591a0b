"""The commits before a change that are published, and the tips of the refs that publish them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cached_property

from migguard.config import Waiver, parse_config
from migguard.context import CheckContext
from migguard.environments import Environment
from migguard.errors import ConfigError
from migguard.git.objects import read_blobs
from migguard.git.publish import PublishedFile, PublishedRefs
from migguard.git.snapshot import TreeSnapshot
from migguard.revisions.meaning import Meaning, read_meaning
from migguard.revisions.model import DynamicRevision, ParsedFile, Revision, UnreadableRevision
from migguard.revisions.parse import parse_revision

Key = tuple[str, str]

_LOCAL, _REMOTE = "refs/heads/", "refs/remotes/"


@dataclass(frozen=True)
class Version:
    """One text of one revision file. `meaning` is None where Python 3 cannot read it."""

    path: str
    parsed: ParsedFile
    meaning: Meaning | None

    @classmethod
    def read(cls, path: str, source: bytes) -> Version:
        """The version that a file's bytes are."""
        parsed = parse_revision(path, source)
        return cls(path, parsed, read_meaning(source, parsed))

    @property
    def id(self) -> str | None:
        """The revision's id, where the text tells it."""
        return id_of(self.parsed)

    @property
    def key(self) -> Key:
        """What makes it the same revision in another tree."""
        return key_of(self.parsed)


def id_of(parsed: ParsedFile) -> str | None:
    """The id of a revision file where its text tells it, or the only one that a broken file seems to declare."""
    if isinstance(parsed, Revision | DynamicRevision):
        return parsed.id
    if isinstance(parsed, UnreadableRevision) and len(parsed.ids) == 1:
        return parsed.ids[0]
    return None


def key_of(parsed: ParsedFile) -> Key:
    """A revision is the same under whatever path, by its id; where that is not known, by its path."""
    id_ = id_of(parsed)
    return ("path", parsed.path) if id_ is None else ("id", id_)


@dataclass(frozen=True)
class Frontier:
    """The newest commits before the change that some refs have, and the names of those refs.

    With `wants_tip` the commits are not known to be published: a revision counts only as far as a tip has it so.
    """

    commits: tuple[str, ...]
    names: tuple[str, ...]
    wants_tip: bool = False


class Upstream:
    """What a check may compare published revisions with; computed when first asked, once for all environments."""

    def __init__(self, context: CheckContext) -> None:
        self.context = context

    @property
    def published(self) -> PublishedRefs:
        """The refs that publish, read when they are first needed."""
        return self.context.published

    @cached_property
    def before(self) -> tuple[str, ...]:
        """The commits that the snapshot is a direct change of; empty where nothing is before it."""
        base, commit = self.context.base, self._commit
        if not isinstance(base, TreeSnapshot):
            return ()
        found = self.context.repository.resolve(base.treeish)
        if found is None:
            return ()
        # `--from-ref` may have gone on meanwhile.
        return (found,) if commit is None else self.context.repository.merge_bases(found, commit)

    @cached_property
    def frontiers(self) -> tuple[Frontier, ...]:
        """In the order in which they decide: the refs that lead, the commit before the change, all other refs."""
        published = self.published
        leading = self._find_leading()
        others = [name for name in published.refs if name not in published.leading]
        if self._commit is None:
            own = published.leading.intersection({self.context.repository.branch() or ""})
            main = Frontier(self._find_bases(leading), leading)
            return (main, Frontier(self.before, leading, not own), Frontier(self._find_bases(others), tuple(others)))
        holding = self.context.repository.refs_containing(self._commit)
        apart = tuple(name for name in leading if name not in holding)
        # What is published already is compared with the commit before it.
        commits = self._find_bases(leading) if apart == leading else self.before
        # A ref that holds the commit and does not lead may be the branch under review itself.
        rest = tuple(name for name in others if name not in holding)
        return (
            Frontier(commits, apart),
            Frontier(self.before, apart, wants_tip=True),
            Frontier(self._find_bases(rest), rest),
        )

    def waivers_at(self, commit: str) -> frozenset[Waiver]:
        """The waivers in the settings of a commit; none where they cannot be read."""
        status, content, _ = self.context.repository.run_status("cat-file", "blob", f"{commit}:pyproject.toml")
        try:
            return frozenset(parse_config(content, "pyproject.toml").waivers) if status == 0 else frozenset()
        except ConfigError:
            return frozenset()

    @cached_property
    def _commit(self) -> str | None:
        """The commit that is judged, where it is one."""
        snapshot = self.context.snapshot
        return self.context.repository.resolve(snapshot.treeish) if isinstance(snapshot, TreeSnapshot) else None

    def _find_leading(self) -> tuple[str, ...]:
        """The refs that are published by their name; a local branch only where no remote has it."""
        names = [name for name in self.published.refs if name in self.published.leading]
        remote = {name.removeprefix(_REMOTE).partition("/")[2] for name in names if name.startswith(_REMOTE)}
        return tuple(name for name in names if not (name.startswith(_LOCAL) and name.removeprefix(_LOCAL) in remote))

    def _find_bases(self, names: Collection[str]) -> tuple[str, ...]:
        """The newest commits of what is judged that some refs have."""
        tips = dict.fromkeys(self.published.refs[name] for name in names)
        repository = self.context.repository
        head = self._commit or repository.head()
        if not tips or head is None:
            return ()
        sides = (head,) if self._commit else (head, *repository.merge_heads())
        bases = tuple(dict.fromkeys(base for side in sides for base in repository.merge_bases(side, *tips)))
        return repository.newest_commits(bases) if len(bases) > 1 else bases


class Tips:
    """The revisions of one environment as the tips of some refs have them."""

    def __init__(self, published: PublishedRefs, names: Collection[str], environment: Environment) -> None:
        self._published = published.narrow(names)
        self._environment = environment

    def find(self, wanted: Version) -> Iterator[tuple[Version, str]]:
        """Every version of a revision, each with the first ref that has it."""
        word = (wanted.id or "").encode()
        for file in self._files:
            # An id that the file puts together does not stand in it; then its path tells.
            if file.path == wanted.path or word in self._blobs[file.oid]:
                version = Version.read(file.path, self._blobs[file.oid])
                if version.key == wanted.key:
                    yield version, file.ref

    def are_without(self, wanted: Version, commit: str) -> bool:
        """Whether one of the refs once had `commit`, where the revision is, and has not got the revision any more."""
        holding = self._published.repository.refs_containing(commit)
        return any(
            next(Tips(self._published, {name}, self._environment).find(wanted), None) is None
            for name in self._published.refs
            if name in holding
        )

    @cached_property
    def _files(self) -> tuple[PublishedFile, ...]:
        environment = self._environment
        listed = self._published.list_files(environment.version_locations, recursive=environment.recursive)
        return tuple(file for file in listed if environment.owns(file.path))

    @cached_property
    def _blobs(self) -> dict[str, bytes]:
        return read_blobs(self._published.repository, [file.oid for file in self._files])
