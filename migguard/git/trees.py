"""Folders of many commits, read in as many git processes as they are deep."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Sequence

from migguard.git.objects import read_objects
from migguard.git.repository import Repository

_FOLDER_MODE = b"40000"
_SUBMODULE_MODE = b"160000"

#: One file of a folder: its path within the folder, and its oid.
_Listing = list[tuple[str, str]]


def find_trees(repository: Repository, places: Sequence[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """(commit, folder) → the folder's tree, for those that exist. The folder "" is the top."""
    if not places:
        return {}
    names = [f"{commit}:{folder}".encode("utf-8", "surrogateescape") for commit, folder in places]
    # `-z` came with git 2.38, and only a folder with a newline in its name needs it.
    separator, option = (b"\0", ["-z"]) if any(b"\n" in name for name in names) else (b"\n", [])
    answer = repository.run(
        "cat-file",
        *option,
        "--batch-check=%(objectname) %(objecttype)",
        "--buffer",
        stdin=b"".join(name + separator for name in names),
    )
    found = {}
    position = 0
    for place, name in zip(places, names, strict=True):
        # The name comes back, and may hold newlines.
        missing = name + b" missing\n"
        if answer.startswith(missing, position):
            position += len(missing)
            continue
        end = answer.index(b"\n", position)
        oid, _, kind = answer[position:end].decode("ascii").partition(" ")
        position = end + 1
        if kind == "tree":
            found[place] = oid
    return found


def list_folders(repository: Repository, trees: Collection[str], *, recursive: bool) -> dict[str, _Listing]:
    """The files (not submodules) of each tree; with `recursive` those of its subfolders too."""
    raw: dict[str, list[tuple[bytes, str, str]]] = {}
    wanted = set(trees)
    while wanted:
        raw.update(_read_trees(repository, sorted(wanted)))
        if not recursive:
            break
        wanted = {oid for entries in raw.values() for mode, _, oid in entries if mode == _FOLDER_MODE} - raw.keys()
    return {tree: list(_walk(raw, tree, "", recursive=recursive)) for tree in trees}


def _walk(
    raw: dict[str, list[tuple[bytes, str, str]]], tree: str, start: str, *, recursive: bool
) -> Iterable[tuple[str, str]]:
    for mode, name, oid in raw[tree]:
        if mode == _FOLDER_MODE:
            if recursive:
                yield from _walk(raw, oid, f"{start}{name}/", recursive=True)
        elif mode != _SUBMODULE_MODE:
            yield start + name, oid


def _read_trees(repository: Repository, trees: list[str]) -> dict[str, list[tuple[bytes, str, str]]]:
    """The entries of tree objects, from their binary form: mode, space, name, NUL, oid."""
    answer = read_objects(repository, trees)
    result = {}
    position = 0
    for tree in trees:
        end = answer.index(b"\n", position)
        size = int(answer[position:end].rpartition(b" ")[2])
        start = end + 1
        position = start + size + 1
        result[tree] = list(_parse_tree(answer[start : position - 1], len(tree) // 2))
    return result


def _parse_tree(data: bytes, oid_bytes: int) -> Iterable[tuple[bytes, str, str]]:
    position = 0
    while position < len(data):
        space = data.index(b" ", position)
        end = data.index(b"\0", space)
        after = end + 1 + oid_bytes
        yield data[position:space], os.fsdecode(data[space + 1 : end]), data[end + 1 : after].hex()
        position = after
