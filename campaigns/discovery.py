"""Print the Alembic environments that migguard finds in clones of other projects.

    python campaigns/discovery.py CLONE… [--ref REF] [--settings FILE] [--every N]

A clone has a work tree. `--every N` looks at every Nth commit of the first-parent history too, and prints only what
differs from the commit after it. `--settings` is a file with `[tool.migguard]`, taken instead of the project's own.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from pathlib import Path

from migguard.config import Config, load_config, parse_config
from migguard.environments import Discovery, discover_environments
from migguard.errors import MigguardError
from migguard.git.repository import Repository
from migguard.git.snapshot import Snapshot, TreeSnapshot


def main() -> None:
    """Read the arguments and print a report for each clone."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("clones", nargs="+", type=Path)
    parser.add_argument("--ref", default="HEAD")
    parser.add_argument("--settings", type=Path)
    parser.add_argument("--every", type=int, default=0, metavar="N")
    arguments = parser.parse_args()
    settings = parse_config(arguments.settings.read_bytes(), "pyproject.toml") if arguments.settings else None
    for clone in arguments.clones:
        repository = Repository.discover(clone)
        print(f"== {clone.name}")
        previous = ""
        for commit in list_commits(repository, arguments.ref, arguments.every):
            started = time.perf_counter()
            report = describe(TreeSnapshot(repository, commit), settings)
            milliseconds = (time.perf_counter() - started) * 1000
            if report != previous:
                print(f"{commit} ({milliseconds:.0f} ms)\n{report}")
            previous = report


def list_commits(repository: Repository, ref: str, every: int) -> Iterator[str]:
    """The commit of the ref, then every Nth before it along first parents."""
    commits = repository.run("rev-list", "--first-parent", *([] if every else ["-1"]), ref).decode().split()
    yield from commits[:: every or 1]


def describe(snapshot: Snapshot, settings: Config | None) -> str:
    """What discovery says, as indented text."""
    try:
        discovery = discover_environments(snapshot, settings or load_config(snapshot))
    except MigguardError as error:
        return f"  error: {error.message}"
    return "\n".join(list_lines(snapshot, discovery)) or "  no environment"


def list_lines(snapshot: Snapshot, discovery: Discovery) -> Iterator[str]:
    """One line for each environment, note and unresolved environment."""
    for found in discovery.environments:
        revisions = len(found.revision_paths(snapshot))
        locations = ", ".join(found.version_locations) + (" (recursive)" if found.recursive else "")
        yield (
            f"  {found.name}: {found.kind} {found.config_path} [{found.section}], "
            f"from `{found.project_dir or '.'}`, revisions: {revisions} in {locations}"
        )
    for unresolved in discovery.unresolved:
        yield f"  could not check {unresolved.path}: {unresolved.reason}"
        yield f"    help: {unresolved.hint}"
    for note in discovery.notes:
        yield f"  note: {note}"


if __name__ == "__main__":
    main()
