"""What a push is about to send: the lines that git gives to its pre-push hook, or what a runner made of them."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from migguard.git.repository import Repository

_NOTHING = re.compile("0+")


@dataclass(frozen=True)
class PushedRef:
    """One ref of a push. `local` is what was pushed, as it was named; `oid` its commit, None for a deletion.

    `remote_oid` is what the remote has under `remote_ref` (None: nothing yet); the object may not be here.
    `known_oid` is a commit from which on everything is new to the remote, or None.
    """

    local: str
    oid: str | None
    remote_ref: str
    remote_oid: str | None = None
    known_oid: str | None = None

    @property
    def is_tag(self) -> bool:
        """Whether a tag is made or moved."""
        return self.remote_ref.startswith("refs/tags/")

    @property
    def branch(self) -> str:
        """The short name of the branch on the remote; of any other ref the full name."""
        return self.remote_ref.removeprefix("refs/heads/")


@dataclass(frozen=True)
class Push:
    """A push to `remote`: its name, or the URL of one that has none."""

    remote: str
    refs: tuple[PushedRef, ...]


def read_push(
    repository: Repository, arguments: Sequence[str], environ: Mapping[str, str], lines: bytes | None
) -> Push:
    """The push that a pre-push hook runs for: `arguments` and `lines` are git's own (None: there was nothing to read).

    pre-commit and prek read the lines themselves, choose one ref, and tell it in the environment.
    """
    branch = environ.get("PRE_COMMIT_REMOTE_BRANCH")
    if branch is not None and environ.get("PRE_COMMIT") == "1":
        remote = environ.get("PRE_COMMIT_REMOTE_NAME", "")
        return Push(remote, _read_environment(repository, remote, branch, environ))
    remote = arguments[0] if arguments else ""
    return Push(remote, tuple(_parse_line(os.fsdecode(line)) for line in (lines or b"").splitlines() if line.strip()))


def _parse_line(line: str) -> PushedRef:
    """`LOCAL OID REMOTE-REF REMOTE-OID`; only LOCAL may hold spaces (`main@{1 day ago}`)."""
    local, oid, remote_ref, remote_oid = line.rsplit(maxsplit=3)
    there = _as_oid(remote_oid)
    return PushedRef(local, _as_oid(oid), remote_ref, there, there)


def _as_oid(text: str) -> str | None:
    return None if _NOTHING.fullmatch(text) else text


def _read_environment(
    repository: Repository, remote: str, branch: str, environ: Mapping[str, str]
) -> tuple[PushedRef, ...]:
    local = environ.get("PRE_COMMIT_LOCAL_BRANCH", "HEAD")
    # Where everything is new, pre-commit names no commits.
    oid = environ.get("PRE_COMMIT_TO_REF") or repository.resolve(local)
    if oid is None:
        return ()
    # What the remote has is not told; git's own record of it is as old as the last fetch or push.
    tracking = f"refs/remotes/{remote}/{branch.removeprefix('refs/heads/')}"
    return (PushedRef(local, oid, branch, repository.resolve(tracking), environ.get("PRE_COMMIT_FROM_REF")),)
