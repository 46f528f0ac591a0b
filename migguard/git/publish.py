"""What others may have: the files of every ref that is published."""

from __future__ import annotations

import fnmatch
import os
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

from migguard.git.repository import Repository
from migguard.git.trees import find_trees, list_folders

DEFAULT_PATTERNS = ("release/*", "hotfix/*")
_USUAL_DEFAULT_BRANCHES = ("main", "master")


@dataclass(frozen=True)
class PublishedFile:
    """A file of a published ref: the first such ref is named, the default branches before others."""

    path: str
    oid: str
    ref: str


@dataclass
class PublishedRefs:
    """The refs whose files may be on another machine or applied to a database, with their commits.

    `refs` maps full ref names to commits, default branches first. `reason` says why they are not to be relied
    on (None: they are), and `hint` what to run; then nothing counts as movable. `own_target` is the
    remote-tracking ref that this branch alone is pushed to, which does not publish, or None. `default_branches`
    maps the remote-tracking ref of each remote's default branch to the branch's short name. `leading` are those
    that are published by their name; the others only because somebody else may have fetched them.
    """

    repository: Repository
    refs: Mapping[str, str]
    reason: str | None = None
    hint: str | None = None
    own_target: str | None = None
    default_branches: Mapping[str, str] = field(default_factory=dict)
    patterns: tuple[str, ...] = ()
    leading: frozenset[str] = frozenset()
    _files: dict[str, tuple[PublishedFile, ...]] = field(default_factory=dict, repr=False)

    @classmethod
    def read(cls, repository: Repository, patterns: Collection[str] = ()) -> PublishedRefs:
        """Read them. `patterns` (default: `release/*`, `hotfix/*` and every default branch) are globs.

        A pattern matches a branch by its short name, here or on any remote, or a full ref name (`refs/tags/v*`).
        All remote-tracking refs are published but the one that this branch is pushed to, unless it matches. A
        local branch is published if it matches: on such a branch everything that is committed is.
        """
        return _Reader(repository, patterns).read()

    @property
    def can_tell(self) -> bool:
        """Whether what is not found here is not published."""
        return self.reason is None

    def is_published_branch(self, branch: str) -> bool:
        """Whether a branch of this short name publishes, on whatever remote: a default branch, or by a pattern."""
        names = (branch, f"refs/heads/{branch}")
        if any(fnmatch.fnmatchcase(name, pattern) for name in names for pattern in self.patterns or DEFAULT_PATTERNS):
            return True
        return not self.patterns and branch in (set(self.default_branches.values()) or _USUAL_DEFAULT_BRANCHES)

    def narrow(self, names: Collection[str]) -> PublishedRefs:
        """The same with those of its refs alone."""
        refs = {name: oid for name, oid in self.refs.items() if name in names}
        return replace(self, refs=refs, leading=self.leading.intersection(refs), _files={})

    def find_published(self, paths: Iterable[str]) -> Mapping[str, str]:
        """Path → a published ref that has a file there. Paths that are published nowhere are left out."""
        wanted = set(paths)
        known = self.list_files({_folder_of(path) for path in wanted})
        found: dict[str, str] = {}
        for file in known:
            if file.path in wanted:
                found.setdefault(file.path, file.ref)
        return found

    def list_files(self, folders: Iterable[str], *, recursive: bool = False) -> tuple[PublishedFile, ...]:
        """Every different (path, oid) directly in (or with `recursive` under) some folders of any published ref.

        A revision is published by its id under whatever name: read these blobs to find it. The number of git
        processes depends neither on the number of refs nor on that of folders.
        """
        wanted = list(dict.fromkeys(folder.strip("/") for folder in folders))
        if recursive:
            return tuple(file for files in self._list(wanted, recursive=True).values() for file in files)
        missing = [folder for folder in wanted if folder not in self._files]
        if missing:
            self._files.update(self._list(missing, recursive=False))
        return tuple(file for folder in wanted for file in self._files[folder])

    def is_published(self, path: str, blob_oid: str | None = None) -> bool:
        """Whether a published ref has a file at this path, or (a renamed file) this content in its folder."""
        files = self.list_files({_folder_of(path)})
        return any(file.path == path or (blob_oid is not None and file.oid == blob_oid) for file in files)

    def is_movable(self, path: str, blob_oid: str | None = None) -> bool:
        """Whether a file is certainly in no published ref. What databases have applied is asked elsewhere."""
        return self.can_tell and not self.is_published(path, blob_oid)

    def _list(self, folders: list[str], *, recursive: bool) -> dict[str, tuple[PublishedFile, ...]]:
        commits = {oid: name for name, oid in reversed(list(self.refs.items()))}
        ordered = list(dict.fromkeys(self.refs.values()))
        trees = find_trees(self.repository, [(oid, folder) for oid in ordered for folder in folders])
        listings = list_folders(self.repository, set(trees.values()), recursive=recursive)
        result: dict[str, tuple[PublishedFile, ...]] = {}
        for folder in folders:
            start = f"{folder}/" if folder else ""
            files: dict[tuple[str, str], PublishedFile] = {}
            for tree, commit in _first_commits(trees, ordered, folder).items():
                for name, oid in listings[tree]:
                    files.setdefault((name, oid), PublishedFile(start + name, oid, commits[commit]))
            result[folder] = tuple(files.values())
        return result


