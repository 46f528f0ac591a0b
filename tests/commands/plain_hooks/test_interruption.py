"""A kill at any moment leaves a repository that works, and that install and uninstall can finish."""

from __future__ import annotations

import os
import signal
import stat
import sys
from pathlib import Path

import pytest

from migguard.cli import run_cli
from migguard.git.hooks_folder import keep_hook
from tests.commands.plain_hooks.programs import (
    OLD,
    PACKAGE,
    commit,
    read_state,
    write_program,
    write_their_hook,
)
from tests.sandbox import GitRepository

KILL_AT = Path(__file__).with_name("kill_at.py")


def _run_killed(repo: GitRepository, number: int, *arguments: str) -> int:
    folder = str(repo.path / ".git/hooks")
    done = repo.run(
        str(Path(sys.prefix) / "bin/python"), str(KILL_AT), str(number), folder, *arguments,
        check=False, env={"PYTHONPATH": str(PACKAGE), "HOOK_PYTHON": sys.executable},
    )  # fmt: skip
    return done.returncode


@pytest.mark.parametrize("number", range(1, 15))
@pytest.mark.parametrize("command", ["install", "uninstall"])
@pytest.mark.parametrize("has_hook", [True, False], ids=["with a hook", "without a hook"])
def test_killed_command_can_be_finished(
    repo: GitRepository, hooks: Path, log: Path, command: str, number: int, *, has_hook: bool
) -> None:
    hooks.mkdir()
    if has_hook:
        write_their_hook(hooks)
    before = read_state(hooks)
    if command == "uninstall":
        run_cli(["install"])

    status = _run_killed(repo, number, command)

    assert status in {-signal.SIGKILL, 0}
    assert commit(repo).returncode == 0
    assert log.read_text().count("theirs") == has_hook
    if command == "install":
        assert run_cli(["install"]) == 0
        log.write_text("")
        commit(repo)
        assert log.read_text() == "theirs  <>\n" * has_hook + "ours hook pre-commit <>\n"
    assert run_cli(["uninstall"]) == 0
    assert read_state(hooks) == before


def test_kills_fall_between_all_steps(repo: GitRepository, hooks: Path) -> None:
    write_their_hook(hooks)

    statuses = [_run_killed(repo, number, "install") for number in range(1, 13)]

    assert statuses[0] == -signal.SIGKILL
    assert statuses[-1] == 0


def test_copy_of_a_hook_has_its_mode_and_times(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError("no hard links on this file system")

    hook = write_program(tmp_path / "pre-commit", "#!/bin/sh\n", 0o711)
    monkeypatch.setattr(os, "link", refuse)

    keep_hook(hook, tmp_path / "kept")

    status = (tmp_path / "kept").lstat()
    assert (stat.S_IMODE(status.st_mode), status.st_mtime_ns) == (0o711, OLD)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["kept", "pre-commit"]
