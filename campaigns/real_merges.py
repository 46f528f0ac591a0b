"""Makes real merges of public projects again, with migguard's hooks installed, and counts heads before and after.

A merge is taken where both parents added revisions since they parted. Each is made in a throw-away clone: the first
parent is checked out, the plain git hooks are installed, `git merge` brings the second. Where it conflicts, the files
are taken as the project resolved them, and `git commit --no-edit` concludes it (twice where the hook stops it once).
Models are not compared: what these projects need is not installed.

Usage: python campaigns/real_merges.py NAME=CLONE:VERSIONS_FOLDER[:HEADS] … [--most N]
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

if __package__ is None or __package__ == "":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from campaigns.foreign_clone import MIGGUARD_ROOT, run
from migguard.revisions.graph import RevisionGraph
from migguard.revisions.model import Revision
from migguard.revisions.parse import is_revision_filename, parse_revision


@dataclass(frozen=True)
class Project:
    """A clone, where its revisions lie, and how many heads it is meant to have."""

    name: str
    source: Path
    folder: str
    heads: int


@dataclass(frozen=True)
class Merge:
    """A two-parent merge whose sides both added revisions."""

    commit: str
    parents: tuple[str, str]


def read_git(folder: Path, *arguments: str) -> str:
    """Standard output of git; RuntimeError where it fails."""
    done = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"git {' '.join(arguments)}: {done.stderr.strip()}")
    return done.stdout


def find_merges(project: Project) -> list[Merge]:
    """Newest first. Each commit carries the set of those below it that added revisions, as bits of a number."""
    log = ("log", "--no-merges", "--diff-filter=A", "--format=%H", "HEAD", "--", project.folder)
    bits = {commit: 1 << number for number, commit in enumerate(read_git(project.source, *log).split())}
    below: dict[str, int] = {}
    found = []
    for line in read_git(project.source, "rev-list", "--parents", "--topo-order", "--reverse", "HEAD").splitlines():
        commit, *parents = line.split()
        sides = [below.get(parent, 0) for parent in parents]
        below[commit] = bits.get(commit, 0)
        for side in sides:
            below[commit] |= side
        if len(sides) == 2 and sides[0] & ~sides[1] and sides[1] & ~sides[0]:
            found.append(Merge(commit, (parents[0], parents[1])))
    return found[::-1]


def count_heads(folder: Path, commit: str, versions: str) -> tuple[int, int]:
    """Heads and missing parents of a commit's revision graph."""
    names = read_git(folder, "ls-tree", "-r", "--name-only", commit, "--", versions).splitlines()
    revisions = []
    for name in names:
        if is_revision_filename(name.rpartition("/")[2]):
            source = subprocess.run(["git", "show", f"{commit}:{name}"], cwd=folder, capture_output=True, check=True)
            parsed = parse_revision(name, source.stdout)
            if isinstance(parsed, Revision):
                revisions.append(parsed)
    graph = RevisionGraph(revisions)
    return len(graph.heads), len(graph.missing)


def remake(project: Project, merge: Merge, folder: Path) -> str:
    """Make one merge again; one line about it, which begins with the outcome."""
    clone = folder / merge.commit
    read_git(folder, "clone", "-q", "--shared", "--no-checkout", str(project.source), str(clone))
    for name, value in (("user.name", "campaign"), ("user.email", "campaign@example.invalid")):
        read_git(clone, "config", name, value)
    read_git(clone, "checkout", "-q", "-B", "campaign", merge.parents[0])
    _write_settings(project, clone)
    hooks = {"PYTHONPATH": str(MIGGUARD_ROOT), "GIT_EDITOR": "true"}
    install = [
        sys.executable,
        "-c",
        "import sys; del sys.path[0]; from migguard.__main__ import main; sys.exit(main())",
    ]
    done = run([*install, "install"], clone, hooks)
    if done.status != 0:
        return f"not installed: {done.output.strip()}"
    started = time.perf_counter()
    merged = run(["git", "merge", "--no-edit", merge.parents[1]], clone, hooks)
    said = merged.output
    if merged.status != 0:
        _resolve(project, merge, clone)
        for _ in range(2):
            concluded = run(["git", "commit", "--no-edit"], clone, hooks)
            said += concluded.output
            if concluded.status == 0:
                break
        else:
            return f"stopped: {' / '.join(said.strip().splitlines()[-4:])}"
    seconds = time.perf_counter() - started
    before = _count_merged(project, merge, clone)
    after, missing = count_heads(clone, "HEAD", project.folder)
    outcome = "whole" if after == project.heads and not missing else "not whole"
    if before == after:
        outcome += ", nothing to do"
    how = "conflict" if merged.status != 0 else "clean"
    return f"{outcome}: {how} merge, heads {before} -> {after}, missing parents {missing}, {seconds:.1f} s"


def _write_settings(project: Project, clone: Path) -> None:
    settings = clone / "pyproject.toml"
    text = settings.read_text("utf-8") if settings.exists() else ""
    text += '\n[tool.migguard]\nschema-at = "ci"\n\n[[tool.migguard.environments]]\nname = "main"\n'
    text += f"heads = {project.heads}\n"
    text += f'script-location = "{project.folder.rpartition("/")[0]}"\nversion-locations = ["{project.folder}"]\n'
    settings.write_text(text + "recursive-version-locations = true\n", "utf-8")
    read_git(clone, "add", "pyproject.toml")
    read_git(clone, "commit", "-q", "--no-verify", "-m", "settings")


def _resolve(project: Project, merge: Merge, clone: Path) -> None:
    """Every unmerged path as the project's own merge commit has it."""
    for path in sorted(set(read_git(clone, "diff", "--name-only", "--diff-filter=U", "-z").split("\0")) - {""}):
        if run(["git", "checkout", "-q", merge.commit, "--", path], clone).status != 0:
            read_git(clone, "rm", "-q", "--cached", "--", path)
    if read_git(clone, "diff", "--name-only", "--diff-filter=U"):
        raise RuntimeError(f"{project.name} {merge.commit}: not resolved")


def _count_merged(project: Project, merge: Merge, clone: Path) -> int:
    """The heads that the merge has without any merge revision of ours: those of both parents' files together."""
    tree = run(["git", "merge-tree", "--write-tree", *merge.parents], clone).output.split()[0]
    return count_heads(clone, tree, project.folder)[0]


def main() -> int:
    """Run on every project that is named; 1 where a merge was left with a graph that is not whole."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("projects", nargs="+", metavar="NAME=CLONE:FOLDER[:HEADS]")
    parser.add_argument("--most", type=int, default=50, help="merges of each project, newest first")
    options = parser.parse_args()
    os.environ["GIT_CONFIG_GLOBAL"] = os.devnull
    failed = False
    for text in options.projects:
        name, _, place = text.partition("=")
        source, folder, *heads = place.split(":")
        project = Project(name, Path(source).resolve(), folder, int(heads[0]) if heads else 1)
        print(f"{name} at {read_git(project.source, 'rev-parse', 'HEAD').strip()}")
        counts: Counter[str] = Counter()
        with tempfile.TemporaryDirectory() as scratch:
            for number, merge in enumerate(find_merges(project)):
                if number == options.most:
                    break
                try:
                    line = remake(project, merge, Path(scratch))
                except RuntimeError as error:
                    line = f"could not be made: {str(error).splitlines()[0][:100]}"
                counts[line.partition(":")[0]] += 1
                print(f"  {merge.commit[:12]} {line}", flush=True)
        print(f"  {sum(counts.values())} merges: {dict(counts)}")
        failed |= any(outcome.startswith(("not", "stopped")) for outcome in counts)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
