"""Where the work tree and its git folders are."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from migguard.errors import GitError
from migguard.git.process import explain_failure, run_git


@dataclass(frozen=True)
class Place:
    """The top of a work tree, its git folder, the one shared with other work trees, the user's subfolder."""

    top: Path
    git_dir: Path
    common_dir: Path
    prefix: str


def find_place(directory: Path, environment: Mapping[str, str | None]) -> Place:
    """The work tree around an absolute folder, as git and the variables of a hook name it. Raises GitError."""
    place = _find_from_hook(directory, environment) or _locate(directory, environment)
    if not place.prefix and _is_same_folder(directory, place.top):
        # Hooks and aliases start at the top; this is where the user was.
        return replace(place, prefix=os.environ.get("GIT_PREFIX", "").strip("/"))
    return place


def _find_from_hook(directory: Path, environment: Mapping[str, str | None]) -> Place | None:
    """The work tree around `directory`, if it is the one that a hook's GIT_DIR belongs to.

    GIT_DIR alone makes git take the current folder for the top, which a runner may have changed.
    """
    named = os.environ.get("GIT_DIR")
    if not named or os.environ.get("GIT_WORK_TREE"):
        return None
    try:
        place = _locate(directory, {**environment, "GIT_DIR": None})
    except GitError:
        return None
    candidates = (directory / named, place.top / named)
    return place if any(_is_same_folder(place.git_dir, candidate) for candidate in candidates) else None


def _locate(directory: Path, environment: Mapping[str, str | None]) -> Place:
    """Ask git where it is. The hash function's name between the answers: paths may hold newlines."""
    between = "--show-object-format"
    arguments = (
        "rev-parse", between, "--show-toplevel", between, "--absolute-git-dir", between, "--git-common-dir",
        between, "--show-prefix", between,
    )  # fmt: skip
    status, out, err = run_git(arguments, str(directory), environment=environment)
    if status != 0:
        raise _explain_no_repository(arguments, status, err)
    separator = out[: out.index(b"\n") + 1]
    answers = [os.fsdecode(part.removesuffix(b"\n")) for part in out.removeprefix(separator).split(b"\n" + separator)]
    if len(answers) != 5:
        raise GitError(f"the path of the repository cannot be told apart: {answers}")
    top, git_dir, common_dir, prefix, _ = answers
    return Place(Path(top), Path(git_dir), Path(os.path.realpath(directory / common_dir)), prefix.strip("/"))


def _explain_no_repository(arguments: tuple[str, ...], status: int, stderr: bytes) -> GitError:
    words = os.fsdecode(stderr).strip()
    if "must be run in a work tree" in words:
        return GitError("there is no work tree here", "run it in a checkout", status=status, stderr=words)
    if "not a git repository" in words:
        return GitError("not a git repository", "run it inside one, or `git init`", status=status, stderr=words)
    return explain_failure(arguments, status, stderr)


def _is_same_folder(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return False
