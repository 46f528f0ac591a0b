"""The repository that a command runs in: where it is, and what git says about it."""

from __future__ import annotations

import os
import re
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from migguard.errors import MigguardError
from migguard.git.environment import base_environment
from migguard.git.place import find_place
from migguard.git.process import explain_failure, run_git

#: Beyond this many paths it is cheaper to list the whole index than to name them.
_MANY_PATHS = 200

#: Where this repository's ignores say nothing; git then does not answer for the other paths either.
_ELSEWHERE = re.compile(rb"beyond a symbolic link|is in submodule|is outside repository")


@dataclass(frozen=True)
class Change:
    """One path that differs between two trees.

    `status` is git's letter: A added, D deleted, M modified, T another kind of entry. The mode and oid of a
    side that does not have the path are None.
    """

    path: str
    status: str
    old_oid: str | None
    new_oid: str | None
    old_mode: str | None = None
    new_mode: str | None = None


def cannot_write(place: Path, error: OSError) -> MigguardError:
    """The error for a state folder that cannot be written to: a read-only repository, a full disk."""
    return MigguardError(
        f"`{place}` cannot be written to: {error.strerror}", "make it writable: migguard keeps its scratch files there"
    )


class Repository:
    """One work tree with its repository. Repository paths are POSIX `str`, undecodable bytes as surrogates.

    `top` is the top of the work tree, `git_dir` this work tree's git folder, `common_dir` the one it shares
    with other work trees; `prefix` the user's subfolder (POSIX, "" at the top).
    """

    def __init__(
        self, top: Path, git_dir: Path, common_dir: Path, prefix: str, environment: Mapping[str, str | None]
    ) -> None:
        self.top = top
        self.git_dir = git_dir
        self.common_dir = common_dir
        self.prefix = prefix
        self._environment = environment
        self._empty_tree: str | None = None
        index = os.environ.get("GIT_INDEX_FILE")
        #: The index that git names to its hooks (relative to the top, wherever we run), or the usual one.
        self.index_path = top / index if index else git_dir / "index"

    @classmethod
    def discover(cls, directory: Path | None = None) -> Repository:
        """The repository around `directory` (the current folder), as the variables of a hook name it.

        Raises GitError where there is none, where it is bare, or where git refuses it (another owner).
        """
        environment = base_environment(os.environ)
        place = find_place((directory or Path()).absolute(), environment)
        if os.environ.get("GIT_DIR") or os.environ.get("GIT_WORK_TREE") or not os.path.lexists(place.top / ".git"):
            # Both, as absolute paths: with GIT_DIR alone git would take its current folder for the top.
            environment |= {"GIT_DIR": str(place.git_dir), "GIT_WORK_TREE": str(place.top)}
        index = os.environ.get("GIT_INDEX_FILE")
        if index:
            environment["GIT_INDEX_FILE"] = str(place.top / index)
        return cls(place.top, place.git_dir, place.common_dir, place.prefix, environment)

    def run(
        self,
        *args: str,
        stdin: bytes | None = None,
        env: Mapping[str, str | None] | None = None,
        ok: Container[int] = (0,),
    ) -> bytes:
        """Standard output of `git args`, run at the top. Pathspecs are literal.

        `env` changes the environment, None unsets. Raises GitError where the status is not in `ok`.
        """
        status, out, err = self.run_status(*args, stdin=stdin, env=env)
        if status not in ok:
            raise explain_failure(args, status, err)
        return out

    def run_status(
        self, *args: str, stdin: bytes | None = None, env: Mapping[str, str | None] | None = None
    ) -> tuple[int, bytes, bytes]:
        """Status, stdout and stderr of `git args`; like `run`, but any status is an answer."""
        return run_git(args, str(self.top), environment={**self._environment, **(env or {})}, stdin=stdin)

    def _ask(self, *args: str, none: Container[int] = (1,)) -> str | None:
        """One line of output, or None where git ends with a status that means "there is none"."""
        status, out, err = self.run_status(*args)
        if status in none:
            return None
        if status != 0:
            raise explain_failure(args, status, err)
        return os.fsdecode(out).removesuffix("\n")

    def _list(self, *args: str, stdin: bytes | None = None, ok: Container[int] = (0,)) -> list[str]:
        """The items of NUL-separated output."""
        return [os.fsdecode(item) for item in self.run(*args, stdin=stdin, ok=ok).split(b"\0") if item]

    @property
    def state_dir(self) -> Path:
        """Our folder in this work tree's git folder (`git rev-parse --git-path migguard`). May not exist."""
        return self.git_dir / "migguard"

    def make_state_dir(self) -> Path:
        """`state_dir`, made where it does not exist. Raises MigguardError where nothing can be written there."""
        try:
            self.state_dir.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise cannot_write(self.state_dir, error) from error
        return self.state_dir

    def head(self) -> str | None:
        """The commit that HEAD names; None before the first commit."""
        return self._ask("rev-parse", "--verify", "--quiet", "HEAD")

    def branch(self) -> str | None:
        """The full ref name that HEAD stands on, born or not; None where it is detached."""
        return self._ask("symbolic-ref", "--quiet", "HEAD")

    def resolve(self, ref: str) -> str | None:
        """The commit that a ref, oid or expression names, or None."""
        if not ref or ref.startswith("-") or "\0" in ref:
            return None
        return self._ask("rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}", none=(1, 128))

    def parents(self, commit: str) -> tuple[str, ...]:
        """The parents of a commit, in order."""
        return tuple(self._show("rev-parse", f"{commit}^@").split())

    def merge_heads(self) -> tuple[str, ...]:
        """The commits of MERGE_HEAD, in order; none where no merge is under way.

        git writes the tag object there where a tag is merged.
        """
        try:
            named = (self.git_dir / "MERGE_HEAD").read_text(encoding="ascii").split()
        except FileNotFoundError:
            return ()
        return tuple(self._show("rev-parse", *(f"{oid}^{{commit}}" for oid in named)).split()) if named else ()

    def merge_bases(self, one: str, *others: str) -> tuple[str, ...]:
        """All best common ancestors; none for unrelated (or too shallow) histories.

        With several others: of `one` and a merge of them all, the newest commits of `one` that any of them has.
        """
        return tuple((self._ask("merge-base", "--all", one, *others) or "").split())

    def newest_commits(self, commits: Iterable[str]) -> tuple[str, ...]:
        """Those of the commits that no other of them has in its history."""
        return tuple(self._show("merge-base", "--independent", *commits).split())

    def refs_containing(self, commit: str) -> frozenset[str]:
        """The full names of the branches, tags and remote-tracking refs whose history has a commit."""
        listing = self._show("for-each-ref", f"--contains={commit}", "--format=%(refname)")
        return frozenset(listing.splitlines())

    def order_of_addition(self, paths: Iterable[str]) -> Mapping[str, int]:
        """Place of each file in the order in which HEAD's history added them (the newest addition counts).

        Files that no commit has are left out. Renames count as additions.
        """
        wanted = tuple(paths)
        if not wanted or self.head() is None:
            return {}
        listing = self._list(
            "log", "--reverse", "--topo-order", "--no-renames", "--diff-filter=A", "--diff-merges=off",
            "--format=", "--name-only", "-z", "HEAD", "--", *wanted,
        )  # fmt: skip
        return {name: number for number, name in enumerate(listing)}

    def tree_of(self, commit: str) -> str:
        """The tree of a commit (or of anything that has one)."""
        return self._show("rev-parse", "--verify", f"{commit}^{{tree}}")

    def empty_tree(self) -> str:
        """The empty tree's oid under this repository's hash function."""
        if self._empty_tree is None:
            self._empty_tree = self.run("hash-object", "-t", "tree", "--stdin", stdin=b"").decode().strip()
        return self._empty_tree

    def _show(self, *args: str) -> str:
        return os.fsdecode(self.run(*args)).removesuffix("\n")

    def ignored_paths(self, paths: Iterable[str]) -> frozenset[str]:
        """Those of the paths that git ignores; never one that is tracked."""
        wanted = list(dict.fromkeys(paths))
        if not wanted:
            return frozenset()
        # check-ignore refuses to be told that pathspecs are literal, and then takes a leading colon for magic.
        status, out, err = self.run_status(
            "check-ignore", "--stdin", "-z",
            stdin=b"".join(b"./" + os.fsencode(path) + b"\0" for path in wanted),
            env={"GIT_LITERAL_PATHSPECS": None},
        )  # fmt: skip
        if status in (0, 1):
            return frozenset(os.fsdecode(item.removeprefix(b"./")) for item in out.split(b"\0") if item)
        if not _ELSEWHERE.search(err):
            raise explain_failure(("check-ignore",), status, err)
        if len(wanted) == 1:
            return frozenset()
        half = len(wanted) // 2
        return self.ignored_paths(wanted[:half]) | self.ignored_paths(wanted[half:])

    def untracked_paths(self, under: Iterable[str] = ()) -> tuple[str, ...]:
        """Files on disk that are neither tracked nor ignored, everywhere or under some paths.

        Other repositories inside this one are left out.
        """
        found = self._list("ls-files", "-o", "--exclude-standard", "-z", "--", *under)
        return tuple(path for path in found if not path.endswith("/"))

    def ignored_entries(self) -> tuple[str, ...]:
        """What git ignores and does not track; a folder that is ignored as a whole is one entry ending in "/"."""
        return tuple(self._list("ls-files", "-o", "-i", "--exclude-standard", "--directory", "-z"))

    def tracked_paths(self, paths: Iterable[str]) -> frozenset[str]:
        """Those of the paths that the index knows as files (unmerged and intent-to-add ones too)."""
        wanted = frozenset(paths)
        if not wanted:
            return wanted
        named = sorted(wanted) if len(wanted) <= _MANY_PATHS else []
        return wanted.intersection(self._list("ls-files", "-z", "--", *named))

    def modified_paths(self, under: Iterable[str] = ()) -> tuple[str, ...]:
        """Tracked files whose content on disk is not the staged one (deleted ones too), everywhere or under paths.

        `git diff` and not `diff-files`: the latter also lists files that were only touched.
        """
        return tuple(self._list("diff", "--name-only", "-z", "--no-ext-diff", "--no-renames", "--", *under))

    def changed_paths(self, old_tree: str, new_tree: str) -> tuple[Change, ...]:
        """What differs between two trees (or commits), by path; a rename is a D and an A."""
        fields = self._list(
            "diff-tree", "-r", "-z", "--raw", "--no-renames", "--no-abbrev", "--ignore-submodules=none",
            old_tree, new_tree,
        )  # fmt: skip
        return tuple(_parse_change(meta, path) for meta, path in zip(fields[::2], fields[1::2], strict=True))

    def config(self, key: str) -> str | None:
        """The effective value of a git setting, as written; None where it is not set."""
        status, out, err = self.run_status("config", "--get", "-z", key)
        if status == 1:
            return None
        if status != 0:
            raise explain_failure(("config",), status, err)
        return os.fsdecode(out).removesuffix("\0")

    def remotes(self) -> tuple[str, ...]:
        """The names of the remotes."""
        return tuple(self._show("remote").splitlines())

    def refs(self, *patterns: str) -> Mapping[str, str]:
        """Full ref name → the oid it holds (a tag object's for an annotated tag), for git's ref patterns."""
        lines = self._show("for-each-ref", "--format=%(objectname) %(refname)", *patterns).splitlines()
        return {name: oid for oid, _, name in (line.partition(" ") for line in lines)}


def _parse_change(meta: str, path: str) -> Change:
    """One record of `diff-tree --raw -z`: `:OLDMODE NEWMODE OLDOID NEWOID STATUS` and the path."""
    old_mode, new_mode, old_oid, new_oid, status = meta.removeprefix(":").split(" ")
    is_old, is_new = old_mode != "000000", new_mode != "000000"
    return Change(
        path,
        status,
        old_oid if is_old else None,
        new_oid if is_new else None,
        old_mode if is_old else None,
        new_mode if is_new else None,
    )
