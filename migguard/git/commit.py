"""Adds files to what HEAD names, as a follow-up commit or into a merge commit, without touching anything else."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from migguard.errors import GitError, MigguardError
from migguard.git.environment import AUTHOR_VARIABLES
from migguard.git.objects import REGULAR, Entry
from migguard.git.private_index import private_folder
from migguard.git.repository import Repository
from migguard.git.stage import find_staged, store_file, write_entries

#: What `git commit` exports to hooks, in a form that nobody types: seconds and an offset.
_EXPORTED_DATE = re.compile(r"@\d+ [+-]\d{4}")


@dataclass(frozen=True)
class CommitResult:
    """HEAD before and after; equal where the files were already in it. Undo: `git reset --keep OLD`."""

    old: str
    new: str


def commit_on_head(
    repository: Repository,
    files: Mapping[str, bytes],
    message: str,
    *,
    fold: bool,
    reflog: str,
    on_step: Callable[[str], None] | None = None,
) -> CommitResult:
    """Commit files on top of HEAD, or with `fold` into the merge commit that HEAD has just become.

    The commit is HEAD's own tree plus the files (content as on disk; filters apply): what else is staged stays
    staged. No hook of a commit runs. With `fold` the message, the author and all else of the commit stay, and a
    signed commit is signed again. Files on disk are neither read nor written.

    Raises MigguardError where HEAD may not be replaced or a path has other staged changes, and GitError; HEAD
    and the index are then as before. `on_step` is called after each step. What a kill leaves behind there:
    `stored` and `committed` objects that nothing refers to; `staged` the files in the index, for the next
    `git commit`; `referred` nothing, all is done.
    """
    step = on_step or _ignore_step
    old = repository.head()
    if old is None:
        raise MigguardError("there is no commit yet to add to", "commit first")
    if fold:
        _require_foldable(repository, old)
    before = find_staged(repository, files)
    entries = {
        path: Entry(path, before[path].mode if path in before else REGULAR, store_file(repository, path, data))
        for path, data in files.items()
    }
    _require_no_other_changes(repository, old, entries, before)
    step("stored")
    with private_folder(repository) as folder:
        new = _PrivateCommit(repository, folder, old).create(entries, None if fold else message)
    step("committed")
    if new == old:
        return CommitResult(old, old)
    write_entries(repository, entries)
    step("staged")
    try:
        repository.run("update-ref", "-m", reflog, "HEAD", new, old)
    except GitError:
        write_entries(repository, {path: before.get(path) for path in files})
        raise
    step("referred")
    return CommitResult(old, new)


def undo_commit(repository: Repository, result: CommitResult, added: Iterable[str]) -> None:
    """Take back what `commit_on_head` did with files that were new: HEAD is OLD again, and they are not staged.

    Raises GitError, with nothing changed, where HEAD has moved on meanwhile.
    """
    if result.new == result.old:
        return
    repository.run("update-ref", "-m", "migguard: undone", "HEAD", result.old, result.new)
    write_entries(repository, dict.fromkeys(added))


def _ignore_step(name: str) -> None:
    """Nobody wants to know."""


def _require_foldable(repository: Repository, old: str) -> None:
    """HEAD must be the merge commit that git is just finishing, and nobody else may have it."""
    parents = repository.parents(old)
    merge_heads = repository.merge_heads()
    hint = 'use `commit = "new"` for a follow-up commit'
    if len(parents) < 2 or parents[1:] != merge_heads or parents[0] != repository.resolve("ORIG_HEAD"):
        raise MigguardError(f"`{old[:12]}` is not the merge commit that is being finished", hint)
    if not repository.run("rev-list", "--max-count=1", old, "--not", "--remotes"):
        raise MigguardError(f"`{old[:12]}` is on a remote already", hint)


def _require_no_other_changes(
    repository: Repository, old: str, entries: Mapping[str, Entry], staged: Mapping[str, Entry]
) -> None:
    """A path whose staged content is neither HEAD's nor what we are about to commit would be lost."""
    changed = {path for path, entry in staged.items() if entry.oid != entries[path].oid}
    if not changed:
        return
    listing = repository.run("ls-tree", "-z", "--full-tree", old, "--", *sorted(changed)).split(b"\0")[:-1]
    committed = {
        os.fsdecode(raw): meta.split(b" ")[2].decode() for meta, _, raw in (i.partition(b"\t") for i in listing)
    }
    for path in sorted(changed):
        if committed.get(path) != staged[path].oid:
            raise MigguardError(f"`{path}` has other staged changes", "commit or unstage them first", path=path)


