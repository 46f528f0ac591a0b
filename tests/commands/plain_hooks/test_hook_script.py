"""The installed scripts: what was there goes first, then migguard, wherever it is."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from migguard.cli import run_cli
from migguard.git.hook_script import EVENTS, render_script
from tests.commands.plain_hooks.programs import (
    PACKAGE,
    RECORDER,
    commit,
    merge,
    push,
    write_program,
    write_their_hook,
)
from tests.sandbox import GitRepository


def test_it_gets_the_same_arguments_and_input(hooks: Path, log: Path) -> None:
    write_their_hook(hooks)
    run_cli(["install"])

    subprocess.run([hooks / "pre-commit", "a b", "c"], input="one\ntwo\n\n", text=True, check=True)

    assert log.read_text() == "theirs a b c <one\ntwo>\nours hook pre-commit a b c <one\ntwo>\n"


def test_input_is_duplicated_byte_for_byte(hooks: Path, tmp_path: Path) -> None:
    copy = '#!/bin/sh\ncat > "$LOG.{}"\n'
    write_program(hooks / "pre-commit", copy.format("theirs"))
    write_program(Path(sys.executable), copy.format("ours"))
    run_cli(["install"])
    sent = b"refs/heads/caf\xe9 %s \\n\r\n" * 20_000 + b"no line break at the end"

    subprocess.run([hooks / "pre-commit"], input=sent, check=True)

    assert (tmp_path / "log.theirs").read_bytes() == sent
    assert (tmp_path / "log.ours").read_bytes() == sent


def test_input_that_nobody_reads_is_no_error(hooks: Path) -> None:
    for path in (hooks / "pre-commit", Path(sys.executable)):
        write_program(path, "#!/bin/sh\nexit 0\n")
    run_cli(["install"])

    done = subprocess.run([hooks / "pre-commit"], input=b"x" * 500_000, capture_output=True, check=False)

    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_its_failure_blocks_and_ends_there(repo: GitRepository, hooks: Path, log: Path) -> None:
    write_their_hook(hooks)
    run_cli(["install"])

    assert commit(repo, env={"theirs_STATUS": "7"}).returncode == 1

    assert log.read_text() == "theirs  <>\n"
    status = subprocess.run([hooks / "pre-commit"], env={**os.environ, "theirs_STATUS": "7"}, check=False)
    assert status.returncode == 7


def test_both_hooks_read_the_refs_that_are_pushed(repo: GitRepository, hooks: Path, log: Path) -> None:
    write_their_hook(hooks, "pre-push")
    run_cli(["install"])
    repo.commit({"file.txt": "base"})

    assert push(repo).returncode == 0

    line = f"refs/heads/main {repo.head()} refs/heads/main {'0' * 40}"
    arguments = f"hub {repo.path}-hub"
    assert log.read_text() == f"theirs {arguments} <{line}>\nours hook pre-push {arguments} <{line}>\n"


def test_its_failure_after_a_merge_does_not_keep_us_from_work(repo: GitRepository, hooks: Path, log: Path) -> None:
    write_their_hook(hooks, "post-merge")
    run_cli(["install"])

    merge(repo, env={"theirs_STATUS": "1"})

    lines = [line for line in log.read_text().splitlines(keepends=True) if "post-checkout" not in line]
    assert "".join(lines) == "ours hook pre-merge-commit <>\ntheirs 0 <>\nours hook post-merge 0 <>\n"


def test_hook_that_git_skipped_stays_skipped(repo: GitRepository, hooks: Path, log: Path) -> None:
    write_their_hook(hooks, mode=0o644)
    run_cli(["install"])

    assert commit(repo).returncode == 0
    assert log.read_text() == "ours hook pre-commit <>\n"


def test_linked_hook_runs(repo: GitRepository, hooks: Path, log: Path) -> None:
    write_their_hook(repo.path / "tools", "check")
    hooks.mkdir()
    (hooks / "pre-commit").symlink_to("../../tools/check")
    run_cli(["install"])

    commit(repo)
    assert log.read_text() == "theirs  <>\nours hook pre-commit <>\n"


def test_hook_with_windows_line_ends_blocks_as_it_did(repo: GitRepository, hooks: Path, log: Path) -> None:
    write_program(hooks / "pre-commit", "#!/bin/sh\r\nexit 0\r\n")
    assert commit(repo).returncode == 1
    run_cli(["install"])

    assert commit(repo).returncode == 1
    assert log.read_text() == ""


@pytest.fixture
def elsewhere(hooks: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder on PATH, empty as yet, in hooks that are installed already."""
    run_cli(["install"])
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    return folder


