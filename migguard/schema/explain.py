"""Says of a failed run what the user could not see: the file stands in the work tree, but not in the snapshot."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from migguard.environments import Environment
from migguard.git.repository import Repository
from migguard.git.shell import quote_paths
from migguard.git.snapshot import Snapshot
from migguard.schema.protocol import Failure
from migguard.schema.submodules import find_submodule
from migguard.schema.tree import MaterialisedTree

_MOST_NAMED = 3
_NO_NAME = re.compile(r"cannot import name '(?P<name>\w+)' from '(?P<module>[\w.]+)'")


@dataclass(frozen=True)
class Explanation:
    """Facts about a failure, and commands or settings that help."""

    notes: tuple[str, ...] = ()
    helps: tuple[str, ...] = ()


def find_worktree_reads(repository: Repository, tree: MaterialisedTree, opened: Iterable[str]) -> tuple[str, ...]:
    """Those of the `opened` files (absolute, or relative to the top) that make a verdict about a snapshot void.

    That is: files of the work tree that are tracked, or would be by `git add`. What git ignores, and the git folder
    itself, does not count. Symbolic links on the way are seen through.
    """
    candidates = dict.fromkeys(path for name in opened if (path := _relate(repository, tree, name)) is not None)
    tracked = repository.tracked_paths(candidates)
    others = [path for path in candidates if path not in tracked and (repository.top / path).is_file()]
    inside = {path for path in others if find_submodule(repository, path)} if others else set()
    free = [path for path in others if path not in inside]
    ignored = repository.ignored_paths(free)
    return tuple(
        path for path in candidates if path in tracked or path in inside or (path in free and path not in ignored)
    )


def _relate(repository: Repository, tree: MaterialisedTree, name: str) -> str | None:
    """The repository path of a file of the work tree; None for any other file."""
    file = repository.top / name
    forms = dict.fromkeys((Path(os.path.normpath(file)), Path(os.path.realpath(file))))
    tops = dict.fromkeys((repository.top, repository.top.resolve()))
    foreign = [folder.resolve() for folder in (tree.path, repository.git_dir, repository.common_dir)]
    for form in forms:
        if any(form.resolve().is_relative_to(folder) for folder in foreign):
            return None
        for top in tops:
            if form.is_relative_to(top):
                return form.relative_to(top).as_posix()
    return None


def explain_failure(
    repository: Repository,
    tree: MaterialisedTree,
    snapshot: Snapshot,
    environment: Environment,
    failure: Failure,
    reads: tuple[str, ...] = (),
) -> Explanation:
    """Notes and helps for a failure of the worker."""
    if failure.kind == "timeout":
        return Explanation((), ("raise `timeout` under [tool.migguard]", "see what it printed: migguard -v check"))
    if failure.kind == "installed":
        return Explanation(
            ("a verdict about a copy would say nothing about the commit",),
            ("install this checkout in editable mode: pip install --editable .",),
        )
    if failure.absent_variables:
        return _explain_variables(failure.absent_variables)
    if failure.exception == "NoAppException" and not failure.missing_module:
        return Explanation((), ('set it under [tool.migguard]: env = { FLASK_APP = "module:app" }',))
    if reads:
        more = tuple(f"so was `{path}`" for path in reads[1:_MOST_NAMED])
        return Explanation(
            (*more, "a verdict about what is on disk would say nothing about the commit"),
            ("import it through a path of the project, not through an absolute one",),
        )
    wanted = list(_missing_paths(repository, tree, environment, failure))
    notes: list[str] = []
    helps: list[str] = []
    for path in wanted:
        note, advice = _explain_path(repository, tree, snapshot, path)
        if note is not None:
            notes.append(note)
            helps.extend([advice] if advice else [])
            break
    return Explanation(tuple(notes), tuple(helps))


def _explain_variables(names: list[str]) -> Explanation:
    """Variables that are set in a person's shell or service, but not where the hook runs."""
    named = ", ".join(f"`{name}`" for name in names[:_MOST_NAMED])
    others = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    note = f"not set in the environment, and asked for: {named}{others}"
    if others:
        # a settings module that reads many variables, most of which are none of the cause
        return Explanation((note,))
    pairs = ", ".join(f'{name} = "…"' for name in names)
    return Explanation((note,), (f"set them under [tool.migguard]: env = {{ {pairs} }}",))


