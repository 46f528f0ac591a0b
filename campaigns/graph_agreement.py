"""Compares migguard's revision graph with Alembic's own on the revision folders of public projects.

For each repository: the commit, the number of revisions, the heads, and whether both graphs agree on ids, parents,
dependencies, heads, bases, branch points, merge points and labels. Alembic has to import the revision files; what
they import and is not installed is replaced by empty modules, so only plain module attributes are compared. A label
that is an attribute of such a module is unknown to migguard and is left out of the comparison.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

if __package__ is None or __package__ == "":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from migguard.revisions.graph import RevisionGraph
from migguard.revisions.model import ParsedFile, Revision
from migguard.revisions.parse import is_revision_filename, parse_revision


@dataclass(frozen=True)
class Project:
    """A public repository and its environments: each a list of version folders, searched deeply or not."""

    name: str
    environments: tuple[tuple[str, ...], ...]
    is_recursive: bool = False


_BUNKERWEB = "src/common/db/alembic"
_QUETZ_PLUGINS = tuple(
    f"plugins/quetz_{name}/quetz_{name}/migrations/versions"
    for name in ("conda_suggest", "content_trust", "runexports", "tos")
)
PROJECTS = (
    Project("openstack/neutron", (("neutron/db/migration/alembic_migrations/versions",),), is_recursive=True),
    Project("mamba-org/quetz", (("quetz/migrations/versions", *_QUETZ_PLUGINS),)),
    Project(
        "bunkerity/bunkerweb",
        tuple((f"{_BUNKERWEB}/{name}_versions",) for name in ("mariadb", "mysql", "postgresql", "sqlite")),
    ),
    Project("CTFd/CTFd", (("migrations/versions",),)),
    Project("mealie-recipes/mealie", (("alembic/versions",),)),
    Project("fastapi/full-stack-fastapi-template", (("backend/app/alembic/versions",),)),
)

#: Runs in a process of its own: prints what Alembic makes of the folders that it is given, as JSON.
_ALEMBIC_SIDE = '''
import importlib.abc, importlib.machinery, json, sys, types, warnings

from sqlalchemy.types import UserDefinedType

class Lenient(type):
    """Classes that have every attribute, for annotations, base classes and column types."""
    def __getattr__(cls, name):
        if name.startswith("_"): raise AttributeError(name)
        return Lenient(name, (Anything,), {})
    def __iter__(cls): return iter(())
    def __len__(cls): return 0

class Anything(UserDefinedType, metaclass=Lenient):
    cache_ok = True
    def __init__(self, *args, **kwargs): pass
    def __call__(self, *args, **kwargs): return args[0] if len(args) == 1 and callable(args[0]) else self
    def __getattr__(self, name):
        if name.startswith("_"): raise AttributeError(name)
        return Anything()
    def __class_getitem__(cls, key): return cls
    def __getitem__(self, key): return self
    def __iter__(self): return iter(())
    def __len__(self): return 0
    def get_col_spec(self, **kwargs): return "ANYTHING"

class Dummy(types.ModuleType):
    __path__ = []
    def __getattr__(self, name):
        if name.startswith("__"): raise AttributeError(name)
        return Lenient(name, (Anything,), {})

class Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Asked last, so only for what is not installed."""
    replaced = set()
    def find_spec(self, name, path=None, target=None):
        return importlib.machinery.ModuleSpec(name, self, is_package=True)
    def create_module(self, spec):
        self.replaced.add(spec.name.partition(".")[0])
        return Dummy(spec.name)
    def exec_module(self, module): pass

from alembic import op
from alembic.script import ScriptDirectory
import sqlalchemy.dialects.mysql, sqlalchemy.dialects.postgresql, sqlalchemy.dialects.sqlite
sys.meta_path.append(Finder())
sys.dont_write_bytecode = True
request = json.load(sys.stdin)
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    directory = ScriptDirectory(
        request["folder"], version_locations=request["locations"], recursive_version_locations=request["recursive"]
    )
    map_ = directory.revision_map
    scripts = {id_: script for id_, script in map_._revision_map.items() if script and id_ == script.revision}
labels = {}
for id_, script in scripts.items():
    for label in script.branch_labels:
        labels.setdefault(label if isinstance(label, str) else "?", []).append(id_)
