"""A hub, clones of it, and what migguard says of their index or commits, without a database or a hook."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from migguard.context import CheckContext, open_snapshot
from migguard.git.moment import detect_moment
from migguard.git.repository import Repository
from migguard.git.snapshot import TreeSnapshot
from migguard.rules.policy import Policy
from migguard.rules.verdict import Verdict, judge
from tests.sandbox import GitRepository

VERSIONS = "migrations/versions"
PROJECT = {
    "alembic.ini": "[alembic]\nscript_location = migrations\nsqlalchemy.url = sqlite:///app.db\n",
    "migrations/env.py": "from alembic import context\n",
}


def path_of(name: str) -> str:
    """The file of a revision."""
    return f"{VERSIONS}/{name}.py"


def source_of(id_: str, parent: str | None = None, body: str = "pass", **more: object) -> str:
    """A revision file. Its first operation stands in line 6 below two blank ones, plus one line for each of `more`."""
    lines = [f'"""about {id_}"""', f"revision = {id_!r}", f"down_revision = {parent!r}"]
    lines += [f"{name} = {value!r}" for name, value in more.items()]
    return "\n".join([*lines, "", "", "def upgrade():", f"    {body}", ""])


def write(*names: str, **bodies: str) -> dict[str, str]:
    """Revisions in a line (`a`, `b` after `a`, …), each with its own body where one is given."""
    files = {}
    parent = None
    for name in names:
        files[path_of(name)] = source_of(name, parent, bodies.get(name, f"op.execute({name!r})"))
        parent = name
    return files


def make_hub(folder: Path) -> GitRepository:
    """What everybody pushes to: `main` with revisions `a` and `b`."""
    seed = GitRepository.init(folder / "seed")
    seed.commit({**PROJECT, **write("a", "b")}, "the project")
    seed.git("clone", "-q", "--bare", ".", str(folder / "hub"))
    return GitRepository(folder / "hub")


def clone(hub: GitRepository, name: str, *options: str, branch: str | None = None) -> GitRepository:
    """Another developer's clone; with `branch` on a new branch."""
    path = hub.path.parent / name
    hub.git("clone", "-q", *options, hub.path.as_uri() if options else str(hub.path), str(path))
    repo = GitRepository(path)
    if branch is not None:
        repo.git("switch", "-q", "-c", branch)
    return repo


def publish(hub: GitRepository, files: Mapping[str, str | None], branch: str = "main", message: str = "theirs") -> str:
    """A colleague changes files on a branch of the hub; the commit."""
    path = hub.path.parent / "colleague"
    if not path.exists():
        clone(hub, "colleague")
    colleague = GitRepository(path)
    colleague.git("fetch", "-q")
    start = f"origin/{branch}"
    known = colleague.run("git", "rev-parse", "-q", "--verify", start, check=False).returncode == 0
    colleague.git("switch", "-q", "-C", branch, "--no-track", start if known else "origin/main")
    commit = colleague.commit(files, message)
    colleague.git("push", "-q", "origin", branch)
    return commit


def check(
    repo: GitRepository, *, hook: str | None = None, ref: str | None = None, from_ref: str | None = None
) -> Verdict:
    """The verdict about the index, or about a ref, without the models; as a hook or by hand."""
    repository = Repository.discover(repo.path)
    environ = {**os.environ, **({"GIT_INDEX_FILE": ".git/index"} if hook else {})}
    context = CheckContext(repository, open_snapshot(repository, ref=ref), detect_moment(repository, hook, environ))
    if from_ref is not None:
        context.base = TreeSnapshot(repository, from_ref)
    return judge(context, Policy(context.config), schema=False)


def told(verdict: Verdict) -> list[str]:
    """Code and message of every finding that counts, then the notes."""
    found = [f"{item.code} {item.message}" for item in verdict.diagnostics if item.waived is None]
    return [*found, *(f"note {note}" for note in verdict.notes)]
