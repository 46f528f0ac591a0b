"""The hook `migguard-graph`, as on pre-commit.ci: no Python of the project, none of its code, the graph alone."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.projects import Kind, Project
from tests.scenarios.conftest import Runner
from tests.scenarios.history import add_revision, make_branches

Make = Callable[[Kind], Project]
Install = Callable[[Project, Runner], None]


@pytest.fixture(autouse=True)
def no_project_python(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever started the project's Python would fail."""
    monkeypatch.setenv("MIGGUARD_PYTHON", "/nowhere/python")
    monkeypatch.delenv("VIRTUAL_ENV")


def graph_hook(project: Project) -> tuple[int, str]:
    """Status and words of the command behind the hook; nothing has changed."""
    before = project.state()
    done = project.migguard("hook", "pre-commit", "--graph-only")
    assert project.state() == before
    return done.returncode, done.stdout + done.stderr


def two_heads(project: Project) -> None:
    make_branches(project)
    project.git("merge", "-q", "--no-edit", "phone")


def no_parent(project: Project) -> None:
    add_revision(project, "d" * 12, down="0" * 12)


def two_of_one_id(project: Project) -> None:
    path = add_revision(project, "d" * 12)
    project.stage({path.replace("add_email", "again"): project.read(path)})


def conflict_markers(project: Project) -> None:
    path = add_revision(project, "d" * 12)
    text = project.read(path)
    project.stage({path: f"<<<<<<< HEAD\n{text}=======\n{text}>>>>>>> side\n"})


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (two_heads, "MG101 multiple-heads"),
        (no_parent, "MG102 missing-parent"),
        (two_of_one_id, "MG103 duplicate-revision"),
        (conflict_markers, "MG105 unreadable-revision"),
    ],
)
def test_fault_of_the_graph_blocks(fault: Callable[[Project], None], code: str, make: Make) -> None:
    """Without running anything of the project, which could not be loaded anyway."""
    project = make("plain")
    fault(project)
    project.stage({"blog/__init__.py": "raise SystemExit('the project was run')\n"})

    status, said = graph_hook(project)

    assert status == 1
    assert f"error[{code}]" in said
    assert "the project was run" not in said
    assert "MG0" not in said


def test_clean_graph_passes_whatever_the_models_say(make: Make) -> None:
    """A missing column is another hook's matter."""
    project = make("plain")
    project.add_column("User", "email")

    status, said = graph_hook(project)

    assert status == 0, said
    assert "error" not in said


@pytest.mark.checkout
def test_hook_of_the_manifest_runs_in_an_environment_of_its_own(make: Make, frameworks: Path) -> None:
    """Through pre-commit: two heads are blocked, a clean graph passes."""
    project = make("plain")
    revision = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=frameworks, capture_output=True, text=True, check=True
    ).stdout.strip()
    config = f"repos:\n  - repo: {frameworks}\n    rev: {revision}\n    hooks:\n      - id: migguard-graph\n"
    project.commit({".pre-commit-config.yaml": config}, "hooks")
    project.run(sys.executable, "-m", "pre_commit", "install", "--install-hooks")
    project.add_column("User", "email")
    project.run("git", "commit", "-m", "e-mail")
    add_revision(project, "d" * 12)
    add_revision(project, "e" * 12, column="phone")

    blocked = project.run("git", "commit", "-m", "two heads", check=False)

    assert blocked.returncode == 1
    assert "error[MG101 multiple-heads]" in blocked.stdout + blocked.stderr
