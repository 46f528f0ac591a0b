"""Stories run with an activated virtual environment, and with hooks installed in each of the three ways."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import pytest
from filelock import FileLock

from tests.projects import Kind, Project, make_project

Runner = Literal["plain hooks", "pre-commit", "prek"]

ROOT = Path(__file__).parents[2]
RUNNERS = [
    pytest.param("plain hooks", id="plain hooks"),
    pytest.param("pre-commit", id="pre-commit", marks=pytest.mark.checkout),
    pytest.param("prek", id="prek", marks=pytest.mark.checkout),
]
#: Where the runner makes no difference to what is told: one that stashes, and none.
FEW_RUNNERS = RUNNERS[:2]
#: Each kind of project and each runner at least once with another.
PAIRS = [
    pytest.param("plain", "plain hooks", id="plain-plain hooks"),
    pytest.param("plain", "pre-commit", id="plain-pre-commit", marks=pytest.mark.checkout),
    pytest.param("async", "prek", id="async-prek", marks=pytest.mark.checkout),
    pytest.param("flask", "pre-commit", id="flask-pre-commit", marks=pytest.mark.checkout),
    pytest.param("flask", "plain hooks", id="flask-plain hooks"),
]
CONFIG = """\
default_install_hook_types: [pre-commit, pre-merge-commit, post-merge, post-rewrite, pre-push]
repos:
  - repo: {repository}
    rev: {revision}
    hooks:
      - id: migguard
      - id: migguard-pre-merge-commit
      - id: migguard-post-merge
      - id: migguard-post-rewrite
      - id: migguard-pre-push
"""


@pytest.fixture(autouse=True)
def activated(hermetic: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The virtual environment of the tests is the project's, activated as a developer would."""
    monkeypatch.setenv("VIRTUAL_ENV", sys.prefix)
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """migguard's own repository as users name it in `repo:`: what the checkout holds, committed once."""
    base = tmp_path_factory.getbasetemp()
    shared = base if worker_id == "master" else base.parent
    target = shared / "migguard-published"
    with FileLock(shared / "published.lock"):
        if not target.exists():
            _publish(target)
    return target


def _publish(target: Path) -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    partial = target.with_name("migguard-partial")
    for name in filter(None, listed.split("\0")):
        source = ROOT / name
        if source.is_file():
            (partial / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, partial / name)
    for command in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "release"]):
        identity = ["-c", "user.name=Ada", "-c", "user.email=ada@example.com"]
        subprocess.run(["git", *identity, *command], cwd=partial, check=True)
    partial.rename(target)


@pytest.fixture
def frameworks(monkeypatch: pytest.MonkeyPatch, published: Path) -> Path:
    """pre-commit and prek install hook environments once for all tests, beside the published repository."""
    monkeypatch.setenv("PRE_COMMIT_HOME", str(published.with_name("pre-commit-home")))
    monkeypatch.setenv("PREK_HOME", str(published.with_name("prek-home")))
    return published


@pytest.fixture
def make(tmp_path: Path) -> Callable[[Kind], Project]:
    """A project of the given kind, in a folder whose name needs quoting."""
    return lambda kind: make_project(kind, tmp_path / "a blog, é")


@pytest.fixture
def install(request: pytest.FixtureRequest) -> Callable[[Project, Runner], None]:
    """Install the hooks in a project, as its README would tell a developer to."""

    def _install(project: Project, runner: Runner) -> None:
        if runner == "plain hooks":
            done = project.migguard("install")
            assert done.returncode == 0, done.stdout + done.stderr
            return
        published: Path = request.getfixturevalue("frameworks")
        revision = subprocess.run(
            ["git", "rev-parse", "HEAD"], cwd=published, capture_output=True, text=True, check=True
        ).stdout.strip()
        config = CONFIG.format(repository=published, revision=revision)
        project.commit({".pre-commit-config.yaml": config}, "hooks")
        with FileLock(published.with_name(f"{runner}.lock")):
            project.run(sys.executable, "-m", runner.replace("-", "_"), "install", "--install-hooks")

    return _install
