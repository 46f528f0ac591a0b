"""pre-commit and prek, which move a hook that they find to `.legacy` and run it from there."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from migguard.cli import run_cli
from migguard.git.hook_script import Owner, find_owner
from tests.commands.plain_hooks.programs import (
    commit,
    read_state,
    write_their_hook,
)
from tests.sandbox import GitRepository

CONFIG = """\
repos:
- repo: local
  hooks:
  - {id: local, name: local, language: system, entry: sh -c 'echo framework >> "$LOG"', always_run: true}
"""


@pytest.fixture(params=["pre-commit", "prek"])
def framework(repo: GitRepository, hooks: Path, request: pytest.FixtureRequest) -> str:
    """The program, in a repository that uses it."""
    program = Path(sys.prefix) / "bin" / str(request.param)
    if not program.exists():
        pytest.skip(f"no {request.param} here")
    repo.commit({".pre-commit-config.yaml": CONFIG})
    return str(program)


def test_hook_moved_by_it_still_runs_and_is_left_by_uninstall(
    repo: GitRepository, hooks: Path, log: Path, framework: str, capsys: pytest.CaptureFixture[str]
) -> None:
    write_their_hook(hooks)
    run_cli(["install", "--hook-type", "pre-commit"])
    repo.run(framework, "install")
    assert find_owner(hooks / "pre-commit.legacy") is Owner.US
    before = read_state(hooks)
    capsys.readouterr()

    assert commit(repo).returncode == 0
    assert log.read_text() == "theirs  <>\nours hook pre-commit <>\nframework\n"
    assert run_cli(["uninstall"]) == 2
    assert run_cli(["install", "--hook-type", "pre-commit"]) == 0

    assert read_state(hooks) == before
    out = capsys.readouterr().out
    assert ".git/hooks/pre-commit: left: pre-commit or prek moved migguard's hook to `pre-commit.legacy`" in out
    assert ".git/hooks/pre-commit: nothing to do, it runs migguard's hook as `pre-commit.legacy`\n" in out


def test_hook_of_it_goes_first(repo: GitRepository, hooks: Path, log: Path, framework: str) -> None:
    repo.run(framework, "install")
    before = read_state(hooks)
    run_cli(["install"])

    assert commit(repo).returncode == 0
    assert log.read_text() == "framework\nours hook pre-commit <>\n"
    assert run_cli(["uninstall"]) == 0
    assert read_state(hooks) == before


def test_installed_again_around_ours_it_runs_once(repo: GitRepository, hooks: Path, log: Path, framework: str) -> None:
    repo.run(framework, "install")
    run_cli(["install"])
    repo.run(framework, "install")

    assert commit(repo).returncode == 0
    assert log.read_text() == "ours hook pre-commit <>\nframework\n"
