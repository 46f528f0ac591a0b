"""`migguard install`: what it writes, and where it does not."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from migguard.cli import run_cli
from migguard.git.hook_script import EVENTS, Owner, find_owner
from tests.commands.plain_hooks.programs import (
    RECORDER,
    commit,
    merge,
    push,
    read_state,
    write_program,
    write_their_hook,
)
from tests.sandbox import GitRepository


def test_every_event_runs_migguard(repo: GitRepository, hooks: Path, log: Path) -> None:
    assert run_cli(["install"]) == 0

    assert commit(repo).returncode == 0
    assert merge(repo).returncode == 0
    push(repo)
    line = f"refs/heads/main {repo.head()} refs/heads/main {'0' * 40}"
    lines = [line for line in log.read_text().splitlines(keepends=True) if "post-checkout" not in line]
    assert "ours hook post-checkout " in log.read_text()
    assert "".join(lines) == (
        f"ours hook pre-commit <>\nours hook pre-merge-commit <>\nours hook post-merge 0 <>\n"
        f"ours hook pre-push hub {repo.path}-hub <{line}>\n"
    )
    assert all((hooks / event).stat().st_mode & 0o111 == 0o111 for event in EVENTS)


def test_findings_block_the_commit(repo: GitRepository, hooks: Path) -> None:
    run_cli(["install"])

    assert commit(repo, env={"ours_STATUS": "1"}).returncode == 1
    assert repo.run("git", "rev-parse", "--verify", "-q", "HEAD", check=False).returncode == 1


def test_findings_block_the_push(repo: GitRepository, hooks: Path) -> None:
    run_cli(["install"])
    repo.commit({"file.txt": "base"})

    assert push(repo, env={"ours_STATUS": "1"}).returncode == 1
    assert repo.git("ls-remote", "hub") == ""


def test_says_what_was_done_and_how_to_undo_it(hooks: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_their_hook(hooks)

    assert run_cli(["install"]) == 0

    assert capsys.readouterr().out == (
        ".git/hooks/pre-commit: installed; the hook that is there goes first, as `pre-commit.before-migguard`\n"
        ".git/hooks/pre-merge-commit: installed\n"
        ".git/hooks/post-merge: installed\n"
        ".git/hooks/post-rewrite: installed\n"
        ".git/hooks/post-checkout: installed\n"
        ".git/hooks/pre-push: installed\n"
        "undo: migguard uninstall\n"
    )


def test_dry_run_writes_nothing(repo: GitRepository, hooks: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_cli(["install", "--dry-run"]) == 0

    assert not hooks.exists()
    assert capsys.readouterr().out == (
        ".git/hooks/pre-commit: would be installed\n"
        ".git/hooks/pre-merge-commit: would be installed\n"
        ".git/hooks/post-merge: would be installed\n"
        ".git/hooks/post-rewrite: would be installed\n"
        ".git/hooks/post-checkout: would be installed\n"
        ".git/hooks/pre-push: would be installed\n"
    )


def test_hook_type_chooses(hooks: Path) -> None:
    assert run_cli(["install", "--hook-type", "post-merge"]) == 0
    assert [path.name for path in hooks.iterdir()] == ["post-merge"]


def test_unknown_hook_type_exits_2(hooks: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_cli(["install", "--hook-type", "pre-comit"]) == 2
    assert capsys.readouterr().err == ("error: there is no hook for `pre-comit`\nhelp: did you mean `pre-commit`?\n")
    assert not hooks.exists()


def test_second_install_changes_nothing(hooks: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_their_hook(hooks)
    run_cli(["install"])
    before = read_state(hooks)
    capsys.readouterr()

    assert run_cli(["install"]) == 0

    assert read_state(hooks) == before
    assert capsys.readouterr().out == (
        ".git/hooks/pre-commit: installed already\n"
        ".git/hooks/pre-merge-commit: installed already\n"
        ".git/hooks/post-merge: installed already\n"
        ".git/hooks/post-rewrite: installed already\n"
        ".git/hooks/post-checkout: installed already\n"
        ".git/hooks/pre-push: installed already\n"
    )


def test_new_interpreter_replaces_the_hook_but_not_what_it_keeps(
    repo: GitRepository, hooks: Path, log: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    write_their_hook(hooks)
    before = read_state(hooks)
    run_cli(["install"])
    other = write_program(tmp_path / "other/python", RECORDER.format(shift="shift 2", name="other"))
    monkeypatch.setattr(sys, "executable", str(other))

    assert run_cli(["install"]) == 0

    commit(repo)
    assert log.read_text() == "theirs  <>\nother hook pre-commit <>\n"
    assert run_cli(["uninstall"]) == 0
    assert read_state(hooks) == before


def test_linked_worktree_shares_the_hooks(
    repo: GitRepository, hooks: Path, log: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    repo.commit({"file.txt": "base"})
    repo.git("worktree", "add", "-q", str(tmp_path / "linked"))
    monkeypatch.chdir(tmp_path / "linked")

    assert run_cli(["install"]) == 0

    assert find_owner(hooks / "pre-commit") is Owner.US
    commit(GitRepository(tmp_path / "linked"))
    commit(repo)
    assert log.read_text() == "ours hook pre-commit <>\n" * 2


def test_subfolder_is_as_good_as_the_top(repo: GitRepository, hooks: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (repo.path / "sub").mkdir()
    monkeypatch.chdir(repo.path / "sub")

    assert run_cli(["install"]) == 0
    assert find_owner(hooks / "pre-commit") is Owner.US


def test_outside_a_repository_exits_2(
    hooks: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)

    assert run_cli(["install"]) == 2
    assert capsys.readouterr().err.startswith("error: not a git repository\n")


@pytest.mark.parametrize(
    ("value", "shown", "place"),
    [
        pytest.param("tools/hooks", "tools/hooks", "tools/hooks", id="a tracked folder"),
        pytest.param(".husky/_", ".husky/_", ".husky", id="husky"),
        pytest.param("/etc/hooks", "/etc/hooks", "/etc/hooks", id="a folder elsewhere"),
    ],
)
def test_hooks_path_is_left_alone_and_the_lines_to_add_are_printed(
    repo: GitRepository,
    hooks: Path,
    capsys: pytest.CaptureFixture[str],
    value: str,
    shown: str,
    place: str,
) -> None:
    repo.git("config", "core.hooksPath", value)

    assert run_cli(["install"]) == 2

    assert capsys.readouterr().err == (
        f"error: git takes the hooks of this repository from `{shown}` (`core.hooksPath`, set in `.git/config`),"
        " which is not migguard's to write to\n"
        f'help: add to `{place}/pre-commit`: migguard hook pre-commit "$@"\n'
        f'help: add to `{place}/pre-merge-commit`: migguard hook pre-merge-commit "$@"\n'
        f'help: add to `{place}/post-merge`: migguard hook post-merge "$@"\n'
        f'help: add to `{place}/post-rewrite`: migguard hook post-rewrite "$@"\n'
        f'help: add to `{place}/post-checkout`: migguard hook post-checkout "$@"\n'
        f'help: add to `{place}/pre-push`: migguard hook pre-push "$@"\n'
    )
    assert not hooks.exists()
    assert repo.git("status", "--porcelain") == ""


def test_global_hooks_path_is_left_alone(
    hooks: Path,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    settings = tmp_path / "gitconfig"
    settings.write_text(f"[core]\n\thooksPath = {tmp_path}/shared\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(settings))

    assert run_cli(["install", "--hook-type", "pre-commit"]) == 2

    assert f"`{tmp_path}/shared` (`core.hooksPath`, set in `{settings}`)" in capsys.readouterr().err
    assert not (tmp_path / "shared").exists()


def test_hooks_path_that_names_the_usual_folder_is_fine(repo: GitRepository, hooks: Path) -> None:
    repo.git("config", "core.hooksPath", ".git/hooks")

    assert run_cli(["install"]) == 0
    assert find_owner(hooks / "pre-commit") is Owner.US


def test_hooks_folder_that_is_a_link_is_left_alone(
    repo: GitRepository, hooks: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    repo.write({"tools/hooks/keep": ""})
    hooks.symlink_to("../tools/hooks")

    assert run_cli(["install"]) == 2
    assert "from `.git/hooks` (a link)" in capsys.readouterr().err
    assert [path.name for path in (repo.path / "tools/hooks").iterdir()] == ["keep"]


def test_hook_of_an_earlier_install_in_the_way_stops_everything(
    hooks: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_their_hook(hooks, "post-merge")
    write_program(hooks / "post-merge.before-migguard", "#!/bin/sh\necho other\n")
    before = read_state(hooks)

    assert run_cli(["install"]) == 2

    assert read_state(hooks) == before
    assert "`.git/hooks/post-merge.before-migguard` is in the way" in capsys.readouterr().err


def test_folder_in_the_place_of_a_hook_is_refused(hooks: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (hooks / "pre-commit").mkdir(parents=True)

    assert run_cli(["install"]) == 2
    assert capsys.readouterr().err.startswith("error: `.git/hooks/pre-commit` is a folder\n")


def test_edited_hook_is_not_overwritten(hooks: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run_cli(["install"])
    with (hooks / "pre-commit").open("a") as stream:
        stream.write("echo mine\n")
    before = read_state(hooks)

    assert run_cli(["install"]) == 2

    assert read_state(hooks) == before
    assert capsys.readouterr().err == (
        "error: `.git/hooks/pre-commit` is migguard's hook, but was edited since\n"
        "help: remove it and install again: rm .git/hooks/pre-commit\n"
    )
