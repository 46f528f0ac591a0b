"""A post-merge that is killed between any two of its steps loses nothing, and running it again finishes the job."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.projects import Kind, Project
from tests.scenarios.test_merge import make_branches

Make = Callable[[Kind], Project]

KILL = """
import os, sys
from migguard.context import CheckContext
from migguard.fixes.merge_commit import commit_merge
from migguard.git.moment import detect_moment
from migguard.git.repository import Repository
from migguard.git.snapshot import TreeSnapshot

steps = []
def on_step(name):
    steps.append(name)
    if name.split()[0] == sys.argv[1]:
        os._exit(9)

repository = Repository.discover()
moment = detect_moment(repository, "post-merge", os.environ, ("0",))
context = CheckContext(repository, TreeSnapshot(repository, repository.head(), "HEAD"), moment)
commit_merge(context, on_step=on_step)
print(*steps, sep=",")
"""


def play(project: Project, step: str) -> tuple[int, str]:
    """Run the repair of HEAD, and end it at once after a step (or never, where there is none of that name)."""
    root = Path(__file__).parents[2]
    paths = {"PYTHONPATH": str(root)} if (root / "migguard").exists() else {}
    done = project.run(sys.executable, "-c", KILL, step, check=False, env=paths)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("step", ["journal", "file", "stored", "committed", "staged", "referred"])
def test_kill_after_each_step_is_finished_by_the_next_run(step: str, make: Make) -> None:
    """HEAD is the merge or the follow-up commit, the user's files are whole, and the heads are joined in the end."""
    project = make("plain")
    make_branches(project)
    project.git("merge", "-q", "--no-edit", "phone")
    merge, before = project.head(), project.state()

    status, said = play(project, step)

    assert status == 9, said
    state = project.state()
    assert {name: state[name] for name in before if name not in ("<HEAD>", "<index>")} == {
        name: before[name] for name in before if name not in ("<HEAD>", "<index>")
    }
    assert merge in (project.head(), project.git("rev-parse", "HEAD~1"))

    if step != "referred":
        status, said = play(project, "nothing")
        assert status == 0, said
    assert project.git("rev-parse", "HEAD~1") == merge
    assert len(project.heads()) == 1
    assert project.git("status", "--porcelain") == ""
    assert project.migguard("check").returncode == 0


def test_all_steps_are_those_that_are_killed_above(make: Make) -> None:
    """A step that is added wants its kill test."""
    project = make("plain")
    make_branches(project)
    project.git("merge", "-q", "--no-edit", "phone")

    status, said = play(project, "nothing")

    assert status == 0, said
    steps = [step.split()[0] for step in said.strip().splitlines()[-1].split(",")]
    assert steps == ["journal", "file", "stored", "committed", "staged", "referred"]
