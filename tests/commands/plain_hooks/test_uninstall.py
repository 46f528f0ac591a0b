"""`migguard uninstall`: what was there comes back, byte for byte."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from migguard.cli import run_cli
from tests.commands.plain_hooks.programs import (
    OLD,
    read_state,
    write_program,
    write_their_hook,
)
from tests.sandbox import GitRepository


@pytest.mark.parametrize(
    ("content", "mode"),
    [
        pytest.param("#!/bin/sh\nexit 0\n", 0o755, id="a usual hook"),
        pytest.param("#!/bin/sh\nexit 0\n", 0o644, id="a hook that git skips"),
        pytest.param("#!/bin/sh\nexit 0\n", 0o500, id="a read-only hook"),
        pytest.param("#!/bin/sh\r\nexit 0\r\n", 0o755, id="windows line ends"),
        pytest.param("exit 0", 0o755, id="no shebang, no last line end"),
        pytest.param("", 0o755, id="an empty file"),
    ],
)
def test_hook_comes_back_exactly(hooks: Path, content: str, mode: int) -> None:
    write_program(hooks / "pre-commit", content, mode)
    write_program(hooks / "post-merge.sample", "#!/bin/sh\n")
    before = read_state(hooks)

    assert run_cli(["install"]) == 0
    assert read_state(hooks) != before
    assert run_cli(["uninstall"]) == 0

    assert read_state(hooks) == before


@pytest.mark.parametrize("target", ["../../tools/check", "nowhere"])
def test_link_comes_back_exactly(repo: GitRepository, hooks: Path, target: str) -> None:
    write_their_hook(repo.path / "tools", "check")
    hooks.mkdir()
    (hooks / "pre-commit").symlink_to(target)
    os.utime(hooks / "pre-commit", ns=(OLD, OLD), follow_symlinks=False)
    before = read_state(hooks)

    assert run_cli(["install"]) == 0
    assert run_cli(["uninstall"]) == 0

    assert read_state(hooks) == before


def test_folder_that_was_made_goes_again(hooks: Path) -> None:
    run_cli(["install"])

    assert run_cli(["uninstall"]) == 0
    assert not hooks.exists()


def test_folder_that_was_empty_stays(hooks: Path) -> None:
    hooks.mkdir()
    run_cli(["install"])

    assert run_cli(["uninstall"]) == 0
    assert list(hooks.iterdir()) == []


def test_deleting_our_state_folder_loses_nothing(repo: GitRepository, hooks: Path) -> None:
    write_their_hook(hooks)
    before = read_state(hooks)
    run_cli(["install"])
    shutil.rmtree(repo.path / ".git/migguard", ignore_errors=True)

    assert run_cli(["uninstall"]) == 0
    assert read_state(hooks) == before


def test_hooks_path_set_since_does_not_hide_ours(repo: GitRepository, hooks: Path) -> None:
    run_cli(["install"])
    repo.git("config", "core.hooksPath", "tools/hooks")

    assert run_cli(["uninstall"]) == 0
    assert not hooks.exists()


def test_dry_run_changes_nothing(hooks: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_their_hook(hooks)
    run_cli(["install"])
    before = read_state(hooks)
    capsys.readouterr()

    assert run_cli(["uninstall", "--dry-run"]) == 0

    assert read_state(hooks) == before
    assert capsys.readouterr().out == (
        ".git/hooks/pre-commit: would be given back as it was\n"
        ".git/hooks/pre-merge-commit: would be removed\n"
        ".git/hooks/post-merge: would be removed\n"
        ".git/hooks/post-rewrite: would be removed\n"
        ".git/hooks/post-checkout: would be removed\n"
        ".git/hooks/pre-push: would be removed\n"
    )


def test_nothing_of_ours_is_nothing_to_do(hooks: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_their_hook(hooks)
    before = read_state(hooks)

    assert run_cli(["uninstall"]) == 0

    assert read_state(hooks) == before
    assert capsys.readouterr().out == (
        ".git/hooks/pre-commit: nothing to do\n"
        ".git/hooks/pre-merge-commit: nothing to do\n"
        ".git/hooks/post-merge: nothing to do\n"
        ".git/hooks/post-rewrite: nothing to do\n"
        ".git/hooks/post-checkout: nothing to do\n"
        ".git/hooks/pre-push: nothing to do\n"
    )


def test_edited_hook_is_left_and_told(hooks: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_their_hook(hooks)
    run_cli(["install", "--hook-type", "pre-commit"])
    with (hooks / "pre-commit").open("a") as stream:
        stream.write("echo mine\n")
    before = read_state(hooks)
    capsys.readouterr()

    assert run_cli(["uninstall"]) == 2

    assert read_state(hooks) == before
    assert capsys.readouterr().out.startswith(".git/hooks/pre-commit: left: it was edited since the install\n")


def test_hook_that_replaced_ours_is_left_and_told(hooks: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_their_hook(hooks)
    run_cli(["install", "--hook-type", "pre-commit"])
    write_program(hooks / "pre-commit", "#!/bin/sh\necho third\n")
    before = read_state(hooks)
    capsys.readouterr()

    assert run_cli(["uninstall"]) == 2

    assert read_state(hooks) == before
    assert "what was there before is `pre-commit.before-migguard`" in capsys.readouterr().out


def test_hook_comes_back_where_ours_was_deleted_by_hand(hooks: Path) -> None:
    write_their_hook(hooks)
    before = read_state(hooks)
    run_cli(["install"])
    (hooks / "pre-commit").unlink()

    assert run_cli(["uninstall"]) == 0
    assert read_state(hooks) == before