class _PrivateCommit:
    """A commit made in a git folder of our own, which shares objects and settings with the repository.

    There, `git commit` (the one command that keeps every header of a commit it amends) sees neither the merge
    in progress, nor what the user has staged, nor any hook.
    """

    _SETTINGS = (
        "-c", "core.hooksPath=/dev/null",
        "-c", "core.fsmonitor=false",
        "-c", "core.sparseCheckout=false",
        "-c", "commit.cleanup=verbatim",
        "-c", "gc.auto=0",
        "-c", "maintenance.auto=false",
    )  # fmt: skip

    def __init__(self, repository: Repository, folder: Path, old: str) -> None:
        self._repository = repository
        self._old = old
        self._git_dir = folder / "git"
        # Empty: `git commit` compares every file on disk with the index, for nothing.
        self._work_tree = folder / "tree"

    def create(self, entries: Mapping[str, Entry], message: str | None) -> str:
        """The oid of a commit that adds entries to OLD's tree; OLD itself where they change nothing.

        Without a message OLD is amended instead of followed.
        """
        self._prepare()
        self._run("read-tree", self._old)
        records = "".join(f"{entry.mode} {entry.oid}\t{path}\0" for path, entry in entries.items())
        self._run("update-index", "-z", "--index-info", stdin=os.fsencode(records))
        if self._run("write-tree").decode().strip() == self._repository.tree_of(self._old):
            return self._old
        header = self._read_header()
        if message is None:
            self._amend(header)
        else:
            self._follow(header, message)
        return self._run("rev-parse", "--verify", "HEAD").decode().strip()

    def _prepare(self) -> None:
        self._git_dir.mkdir()
        self._work_tree.mkdir()
        (self._git_dir / "HEAD").write_text(f"{self._old}\n", encoding="ascii")
        (self._git_dir / "commondir").write_bytes(os.fsencode(self._repository.common_dir) + b"\n")
        own_settings = self._repository.git_dir / "config.worktree"
        if own_settings.exists():
            shutil.copyfile(own_settings, self._git_dir / "config.worktree")

    def _amend(self, header: Mapping[str, str]) -> None:
        settings = ("-c", f"i18n.commitEncoding={header['encoding']}") if "encoding" in header else ()
        signing = "-S" if _is_signed(header) else "--no-gpg-sign"
        self._run(*settings, "commit", "--quiet", "--amend", "--no-edit", "--no-verify", signing)

    def _follow(self, header: Mapping[str, str], message: str) -> None:
        author = self._choose_author()
        # Otherwise the user's settings decide; a colleague's signature does not oblige us to have a key.
        signing = ("-S",) if _is_signed(header) and self._is_own(header) else ()
        text = message if message.endswith("\n") else message + "\n"
        self._run(
            "-c", "i18n.commitEncoding=UTF-8", "commit", "--quiet", "--no-verify", *signing, "-F", "-",
            stdin=text.encode(), env=author,
        )  # fmt: skip

    def _read_header(self) -> dict[str, str]:
        text = os.fsdecode(self._repository.run("cat-file", "commit", self._old))
        lines = text.partition("\n\n")[0].splitlines()
        return {key: value for key, _, value in (line.partition(" ") for line in reversed(lines)) if key}

    def _is_own(self, header: Mapping[str, str]) -> bool:
        status, out, _ = self._repository.run_status("var", "GIT_COMMITTER_IDENT")
        return status == 0 and os.fsdecode(out).rpartition(">")[0] == header["committer"].rpartition(">")[0]

    def _choose_author(self) -> dict[str, str | None]:
        """Changes to the environment that leave the user's normal identity.

        `git commit` exports the author of the commit it makes, who may be somebody else, to its hooks; what the
        user exports stays, and so does git's export where there is no other identity.
        """
        if not _EXPORTED_DATE.fullmatch(os.environ.get("GIT_AUTHOR_DATE", "")):
            return {}
        unset: dict[str, str | None] = dict.fromkeys(AUTHOR_VARIABLES)
        if self._repository.run_status("var", "GIT_AUTHOR_IDENT", env=unset)[0] == 0:
            return unset
        return {"GIT_AUTHOR_DATE": None}

    def _run(self, *args: str, stdin: bytes | None = None, env: Mapping[str, str | None] | None = None) -> bytes:
        place = {
            "GIT_DIR": str(self._git_dir),
            "GIT_WORK_TREE": str(self._work_tree),
            "GIT_INDEX_FILE": str(self._git_dir / "index"),
            "GIT_COMMON_DIR": None,
            "GIT_EDITOR": ":",
        }
        return self._repository.run(*self._SETTINGS, *args, stdin=stdin, env={**place, **(env or {})})


def _is_signed(header: Mapping[str, str]) -> bool:
    return "gpgsig" in header or "gpgsig-sha256" in header
