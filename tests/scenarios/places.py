"""Where a project may stand in a repository: its main work tree, a linked one, a submodule."""

from __future__ import annotations

import shutil

from tests.projects import Project


def stay(project: Project) -> Project:
    """The main work tree."""
    return project


def detach(project: Project) -> Project:
    """On no branch."""
    project.git("switch", "-q", "--detach")
    return project


def link_worktree(project: Project) -> Project:
    """A linked work tree on a branch of its own, with a database of its own."""
    linked = project.path.with_name("linked tree")
    project.git("worktree", "add", "-q", "-b", "work", str(linked))
    shutil.copy2(project.path / "app.db", linked)
    return Project(linked, "plain")


def nest(project: Project) -> Project:
    """The project as a submodule of another repository, with hooks of its own."""
    outer = Project(project.path.with_name("outer"), "plain")
    outer.path.mkdir()
    outer.git("init", "-q", "-b", "main")
    outer.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(project.path), "sub module")
    outer.git("commit", "-q", "-m", "outer")
    inner = Project(outer.path / "sub module", "plain")
    shutil.copy2(project.path / "app.db", inner.path)
    assert inner.migguard("install").returncode == 0
    return inner
