"""A plan is written whole or not at all, whatever happens in the middle."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from migguard.errors import MigguardError
from migguard.fixes.plan import FileChange, Plan, apply_plan, recover, render_diff, undo_plan
from migguard.git.repository import Repository
from tests.sandbox import GitRepository

TWO_FILES = Plan(
    "two files",
    (FileChange("versions/a.py", None, b"new\n"), FileChange("versions/b.py", b"old\n", b"changed\n")),
)
WITH_REMOVAL = Plan("with a removal", (*TWO_FILES.changes, FileChange("versions/c.py", b"gone\n", None)))

KILL = """
import os, sys
from migguard.fixes.plan import apply_plan
from migguard.git.repository import Repository
from tests.fixes.test_plan import WITH_REMOVAL

steps = []
def on_step(name):
    steps.append(name)
    if len(steps) == int(sys.argv[1]):
        os._exit(9)

apply_plan(Repository.discover(), WITH_REMOVAL, on_step=on_step)
"""


@pytest.fixture
def repository(repo: GitRepository, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """A repository with the files that the plans start from."""
    repo.commit({"versions/b.py": "old\n", "versions/c.py": "gone\n"})
    monkeypatch.chdir(repo.path)
    return Repository.discover()


def read_files(repository: Repository) -> dict[str, bytes]:
    """Every file of the versions folder, hidden ones too."""
    return {path.name: path.read_bytes() for path in sorted((repository.top / "versions").iterdir())}


BEFORE = {"b.py": b"old\n", "c.py": b"gone\n"}
AFTER = {"a.py": b"new\n", "b.py": b"changed\n"}


def test_plan_is_applied_and_undone(repository: Repository) -> None:
    """Files are written, replaced and removed; undo gives back the same bytes."""
    apply_plan(repository, WITH_REMOVAL)
    assert read_files(repository) == AFTER
    undo_plan(repository, WITH_REMOVAL)
    assert read_files(repository) == BEFORE


def test_existing_file_with_other_content_is_refused_before_anything_is_written(repository: Repository) -> None:
    """A new file never replaces one that somebody else made."""
    (repository.top / "versions/a.py").write_bytes(b"mine\n")
    before = read_files(repository)

    with pytest.raises(MigguardError, match=r"`versions/a\.py` already exists with other content"):
        apply_plan(repository, TWO_FILES)

    assert read_files(repository) == before


def test_file_that_changed_meanwhile_is_refused(repository: Repository) -> None:
    """A file that is not what the plan was made for stays as it is."""
    (repository.top / "versions/b.py").write_bytes(b"edited\n")

    with pytest.raises(MigguardError, match="has changed meanwhile"):
        apply_plan(repository, TWO_FILES)

    assert read_files(repository) == {**BEFORE, "b.py": b"edited\n"}


def test_failure_in_the_middle_puts_back_what_was_done(repository: Repository) -> None:
    """The second file's folder is a file: the first is taken away again."""
    plan = Plan("broken", (TWO_FILES.changes[0], FileChange("versions/b.py/x.py", None, b"")))

    with pytest.raises(MigguardError):
        apply_plan(repository, plan)

    assert read_files(repository) == BEFORE
    assert recover(repository) == ()


@pytest.mark.parametrize("step", [1, 2, 3, 4])
def test_kill_after_each_step_loses_nothing_and_the_next_run_puts_it_back(repository: Repository, step: int) -> None:
    """SIGKILL-like ends leave old or new files, never a part; `recover` restores the state before."""
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", KILL, str(step)],
        cwd=repository.top,
        env={**os.environ, "PYTHONPATH": str(root)},
        check=False,
    )

    assert done.returncode == 9
    now = read_files(repository)
    assert all(now[name] in (BEFORE.get(name), AFTER.get(name)) for name in now)
    recover(repository)
    assert read_files(repository) == BEFORE
    apply_plan(repository, WITH_REMOVAL)
    assert read_files(repository) == AFTER


def test_edits_after_a_killed_run_are_kept(repository: Repository) -> None:
    """What somebody wrote since the kill is not put back over."""
    root = Path(__file__).parents[2]
    subprocess.run(
        [sys.executable, "-c", KILL, "3"], cwd=repository.top, env={**os.environ, "PYTHONPATH": str(root)}, check=False
    )
    (repository.top / "versions/a.py").write_bytes(b"edited since\n")

    assert recover(repository) == ("versions/b.py",)
    assert read_files(repository) == {**BEFORE, "a.py": b"edited since\n"}


def test_a_journal_that_was_cut_short_is_no_obstacle(repository: Repository) -> None:
    """It is written before the first change, so that half of one means that nothing was changed."""
    repository.make_state_dir().joinpath("journal.json").write_text('{"process": 1, "cha')
    assert recover(repository) == ()
    apply_plan(repository, WITH_REMOVAL)
    assert read_files(repository) == AFTER


def test_diff_shows_new_changed_and_removed_files() -> None:
    """The preview reads like git's."""
    assert render_diff(WITH_REMOVAL) == (
        "--- /dev/null\n+++ b/versions/a.py\n@@ -0,0 +1 @@\n+new\n"
        "--- a/versions/b.py\n+++ b/versions/b.py\n@@ -1 +1 @@\n-old\n+changed\n"
        "--- a/versions/c.py\n+++ /dev/null\n@@ -1 +0,0 @@\n-gone\n"
    )


def test_another_writer_is_waited_for_by_nobody(repository: Repository) -> None:
    """Two at once would undo each other's journal; whoever comes second says so, and changes nothing."""
    refused = []

    def try_too(name: str) -> None:
        with pytest.raises(MigguardError, match="another migguard is writing"):
            apply_plan(repository, Plan("another", (FileChange("versions/z.py", None, b""),)))
        with pytest.raises(MigguardError, match="another migguard is writing"):
            recover(repository)
        refused.append(name)

    apply_plan(repository, TWO_FILES, on_step=try_too)

    assert len(refused) == 3
    assert read_files(repository) == {**AFTER, "c.py": b"gone\n"}


def test_interrupt_in_the_middle_puts_back_what_was_done(repository: Repository) -> None:
    """^C leaves neither a file nor a journal."""

    def interrupt(name: str) -> None:
        if name == "file versions/b.py":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        apply_plan(repository, WITH_REMOVAL, on_step=interrupt)

    assert read_files(repository) == BEFORE
    assert recover(repository) == ()


def test_process_number_that_is_taken_again_is_no_obstacle(repository: Repository) -> None:
    """In a container the numbers are small: that of a killed run soon belongs to something else."""
    root = Path(__file__).parents[2]
    subprocess.run(
        [sys.executable, "-c", KILL, "2"], cwd=repository.top, env={**os.environ, "PYTHONPATH": str(root)}, check=False
    )
    journal = repository.state_dir / "journal.json"
    recorded = {**json.loads(journal.read_text()), "process": os.getppid()}
    journal.write_text(json.dumps(recorded))

    assert recover(repository) == ("versions/a.py",)