def _first_commits(trees: Mapping[tuple[str, str], str], commits: Iterable[str], folder: str) -> dict[str, str]:
    """Each different tree of a folder, with the first commit that has it."""
    first: dict[str, str] = {}
    for commit in commits:
        tree = trees.get((commit, folder))
        if tree is not None:
            first.setdefault(tree, commit)
    return first


def _folder_of(path: str) -> str:
    return path.rpartition("/")[0]


class _Reader:
    """Collects what `PublishedRefs.read` decides on."""

    def __init__(self, repository: Repository, patterns: Collection[str]) -> None:
        self._repository = repository
        self._patterns = tuple(patterns)
        self._settings = _read_remote_settings(repository)
        self._remotes = repository.remotes()
        self._commits: dict[str, str] = {}
        self._targets: dict[str, str] = {}

    def read(self) -> PublishedRefs:
        self._read_refs()
        defaults = self._find_default_branches()
        branches = set(defaults.values())
        if not self._remotes:
            branches.update(_USUAL_DEFAULT_BRANCHES)
        own = self._find_own_target()
        leading = {name for name in self._commits if name in defaults or self._matches(name, branches)}
        chosen = [
            name
            for name in self._commits
            if self._matches(name, branches) or (name.startswith("refs/remotes/") and name != own)
        ]
        # A remote's HEAD is a name for another ref: name that one.
        chosen = [name for name in chosen if name not in self._targets or self._targets[name] not in self._commits]
        chosen.sort(key=lambda name: (name not in defaults, not name.startswith("refs/remotes/"), name))
        reason, hint = self._find_doubt()
        refs = {name: self._commits[name] for name in chosen}
        return PublishedRefs(
            self._repository,
            refs,
            reason,
            hint,
            own if own not in refs else None,
            defaults,
            self._patterns,
            frozenset(leading.intersection(refs)),
        )

    def _read_refs(self) -> None:
        wanted = ["refs/heads/", "refs/remotes/"]
        wanted += [pattern.split("*")[0] for pattern in self._patterns if pattern.startswith("refs/tags/")]
        if len(wanted) > 2:
            wanted = [*wanted[:2], "refs/tags/"]
        form = "%(objecttype) %(objectname) %(*objecttype) %(*objectname) %(refname)%09%(symref)"
        listing = os.fsdecode(self._repository.run("for-each-ref", f"--format={form}", *wanted))
        for line in listing.splitlines():
            meta, _, target = line.partition("\t")
            kind, oid, peeled_kind, peeled, name = meta.split(" ")
            if "commit" in (kind, peeled_kind):
                self._commits[name] = oid if kind == "commit" else peeled
            if target:
                self._targets[name] = target

    def _find_default_branches(self) -> dict[str, str]:
        """Remote-tracking refs of default branches → the branch's short name."""
        found = {}
        for remote in self._remotes:
            start = f"refs/remotes/{remote}/"
            target = self._targets.get(f"{start}HEAD")
            usual = [start + name for name in _USUAL_DEFAULT_BRANCHES]
            for name in [target] if target else usual:
                if name in self._commits and name.startswith(start):
                    found[name] = name.removeprefix(start)
        return found

    def _matches(self, name: str, default_branches: set[str]) -> bool:
        """Whether a ref is published by its name."""
        short = self._shorten(name)
        if short in default_branches and not self._patterns:
            return True
        patterns = self._patterns or DEFAULT_PATTERNS
        local = name.split("/", 2)[-1]
        return any(
            fnmatch.fnmatchcase(candidate, pattern) for pattern in patterns for candidate in (name, local, short)
        )

    def _shorten(self, name: str) -> str:
        """The branch's name on its own side: `refs/remotes/origin/release/1` → `release/1`."""
        for remote in sorted(self._remotes, key=len, reverse=True):
            if name.startswith(f"refs/remotes/{remote}/"):
                return name.removeprefix(f"refs/remotes/{remote}/")
        return name.split("/", 2)[-1]

    def _find_own_target(self) -> str | None:
        """The remote-tracking ref that the current branch is pushed to, if it was ever pushed."""
        branch = _current_branch(self._repository)
        if branch is None:
            return None
        short = branch.removeprefix("refs/heads/")
        status, out, _ = self._repository.run_status(
            "rev-parse", "--verify", "--quiet", "--symbolic-full-name", f"{short}@{{push}}"
        )
        named = os.fsdecode(out).strip()
        if status == 0 and named in self._commits:
            return named
        # `push.default = simple` names no target where the upstream has another name: the user pushes by hand,
        # to the same name.
        keys = (f"branch.{short}.pushremote", "remote.pushdefault", f"branch.{short}.remote")
        remotes = [*(value for key in keys for value in self._settings.get(key, [])[-1:]), *self._remotes[:1]]
        candidates = (f"refs/remotes/{remote}/{short}" for remote in remotes)
        return next((name for name in candidates if name in self._commits), None)

    def _has_fetched_nothing(self) -> bool:
        """Whether the last fetch found an empty remote: git then leaves an empty FETCH_HEAD (git 2.39)."""
        found = self._repository.git_dir / "FETCH_HEAD"
        return found.is_file() and found.stat().st_size == 0

    def _find_doubt(self) -> tuple[str | None, str | None]:
        """Why the refs that are here may not be all there are, and the command that fetches the rest."""
        if (self._repository.common_dir / "shallow").exists():
            return "the history is shallow", "git fetch --unshallow"
        fetched = {remote: self._settings.get(f"remote.{remote}.fetch", []) for remote in self._remotes}
        named = [remote for remote, refspecs in fetched.items() if refspecs]
        tracking = [name for name in self._commits if name.startswith("refs/remotes/")]
        if self._remotes and not tracking and not self._has_fetched_nothing():
            return "no branch of a remote was fetched", f"git fetch {(named or self._remotes)[0]}"
        for remote in named:
            if not any(_is_all_branches(refspec) for refspec in fetched[remote]):
                hint = f"git remote set-branches {remote} '*' && git fetch {remote}"
                return f"only some branches of `{remote}` are fetched", hint
            if any("tree:" in value for value in self._settings.get(f"remote.{remote}.partialclonefilter", [])):
                hint = f"git config --unset remote.{remote}.partialclonefilter && git fetch --refetch {remote}"
                return f"the trees of `{remote}` are not in this partial clone", hint
        return None, None


def _read_remote_settings(repository: Repository) -> dict[str, list[str]]:
    """All settings of remotes and branches, by key (sections and names of variables in lower case)."""
    listing = repository.run("config", "-z", "--get-regexp", r"^(remote|branch)\.", ok=(0, 1))
    settings: dict[str, list[str]] = {}
    for record in os.fsdecode(listing).split("\0"):
        key, _, value = record.partition("\n")
        settings.setdefault(key, []).append(value)
    return settings


def _is_all_branches(refspec: str) -> bool:
    source = refspec.removeprefix("+").partition(":")[0]
    return source in ("refs/heads/*", "refs/*")


def _current_branch(repository: Repository) -> str | None:
    """The branch that HEAD stands on, or that the rebase under way belongs to."""
    branch = repository.branch()
    if branch is not None:
        return branch
    for state in ("rebase-merge", "rebase-apply"):
        try:
            name = os.fsdecode((repository.git_dir / state / "head-name").read_bytes()).strip()
        except FileNotFoundError:
            continue
        return name if name.startswith("refs/heads/") else None
    return None
