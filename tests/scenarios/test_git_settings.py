"""Git as people set it up: other indexes, folders and settings change no verdict and no merge."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.projects import Kind, Project
from tests.scenarios.history import add_revision, make_branches
from tests.scenarios.whole_state import read_everything

Make = Callable[[Kind], Project]
Install = Callable[[Project, str], None]

MISSING = "error[MG201 unmigrated-models]: column `tag.color` is in the staged models but in no staged revision"


def talk_much(project: Project) -> None:
    """Settings that change what git prints, asks or runs."""
    script = project.path.with_name("program")
    script.write_text("#!/bin/sh\necho from a program\n")
    script.chmod(0o755)
    settings = {
        "color.ui": "always",
        "core.abbrev": "4",
        "core.pager": str(script),
        "core.quotePath": "true",
        "commit.cleanup": "scissors",
        "commit.status": "true",
        "commit.verbose": "true",
        "diff.external": str(script),
        "diff.mnemonicPrefix": "true",
        "diff.noprefix": "true",
        "diff.relative": "true",
        "diff.renames": "copies",
        "log.showSignature": "true",
        "log.decorate": "full",
        "merge.log": "true",
        "pager.diff": str(script),
        "status.relativePaths": "false",
        "status.short": "true",
        "status.showUntrackedFiles": "no",
        "core.logAllRefUpdates": "false",
        "alias.commit-tree": f"!{script}",
    }
    for name, value in settings.items():
        project.git("config", name, value)


def split_index(project: Project) -> None:
    """The index in two files."""
    project.git("config", "core.splitIndex", "true")
    project.git("update-index", "--split-index")


def many_files(project: Project) -> None:
    """Index version 4, and the cache of untracked files."""
    project.git("config", "feature.manyFiles", "true")
    project.git("update-index", "--index-version", "4")
    project.git("update-index", "--force-untracked-cache")


def sparse(project: Project) -> None:
    """A sparse checkout with a sparse index."""
    project.commit({"docs/deep/more.md": "", "docs/words.md": "", "other/service.py": ""}, "docs")
    project.git("sparse-checkout", "set", "--cone", "--sparse-index", "blog", "migrations")
    assert not (project.path / "docs").exists()


def line_ends(project: Project) -> None:
    """As on Windows, with git's warnings as errors."""
    project.git("config", "core.autocrlf", "true")
    project.git("config", "core.safecrlf", "true")
    project.git("rm", "-q", "-r", "--cached", ".")
    project.git("-c", "core.safecrlf=false", "reset", "-q", "--hard")
    assert b"\r\n" in (project.path / project.models).read_bytes()


def separate_git_dir(project: Project) -> None:
    """The git folder is elsewhere."""
    project.path.with_name("elsewhere").mkdir()
    project.git("init", "-q", "--separate-git-dir", str(project.path.with_name("elsewhere") / ".git"))


def hidden_edits(project: Project) -> None:
    """A file that git was told to take for unchanged."""
    project.git("update-index", "--assume-unchanged", "README.md")
    project.git("update-index", "--skip-worktree", "alembic.ini")
    project.write({"README.md": "hidden\n", "alembic.ini": project.read("alembic.ini") + "# hidden\n"})


def edit(project: Project, path: str, change: Callable[[], object]) -> None:
    """Change a file as an editor would that knows the project's line ends."""
    has_cr = b"\r\n" in (project.path / project.models).read_bytes()
    change()
    if has_cr:
        project.write({path: project.read(path).replace("\n", "\r\n")})


@pytest.mark.parametrize(
    "set_up",
    [talk_much, split_index, many_files, sparse, line_ends, separate_git_dir, hidden_edits],
    ids=lambda function: function.__name__,
)
def test_git_as_people_have_it_is_no_trouble(set_up: Callable[[Project], None], make: Make, install: Install) -> None:
    """A merge is mended, a missing revision blocks and changes nothing, with the revision the commit goes through."""
    project = make("plain")
    make_branches(project)
    set_up(project)
    install(project, "plain hooks")
    status = project.git("status", "--porcelain")

    merged = project.run("git", "merge", "-q", "--no-edit", "phone")

    assert "joined" in merged.stdout + merged.stderr, merged
    assert len(project.heads()) == 1
    assert project.git("status", "--porcelain") == status
    (head,) = project.heads()
    edit(project, project.models, lambda: project.add_column("Tag", "color", stage=False))
    project.git("add", project.models)
    project.git("write-tree")
    root = project.path.parent
    before = read_everything(root, index=False)

    blocked = project.run("git", "commit", "-m", "color", check=False)

    assert MISSING in blocked.stdout + blocked.stderr
    assert read_everything(root, index=False) == before
    revision = f"{project.versions}/{'d' * 12}_add_color.py"
    options = {"down": head, "table": "tag", "column": "color"}
    edit(project, revision, lambda: add_revision(project, "d" * 12, stage=False, **options))
    project.git("add", revision)
    project.run("git", "commit", "-m", "color")
    assert project.git("status", "--porcelain") == status


def test_git_told_where_everything_is_from_elsewhere(make: Make, install: Install, tmp_path: Path) -> None:
    """`git --git-dir … --work-tree …`, with the git folder and the user in other places."""
    project = make("plain")
    install(project, "plain hooks")
    git_dir = tmp_path / "git"
    shutil.move(project.path / ".git", git_dir)
    elsewhere = Project(tmp_path / "elsewhere", "plain")
    elsewhere.path.mkdir()
    told = (f"--git-dir={git_dir}", f"--work-tree={project.path}")
    project.add_column("Tag", "color", stage=False)
    elsewhere.git(*told, "add", "-u")
    before = read_everything(project.path)

    blocked = elsewhere.run("git", *told, "commit", "-m", "color", check=False)

    assert MISSING in blocked.stdout + blocked.stderr
    assert read_everything(project.path) == before
    path = add_revision(project, "d" * 12, table="tag", column="color", stage=False)
    elsewhere.git(*told, "add", str(project.path / path))
    elsewhere.git(*told, "commit", "-m", "color")