@pytest.mark.parametrize("loss", ["removed", "without migguard"])
def test_path_is_the_fallback(repo: GitRepository, elsewhere: Path, log: Path, loss: str) -> None:
    if loss == "removed":
        Path(sys.executable).unlink()
    else:
        write_program(Path(sys.executable), "#!/bin/sh\nexit 127\n")
    write_program(elsewhere / "migguard", RECORDER.format(shift="", name="path"))

    assert commit(repo).returncode == 0
    assert log.read_text() == "path hook pre-commit <>\n"


@pytest.mark.skipif(shutil.which("migguard") is not None, reason="migguard is on PATH")
def test_commit_without_any_migguard_is_blocked(repo: GitRepository, elsewhere: Path) -> None:
    Path(sys.executable).unlink()

    done = commit(repo)

    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        f"error: migguard is neither in `{sys.executable}` nor on PATH: the commit was not checked",
        "help: install it again: pip install migguard && migguard install",
        "help: commit all the same: git commit --no-verify",
        "help: remove the hook: rm pre-commit in the folder that `git rev-parse --git-path hooks` names",
    ]


@pytest.mark.skipif(shutil.which("migguard") is not None, reason="migguard is on PATH")
def test_push_without_any_migguard_is_blocked(repo: GitRepository, hooks: Path) -> None:
    run_cli(["install", "--hook-type", "pre-push"])
    repo.commit({"file.txt": "base"})
    Path(sys.executable).unlink()

    done = push(repo)

    assert done.returncode == 1
    assert "nor on PATH: the push was not checked\n" in done.stderr
    assert "help: push all the same: git push --no-verify\n" in done.stderr
    assert "help: remove the hook: rm pre-push in the folder that" in done.stderr


@pytest.mark.skipif(shutil.which("migguard") is not None, reason="migguard is on PATH")
def test_merge_without_any_migguard_says_so(repo: GitRepository, hooks: Path) -> None:
    run_cli(["install", "--hook-type", "post-merge"])
    Path(sys.executable).unlink()

    done = merge(repo)

    assert done.returncode == 0
    assert "nor on PATH: the merge was not looked at\n" in done.stderr


def test_real_interpreter_finds_us_and_nothing_of_the_project(
    repo: GitRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(repo.path)
    monkeypatch.setenv("PYTHONPATH", str(PACKAGE))
    trap = "raise SystemExit('imported from the project')\n"
    repo.write({"click.py": trap, "git/__init__.py": trap, "types.py": trap, "migguard/__init__.py": trap})
    run_cli(["install"])
    script = repo.path / ".git/hooks/pre-commit"
    script.write_bytes(script.read_bytes().replace(b"migguard hook pre-commit", b"migguard uninstall --dry-run"))

    done = repo.run(str(script), check=False)

    assert (done.returncode, done.stderr) == (2, "")
    assert done.stdout.startswith(".git/hooks/pre-commit: left: it was edited since the install\n")


@pytest.mark.parametrize("shell", [name for name in ("dash", "bash", "ksh", "zsh", "posh") if shutil.which(name)])
@pytest.mark.parametrize("event", EVENTS)
def test_script_is_understood_by_every_shell(tmp_path: Path, event: str, shell: str) -> None:
    script = tmp_path / event
    script.write_bytes(render_script(event, "/usr/bin/it's python"))

    subprocess.run([shell, "-n", str(script)], check=True)


@pytest.mark.checkout
@pytest.mark.parametrize("event", EVENTS)
def test_packaged_hook_is_three_lines_and_executable(event: str) -> None:
    path = PACKAGE / "hooks" / event

    assert path.stat().st_mode & 0o111 == 0o111
    shebang, comment, call = path.read_text(encoding="ascii").splitlines()
    assert shebang == "#!/bin/sh"
    assert comment.startswith("# ")
    assert call == f'migguard hook {event} "$@"'