def _missing_paths(
    repository: Repository, tree: MaterialisedTree, environment: Environment, failure: Failure
) -> Iterator[str]:
    """Repository paths that would have been what an import or an open did not find, likeliest first."""
    if failure.missing_path:
        absolute = os.path.normpath(tree.path / failure.missing_path)
        for top in (tree.path, repository.top):
            if Path(absolute).is_relative_to(top):
                yield Path(absolute).relative_to(top).as_posix()
                return
    # Only Python 3.12 and later say in the exception itself which name the package did not have.
    inside = _NO_NAME.search(failure.message)
    if inside is not None:
        yield from _module_paths(repository, tree, environment, f"{inside['module']}.{inside['name']}")
    elif failure.missing_module:
        yield from _module_paths(repository, tree, environment, failure.missing_module)


def _module_paths(
    repository: Repository, tree: MaterialisedTree, environment: Environment, module: str
) -> Iterator[str]:
    stem = module.replace(".", "/")
    names = (f"{stem}.py", f"{stem}/__init__.py", stem)
    script_parent = environment.script_location.rpartition("/")[0]
    roots = dict.fromkeys((environment.project_dir, _join(environment.project_dir, "src"), "", "src", script_parent))
    for root in roots:
        for name in names:
            path = _join(root, name)
            if (repository.top / path).exists() or _find_skipped(tree, path) is not None:
                yield path
    # Elsewhere only by the whole dotted name: `models.py` alone would be found anywhere.
    if "." in module:
        for path in (*repository.untracked_paths(), *sorted(tree.skipped)):
            if path.endswith(tuple(f"/{name}" for name in names[:2])):
                yield path


def _join(root: str, name: str) -> str:
    return f"{root}/{name}" if root else name


def _explain_path(
    repository: Repository, tree: MaterialisedTree, snapshot: Snapshot, path: str
) -> tuple[str | None, str | None]:
    """Why a path of the repository is not in the tree, and what helps; None where it is, or is nowhere."""
    if os.path.lexists(tree.path / path) and not (tree.path / path).is_dir():
        return None, None
    skipped = _find_skipped(tree, path)
    if skipped is not None:
        return _explain_skipped(tree, skipped)
    if any(path == absent or path.startswith(f"{absent}/") for absent in tree.absent):
        absent = next(item for item in tree.absent if path == item or path.startswith(f"{item}/"))
        return (
            f"submodule `{absent}` is not initialised",
            f"git submodule update --init -- {_quote(repository, absent)}",
        )
    reason = _find_reason(tree, path)
    if reason is not None:
        return f"`{path}` was not copied: {reason}", f'add `overlay = ["{path}"]` under [tool.migguard]'
    on_disk = repository.top / path
    if not on_disk.exists():
        return None, None
    if on_disk.is_dir():
        return _explain_folder(repository, tree, path)
    if repository.ignored_paths([path]):
        return f"`{path}` is ignored by git and was not copied", f'add `overlay = ["{path}"]` under [tool.migguard]'
    if path in snapshot.entries():
        return None, None
    if repository.tracked_paths([path]):
        return f"`{path}` is tracked, but is not in {snapshot.label}", None
    part = "part of this commit" if snapshot.label == "the index" else f"in {snapshot.label}"
    return f"`{path}` exists in the work tree but is not {part}", f"git add {_quote(repository, path)}"


def _find_skipped(tree: MaterialisedTree, path: str) -> str | None:
    """The path, or the first one below it, if patterns keep it from disk."""
    if path in tree.skipped:
        return path
    return min((item for item in tree.skipped if item.startswith(f"{path}/")), default=None)


def _explain_skipped(tree: MaterialisedTree, path: str) -> tuple[str, str]:
    if tree.is_sparse:
        folder = path.rpartition("/")[0] or path
        return f"`{path}` is outside your sparse checkout", f"git sparse-checkout add {shlex.quote(folder)}"
    note = f"`{path}` is left out, as in every repository of more than 20,000 files what no import needs"
    return note, f'add `snapshot = ["{path}"]` under [tool.migguard]'


def _find_reason(tree: MaterialisedTree, path: str) -> str | None:
    for name, reason in tree.left_out.items():
        folder = name.rstrip("/")
        if path == folder or path.startswith(f"{folder}/"):
            return reason
    return None


def _explain_folder(repository: Repository, tree: MaterialisedTree, path: str) -> tuple[str | None, str | None]:
    if (tree.path / path).is_dir():
        return None, None
    if repository.ignored_paths([path]):
        return f"`{path}/` is ignored by git and was not copied", f'add `overlay = ["{path}/"]` under [tool.migguard]'
    if repository.untracked_paths([path]):
        return (
            f"`{path}/` exists in the work tree but is not tracked",
            f"git add {_quote(repository, path)}",
        )
    # git keeps no empty folders: nothing to add.
    return (
        f"`{path}/` exists in the work tree, but git keeps no empty folders",
        f"touch {_quote(repository, path)}/.gitkeep",
    )


def _quote(repository: Repository, path: str) -> str:
    return quote_paths([path], repository.prefix)