labels.pop("?", None)
print(json.dumps({
    "answer": {
        "ids": sorted(scripts),
        "parents": {id_: sorted(script._versioned_down_revisions) for id_, script in scripts.items()},
        "dependencies": {id_: sorted(script._resolved_dependencies) for id_, script in scripts.items()},
        "heads": sorted(map_.heads),
        "effective heads": sorted(map_._real_heads),
        "bases": sorted(map_.bases),
        "branch points": sorted(id_ for id_, script in scripts.items() if script.is_branch_point),
        "merge points": sorted(id_ for id_, script in scripts.items() if script.is_merge_point),
        "labels": {label: sorted(ids) for label, ids in sorted(labels.items())},
    },
    "replaced": sorted(Finder.replaced),
    "warnings": sorted({str(one.message) for one in caught if "Revision" in str(one.message)}),
}))
'''


def read_folders(top: Path, folders: tuple[str, ...], *, is_recursive: bool) -> list[ParsedFile]:
    """Every revision file of the folders, parsed."""
    paths = [path for folder in folders for path in (top / folder).glob("**/*.py" if is_recursive else "*.py")]
    return [
        parse_revision(path.relative_to(top).as_posix(), path.read_bytes())
        for path in sorted(paths)
        if is_revision_filename(path.name)
    ]


def describe_graph(graph: RevisionGraph) -> dict[str, Any]:
    """What is compared, from migguard's graph."""
    return {
        "ids": list(graph.ids),
        "parents": {id_: sorted(graph.parents(id_)) for id_ in graph.ids},
        "dependencies": {id_: sorted(graph.dependencies(id_)) for id_ in graph.ids},
        "heads": list(graph.heads),
        "effective heads": list(graph.effective_heads),
        "bases": list(graph.bases),
        "branch points": list(graph.branch_points),
        "merge points": list(graph.merge_points),
        "labels": {label: list(ids) for label, ids in graph.labels.items()},
    }


def ask_alembic(top: Path, folders: tuple[str, ...], *, is_recursive: bool) -> dict[str, Any]:
    """What Alembic makes of the folders. Raises RuntimeError with its last words."""
    request = {
        "folder": str(top),
        "locations": [str(top / folder) for folder in folders],
        "recursive": is_recursive,
    }
    done = subprocess.run(
        [sys.executable, "-I", "-c", _ALEMBIC_SIDE],
        input=json.dumps(request),
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    if done.returncode != 0:
        raise RuntimeError(done.stderr.strip().splitlines()[-1] if done.stderr.strip() else "no answer")
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def compare_environment(top: Path, folders: tuple[str, ...], *, is_recursive: bool) -> bool:
    """Print one environment's lines; whether both agree."""
    parsed = read_folders(top, folders, is_recursive=is_recursive)
    revisions = [file for file in parsed if isinstance(file, Revision)]
    graph = RevisionGraph(revisions)
    print(f"  {folders[0]}" + (f" and {len(folders) - 1} more" if len(folders) > 1 else ""))
    print(f"    revisions {len(graph)}, heads {len(graph.heads)}: {', '.join(graph.heads)}")
    unknown = sum(not revision.labels_known for revision in revisions)
    if unknown:
        print(f"    labels unknown in {unknown} files, not compared")
    others = [file for file in parsed if not isinstance(file, Revision)]
    for file in others:
        print(f"    not understood: {file}")
    try:
        theirs = ask_alembic(top, folders, is_recursive=is_recursive)
    except RuntimeError as error:
        print(f"    Alembic could not load them: {error}")
        return False
    if theirs["replaced"]:
        print(f"    imports replaced by empty modules: {', '.join(theirs['replaced'])}")
    for warning in theirs["warnings"]:
        print(f"    Alembic warns: {warning}")
    ours = describe_graph(graph)
    differences = [name for name in ours if ours[name] != theirs["answer"][name]]
    if graph.missing or graph.cycles or graph.duplicates or graph.label_conflicts:
        differences.append("a fault that Alembic does not have")
    print(f"    {'DIFFERENT: ' + ', '.join(differences) if differences else 'agree'}")
    return not differences and not others


def compare_project(project: Project, clone: Path) -> bool:
    """Check out the clone's newest commit somewhere else and compare every environment."""
    with tempfile.TemporaryDirectory() as name:
        top = Path(name) / "tree"
        subprocess.run(["git", "clone", "-q", "--shared", "-n", str(clone), str(top)], check=True)
        folders = sorted({folder for folders in project.environments for folder in folders})
        subprocess.run(["git", "-C", str(top), "checkout", "-q", "HEAD", "--", *folders], check=True)
        commit = subprocess.run(
            ["git", "-C", str(top), "rev-parse", "HEAD"], check=True, capture_output=True, text=True
        ).stdout.strip()
        print(f"{project.name} at {commit}")
        results = [
            compare_environment(top, folders, is_recursive=project.is_recursive) for folders in project.environments
        ]
    return all(results)


def main() -> int:
    """Compare the projects that are given as `OWNER/NAME=CLONE`; 1 where anything differs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "clones",
        nargs="+",
        metavar="OWNER/NAME=CLONE",
        help=f"a project and its clone or bare repository; known: {', '.join(project.name for project in PROJECTS)}",
    )
    known = {project.name: project for project in PROJECTS}
    results: list[bool] = []
    for argument in parser.parse_args().clones:
        name, _, clone = argument.partition("=")
        if name not in known or not clone:
            parser.error(f"not a known project and its clone: {argument}")
        results.append(compare_project(known[name], Path(clone).resolve()))
    print(f"{sum(results)} of {len(results)} projects agree")
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
