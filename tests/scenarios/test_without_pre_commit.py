"""Without pre-commit: the plain hooks of `migguard install`, beside what a repository has already."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import migguard
from tests.commands.plain_hooks.programs import read_state, write_program
from tests.projects import Kind, Project
from tests.scenarios.history import add_revision, make_branches
from tests.schema.project import make_venv

Make = Callable[[Kind], Project]

MISSING = "error[MG201 unmigrated-models]: column `user.email` is in the staged models"


def commit(project: Project, *, env: dict[str, str] | None = None, cwd: str = "") -> tuple[int, str]:
    """Status and words of `git commit`."""
    done = project.run("git", "commit", "-m", "e-mail", check=False, env=env, cwd=cwd)
    return done.returncode, done.stdout + done.stderr


def put_on_path(folder: Path) -> str:
    """A PATH that begins with a folder where `migguard` is, as `pipx` or `uv tool` would leave it."""
    write_program(folder / "migguard", f'#!/bin/sh\nexec "{sys.executable}" -m migguard "$@"\n')
    return f"{folder}{os.pathsep}{os.environ['PATH']}"


def test_a_day_with_an_existing_hook(make: Make) -> None:
    """Theirs goes first and may block, ours judges, and uninstall leaves what was there, to the mode and the time."""
    project = make("plain")
    hooks = project.path / ".git/hooks"
    theirs = '#!/bin/sh\ninput=$(cat)\necho "theirs ran <$input>" >&2\nexit "${THEIRS:-0}"\n'
    write_program(hooks / "pre-commit", theirs, 0o711)
    write_program(hooks / "post-merge", "#!/bin/sh\nexit 1\n", 0o644)
    write_program(hooks / "commit-msg", "#!/bin/sh\nexit 0\n")
    before = read_state(hooks)
    assert project.migguard("install").returncode == 0
    project.add_column("User", "email")
    state = project.state()

    status, said = commit(project)
    assert (status, "theirs ran <>" in said, MISSING in said) == (1, True, True)
    status, said = commit(project, env={"THEIRS": "3"})
    assert (status, "theirs ran <>" in said, MISSING in said) == (1, True, False)
    assert project.state() == state

    add_revision(project, "d" * 12)
    assert commit(project)[0] == 0

    done = project.migguard("uninstall")

    assert done.returncode == 0, done.stdout + done.stderr
    assert read_state(hooks) == before
    project.add_column("Tag", "color")
    status, said = commit(project)
    assert status == 0
    assert "theirs ran <>" in said


def test_hook_that_git_skipped_does_not_come_to_life(make: Make) -> None:
    """It is not executable: migguard judges alone, and its post-merge mends all the same."""
    project = make("plain")
    hooks = project.path / ".git/hooks"
    for event in ("pre-commit", "post-merge"):
        write_program(hooks / event, "#!/bin/sh\necho came to life >&2\nexit 1\n", 0o644)
    before = read_state(hooks)
    assert project.migguard("install").returncode == 0
    make_branches(project)

    merged = project.run("git", "merge", "-q", "--no-edit", "phone")
    project.add_column("Post", "slug")
    status, said = commit(project)

    assert len(project.heads()) == 1
    assert status == 1
    assert "`post.slug`" in said
    assert "came to life" not in said + merged.stderr
    assert project.migguard("uninstall").returncode == 0
    assert read_state(hooks) == before


@pytest.mark.parametrize("where", ["tracked", "global"])
def test_hooks_path_is_refused_and_the_printed_line_does_the_work(
    where: str, make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit 2 and nothing written. With the line in the hook that is there, commits are judged."""
    project = make("plain")
    folder = project.path / "tools/hooks" if where == "tracked" else tmp_path / "shared"
    write_program(folder / "pre-commit", "#!/bin/sh\n")
    if where == "tracked":
        project.git("config", "core.hooksPath", "tools/hooks")
        project.git("add", "tools")
        project.git("commit", "-q", "-m", "our hooks")
    else:
        settings = tmp_path / "gitconfig"
        settings.write_text(f"[core]\n\thooksPath = {folder}\n")
        monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(settings))
    before, state = read_state(folder), project.state()

    refused = project.migguard("install")

    assert refused.returncode == 2
    lines = [line for line in refused.stderr.splitlines() if "/pre-commit`: " in line]
    assert len(lines) == 1, refused.stderr
    assert read_state(folder) == before
    assert project.state() == state
    assert not (project.path / ".git/hooks").exists()

    with (folder / "pre-commit").open("a") as stream:
        stream.write(lines[0].partition("/pre-commit`: ")[2] + "\n")
    project.add_column("User", "email")
    status, said = commit(project, env={"PATH": put_on_path(tmp_path / "tools")})
    assert status == 1
    assert MISSING in said


def test_linked_worktree_is_installed_and_uninstalled_with_the_rest(make: Make, tmp_path: Path) -> None:
    """The hooks are one for all work trees; each is judged by its own index."""
    project = make("plain")
    linked = Project(tmp_path / "linked", "plain")
    project.git("worktree", "add", "-q", "-b", "work", str(linked.path))

    assert linked.migguard("install", cwd="blog").returncode == 0

    linked.add_column("User", "email")
    status, said = commit(linked)
    assert (status, MISSING in said) == (1, True)
    project.stage({"README.md": "# Words\n"})
    assert commit(project)[0] == 0
    assert project.migguard("uninstall").returncode == 0
    assert commit(linked)[0] == 0


def test_python_that_is_gone(make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment that the hooks were installed from was deleted: PATH helps, else the commit stops and says so."""
    project = make("plain")
    tools = tmp_path / "tools env"
    python = make_venv(tools)
    (site,) = tools.glob("lib/*/site-packages")
    (site / "migguard.pth").write_text(f"{Path(migguard.__file__).parents[1]}\n")
    project.run(str(python), "-m", "migguard", "install")
    shutil.rmtree(tools)
    clean = [folder for folder in os.environ["PATH"].split(os.pathsep) if not (Path(folder) / "migguard").exists()]
    monkeypatch.setenv("PATH", os.pathsep.join(clean))
    make_branches(project)
    tip = project.head()

    merged = project.run("git", "merge", "-q", "--no-edit", "phone")

    assert f"migguard is neither in `{python}` nor on PATH: the merge was not looked at" in merged.stderr
    assert project.git("rev-parse", "HEAD^1") == tip
    project.git("reset", "-q", "--hard", tip)
    project.add_column("Tag", "color")
    before = project.state()

    status, said = commit(project)

    assert status == 1
    assert f"error: migguard is neither in `{python}` nor on PATH: the commit was not checked" in said
    assert "help: install it again: pip install migguard && migguard install" in said
    assert project.state() == before

    status, said = commit(project, env={"PATH": put_on_path(tmp_path / "bin")})

    assert status == 1
    assert "`tag.color`" in said
    assert project.state() == before
