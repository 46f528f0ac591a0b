"""The snapshot as files on disk, for the project's code to stand in: never the work tree itself."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from migguard.config import Config
from migguard.environments import Environment
from migguard.errors import GitError, MigguardError
from migguard.git.repository import Repository
from migguard.git.snapshot import Snapshot
from migguard.schema.checkout import Checkout, SparsePatterns, mark, require_mark
from migguard.schema.folders import run_folder, wait_for_lock
from migguard.schema.overlay import copy_overlay, plan_overlay
from migguard.schema.relevance import IMPORTED_SUFFIXES
from migguard.schema.strays import remove_strays
from migguard.schema.submodules import Submodules, fill_submodules

#: Beyond this many files only what an import may need is written to disk.
MOST_FILES = 20_000
#: Seconds that one run waits for another before it makes itself a tree that is thrown away.
PATIENCE = 10.0


@dataclass(frozen=True)
class MaterialisedTree:
    """A snapshot on disk: `tree` is its oid, `path` where it stands, `git_dir` what git answers from there.

    `skipped` are its files that sparse patterns keep from disk (`is_sparse`: the user's own, else those for large
    repositories). `overlay` are the files that git ignores and that were copied; `left_out` those that were not, with
    the reason. `absent` are submodules that are not initialised.
    """

    path: Path
    git_dir: Path
    tree: str
    skipped: frozenset[str]
    is_sparse: bool
    overlay: frozenset[str]
    left_out: Mapping[str, str]
    absent: tuple[str, ...] = ()


@contextmanager
def materialise(
    repository: Repository,
    snapshot: Snapshot,
    config: Config,
    environments: Sequence[Environment],
    *,
    patience: float = PATIENCE,
    on_wait: Callable[[], None] | None = None,
) -> Iterator[MaterialisedTree]:
    """The snapshot's files, ours alone until the block ends. What is unchanged since the last time is not written.

    Another process that uses them is waited for, after `on_wait`; after `patience` seconds the files are written to
    a folder that is thrown away. Raises MigguardError where they cannot be written or a blob is not in this clone.
    """
    with _translate_errors(repository):
        state = repository.make_state_dir()
        descriptor = wait_for_lock(state / "tree.lock", patience, on_wait)
    if descriptor is None:
        with run_folder(state, "tree") as spare:
            with _translate_errors(repository):
                filled = _fill(spare, repository, snapshot, config, environments)
            yield filled
        return
    try:
        with _translate_errors(repository):
            filled = _fill(state, repository, snapshot, config, environments)
        yield filled
    finally:
        os.close(descriptor)


def _fill(
    base: Path, repository: Repository, snapshot: Snapshot, config: Config, environments: Sequence[Environment]
) -> MaterialisedTree:
    patterns, is_sparse = _choose_patterns(repository, snapshot, config, environments)
    tree = base / "tree"
    checkout = Checkout(repository, tree, base / "gitdir", repository.common_dir)
    _claim(checkout)
    checkout.prepare(repository.head() or f"ref: {repository.branch() or 'refs/heads/main'}")
    _read_tree(checkout, snapshot, patterns)
    files, skipped = checkout.list_files() if patterns else (snapshot.entries(), frozenset[str]())
    submodules = Submodules()
    if any(entry.mode == "160000" for entry in snapshot.entries().values()):
        submodules = fill_submodules(checkout, repository.top, base / "modules", snapshot.label)
    covered = {*snapshot.entries(), *submodules.files}
    versions = [folder for environment in environments for folder in environment.version_locations]
    plan = plan_overlay(repository.top, repository.ignored_entries(), covered, versions, config.overlay)
    kept = {path for path in files if path not in submodules.folders} | submodules.files | plan.files.keys()
    remove_strays(tree, kept, submodules.folders | plan.folders)
    copied = copy_overlay(plan, repository.top, tree, checkout.git_dir / "overlay.json")
    return MaterialisedTree(
        path=tree,
        git_dir=checkout.git_dir,
        tree=snapshot.tree(),
        skipped=skipped,
        is_sparse=is_sparse,
        overlay=copied,
        left_out=plan.left_out,
        absent=tuple(submodules.absent),
    )


def _claim(checkout: Checkout) -> None:
    """Mark a new tree as ours; refuse one that is not, since whatever we do not know in it will be removed."""
    if checkout.path.is_dir() and not checkout.path.is_symlink() and any(checkout.path.iterdir()):
        require_mark(checkout.git_dir, checkout.path)
        return
    checkout.git_dir.mkdir(parents=True, exist_ok=True)
    mark(checkout.git_dir, checkout.path)


def _read_tree(checkout: Checkout, snapshot: Snapshot, patterns: SparsePatterns | None) -> None:
    try:
        checkout.read_tree(snapshot.tree(), patterns)
    except GitError as error:
        missing = checkout.list_missing(snapshot.tree(), patterns)
        if not missing:
            raise
        named = ", ".join(f"`{path}`" for path in missing[:3]) + (", …" if len(missing) > 3 else "")
        folders = missing if len(missing) <= 10 else sorted({path.partition("/")[0] for path in missing})
        raise MigguardError(
            f"{len(missing)} files of {snapshot.label} are not in this partial clone: {named}",
            f"git archive {snapshot.tree()} {' '.join(folders)} > /dev/null",
            path=missing[0],
        ) from error


def _choose_patterns(
    repository: Repository, snapshot: Snapshot, config: Config, environments: Sequence[Environment]
) -> tuple[SparsePatterns | None, bool]:
    """The user's own sparse patterns (then True), those for a large repository, or None for every file."""
    file = repository.git_dir / "info" / "sparse-checkout"
    if _is_set(repository, "core.sparseCheckout") and file.is_file():
        text = os.fsdecode(file.read_bytes())
        cone = _is_set(repository, "core.sparseCheckoutCone") and not config.snapshot
        return SparsePatterns("\n".join([text.rstrip("\n"), *config.snapshot, ""]), cone), True
    if len(snapshot.entries()) <= MOST_FILES:
        return None, False
    lines = ["/*", "!/*/", *(f"*{suffix}" for suffix in IMPORTED_SUFFIXES)]
    for environment in environments:
        folders = (environment.project_dir, environment.script_location, *environment.version_locations)
        lines += [f"/{_escape(folder)}/" for folder in folders if folder]
    return SparsePatterns("\n".join([*dict.fromkeys(lines), *config.snapshot, ""])), False


def _escape(folder: str) -> str:
    return "".join(f"\\{character}" if character in "*?[]\\ " else character for character in folder)


def _is_set(repository: Repository, key: str) -> bool:
    return (repository.config(key) or "").lower() in ("true", "yes", "on", "1")


@contextmanager
def _translate_errors(repository: Repository) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise MigguardError(
            f"the snapshot cannot be written below `{repository.git_dir}`: {error.strerror or error}",
            "make the git folder writable, and see that the disk is not full",
        ) from error
