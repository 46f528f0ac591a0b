"""Which git operation is under way, and what may be written during it."""

from __future__ import annotations

import enum
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Literal

from migguard.git.repository import Repository

Framework = Literal["pre-commit", "prek"]

_COMMIT_HOOKS = frozenset({"pre-commit", "prepare-commit-msg", "commit-msg", "post-commit"})
_GITHEAD = re.compile(r"GITHEAD_([0-9a-f]{40,64})")


class Operation(enum.Enum):
    """The git operation that a process runs in, or that the work tree is in the middle of."""

    COMMIT = "commit"
    MERGE = "merge"
    REBASE = "rebase"
    CHERRY_PICK = "cherry-pick"
    REVERT = "revert"
    AM = "am"
    NONE = "none"


class IndexKind(enum.Enum):
    """The index that is being committed.

    REAL is the user's own. LOCKED (`commit -a`, `-i`, `-p`) becomes the user's if the commit succeeds, and is
    thrown away if not. PARTIAL (`commit PATH`) is always thrown away: what a hook adds to it is committed, and
    then missing from the user's own.
    """

    REAL = "real"
    LOCKED = "locked"
    PARTIAL = "partial"


@dataclass(frozen=True)
class Moment:
    """Where in git's course of events we are.

    `merge_heads` are the commits being merged, whether or not git has written MERGE_HEAD yet. `is_squash` is
    true for a `merge --squash` and the commit that follows it. `is_real_commit` tells a commit from a run of
    the hook by hand. `has_autostash` means that git puts unstaged edits back when the operation ends.
    `rewritten_by` is what a post-rewrite hook is told: `rebase` or `amend`. `is_under_way` is false once a rebase is
    done, although git's files of it are still there (post-rewrite).
    """

    hook: str | None
    operation: Operation
    index_kind: IndexKind
    framework: Framework | None
    merge_heads: tuple[str, ...]
    is_squash: bool
    is_real_commit: bool
    has_autostash: bool
    is_under_way: bool
    rewritten_by: str | None = None

    @property
    def may_write(self) -> bool:
        """Whether new files may be made: not between the steps of a rebase or `git am`."""
        return not (self.is_under_way and self.operation in (Operation.REBASE, Operation.AM))

    @property
    def may_edit(self) -> bool:
        """Whether existing files may be edited: not where a runner or git has put unstaged edits aside."""
        if self.hook is None:
            return self.may_write
        return self.may_write and self.framework is None and not self.has_autostash

    @property
    def may_stage(self) -> bool:
        """Whether files may be staged: only in the user's own index, and in a commit only in a real one."""
        is_rehearsal = self.hook in _COMMIT_HOOKS and not self.is_real_commit
        return self.may_write and self.index_kind is IndexKind.REAL and not is_rehearsal


def detect_moment(
    repository: Repository, hook: str | None, environ: Mapping[str, str], arguments: Sequence[str] = ()
) -> Moment:
    """The moment that a hook (None: a command by hand) runs in.

    `arguments` are the hook's own; the runners hand them over in the environment instead.
    """
    merge_heads = _find_merge_heads(repository, hook, environ)
    # pre-commit 4.7 and prek 0.5 hand the hook's argument over in this variable
    told = environ.get("PRE_COMMIT_REWRITE_COMMAND")
    rewritten_by = arguments[0] if hook == "post-rewrite" and arguments else told
    return Moment(
        hook=hook,
        operation=_find_operation(repository, hook, merge_heads),
        index_kind=_find_index_kind(environ),
        framework=_find_framework(environ),
        merge_heads=merge_heads,
        is_squash=_is_squash(repository, hook, environ, arguments),
        is_real_commit="GIT_INDEX_FILE" in environ,
        has_autostash=_has_autostash(repository),
        # `squash` and `reword` report an amend in the middle of the rebase.
        is_under_way=not (hook == "post-rewrite" and rewritten_by == "rebase"),
        rewritten_by=rewritten_by if hook == "post-rewrite" else None,
    )


def _find_operation(repository: Repository, hook: str | None, merge_heads: tuple[str, ...]) -> Operation:
    state = repository.git_dir
    if (state / "rebase-merge").is_dir():
        return Operation.REBASE
    if (state / "rebase-apply").is_dir():
        return Operation.AM if (state / "rebase-apply" / "applying").exists() else Operation.REBASE
    if os.path.lexists(state / "CHERRY_PICK_HEAD"):
        return Operation.CHERRY_PICK
    if os.path.lexists(state / "REVERT_HEAD"):
        return Operation.REVERT
    if merge_heads:
        return Operation.MERGE
    return Operation.COMMIT if hook in _COMMIT_HOOKS else Operation.NONE


def _find_merge_heads(repository: Repository, hook: str | None, environ: Mapping[str, str]) -> tuple[str, ...]:
    """The commits of MERGE_HEAD; while an automatic merge is being committed only the environment names them.

    After a fast-forward the environment names heads as well, but there is no merge.
    """
    heads = repository.merge_heads()
    if heads or hook != "pre-merge-commit":
        return heads
    return tuple(match.group(1) for match in map(_GITHEAD.fullmatch, environ) if match)


def _find_index_kind(environ: Mapping[str, str]) -> IndexKind:
    name = PurePath(environ.get("GIT_INDEX_FILE", "")).name
    if name == "index.lock":
        return IndexKind.LOCKED
    return IndexKind.PARTIAL if name.startswith("next-index-") else IndexKind.REAL


def _find_framework(environ: Mapping[str, str]) -> Framework | None:
    if "PREK_HOOK_STAGE" in environ:
        return "prek"
    if environ.get("PRE_COMMIT") != "1":
        return None
    return "prek" if any(name.startswith("PREK_") for name in environ) else "pre-commit"


def _is_squash(repository: Repository, hook: str | None, environ: Mapping[str, str], arguments: Sequence[str]) -> bool:
    if hook in _COMMIT_HOOKS:
        return (repository.git_dir / "SQUASH_MSG").exists()
    if hook != "post-merge":
        return False
    told = (environ.get("PRE_COMMIT_IS_SQUASH_MERGE"), environ.get("PRE_COMMIT_SQUASH_MERGE"), *arguments[:1])
    return "1" in told


def _has_autostash(repository: Repository) -> bool:
    places = ("MERGE_AUTOSTASH", "rebase-merge/autostash", "rebase-apply/autostash")
    return any((repository.git_dir / place).exists() for place in places)
