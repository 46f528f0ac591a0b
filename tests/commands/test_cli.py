"""The frame around all commands: parsing, exit codes, colour, logging, start-up."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import migguard
import migguard.commands
from migguard.cli import run_cli
from migguard.commands import explain
from migguard.commands.options import CheckOptions, HookOptions, MergeOptions, RevisionOptions
from migguard.errors import MigguardError
from tests.sandbox import GitRepository

PACKAGE = Path(migguard.__file__).parents[1]


def _run(*arguments: str, cwd: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """`migguard ARGUMENTS` in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "migguard", *arguments],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(PACKAGE), **env},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What the commands were given, without running them."""
    given: list[Any] = []

    def record(options: Any) -> int:
        given.append(options)
        return 1

    for name in ("check", "revision", "merge", "hook"):
        monkeypatch.setattr(migguard.commands, name, SimpleNamespace(run=record), raising=False)
    return given


@pytest.mark.parametrize(
    ("line", "options"),
    [
        pytest.param("check", CheckOptions(), id="check: the index"),
        pytest.param("check --worktree --graph-only", CheckOptions(worktree=True, graph_only=True), id="check: flags"),
        pytest.param(
            "check --ref v1 --environment a --environment b --format concise",
            CheckOptions(ref="v1", environments=("a", "b"), format="concise"),
            id="check: a ref",
        ),
        pytest.param("check --from-ref a --to-ref b", CheckOptions(from_ref="a", to_ref="b"), id="check: a range"),
        pytest.param(
            "check --ref a --against origin/main",
            CheckOptions(ref="a", against="origin/main"),
            id="check: against a branch",
        ),
        pytest.param("check -v --color always", CheckOptions(color=True, verbose=True), id="common options after"),
        pytest.param("-v --color always check", CheckOptions(color=True, verbose=True), id="common options before"),
        pytest.param("--color always check --color never", CheckOptions(), id="the later colour wins"),
        pytest.param("revision", RevisionOptions(), id="revision: nothing given"),
        pytest.param(
            "revision -m msg --update --head h --version-path p --branch-label l --depends-on a --depends-on b --splice"
            " --rev-id i -x k=v -x w --environment e --dry-run --stage",
            RevisionOptions("msg", True, "h", "p", "l", ("a", "b"), True, "i", ("k=v", "w"), "e", True, True),
            id="revision: everything",
        ),
        pytest.param("merge", MergeOptions(), id="merge: nothing given"),
        pytest.param(
            "merge a1 b2 --environment e -m msg --dry-run --stage --commit fold",
            MergeOptions(("a1", "b2"), "e", "msg", True, True, "fold"),
            id="merge: everything",
        ),
        pytest.param("hook post-merge 0", HookOptions("post-merge", ("0",)), id="hook: with git's arguments"),
        pytest.param(
            "hook pre-commit --graph-only --new-option x",
            HookOptions("pre-commit", ("--new-option", "x"), graph_only=True),
            id="hook: unknown options are git's",
        ),
    ],
)
def test_options_reach_their_command(calls: list[Any], line: str, options: Any) -> None:
    assert run_cli(line.split()) == 1
    assert calls == [options]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        pytest.param("chek", "error: no such command 'chek'", id="unknown command"),
        pytest.param("check --nonsense", "error: no such option", id="unknown option"),
        pytest.param("check --ref a --worktree", "error: --ref and --worktree exclude each other\n", id="two trees"),
        pytest.param("check --ref a --from-ref a --to-ref b", "error: --ref and --to-ref exclude", id="ref and range"),
        pytest.param("check --worktree --against a", "error: --worktree and --against exclude", id="a merge of files"),
        pytest.param("check --from-ref a", "error: --from-ref and --to-ref go together\n", id="half a range"),
        pytest.param("check --format xml", "error: invalid value for '--format'", id="unknown format"),
        pytest.param("completion tcsh", "error: invalid value for", id="unknown shell"),
        pytest.param("hook", "error: missing argument", id="a hook without a name"),
        pytest.param("-C /nonexistent check", "error: cannot enter `/nonexistent`: No such file", id="no such folder"),
    ],
)
def test_usage_error_exits_2_and_runs_nothing(
    calls: list[Any], capsys: pytest.CaptureFixture[str], line: str, message: str
) -> None:
    assert run_cli(line.split()) == 2

    captured = capsys.readouterr()
    assert captured.err.startswith(message)
    assert captured.out == ""
    assert calls == []


def test_no_command_prints_help_and_exits_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_cli([]) == 2
    assert "Commands:\n  check" in capsys.readouterr().err


@pytest.mark.parametrize("line", ["--help", "-h", "check --help", "revision -h"])
def test_help_exits_0(capsys: pytest.CaptureFixture[str], line: str) -> None:
    assert run_cli(line.split()) == 0
    assert capsys.readouterr().out.startswith("Usage: migguard")


def test_version_is_that_of_the_package(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_cli(["--version"]) == 0
    assert capsys.readouterr().out == f"migguard {migguard.__version__}\n"


def test_directory_option_starts_there(repo: GitRepository, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)

    assert run_cli(["-C", str(repo.path), "install", "--dry-run"]) == 0
    assert Path.cwd() == repo.path


@pytest.mark.parametrize(
    ("raised", "status", "words"),
    [
        pytest.param(MigguardError("no such thing", "look elsewhere"), 2, "error: no such thing\n", id="expected"),
        pytest.param(KeyboardInterrupt(), 130, "interrupted\n", id="interrupted"),
        pytest.param(KeyError("x"), 3, "error: this is a bug in migguard: KeyError: 'x'\nnote: migguard ", id="a bug"),
    ],
)
def test_exception_becomes_an_exit_status(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    raised: BaseException,
    status: int,
    words: str,
) -> None:
    def fail(_names: object) -> int:
        raise raised

    monkeypatch.setattr(explain, "run", fail)
    monkeypatch.chdir(tmp_path)

    assert run_cli(["explain"]) == status

    assert words in capsys.readouterr().err.replace("\n\n", "\n")


def test_bug_in_a_repository_leaves_a_log_without_secrets(
    repo: GitRepository, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(_names: object) -> int:
        raise RuntimeError("unforeseen\x1b")

    monkeypatch.setattr(explain, "run", fail)
    monkeypatch.chdir(repo.path)

    assert run_cli(["explain", "url=postgres://me:secret@db"]) == 3

    message = capsys.readouterr().err
    (log,) = (repo.path / ".git/migguard").glob("bug-*.log")
    assert message.startswith("error: this is a bug in migguard: RuntimeError: unforeseen\\x1b\nnote: migguard ")
    assert message.endswith(f"help: report it with the text of this file: {log}\n")
    text = log.read_text(encoding="utf-8")
    assert "command: migguard explain url=…\n" in text
    assert "Traceback" in text
    assert "secret" not in text


def test_bug_outside_a_repository_prints_the_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def fail(_names: object) -> int:
        raise RuntimeError("unforeseen")

    monkeypatch.setattr(explain, "run", fail)
    monkeypatch.chdir(tmp_path)

    assert run_cli(["explain"]) == 3
    assert "Traceback (most recent call last)" in capsys.readouterr().err


def test_reader_that_goes_away_is_no_news(tmp_path: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "migguard", "explain"],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(PACKAGE)},
            stdout=writer,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    finally:
        os.close(writer)

    assert (done.returncode, done.stderr) == (2, "")


def test_verbose_shows_git_commands_and_times(repo: GitRepository) -> None:
    quiet = _run("install", "--dry-run", cwd=repo.path)
    verbose = _run("install", "--dry-run", "-v", cwd=repo.path)

    assert quiet.stderr == ""
    assert verbose.stdout == quiet.stdout
    assert "migguard.git: git rev-parse" in verbose.stderr
    assert verbose.stderr.rstrip().endswith(" ms")


@pytest.mark.parametrize(
    ("options", "environment", "colored"),
    [
        pytest.param([], {}, False, id="a pipe"),
        pytest.param([], {"FORCE_COLOR": "1"}, True, id="FORCE_COLOR"),
        pytest.param(["--color", "always"], {"NO_COLOR": "1"}, True, id="asked for"),
        pytest.param(["--color", "never"], {"FORCE_COLOR": "1"}, False, id="asked against"),
    ],
)
def test_colour_of_errors_follows_the_options(
    tmp_path: Path, options: list[str], environment: dict[str, str], *, colored: bool
) -> None:
    done = _run(*options, "explain", "nonsense", cwd=tmp_path, **environment)

    assert done.returncode == 2
    assert ("\x1b[" in done.stderr) is colored


def test_path_that_is_not_utf8_does_not_end_the_report(tmp_path: Path) -> None:
    done = _run("-C", os.fsdecode(b"/caf\xe9"), "check", cwd=tmp_path, PYTHONIOENCODING="ascii")

    assert done.returncode == 2
    assert done.stderr.startswith("error: cannot enter `/caf\\xe9`: ")


def test_folders_of_the_project_are_not_imported_for_ours(repo: GitRepository) -> None:
    trap = "raise SystemExit('imported from the project')\n"
    repo.write({"click.py": trap, "git/__init__.py": trap, "logging.py": trap})

    done = _run("install", "--dry-run", cwd=repo.path)

    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("line", ["--version", "explain", "explain --help", "completion zsh"])
def test_light_commands_import_nothing_heavy(tmp_path: Path, line: str) -> None:
    script = (
        "import sys; from migguard.cli import run_cli; run_cli(sys.argv[1:]);"
        "sys.stderr.write(' '.join({name.partition('.')[0] for name in sys.modules}))"
    )

    done = subprocess.run(
        [sys.executable, "-c", script, *line.split()],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(PACKAGE)},
        capture_output=True,
        text=True,
        check=True,
    )

    assert {"git", "alembic", "sqlalchemy", "logging", "asyncio"}.isdisjoint(done.stderr.split())


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_script_calls_us(capsys: pytest.CaptureFixture[str], shell: str) -> None:
    assert run_cli(["completion", shell]) == 0
    assert "_MIGGUARD_COMPLETE" in capsys.readouterr().out


def test_completion_offers_commands_but_not_the_hook_entry(tmp_path: Path) -> None:
    done = _run(cwd=tmp_path, _MIGGUARD_COMPLETE="bash_complete", COMP_WORDS="migguard ", COMP_CWORD="1")

    assert "plain,check" in done.stdout
    assert "plain,hook" not in done.stdout
