"""Repositories of every shape: what is missing is found, what cannot be judged is said, and nothing else changes."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from tests.projects import Kind, Project, make_project
from tests.scenarios.history import add_revision, commit_column, make_branches
from tests.scenarios.whole_state import read_everything

Make = Callable[[Kind], Project]
Install = Callable[[Project, str], None]

MISSING = "error[MG201 unmigrated-models]: column `user.email` is in the staged models but in no staged revision"


def require_judged(project: Project) -> None:
    """A column without a revision is blocked and nothing changes; `migguard revision` mends it; it goes through."""
    project.add_column("User", "email")
    project.git("write-tree")
    before = read_everything(project.path)

    blocked = project.run("git", "commit", "-m", "e-mail", check=False)

    said = blocked.stdout + blocked.stderr
    assert MISSING in said
    assert read_everything(project.path) == before
    project.revise("add email")
    project.run("git", "commit", "-m", "e-mail")
    assert project.git("status", "--porcelain") == ""


@pytest.mark.parametrize(
    "name",
    [
        pytest.param('it\'s a "blog"', id="quotes"),
        pytest.param("a\nb $HOME `id` \\ {x} *", id="line break and what a shell would expand"),
        pytest.param("блог – ブログ", id="other alphabets"),
    ],
)
def test_folder_of_any_name_is_judged(name: str, tmp_path: Path, install: Install) -> None:
    """The folder's name is never part of a command, a pattern or a text that is parsed.

    Alembic itself fails where it has a `%`.
    """
    project = make_project("plain", tmp_path / name)
    install(project, "plain hooks")
    require_judged(project)


def test_names_of_any_bytes_beside_the_project_are_no_trouble(make: Make, install: Install) -> None:
    """Tracked, ignored and untracked files, and one that only looks like a revision."""
    project = make("plain")
    odd = ["a\nb.py", "it's.py", '"quoted".py', "é.py", "tab\t.py", "-n.py", ":(top).py", "*.py", "\udcff.py"]
    project.commit({f"odd/{name}": "" for name in odd}, "odd names")
    project.write({f"new {name}": "" for name in odd})
    project.write({f"build/{name}": "" for name in odd})
    install(project, "plain hooks")
    project.add_column("User", "email")

    blocked = project.run("git", "commit", "-m", "e-mail", check=False)

    assert MISSING in blocked.stdout + blocked.stderr
    add_revision(project, "b" * 12)
    project.run("git", "commit", "-m", "e-mail")


def test_sha256_repository_is_judged_and_merged(make: Make, install: Install) -> None:
    """Object names are 64 characters long."""
    project = make("plain")
    shutil.rmtree(project.path / ".git")
    project.git("init", "-q", "-b", "main", "--object-format=sha256")
    project.commit({name: project.read(name) for name in (".gitignore", "alembic.ini")})
    project.git("add", "-A")
    project.git("commit", "-q", "-m", "the blog")
    install(project, "plain hooks")
    require_judged(project)
    project.git("reset", "-q", "--hard", "HEAD~1")
    make_branches(project)

    project.run("git", "merge", "-q", "--no-edit", "phone")

    assert len(project.heads()) == 1
    assert project.git("status", "--porcelain") == ""


def test_shallow_clone_is_judged_and_merged(make: Make, install: Install, tmp_path: Path) -> None:
    """Without the history that a merge base needs beyond the cut."""
    origin = make("plain")
    make_branches(origin)
    origin.git("branch", "work")
    shallow = Project(tmp_path / "shallow", "plain")
    origin.git("clone", "-q", "--depth=2", "--no-single-branch", f"file://{origin.path}", str(shallow.path))
    shutil.copy2(origin.path / "app.db", shallow.path)
    install(shallow, "plain hooks")
    assert shallow.git("rev-parse", "--is-shallow-repository") == "true"

    shallow.run("git", "merge", "-q", "--no-edit", "origin/phone")

    assert len(shallow.heads()) == 1
    shallow.add_column("Tag", "color")
    blocked = shallow.run("git", "commit", "-m", "color", check=False)
    assert "column `tag.color` is in the staged models" in blocked.stdout + blocked.stderr


def test_no_commits_yet_check_and_revision_work(make: Make, install: Install) -> None:
    """In a repository just made the whole is judged; migguard by hand and the hook agree."""
    project = make("plain")
    shutil.rmtree(project.path / ".git")
    project.git("init", "-q", "-b", "main")
    project.git("add", "-A")
    install(project, "plain hooks")

    assert project.migguard("check").returncode == 0
    assert project.migguard("check", "--ref", "HEAD").returncode == 2
    require_judged(project)


def test_each_environment_is_judged_by_itself(make: Make, install: Install) -> None:
    """Two services in one repository: what one lacks is told with its name, the other is clean."""
    project = make("plain")
    inner = project.path / "billing"
    names = ("alembic.ini", "migrations", "blog")
    inner.mkdir()
    for name in names:
        source = project.path / name
        (shutil.copytree if source.is_dir() else shutil.copy2)(source, inner / name)
    project.git("add", "-A")
    project.commit({}, "billing")
    install(project, "plain hooks")
    project.models = "billing/blog/models.py"
    project.add_column("User", "email")

    blocked = project.run("git", "commit", "-m", "e-mail", check=False)

    said = blocked.stdout + blocked.stderr
    assert said.count("error[") == 1
    assert MISSING in said
    assert "--> billing/blog/models.py" in said
    assert "billing/migrations" in said
    project.versions = "billing/migrations/versions"
    project.revise("add email")
    project.run("git", "commit", "-m", "e-mail")
    assert "2 environments" in project.migguard("check").stdout


def test_conflict_markers_in_a_revision_are_found(make: Make, install: Install) -> None:
    """A conflict that was added without being resolved."""
    project = make("plain")
    install(project, "plain hooks")
    path = f"{project.versions}/aaaaaaaaaaaa_the_blog.py"
    text = project.read(path)
    project.stage({path: f"<<<<<<< HEAD\n{text}=======\n{text}>>>>>>> side\n"})
    before = project.state()

    blocked = project.run("git", "commit", "-m", "resolved", check=False)

    said = blocked.stdout + blocked.stderr
    assert "error[MG105 unreadable-revision]" in said
    assert f"{path}:1" in said
    assert project.state() == before


def test_unmerged_index_is_named(make: Make, install: Install) -> None:
    """git itself refuses to commit; by hand migguard says which paths, and exits 2."""
    project = make("plain")
    install(project, "plain hooks")
    text = project.read(project.models)
    project.git("switch", "-q", "-c", "words")
    project.commit({project.models: text.replace("The classic blog.", "The blog.")})
    project.git("switch", "-q", "main")
    project.commit({project.models: text.replace("The classic blog.", "A classic.")})
    assert project.run("git", "merge", "words", check=False).returncode == 1
    before = project.state()

    for arguments in (["check"], ["revision"], ["merge"]):
        done = project.migguard(*arguments)
        assert done.returncode == 2
        assert f"unmerged paths: `{project.models}`" in done.stderr
        assert "Traceback" not in done.stderr

    assert project.run("git", "commit", "-m", "x", check=False).returncode == 128
    assert project.state() == before
    assert project.migguard("check", "--ref", "HEAD").returncode == 0


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """A folder that nobody can write to, root neither where the file system lets it be locked."""
    folder.mkdir()
    folder.chmod(0o500)
    is_locked = subprocess.run(["chattr", "+i", str(folder)], capture_output=True, check=False).returncode == 0
    try:
        if os.access(folder, os.W_OK) and not is_locked:
            pytest.skip("root may write everywhere")
        yield
    finally:
        subprocess.run(["chattr", "-i", str(folder)], capture_output=True, check=False)


@contextmanager
def file_in_the_way(folder: Path) -> Iterator[None]:
    """A file where a folder should be."""
    folder.write_text("in the way")
    yield


@pytest.mark.parametrize("block", [read_only, file_in_the_way])
def test_state_that_cannot_be_written_is_could_not_check(
    block: Callable[[Path], AbstractContextManager[None]], make: Make, install: Install
) -> None:
    """Blocked with the reason, exit 2 by hand, nothing changed; it is no bug of ours."""
    project = make("plain")
    install(project, "plain hooks")
    project.add_column("User", "email")
    before = project.state()

    with block(project.path / ".git/migguard"):
        blocked = project.run("git", "commit", "-m", "e-mail", check=False)
        by_hand = project.migguard("check")

    assert blocked.returncode == 1
    assert by_hand.returncode == 2
    for said in (blocked.stdout + blocked.stderr, by_hand.stdout + by_hand.stderr):
        assert ".git/migguard" in said
        assert "Traceback" not in said
        assert "bug" not in said
    assert project.state() == before


def test_second_hook_at_the_same_time_is_judged_too(make: Make, install: Install, tmp_path: Path) -> None:
    """Commits in two work trees of one repository do not disturb each other."""
    project = make("plain")
    install(project, "plain hooks")
    linked = Project(tmp_path / "linked", "plain")
    project.git("worktree", "add", "-q", "-b", "work", str(linked.path))
    project.add_column("User", "email")
    commit_column(linked, "User", "phone", "b" * 12)
    linked.write({"README.md": "# Linked\n"})
    linked.add_column("Tag", "color")
    running = [
        subprocess.Popen(
            ["git", "commit", "-m", "x"], cwd=place.path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        for place in (project, linked)
    ]
    first, second = (process.communicate(timeout=120)[0] for process in running)

    assert "`user.email`" in first
    assert "color" not in first
    assert "`tag.color`" in second
    assert "email" not in second
