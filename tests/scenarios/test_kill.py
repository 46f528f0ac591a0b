"""migguard is killed at any moment: what is left is whole, and running it again succeeds."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.projects import Kind, Project
from tests.scenarios.history import FIRST, make_branches
from tests.scenarios.whole_state import read_everything

Make = Callable[[Kind], Project]
Install = Callable[[Project, str], None]

PATIENCE = 60.0


def after(longest: float) -> Callable[[Project], bool]:
    """A moment that comes after a random while of at most so many seconds."""
    due = time.monotonic() + random.uniform(0, longest)
    return lambda project: time.monotonic() >= due


def at_journal(project: Project) -> bool:
    """The plan is noted, and about to be carried out."""
    return (project.path / ".git/migguard/journal.json").exists()


def at_file(project: Project) -> bool:
    """A new revision file stands there."""
    return len(project.revision_files()) > files_of(project)


def files_of(project: Project) -> int:
    """How many revision files git knows."""
    return len(list((project.path / project.versions).glob("[abc]" * 12 + "_*.py")))


MOMENTS = [
    pytest.param(lambda: after(0.3), id="early"),
    pytest.param(lambda: after(2.0), id="some time"),
    pytest.param(lambda: at_journal, id="when the plan is noted"),
    pytest.param(lambda: at_file, id="when the file is there"),
]


def wait_for(condition: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    """Until it is so, or the process has ended; as often as possible."""
    deadline = time.monotonic() + PATIENCE
    while not condition() and process.poll() is None:
        assert time.monotonic() < deadline


def require_whole_files(project: Project) -> None:
    """Every revision file is complete, and says what its name says."""
    for name in project.revision_files():
        text = project.read(f"{project.versions}/{name}")
        compile(text, name, "exec")
        assert name.partition("_")[0] in text
        assert "def downgrade()" in text


@pytest.mark.parametrize("choose", MOMENTS)
def test_killed_revision_leaves_all_or_nothing(choose: Callable[[], Callable[[Project], bool]], make: Make) -> None:
    """The file is there and whole, or not there; the same command then writes it, and the commit is complete."""
    project = make("plain")
    project.add_column("User", "email")
    before = project.state()
    command = [sys.executable, "-m", "migguard", "revision", "--rev-id", "d" * 12]
    moment = choose()
    process = subprocess.Popen(command, cwd=project.path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    wait_for(lambda: moment(project), process)
    process.kill()
    process.communicate()

    after_kill = project.state()
    assert {path: after_kill.get(path) for path in before} == before
    require_whole_files(project)

    again = project.migguard("revision", "--rev-id", "d" * 12)

    assert again.returncode == 0, again.stdout + again.stderr
    assert project.revision_files() == [f"{FIRST}_the_blog.py", f"{'d' * 12}_add_email_to_user.py"]
    assert project.git("status", "--porcelain").splitlines() == [
        f"M  {project.models}",
        f"?? {project.versions}/{'d' * 12}_add_email_to_user.py",
    ]
    project.git("add", project.versions)
    assert project.migguard("check").returncode == 0


def find_hook(session: int) -> int | None:
    """The process of `migguard hook post-merge` in a session, and not the shell that started it."""
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            words = (folder / "cmdline").read_bytes().split(b"\0")
            if b"post-merge" in words and b"-c" in words and os.getsid(int(folder.name)) == session:
                return int(folder.name)
        except OSError:
            continue
    return None


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="processes are looked up in /proc")
@pytest.mark.parametrize(
    ("choose", "mode"),
    [
        pytest.param(lambda: after(0.3), "new", id="early"),
        pytest.param(lambda: after(2.0), "new", id="some time"),
        pytest.param(lambda: at_file, "fold", id="when the file is there"),
    ],
)
def test_killed_post_merge_leaves_a_whole_merge(
    choose: Callable[[], Callable[[Project], bool]], mode: str, make: Make, install: Install
) -> None:
    """git ends its merge; the merge revision is committed, or staged, or a file, or not there; the rest is by hand."""
    project = make("plain")
    project.commit({"pyproject.toml": f'[tool.migguard]\ncommit = "{mode}"\n'}, "settings")
    install(project, "plain hooks")
    make_branches(project)
    tip = project.head()
    merge = subprocess.Popen(
        ["git", "merge", "-q", "--no-edit", "phone"], cwd=project.path, start_new_session=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    hook: int | None = None

    def is_there() -> bool:
        nonlocal hook
        hook = find_hook(merge.pid)
        return hook is not None

    wait_for(is_there, merge)
    assert hook is not None
    moment = choose()
    wait_for(lambda: moment(project), merge)
    if merge.poll() is None:
        os.kill(hook, signal.SIGKILL)
    merge.communicate(timeout=PATIENCE)

    assert merge.returncode == 0
    assert not (project.path / ".git/MERGE_HEAD").exists()
    assert not (project.path / ".git/index.lock").exists()
    parents = project.git("rev-parse", "HEAD^@").split()
    merged = project.head() if len(parents) == 2 else parents[0]
    assert project.git("rev-parse", f"{merged}^1") == tip
    assert project.git("fsck", "--no-dangling", "--no-progress") == ""
    require_whole_files(project)
    left = project.git("status", "--porcelain").splitlines()
    assert [line for line in left if line[:3] not in ("?? ", "A  ") or "migrations/versions/" not in line] == []

    again = project.migguard("merge")

    assert again.returncode == 0, again.stdout + again.stderr
    project.git("add", project.versions)
    if project.git("status", "--porcelain"):
        project.run("git", "commit", "-q", "-m", "merge revision")
    assert len(project.heads()) == 1
    assert len(project.revision_files()) == 4
    assert project.migguard("check", "--ref", "HEAD").returncode == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda number: number.name)
def test_commit_that_is_interrupted_leaves_everything_as_it_was(
    number: signal.Signals, make: Make, install: Install
) -> None:
    """^C (or a terminal that is closed) while the project's code runs in `commit -a`: nothing is held, or goes on."""
    project = make("plain")
    install(project, "plain hooks")
    note = project.path.with_name("running")
    code = f"import os, time\nopen({str(note)!r}, 'w').write(str(os.getpid()))\ntime.sleep(3600)\n"
    project.commit({"blog/__init__.py": code})
    project.add_column("User", "email", stage=False)
    before = read_everything(project.path, index=False)
    command = ["git", "commit", "-a", "-m", "e-mail"]
    commit = subprocess.Popen(
        command, cwd=project.path, start_new_session=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    wait_for(lambda: note.exists() and note.read_text() != "", commit)

    os.killpg(commit.pid, number)

    said = commit.communicate(timeout=PATIENCE)[0]
    assert commit.returncode != 0
    assert "Traceback" not in said
    assert read_everything(project.path, index=False) == before
    deadline = time.monotonic() + PATIENCE
    while is_running(int(note.read_text())):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def is_running(process: int) -> bool:
    """Whether a process is there and not merely waited for by nobody."""
    try:
        return ") Z " not in Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return False
