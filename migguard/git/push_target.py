"""Where a push goes, as far as this clone knows: the branches that what is pushed will be merged with one day."""

from __future__ import annotations

import os
from collections.abc import Sequence

from migguard.git.predict import Tip
from migguard.git.publish import PublishedRefs
from migguard.git.push import Push, PushedRef
from migguard.git.repository import Repository

#: What the original of a fork is usually called.
_ORIGINAL = "upstream"


def find_remote(repository: Repository, named: str) -> str | None:
    """The configured remote that a push names, by its name or by one of its URLs."""
    remotes = repository.remotes()
    if named in remotes:
        return named
    listing = repository.run("config", "-z", "--get-regexp", r"^remote\..*\.(push)?url$", ok=(0, 1))
    for record in os.fsdecode(listing).split("\0"):
        key, _, url = record.partition("\n")
        name = key.removeprefix("remote.").rpartition(".")[0]
        if url == named and name in remotes:
            return name
    return None


def find_default_tips(repository: Repository, push: Push, ref: PushedRef, published: PublishedRefs) -> tuple[Tip, ...]:
    """The default branches of the remotes that matter for a pushed ref, as they were last fetched.

    That is the remote that is pushed to, the one that the local branch follows, and a fork's original; without the
    pushed branch itself, and without what another of them contains already.
    """
    remote = find_remote(repository, push.remote)
    local = (repository.branch() or "") if ref.local == "HEAD" else ref.local
    followed = repository.config(f"branch.{local.removeprefix('refs/heads/')}.remote")
    wanted = [name for name in dict.fromkeys((remote, followed, _ORIGINAL)) if name]
    tips = []
    for name, branch in published.default_branches.items():
        owner = name.removeprefix("refs/remotes/").removesuffix(f"/{branch}")
        oid = repository.resolve(name)
        if owner in wanted and oid is not None and (owner, branch) != (remote, ref.branch):
            tips.append(Tip(oid, f"{owner}/{branch}"))
    return tuple(tip for index, tip in enumerate(tips) if not _is_contained(repository, tip, tips, index))


def _is_contained(repository: Repository, tip: Tip, tips: Sequence[Tip], index: int) -> bool:
    """Whether another of the commits has it among its ancestors, or an earlier one is the same."""
    return any(
        position < index if other.oid == tip.oid else tip.oid in repository.merge_bases(tip.oid, other.oid)
        for position, other in enumerate(tips)
    )


def find_replaced_tip(repository: Repository, push: Push, ref: PushedRef) -> Tip | None:
    """What the remote has under the pushed ref, which may not be in this clone."""
    if ref.remote_oid is None:
        return None
    remote = find_remote(repository, push.remote) or push.remote
    return Tip(ref.remote_oid, f"{remote}/{ref.branch}")


def find_known_commit(repository: Repository, push: Push, ref: PushedRef, tips: tuple[Tip, ...]) -> str | None:
    """A commit that the remote has, and that the pushed one is a change of; None where all of it is new."""
    for known in (ref.remote_oid, ref.known_oid):
        if known is not None and repository.resolve(known) is not None:
            return known
    if ref.oid is None:
        return None
    if not _has_new_commits(repository, push, ref.oid):
        return ref.oid
    bases = (base for tip in tips for base in repository.merge_bases(ref.oid, tip.oid))
    return next(bases, None)


def _has_new_commits(repository: Repository, push: Push, oid: str) -> bool:
    """Whether the remote lacks commits, by what was fetched from it or pushed to it."""
    remote = find_remote(repository, push.remote)
    if remote is None:
        return True
    return bool(repository.run("rev-list", "--max-count=1", oid, "--not", f"--remotes={remote}"))
