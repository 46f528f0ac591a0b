"""A commit in all its forms: what lacks a revision is blocked and nothing changes, what is complete goes through."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.projects import Kind, Project
from tests.scenarios.conftest import FEW_RUNNERS, Runner
from tests.scenarios.history import add_revision
from tests.scenarios.places import detach, link_worktree, nest, stay
from tests.scenarios.whole_state import put_back, read_everything

Make = Callable[[Kind], Project]
Install = Callable[[Project, Runner], None]


@dataclass(frozen=True)
class Form:
    """One way to commit. The commit is made in `prepare`'s repository, below its folder `cwd`.

    A model is changed before, and `stage`d or not; the revision is always known to git. `paths` names the files of
    the commit on the command line, with `prefix` before them.
    """

    name: str
    arguments: tuple[str, ...] = ("-m", "e-mail")
    stage: bool = True
    stdin: str = ""
    cwd: str = ""
    paths: bool = False
    editor: str | None = None
    prepare: Callable[[Project], Project] = stay


def _begin_again(project: Project) -> Project:
    """No commit yet: the first one is to have everything."""
    hooks = project.path / ".git/hooks"
    saved = project.path.with_name("hooks")
    shutil.copytree(hooks, saved)
    shutil.rmtree(project.path / ".git")
    project.git("init", "-q", "-b", "main")
    shutil.copytree(saved, hooks)
    shutil.rmtree(saved)
    project.git("add", "-A")
    return project


def _conflict(project: Project) -> Project:
    """In the middle of a merge, with the conflict (no matter of the schema) resolved in the file."""
    text = project.read(project.models)
    project.git("switch", "-q", "-c", "words")
    project.commit({project.models: text.replace("The classic blog.", "The blog.")})
    project.git("switch", "-q", "main")
    project.commit({project.models: text.replace("The classic blog.", "A classic.")})
    assert project.run("git", "merge", "words", check=False).returncode == 1
    project.write({project.models: text})
    return project


def _own_work(project: Project) -> Project:
    """A commit to amend."""
    project.commit({"README.md": "# The blog\n"}, "words")
    return project


FORMS = [
    Form("plain"),
    Form("with what is typed in an editor", arguments=(), editor="e-mail"),
    Form("-a", ("-a", "-m", "e-mail"), stage=False),
    Form("-p", ("-p", "-m", "e-mail"), stage=False, stdin="y\n"),
    Form("-i PATH", ("-i", "-m", "e-mail"), stage=False, paths=True),
    Form("PATH", stage=False, paths=True),
    Form("PATH of staged files", paths=True),
    Form("--amend", ("--amend", "--no-edit"), prepare=_own_work),
    Form("--amend -a", ("--amend", "--no-edit", "-a"), stage=False, prepare=_own_work),
    Form("the first of a repository", prepare=_begin_again),
    Form("after a conflicted merge", ("--no-edit",), prepare=_conflict),
    Form("from a subfolder", cwd="blog"),
    Form("PATH from a subfolder", stage=False, paths=True, cwd="blog"),
    Form("in a linked worktree", prepare=link_worktree),
    Form("-a in a linked worktree", ("-a", "-m", "e-mail"), stage=False, prepare=link_worktree),
    Form("in a submodule", prepare=nest),
    Form("PATH in a submodule", stage=False, paths=True, prepare=nest),
    Form("on a detached HEAD", prepare=detach),
]
BY_NAME = {form.name: form for form in FORMS}


def commit(place: Project, form: Form, files: list[str], *options: str) -> subprocess.CompletedProcess[str]:
    """Commit in this form."""
    paths = ["--", *(os.path.relpath(path, form.cwd or ".") for path in files)] if form.paths else []
    editor = {"GIT_EDITOR": f"echo {form.editor} >"} if form.editor else {}
    return place.run(
        "git", "commit", *options, *form.arguments, *paths, check=False, stdin=form.stdin, cwd=form.cwd, env=editor
    )


def change_model(place: Project, form: Form) -> list[str]:
    """Change a model as the form asks for, with other work lying about; the paths of the commit."""
    place.write({"notes.txt": "not git's yet\n"})
    place.add_column("User", "email", stage=form.stage)
    if form.paths:
        place.stage({"README.md": "# Staged, and not part of the commit\n"})
    elif form.stage:
        place.write({"README.md": "# Not staged\n"})
    return [place.models]


def root_of(place: Project) -> Path:
    """The folder of everything in the test: repositories beside it and around it too."""
    return next(folder for folder in place.path.parents if (folder / "a blog, é").exists())


@pytest.mark.parametrize("form", [pytest.param(form, id=form.name) for form in FORMS])
def test_each_form_is_judged_and_leaves_what_git_alone_would(form: Form, make: Make, install: Install) -> None:
    """Blocked: byte for byte as before, refs and index too. Passed: the very commit and state of `--no-verify`."""
    project = make("plain")
    install(project, "plain hooks")
    place = form.prepare(project)
    files = change_model(place, form)
    # git notes the trees of the index in it before it asks the hook; done now, it has nothing to write.
    place.git("write-tree")
    root = root_of(place)
    before, shown = read_everything(root), place.state()
    assert "app.db" in shown

    blocked = commit(place, form, files)

    said = blocked.stdout + blocked.stderr
    assert blocked.returncode == 1, said
    assert "error[MG201 unmigrated-models]: column `user.email` is in the staged models but in no staged rev" in said
    assert read_everything(root) == before
    assert place.state() == shown

    files.append(add_revision(place, "bbbbbbbbbbbb"))
    with put_back(root):
        assert commit(place, form, files, "--no-verify").returncode == 0
        expected, shown = read_everything(root, index=False), place.state()

    passed = commit(place, form, files)

    assert passed.returncode == 0, passed.stdout + passed.stderr
    assert read_everything(root, index=False) == expected
    assert place.state() == shown


@pytest.mark.parametrize("runner", FEW_RUNNERS[1:])
@pytest.mark.parametrize("name", ["-a", "PATH", "after a conflicted merge", "in a linked worktree"])
def test_form_is_judged_through_each_runner(name: str, runner: Runner, make: Make, install: Install) -> None:
    """The forms in which git gives the hook another index or folder, where runners put unstaged edits aside."""
    form = BY_NAME[name]
    project = make("plain")
    install(project, runner)
    place = form.prepare(project)
    files = change_model(place, form)
    root = root_of(place)
    before = place.state()

    blocked = commit(place, form, files)

    said = blocked.stdout + blocked.stderr
    assert blocked.returncode == 1, said
    assert "error[MG201 unmigrated-models]: column `user.email`" in said
    assert place.state() == before

    files.append(add_revision(place, "bbbbbbbbbbbb"))
    with put_back(root):
        assert commit(place, form, files, "--no-verify").returncode == 0
        expected = place.state()

    passed = commit(place, form, files)

    assert passed.returncode == 0, passed.stdout + passed.stderr
    assert place.state() == expected


def test_one_of_two_hunks_is_judged_by_itself(make: Make, install: Install) -> None:
    """`commit -p` with `y` and `n`: the column that was chosen is missed, the other is not spoken of."""
    project = make("plain")
    install(project, "plain hooks")
    project.add_column("User", "email", stage=False)
    project.add_column("Tag", "color", stage=False)
    before = read_everything(project.path, index=False)

    blocked = project.run("git", "commit", "-p", "-m", "e-mail", check=False, stdin="y\nn\n")

    said = blocked.stdout + blocked.stderr
    assert "`user.email`" in said
    assert "`tag.color`" not in said
    assert read_everything(project.path, index=False) == before

    add_revision(project, "bbbbbbbbbbbb")
    project.run("git", "commit", "-p", "-m", "e-mail", stdin="y\nn\n")

    assert "color" in project.git("diff")
    assert "email" not in project.git("diff")


def test_nothing_staged_is_gits_own_matter(make: Make, install: Install) -> None:
    """With the model changed but not added: git says so itself, and nothing changes; an empty commit goes through."""
    project = make("plain")
    install(project, "plain hooks")
    project.add_column("User", "email", stage=False)
    before = read_everything(project.path, index=False)

    nothing = project.run("git", "commit", "-m", "nothing", check=False)

    assert nothing.returncode == 1
    assert "no changes added to commit" in nothing.stdout
    assert "MG" not in nothing.stdout + nothing.stderr
    assert read_everything(project.path, index=False) == before
    project.run("git", "commit", "--allow-empty", "-m", "empty")
    project.run("git", "commit", "--amend", "--no-edit", "--allow-empty")


@pytest.mark.parametrize("option", ["-n", "--no-verify"])
def test_commit_without_hooks_goes_through_and_is_found_by_check(option: str, make: Make, install: Install) -> None:
    """It is git that does not ask. By hand and in CI it is found; the commit that adds the revision goes through."""
    project = make("plain")
    install(project, "plain hooks")
    project.add_column("User", "email")

    project.run("git", "commit", option, "-m", "later")

    assert project.migguard("check").returncode == 1
    add_revision(project, "bbbbbbbbbbbb")
    project.run("git", "commit", "-m", "the revision")
    assert project.migguard("check", "--ref", "HEAD").returncode == 0


def test_dry_run_asks_nobody(make: Make, install: Install) -> None:
    """`git commit --dry-run` runs no hook: nothing is written, and the real commit is blocked."""
    project = make("plain")
    install(project, "plain hooks")
    project.add_column("User", "email")
    project.git("write-tree")
    before = read_everything(project.path)

    project.run("git", "commit", "--dry-run", "-m", "e-mail")

    assert read_everything(project.path) == before
    assert project.run("git", "commit", "-m", "e-mail", check=False).returncode == 1
